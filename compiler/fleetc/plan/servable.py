"""What stands against serving a model on a cluster as planned: what the cluster, or the engine, does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, cast

from fleetc.catalogue import engines
from fleetc.catalogue.components import served_in
from fleetc.diagnostics import Diagnostic, codes
from fleetc.language.amounts import source
from fleetc.language.cluster import Cluster
from fleetc.language.document import Locate
from fleetc.language.model import Model
from fleetc.language.serving import Serving, ServingPart
from fleetc.plan.apart import apart
from fleetc.plan.plan import Plan
from fleetc.resolve.places import Places
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

IMAGE_VOLUMES: Final = 35
"""The Kubernetes minor from which on image volumes are on: "v1.35 [beta](enabled by default)",
https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes."""
_GROUPS: Final = ("leaderworkerset.x-k8s.io", "LeaderWorkerSet")
_EXPORTS: Final = ("multicluster.x-k8s.io", "ServiceExport")
_POOLS: Final = ("inference.networking.k8s.io", "InferencePool")
_LONGEST: Final = 49
"""Characters of a LeaderWorkerSet's name. A StatefulSet for each group is named after it and the group (`-99`), and the
StatefulSet's revision, with a dash and a hash of ten characters more, is a label value, of at most 63."""


_LABEL: Final = 63
"""Characters of a label's value."""


class Obstacle(NamedTuple):
    """What is in the way, the field of the model's spec that asks for it, and what to do."""

    path: Path
    message: str
    hint: str


def unservable(plan: Plan, locate: Locate, subjects: Collection[str] | None = None) -> dict[str, list[Diagnostic]]:
    """What stands against the models that are planned, or those of `subjects`, by the model's name."""
    out: dict[str, list[Diagnostic]] = {}
    for name, found in _found(plan, locate, subjects):
        out.setdefault(name, []).append(found)
    return out


def servable(plan: Plan, locate: Locate, subjects: Collection[str] | None = None) -> Iterator[Diagnostic]:
    """The same, without the names."""
    return (found for _, found in _found(plan, locate, subjects))


def _found(plan: Plan, locate: Locate, subjects: Collection[str] | None) -> Iterator[tuple[str, Diagnostic]]:
    """Each thing is said once."""
    seen: set[object] = set()
    for subject in plan.subjects.values():
        if subject.kind != "Model" or (subjects is not None and subject.id not in subjects):
            continue
        said: set[tuple[Path, str]] = set()
        for n in subject.placed:
            model, cluster = cast(Model, plan.world.variant(subject.id, n)), plan.world.clusters[n]
            serving, pools = plan.serving(subject.name, n), plan.names_on("GPUPool", n)
            key = (id(model), id(serving), id(pools), *_decisive(cluster))
            for found in obstacles(model, serving, cluster, pools) if key not in seen else ():
                if (found.path, found.hint) not in said:
                    said.add((found.path, found.hint))
                    places = Places(plan.doc(subject, n), plan.world.layers(plan.doc(subject, n), n), locate)
                    yield subject.name, places.problem(codes.NOT_SERVABLE, found.message, found.path, found.hint)
            seen.add(key)
        yield from ((subject.name, found) for found in apart(plan, subject, locate))


def _decisive(cluster: Cluster) -> tuple[object, ...]:
    """What obstacles read of a cluster, parts by identity."""
    return cluster.kubernetes, cluster.provider, id(cluster.components), id(cluster.network)


