"""What is promised to models on a cluster, and what the real scheduler made of it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from tests.live.clusters import WITHOUT, Emitted, apply_all, crds_of, emitted_by, operators_of
from tests.live.pools import Simulated, simulated

from fleetc.emission.site import ClusterSite, ModelSite
from fleetc.language.serving import ServingPart
from fleetc.plan import CLUSTER_SUBJECT, Plan
from fleetc_kubernetes.serving.devices import claimed
from fleetc_kubernetes.serving.names import MODEL, POOL, namespace, part_name
from fleetc_rehearsal import Binding, Client, Cluster, Refused, bindings, control_plane, until
from fleetc_rehearsal.manifests import group_of

_VOLUMES: Final = 10
_OPERATED: Final = ("kueue.x-k8s.io", "leaderworkerset.x-k8s.io")


class Promise(NamedTuple):
    """Pods of a part of a model that are promised a node, each with so many devices."""

    namespace: str
    model: str
    part: ServingPart
    workload: str
    claims: bool

    @property
    def pods(self) -> int:
        """How many pods are promised."""
        return self.part.least * self.part.nodes

    @property
    def labels(self) -> str:
        """What selects them."""
        return f"{MODEL}={self.model},{POOL}={self.part.pool}"


def promises(plan: Plan, cluster: int) -> list[Promise]:
    """What is promised on a cluster."""
    out: list[Promise] = []
    for subject in plan.subjects.values():
        if subject.kind == "Model" and cluster in subject.placed:
            site = cast(ModelSite, plan.site(subject, cluster))
            for part in site.serving.parts:
                claims = claimed(site, part) is not None
                out.append(Promise(namespace(site), subject.name, part, part_name(site, part), claims))
    return out


class Rehearsed(NamedTuple):
    """A cluster with simulated nodes of its pools, on which all that is emitted was applied."""

    plan: Plan
    number: int
    cluster: Cluster
    pools: dict[str, Simulated]
    refused: list[tuple[Emitted, Refused]]

    @property
    def client(self) -> Client:
        """The admin's."""
        return self.cluster.client

    def pods(self, promise: Promise) -> list[Binding]:
        """The pods of a part, and where they are."""
        return bindings(self.client, promise.namespace, labels=promise.labels)

    def running(self, promise: Promise) -> list[Binding]:
        """Its pods, once all that are promised are ready; else the scheduler's reasons are in the error."""

        def found() -> list[Binding] | None:
            mine = self.pods(promise)
            return mine if len(mine) == promise.pods and all(b.ready for b in mine) else None

        try:
            return until(found, f"{promise.pods} pods of {promise.workload}", 120)
        except Exception as error:
            error.add_note("\n".join(map(str, self.pods(promise))))
            raise


@contextmanager
def rehearsed(plan: Plan, name: str, root: Path) -> Generator[Rehearsed]:
    """A cluster of the fleet at a root, with the nodes that promises count on, and the minimum of all that scales."""
    index = plan.world.index[name]
    site = cast(ClusterSite, plan.site(plan.subjects[CLUSTER_SUBJECT], index))
    emitted = [one for one in emitted_by(root, "golden", name) if group_of(one.object["apiVersion"]) not in WITHOUT]
    theirs = [one for one in emitted if group_of(one.object["apiVersion"]) not in _OPERATED]
    pools = {one.nodes.name: one for one in simulated(site, guaranteed=True)}
    dra = any(one.claimed for one in pools.values())
    with control_plane(
        site.cluster.kubernetes,
        crds=crds_of(theirs),
        scheduler=True,
        controllers=True,
        kwok=True,
        dra=dra,
        operators=operators_of(emitted),
    ) as cluster:
        for existing in site.cluster.existing.namespaces:
            if cluster.client.look("v1", "Namespace", existing) is None:
                cluster.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": existing}})
        for one in pools.values():
            cluster.add_pool(one.nodes)
        cluster.apply(volumes(emitted))
        answers = apply_all(cluster.client, emitted)
        refused = [(one, a) for one, a in zip(emitted, answers, strict=True) if isinstance(a, Refused)]
        made = Rehearsed(plan, index, cluster, pools, refused)
        scale(made, emitted)
        yield made


def volumes(emitted: Iterable[Emitted]) -> Iterator[dict[str, Any]]:
    """Volumes of each class of storage, as its provisioner would make them."""
    for one in emitted:
        for n in range(_VOLUMES if one.object["kind"] == "StorageClass" else 0):
            name = one.object["metadata"]["name"]
            yield {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": f"{name}-{n}"},
                "spec": {
                    "storageClassName": name,
                    "capacity": {"storage": "10Ti"},
                    "accessModes": ["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"],
                    "hostPath": {"path": f"/volumes/{n}"},
                },
            }


def scale(made: Rehearsed, emitted: Iterable[Emitted]) -> None:
    """What an autoscaler would do first: everything that it scales has its minimum."""
    known = {(p.namespace, p.workload): p for p in promises(made.plan, made.number)}
    for one in emitted:
        metadata = one.object["metadata"]
        promise = known.get((metadata.get("namespace", ""), metadata["name"]))
        scaled = one.object["kind"] in ("Deployment", "LeaderWorkerSet") and "replicas" not in one.object["spec"]
        if promise is not None and scaled:
            at = (one.object["apiVersion"], one.object["kind"], metadata["name"])
            made.client.patch(*at, {"spec": {"replicas": promise.part.least}}, metadata["namespace"])


def allocated(client: Client, minor: str, namespace: str) -> dict[str, list[Mapping[str, Any]]]:
    """By pod, the devices that its claims have."""
    version = "resource.k8s.io/v1" if int(minor.partition(".")[2]) >= 34 else "resource.k8s.io/v1beta1"
    out: dict[str, list[Mapping[str, Any]]] = {}
    for claim in client.every(version, "ResourceClaim", namespace):
        found = (claim.get("status") or {}).get("allocation")
        owners = [o["name"] for o in claim["metadata"].get("ownerReferences", ()) if o["kind"] == "Pod"]
        if found is not None:
            for owner in owners:
                out.setdefault(owner, []).extend(found["devices"]["results"])
    return out
