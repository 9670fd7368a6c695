"""The example fleet's clusters on real servers: each on a control plane of its own minor, with all of its golden files
applied."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.check.goldens import ROOT, golden
from tests.live.kind import kind_cluster

from fleetc.driver.explain import Explainer, explainer
from fleetc_rehearsal import KUEUE, LWS, Client, Cluster, Refused, apply_order, control_plane, finder, read
from fleetc_rehearsal.manifests import group_of, is_crd
from fleetc_rehearsal.operators import Operator

CLUSTERS: Final = tuple(cluster.name for cluster in golden().world.clusters)
IN_KIND: Final = tuple(cluster.name for cluster in golden().world.clusters if cluster.provider == "kind")
"""Those that kind makes, also for real."""
_CRDS: Final = {
    "argoproj.io": "argocd",
    "cilium.io": "cilium",
    "gateway.networking.k8s.io": "gateway-api",
    "grafana.integreatly.org": "grafana-operator",
    "inference.networking.k8s.io": "gateway-api-inference-extension",
    "karpenter.k8s.aws": "karpenter-provider-aws",
    "karpenter.sh": "karpenter-provider-aws",
    "keda.sh": "keda",
    "kueue.x-k8s.io": "kueue",
    "leaderworkerset.x-k8s.io": "lws",
    "monitoring.coreos.com": "prometheus-operator",
    "multicluster.x-k8s.io": "mcs-api",
}
"""Where the CRDs of a group come from: the tool whose data they are."""
_OPERATED: Final = {"kueue.x-k8s.io": KUEUE, "leaderworkerset.x-k8s.io": LWS}
"""Groups whose controllers and webhooks run as well."""
WITHOUT: Final = ("cloud.google.com", "net.gke.io")
"""Groups whose CRDs are in no Go module: GKE serves them itself. Their objects are checked by schema alone."""


class Emitted(NamedTuple):
    """One object of an output tree: its file below the root, its position there."""

    file: str
    position: int
    object: dict[str, Any]

    @property
    def about(self) -> str:
        """How people call it."""
        namespace = self.object["metadata"].get("namespace")
        name = self.object["metadata"]["name"]
        return f"{self.object['kind']} {f'{namespace}/' if namespace else ''}{name}"


class Live(NamedTuple):
    """A cluster that runs, and what its server answered to each object: the object, or a refusal."""

    name: str
    cluster: Cluster
    emitted: list[Emitted]
    answers: list[dict[str, Any] | Refused]

    @property
    def client(self) -> Client:
        """The admin's."""
        return self.cluster.client

    @property
    def taken(self) -> list[Emitted]:
        """What the server took; of the rest one test tells, and no other."""
        return [o for o, a in zip(self.emitted, self.answers, strict=True) if not isinstance(a, Refused)]


Serve = Callable[[str, list[Emitted]], AbstractContextManager[Cluster]]
"""A server of a minor that takes these objects: one of those below."""


def rehearsed(minor: str, emitted: list[Emitted]) -> AbstractContextManager[Cluster]:
    """A control plane on loopback, with the operators of the objects."""
    theirs = [one for one in emitted if group_of(one.object["apiVersion"]) not in _OPERATED]
    return control_plane(minor, crds=crds_of(theirs), controllers=True, operators=operators_of(emitted))


def in_kind(minor: str, emitted: list[Emitted]) -> AbstractContextManager[Cluster]:
    """A cluster of kind. Operators of a rehearsal run on the host, where nodes in Docker do not reach their webhooks:
    there are only their CRDs."""
    return kind_cluster(minor, crds_of(emitted))


SERVERS: Final[Mapping[str, Serve]] = {"rehearsal": rehearsed, "kind": in_kind}
"""By the word of `--server`."""


@contextmanager
def live(name: str, root: Path = ROOT, output: str = "golden", serve: Serve = rehearsed) -> Generator[Live]:
    """A cluster of the fleet at a root, with what stands in its output folder applied strictly, each object once."""
    spec = golden().world.clusters[golden().world.index[name]]
    emitted = [one for one in emitted_by(root, output, name) if group_of(one.object["apiVersion"]) not in WITHOUT]
    with serve(spec.kubernetes, emitted) as cluster:
        # On a hub, its stack makes the namespace of Argo CD.
        stacks = (spec.argocd.namespace,) if spec.is_hub() else ()
        for namespace in (*spec.existing.namespaces, *stacks):
            if cluster.client.look("v1", "Namespace", namespace) is None:
                cluster.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        yield Live(name, cluster, emitted, apply_all(cluster.client, emitted))


def apply_all(client: Client, emitted: list[Emitted]) -> list[dict[str, Any] | Refused]:
    """Apply every object, in an order in which the server can take them; the answers stand in the order of the
    files."""
    places = {id(one.object): n for n, one in enumerate(emitted)}
    answers: dict[int, dict[str, Any] | Refused] = {}
    for obj in apply_order([one.object for one in emitted]):
        try:
            answers[places[id(obj)]] = client.apply(obj)
        except Refused as refused:
            answers[places[id(obj)]] = refused
    return [answers[n] for n in range(len(emitted))]


def emitted_by(root: Path, output: str, name: str) -> list[Emitted]:
    """What stands in a cluster's output folder."""
    out: list[Emitted] = []
    for file in sorted((root / output / name).rglob("*.yaml")):
        found = read(file)
        out += [Emitted(file.relative_to(root).as_posix(), n, obj) for n, obj in enumerate(found)]
    return out


def crds_of(emitted: list[Emitted]) -> list[Mapping[str, Any]]:
    """The real CRDs of the groups of custom objects."""
    return [crd for tool in tools_of(emitted) for crd in _crds(tool)]


def tools_of(emitted: list[Emitted]) -> list[str]:
    """The tools that have the CRDs of custom objects."""
    groups = {group_of(one.object["apiVersion"]) for one in emitted}
    return [*dict.fromkeys(tool for group, tool in _CRDS.items() if group in groups)]


def operators_of(emitted: list[Emitted]) -> list[Operator]:
    """The controllers of custom objects that run beside the API server."""
    groups = {group_of(one.object["apiVersion"]) for one in emitted}
    return [operator for group, operator in _OPERATED.items() if group in groups]


@cache
def _crds(tool: str) -> list[Mapping[str, Any]]:
    servers = {"argocd", *(operator.name for operator in _OPERATED.values())}
    files = finder.data(tool) if tool in servers else finder.crds(tool)
    files = [file for file in files if file.suffix == ".yaml"]
    # Of operators' CRDs, what their webhooks do stands apart.
    return [obj for file in files for obj in read(file) if is_crd(obj) and "versions" in obj["spec"]]


@cache
def explained_fleet() -> Explainer:
    """The example fleet, ready to be explained."""
    return explainer(ROOT)
