"""Where what delivery sees comes from: the objects of which controllers own something, the namespaces of a team, the
components of a cluster, and else what puts an owner on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fleetc.emission.owned import evidence
from fleetc.language.delivered import PLATFORM
from fleetc.plan.delivery import Delivery, as_controlled
from fleetc.source.span import Path

if TYPE_CHECKING:
    from fleetc.driver.trace import Origin, Tracer
    from fleetc.plan import Subject
    from fleetc.resolve.rollouts import WavePlace


def delivered_origins(tracer: Tracer, node: str, hub: int, path: Path) -> Iterator[Origin]:
    """The places that the value at a path of a node of delivery comes from, as a hub sees it."""
    delivery, (kind, _, name) = tracer.plan.delivery, node.partition("/")
    assert delivery is not None
    if kind == "Installed":
        yield from _installed(tracer, name, path)
    elif kind == "Folder":
        yield from _folder(tracer, delivery, name, path)
    elif path[0] == "repositories":
        yield from _repositories(tracer, delivery, name, hub, path[1:])
    else:
        for cluster in [one.cluster for one in delivery.holding(name, hub).held]:
            if path[1:2] in ((), (cluster,)):
                if name == PLATFORM:
                    yield from _components(tracer, delivery, tracer.plan.world.index[cluster])
                yield from _folder(tracer, delivery, f"{cluster}.{name}", path)


def _folder(tracer: Tracer, delivery: Delivery, place: str, path: Path) -> Iterator[Origin]:
    """Of an owner's folder on a cluster (CLUSTER.OWNER), or of what it has there."""
    n, subjects = delivery.within(place)
    owner = place.partition(".")[2]
    wave = delivery.wave(n)
    if path[0] == "revision" or (wave is not None and path[0] != "controlled"):
        yield from _revision(tracer, n, wave)
    elif path[0] == "controlled":
        yield from _evidence(tracer, subjects, n, str(path[1]) if path[1:] else "")
    elif "namespaces" in path and f"Team/{owner}" in tracer.plan.subjects:
        inner = path[path.index("namespaces") + 1 :]
        names = delivery.namespaces(owner, n)
        one: Path = (names[int(inner[0])], "name") if inner and int(inner[0]) < len(names) else ()
        yield from tracer.spec_origins(f"Team/{owner}", n, ("namespaces", *one))
    else:
        for subject in subjects[:1]:
            yield from tracer.placement(subject, n)


def _revision(tracer: Tracer, cluster: int, wave: WavePlace | None) -> Iterator[Origin]:
    """Which revision is synced to a cluster: as its wave says, or the Fleet."""
    if wave is not None:
        yield from tracer.spec_origins(wave.doc.id, cluster, ("waves", wave.wave.name, "revision"))
        yield from tracer.spec_origins(wave.doc.id, cluster, ("waves", wave.wave.name, "paths"))
    else:
        yield from tracer.spec_origins(tracer.plan.world.fleet_doc.id, cluster, ("repository", "revision"))


def _evidence(tracer: Tracer, subjects: Sequence[Subject], cluster: int, id: str) -> Iterator[Origin]:
    """Where it is seen that a controller owns something (all, or what has this id) of what subjects emit."""
    for subject in subjects:
        objects = [obj for made in tracer.made(subject, cluster) for obj in made.objects]
        for found in evidence(objects):
            if id in ("", as_controlled(found.owned).id):
                yield from tracer.line(subject, cluster, found.position, found.path).origins


def _installed(tracer: Tracer, place: str, path: Path) -> Iterator[Origin]:
    """Of a component on a cluster (CLUSTER.COMPONENT): what the cluster, by its platform or itself, says of it."""
    cluster, _, component = place.partition(".")
    doc = f"Cluster/{cluster}"
    n = tracer.plan.world.index[cluster]
    if path[0] == "values":
        yield from tracer.spec_origins(doc, n, ("values", component, *path[1:]))
    elif path[0] in ("version", "component"):
        yield from tracer.spec_origins(doc, n, ("components", component))
    else:
        yield from tracer.spec_origins(doc, n, ("name",))


def _repositories(tracer: Tracer, delivery: Delivery, owner: str, hub: int, inner: Path) -> Iterator[Origin]:
    """Of the repositories of what an owner has on the clusters of a hub, or one of them: the components from there."""
    holding = delivery.holding(owner, hub)
    wanted = holding.repositories[int(inner[0])] if inner and int(inner[0]) < len(holding.repositories) else None
    for n in [tracer.plan.world.index[one.cluster] for one in holding.held]:
        for component, repository in delivery.repositories(owner, n):
            if wanted in (None, repository):
                yield from tracer.spec_origins(tracer.plan.world.cluster_docs[n].id, n, ("components", component))


def _components(tracer: Tracer, delivery: Delivery, cluster: int) -> Iterator[Origin]:
    """The components of a cluster, where the platform has perhaps nothing else."""
    wave = delivery.wave(cluster)
    if wave is not None and delivery.components(cluster):
        yield from tracer.spec_origins(tracer.plan.world.cluster_docs[cluster].id, cluster, ("components",))
