"""Delivery: from what the fleet emits to what brings it to the clusters; and whether that can have changed at all."""

from __future__ import annotations

from _blake2 import blake2b
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from fleetc.driver.lower import Lowered, row
from fleetc.driver.memory import Body, ClusterMemory
from fleetc.emission.emission import Emission, Row
from fleetc.emission.owned import Owned, evidence
from fleetc.emission.recorder import CLUSTER, settle, step_into, traced
from fleetc.emission.shapes import Shape, Shapes
from fleetc.plan import Plan, Subject
from fleetc.plan.delivery import OwnedAt, is_delivered
from fleetc.registry import lowerings
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.resolve.rollouts import WavePlace

Path = tuple[str, ...]
ALWAYS: Final[tuple[Path, ...]] = (("argocd", "hub"), ("delivery",))
"""What decides whether, and by whom, a cluster is delivered."""
_DIGEST: Final = 16


class Delivered(NamedTuple):
    """A plan with what delivers it, everything that is emitted, and what delivery read of clusters, by path."""

    plan: Plan
    lowered: Lowered
    reads: tuple[Path, ...]


def deliver(planned: Plan, lowered: Lowered) -> Delivered:
    """What delivers a fleet that is emitted whole."""
    whole = planned.delivered(owned_in(lowered.emission))
    if whole is planned:
        return Delivered(planned, lowered, ALWAYS)
    rows, shapes, reads = dict[str, Row](), Shapes(lowered.shapes), set[Path](ALWAYS)
    for subject in whole.subjects.values():
        if is_delivered(subject.id):
            rows[subject.id] = _lower(whole, subject, shapes, reads)
    emission = lowered.emission
    every = Emission(emission.clusters, emission.minors, {**emission.rows, **rows})
    return Delivered(whole, lowered._replace(emission=every), tuple(sorted(reads)))


def _lower(planned: Plan, subject: Subject, shapes: Shapes, reads: set[Path]) -> Row:
    """One subject on each of its hubs, or its cluster. Hardly two are alike, so none is looked for."""
    cells: dict[int, tuple[Shape, ...]] = {}
    for n in subject.placed:
        site = planned.site(subject, n)
        made: list[Any] = []
        for lowering in lowerings(subject.kind):
            objects, read = traced(lowering.lower, site)
            made += objects
            reads.update(path for root, path in read if root == CLUSTER or root.startswith("Cluster/"))
        cells[n] = shapes.intern(made)
    return row(planned, subject, cells)


def owned_in(emission: Emission) -> OwnedAt:
    """What controllers own of what is emitted."""
    memo: dict[int, tuple[Owned, ...]] = {}

    def owned_at(subject: Subject, cluster: int) -> Sequence[Owned]:
        made = emission.rows.get(subject.id)
        shapes = made.cells.get(cluster, ()) if made is not None else ()
        return owned_of(shapes, memo)

    return owned_at


def owned_of(shapes: tuple[Shape, ...], memo: dict[int, tuple[Owned, ...]]) -> tuple[Owned, ...]:
    """What controllers own of some shapes. `memo`: by the identity of these, which have to live as long."""
    found = memo.get(id(shapes))
    if found is None:
        found = tuple([one.owned for one in evidence([shape.object for shape in shapes])])
        memo[id(shapes)] = found
    return found


def same_delivery(planned: Plan, lowered: Lowered, body: Body, subjects: Collection[str] | None) -> bool:
    """Whether all that delivery reads is as it was remembered, where only some clusters or `subjects` were compiled."""
    reads = [tuple(path) for path in body.reads]
    keys = Keys(planned, reads)
    if not keys.delivers and not any(cluster.delivered for cluster in body.clusters.values()):
        return True
    memo: dict[int, tuple[Owned, ...]] = {}
    for n, name in enumerate(lowered.emission.clusters):
        was = body.clusters.get(name)
        if was is None or keys.key(n, _owned_there(lowered, body, was, n, subjects, memo)) != was.delivered:
            return False
    return True


def _owned_there(
    lowered: Lowered,
    body: Body,
    was: ClusterMemory,
    cluster: int,
    subjects: Collection[str] | None,
    memo: dict[int, tuple[Owned, ...]],
) -> dict[str, Sequence[Any]]:
    """By subject, what controllers own on a cluster: as it was compiled, or as it is remembered."""
    out: dict[str, Sequence[Any]] = {}
    if subjects is not None:
        kept = {subject: body.cells[number].owned for subject, number in was.cells.items() if subject not in subjects}
        out = {subject: owned for subject, owned in kept.items() if owned}
    for made, shapes in lowered.emission.at(cluster):
        owned = owned_of(shapes, memo) if not is_delivered(made.subject) else ()
        if owned:
            out[made.subject] = owned
    return out


def _waves_of(planned: Plan) -> Sequence[WavePlace | None]:
    if not planned.world.rollout_docs:
        return ()
    # Imported here: who has no Rollout does not pay for it.
    from fleetc.resolve.rollouts import waves_of  # noqa: PLC0415

    return waves_of(planned.world)


class Keys:
    """For each cluster, a digest of all that delivery reads of it."""

    def __init__(self, planned: Plan, reads: Iterable[Path]) -> None:
        self._plan = planned
        self._reads = list(reads)
        self._teams = [s for s in planned.subjects.values() if s.kind == "Team"]
        self._spaces: dict[int, str] = {}
        self._waves = _waves_of(planned)
        self.delivers = any(cluster.delivery is not None for cluster in planned.world.clusters)

    def key(self, cluster: int, owned: Mapping[str, Sequence[Any]]) -> bytes:
        """The digest; `owned`: what controllers own there, by subject. Nothing for a cluster that is not delivered."""
        node = self._plan.world.clusters[cluster]
        if node.delivery is None:
            return b""
        # Files name the spec that they are made from.
        values: list[Any] = [self._plan.world.cluster_docs[cluster].sources[0][0]]
        for path in self._reads:
            value: Any = node
            for step in path:
                value = step_into(value, step)
            values.append(settle(value))
        if node.delivery == "pulumi":  # Its stack names a folder, whatever is in it.
            return blake2b(repr(values).encode(), digest_size=_DIGEST).digest()
        # What its hub installs there; how, the catalogue knows, which does not change between two builds.
        values.append((node.components, node.values))
        teams = [self._team(team, cluster) for team in self._teams if self._plan.is_on(team, cluster)]
        if self._waves:
            wave = self._waves[cluster]
            values.append(wave.wave if wave is not None else None)
        claims = sorted((subject, [tuple(one) for one in found]) for subject, found in owned.items())
        return blake2b(repr((values, teams, claims)).encode(), digest_size=_DIGEST).digest()

    def _team(self, team: Subject, cluster: int) -> tuple[str, str, str]:
        return team.name, self._plan.doc(team, cluster).sources[0][0], self._names(team, cluster)

    def _names(self, team: Subject, cluster: int) -> str:
        """The namespaces of a team; it is the same object on most clusters."""
        node = self._plan.team(team.name, cluster)
        found = self._spaces.get(id(node))
        if found is None and node is not None:
            found = self._spaces[id(node)] = repr([one.name for one in node.namespaces])
        return found or ""
