"""Nodes and sites for tests, from partial specs in canonical form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from fleetc.emission.alternatives import Known
from fleetc.emission.recorder import CLUSTER, NAMES, PRESENT, Read
from fleetc.emission.site import Collection, TeamSite
from fleetc.language.cluster import Cluster
from fleetc.language.decode import decode
from fleetc.language.fleet import Fleet
from fleetc.language.kinds import KINDS
from fleetc.language.pool import GPUPool
from fleetc.language.schema import Scalar, Schema, Struct, Table, schema_at
from fleetc.language.serving import Division, Serving
from fleetc.language.serving import divisions as divided
from fleetc.language.team import Team
from fleetc.language.types import LABEL_KEY, LABEL_VALUE, NAME, Node

CLUSTER_SPEC: dict[str, Any] = {
    "kubernetes": "1.35", "provider": "gke", "environment": "prod", "role": "worker",
    "network": {"cni": "cilium", "dns": {"namespace": "kube-system", "selector": {"app": "dns"}, "ports": [53]}},
    "argocd": {"namespace": "argocd", "login": "serviceAccount"},
}  # fmt: skip
STORAGE: dict[str, Any] = {
    "provisioner": "a.example", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate",
    "allowVolumeExpansion": True, "default": False,
}  # fmt: skip
METADATA: dict[str, Known] = {
    "name": Known(Scalar(str, text=NAME)),
    "labels": Known(Table(LABEL_KEY, Scalar(str, text=LABEL_VALUE))),
}
PRIORITY: dict[str, Any] = {"value": 0, "preemption": "Never", "default": False, "tenants": True}


_FLEET: dict[str, Any] = {
    "outputs": {"manifests": "golden", "stacks": "stacks/generated"},
    "repository": {"revision": "main"},
}


def node(kind: str, name: str, spec: Mapping[str, Any], labels: Mapping[str, str] | None = None) -> Any:
    """A node of a kind."""
    return decode(KINDS[kind], name, {"labels": dict(labels)} if labels else {}, dict(spec))


def fleet(**spec: Any) -> Fleet:
    return cast(Fleet, node("Fleet", "acme", {"organisation": "acme", **_FLEET, **spec}))


def cluster(name: str = "c1", labels: Mapping[str, str] | None = None, **spec: Any) -> Cluster:
    """A cluster; storage and priority classes as mappings from name to what differs from the default."""
    tree = {**CLUSTER_SPEC, **spec}
    if "storage" in tree:
        classes = tree["storage"].items()
        tree["storage"] = {"classes": {n: {"name": n, **STORAGE, **item} for n, item in classes}}
    if "priorityClasses" in tree:
        tree["priorityClasses"] = {n: {"name": n, **PRIORITY, **item} for n, item in tree["priorityClasses"].items()}
    return cast(Cluster, node("Cluster", name, tree, labels))


def team(name: str = "search", labels: Mapping[str, str] | None = None, **spec: Any) -> Team:
    """A team; namespaces as a mapping from name to what differs from the default."""
    tree = {"podSecurity": "restricted", **spec}
    tree["namespaces"] = {n: {"name": n, "share": 1, **item} for n, item in spec.get("namespaces", {name: {}}).items()}
    return cast(Team, node("Team", name, tree, labels))


def teams(*nodes: Team) -> Collection[Team]:
    by_name = {node.name: node for node in nodes}
    return Collection("Team", tuple(sorted(by_name)), by_name.__getitem__)


def no_pools() -> Collection[GPUPool]:
    none: dict[str, GPUPool] = {}
    return Collection("GPUPool", (), none.__getitem__)


def servings(*nodes: Serving) -> Collection[Serving]:
    by_name = {node.name: node for node in nodes}
    return Collection("Serving", tuple(sorted(by_name)), by_name.__getitem__)


def divisions(*nodes: Serving) -> Collection[Division]:
    """How what is planned divides pools."""
    by_name = divided(nodes)
    return Collection("Division", tuple(sorted(by_name)), by_name.__getitem__)


def site(own: Team, here: Cluster, *others: Team, of: Fleet | None = None) -> TeamSite:
    return TeamSite(
        fleet=of or fleet(),
        cluster=here,
        teams=teams(own, *others),
        pools=no_pools(),
        servings=servings(),
        divisions=divisions(),
        team=own,
    )


def known(elsewhere: Sequence[Node] = ()) -> Any:
    """What is known of reads: their schemas, and nodes that could come."""

    def observed(read: Read) -> Known:
        root, path = read
        if path in ((NAMES,), (PRESENT,)):
            kind, _, name = root.removeprefix("@").partition("/")
            coming = [n for n in elsewhere if n.id.startswith(f"{kind}/") and name in ("", n.name)]
            return Known(None, values=tuple(coming))
        if path[0] in METADATA:
            return METADATA[path[0]]
        struct = KINDS["Cluster" if root == CLUSTER else root.partition("/")[0]].struct
        return known_at(struct, path)

    return observed


def known_at(struct: Struct, path: tuple[str, ...]) -> Known:
    """The schema of a field by the path of its read."""
    here: Schema | None = struct
    optional = False
    for step in path:
        if isinstance(here, Struct):
            field = next((f for f in here.fields.values() if f.attribute == step), None)
            here, optional = (field.schema, field.optional) if field else (None, False)
        else:
            here, optional = schema_at(here, (step,)), False
    return Known(here, optional)


class Cached(Team):
    """A team with a property that is computed once."""

    @cached_property
    def shares(self) -> int:
        """The sum of the namespaces' shares."""
        return sum(namespace.share for namespace in self.namespaces)