def obstacles(model: Model, serving: Serving, cluster: Cluster, pools: Collection[str]) -> Iterator[Obstacle]:
    """Everything that stands against it, on a cluster with pools of these names."""
    at, engine = f"on cluster {cluster.name}", engines.engine(serving.engine)
    if source(model.source).scheme == "oci" and int(cluster.kubernetes.partition(".")[2]) < IMAGE_VOLUMES:
        message = f"its weights are an OCI artifact, and image volumes are off {at}, which has {cluster.kubernetes}"
        yield Obstacle(("source",), message, "take another source there, or place it elsewhere")
    groups = [part for part in serving.parts if part.nodes > 1]
    if groups and served_in(cluster.components, *_GROUPS, "v1") is None:
        message = f"its replicas are on {groups[0].nodes} nodes each, for which {at} there is no LeaderWorkerSet"
        yield Obstacle(("resources",), message, "add component lws to its platform, or ask for devices of one node")
    if groups and engine is not None and engine.group(serving.version) is None:
        since = engine.groups[0].since
        message = f"its replicas are on several nodes, and {engine.name} {serving.version} is not known to run on such"
        yield Obstacle(("engine", "version"), message, f"use {since} or newer, or ask for devices of one node")
    yield from (found for part in serving.parts if part.kept for found in _apart(part, at, pools))
    yield from (_long(model, part) for part in groups if len(f"{model.name}-{part.pool}") > _LONGEST)
    yield from _picked(model, cluster)
    yield from _shared(model, cluster)


def _picked(model: Model, cluster: Cluster) -> Iterator[Obstacle]:
    """What its endpoint picker lacks: the Service is no answer where pools were asked for."""
    path, network, gateway = ("routing", "hostname"), cluster.network, cluster.network.gateway
    routed = model.routing.hostname is not None and not model.routing.shared() and gateway.name is not None
    if not routed or gateway.picker.image is None:
        return
    asked = f"requests to it are distributed by an endpoint picker on cluster {cluster.name}"
    if served_in(cluster.components, *_POOLS, "v1") is None:
        message = f"{asked}, for which there is no InferencePool"
        hint = "add component gateway-api-inference-extension to its platform, or remove `network.gateway.picker.image`"
        yield Obstacle(path, message, hint)
    if not network.knows_api_server() and not network.api_server.addresses:
        message = f"{asked}, whose policies do not let it reach the API server: the addresses of that are not given"
        yield Obstacle(path, message, "write `network.apiServer.addresses` of the cluster")


def _shared(model: Model, cluster: Cluster) -> Iterator[Obstacle]:
    """What the cluster lacks to have its servers answer requests from other clusters."""
    path, multicluster = ("routing", "clusters"), cluster.network.multicluster
    if not model.routing.shared():
        return
    if multicluster.implementation is None or multicluster.set is None:
        message = f"requests go to its servers on all its clusters, and cluster {cluster.name} shares no Services"
        yield Obstacle(
            path,
            message,
            "write `implementation` and `set` in `network.multicluster` of the cluster, or `clusters: own`",
        )
    elif (
        multicluster.implementation == "mcs" and served_in(cluster.components, *_EXPORTS, "v1beta1", "v1alpha1") is None
    ):
        message = (
            f"its Service is shared with other clusters, for which on cluster {cluster.name} there is no ServiceExport"
        )
        yield Obstacle(path, message, "add component mcs-api to its platform, or write `clusters: own`")
    elif multicluster.implementation == "gke" and cluster.provider != "gke":
        message = f"its Service is shared by what GKE has for that, and cluster {cluster.name} is of {cluster.provider}"
        yield Obstacle(path, message, "write `implementation: mcs` of the cluster, or `clusters: own`")


def _apart(part: ServingPart, at: str, pools: Collection[str]) -> Iterator[Obstacle]:
    """Nodes of its own are told from the others of their pool by what they are called, which is a label's value."""
    name, nodes = part.node_set(), "1 node" if part.apart == 1 else f"{part.apart} nodes"
    asked = f"{nodes} of pool {part.pool} {at} {'is' if part.apart == 1 else 'are'} kept for its pods, called `{name}`"
    own = f"or give it a GPUPool of its own with {nodes}"
    if name in pools:
        yield Obstacle(("resources",), f"{asked}, as another pool there is", f"rename the other pool, {own}")
    if len(name) > _LABEL:
        message = f"{asked}, which is too long: {len(name)} characters, of {_LABEL} at most"
        yield Obstacle(("resources",), message, f"give the pool a shorter name, {own}")


def _long(model: Model, part: ServingPart) -> Obstacle:
    name = f"{model.name}-{part.pool}"
    message = f"`{name}` is too long for a LeaderWorkerSet: {len(name)} characters, of {_LONGEST} at most"
    return Obstacle((), message, "give the model, or the pool, a shorter name")
