"""What a loss or a drain does: what still fits, what moves, which promises break."""

from __future__ import annotations

from typing import assert_never

from fleetc.plan.placement.model import Locked, Pool, Problem, Range, Workload
from fleetc.plan.placement.reasons import MoveReason
from fleetc.plan.placement.result import Move, Placed, Result
from fleetc.plan.placement.solve import solve
from fleetc.tuples import NamedTuple


class LostCluster(NamedTuple):
    """A cluster with all its pools."""

    cluster: str


class LostZone(NamedTuple):
    """A zone of a region. Pools over several zones lose their share of nodes, rounded up."""

    region: str
    zone: str


class LostPool(NamedTuple):
    """One pool, by id."""

    pool: str


Lost = LostCluster | LostZone | LostPool


class Shift(NamedTuple):
    """Promised replicas from one pool and alternative to another; to None if their promise breaks."""

    workload: str
    replicas: int
    source: tuple[str, str]
    target: tuple[str, str] | None
    why: MoveReason


class WhatIf(NamedTuple):
    """Before and after. What was not placed before is left out of `after`.

    `unmoved` and `moved` keep their promise, those of `narrowed` on fewer clusters or zones than they ask for (failover
    is there to be used up); `broken` do not. Ids of workloads, in alphabetical order.
    """

    before: Result
    after: Result
    shifts: tuple[Shift, ...]
    unmoved: tuple[str, ...]
    moved: tuple[str, ...]
    narrowed: tuple[str, ...]
    broken: tuple[str, ...]


def lose(problem: Problem, lost: Lost) -> WhatIf:
    """What is left of the promises when something is lost."""
    return _compare(problem, tuple(left for p in problem.pools if (left := _left(p, lost)) is not None))


def drain(problem: Problem, cluster: str) -> WhatIf:
    """The moves that empty a cluster: its pools as in maintenance."""
    return _compare(
        problem, tuple(p._replace(maintenance=p.maintenance or p.cluster == cluster) for p in problem.pools)
    )


def locked(problem: Problem, result: Result) -> Problem:
    """The problem with every placed workload locked where the result has it; those that are not keep their locks."""
    placed = {p.workload: lock_of(p) for p in result.placed}
    return problem._replace(
        workloads=tuple(w._replace(previous=placed.get(w.id, w.previous)) for w in problem.workloads)
    )


def _left(pool: Pool, lost: Lost) -> Pool | None:
    match lost:
        case LostCluster():
            return None if pool.cluster == lost.cluster else pool
        case LostPool():
            return None if pool.id == lost.pool else pool
        case LostZone():
            if pool.region != lost.region or lost.zone not in pool.zones:
                return pool
            return _without_zone(pool, lost.zone)
        case _:
            assert_never(lost)


def _without_zone(pool: Pool, zone: str) -> Pool | None:
    zones = tuple(z for z in pool.zones if z != zone)
    if not zones:
        return None
    least, most = (n - -(-n // len(pool.zones)) for n in pool.nodes)
    return pool._replace(zones=zones, nodes=Range(least, most))


def _compare(problem: Problem, pools: tuple[Pool, ...]) -> WhatIf:
    before = solve(problem)
    kept = {p.workload for p in before.placed}
    stood = tuple(w for w in locked(problem, before).workloads if w.id in kept)
    reduced = problem._replace(pools=pools, workloads=stood, locks="hold")
    after = solve(reduced)
    narrowed: set[str] = set()
    while again := {u.workload for u in after.unplaced} - narrowed:
        narrowed |= again
        looser = tuple(_narrowed(w) if w.id in narrowed else w for w in stood)
        after = solve(reduced._replace(workloads=looser))
    broken = tuple(u.workload for u in after.unplaced)
    moved = tuple(p.workload for p in after.placed if p.moves)
    unmoved = tuple(p.workload for p in after.placed if not p.moves)
    fewer = tuple(sorted(narrowed - set(broken)))
    return WhatIf(before, after, _shifts(stood, after), unmoved, moved, fewer, broken)


def _narrowed(workload: Workload) -> Workload:
    return workload._replace(failover=False, spread="none", cluster_count=None)


def lock_of(placed: Placed) -> tuple[Locked, ...]:
    """What a lock keeps of a placement: the promised replicas."""
    return tuple(Locked(p.pool, p.alternative, p.least) for p in placed.parts)


def _shifts(before: tuple[Workload, ...], after: Result) -> tuple[Shift, ...]:
    """Departures and arrivals of each workload, paired in the order of their names."""
    previous = {w.id: {(p.pool, p.alternative): p.replicas for p in w.previous} for w in before}
    made: list[Shift] = []
    for one in after.placed:
        was = previous[one.workload]
        arrivals = [(p.least - was.get((p.pool, p.alternative), 0), (p.pool, p.alternative)) for p in one.parts]
        made += _paired(one.moves, [(many, place) for many, place in arrivals if many > 0])
    for left in after.unplaced:
        made += [Shift(m.workload, m.replicas, (m.pool, m.alternative), None, m.why) for m in left.moves]
    return tuple(sorted(made, key=lambda s: (s.workload, s.source, s.target or ())))


def _paired(moves: tuple[Move, ...], arrivals: list[tuple[int, tuple[str, str]]]) -> list[Shift]:
    made: list[Shift] = []
    queue = sorted(arrivals, key=lambda a: a[1])
    for move in moves:
        left = move.replicas
        while left and queue:
            many, target = queue[0]
            taken = min(left, many)
            made.append(Shift(move.workload, taken, (move.pool, move.alternative), target, move.why))
            left -= taken
            queue[0] = (many - taken, target)
            if many == taken:
                queue.pop(0)
    return made
