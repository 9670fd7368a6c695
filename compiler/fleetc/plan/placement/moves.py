"""Which promised replicas leave where they were, and why."""

from __future__ import annotations

from fleetc.plan.placement.greedy import as_before
from fleetc.plan.placement.ledger import Ledger
from fleetc.plan.placement.model import Locked, Workload
from fleetc.plan.placement.options import Choices, Option
from fleetc.plan.placement.reasons import (
    AlternativeGone,
    GivesWay,
    Improves,
    MoveReason,
    NoLongerSuits,
    PoolGone,
    SplitChanged,
)
from fleetc.plan.placement.result import Move
from fleetc.plan.placement.search import Found
from fleetc.plan.placement.seats import components, refusal


def moves(found: Found, id: str) -> tuple[Move, ...]:
    """The moves of a workload, by pool and alternative. Replicas that are no longer wanted at all do not move."""
    choices = found.choices[id]
    workload, option = choices.workload, found.chosen.get(id)
    if not workload.previous:
        return ()
    now = {(p.seat.pool, p.seat.alternative): p.least for p in option.parts} if option else {}
    pools = {pool.id: n for n, pool in enumerate(found.table.pools)}
    ranks = {alternative.name: rank for rank, alternative in enumerate(workload.alternatives)}
    unwanted = max(0, sum(p.replicas for p in workload.previous) - workload.replicas.least)
    made: list[Move] = []
    for locked in sorted(workload.previous):
        seat = (pools.get(locked.pool, -1), ranks.get(locked.alternative, -1))
        leaving = max(0, locked.replicas - now.get(seat, 0))
        spared = min(leaving, unwanted)
        unwanted -= spared
        if leaving > spared:
            why = _forced(found, workload, locked, seat)
            if why is None:  # Not `or`: a reason without fields is false.
                why = _chosen(found, choices, option, seat[0])
            made.append(Move(id, locked.pool, locked.alternative, leaving - spared, why))
    return tuple(made)


def _forced(found: Found, workload: Workload, locked: Locked, seat: tuple[int, int]) -> MoveReason | None:
    """What forbids the place itself."""
    if seat[0] < 0:
        return PoolGone()
    if seat[1] < 0:
        return AlternativeGone()
    pool = found.table.pools[seat[0]]
    excluded = {e.cluster: e.reason for e in workload.excluded}.get(pool.cluster, "not among its clusters")
    allowed = any(c.cluster == pool.cluster for c in workload.clusters)
    why = refusal(pool, workload.alternatives[seat[1]], None if allowed else excluded, workload.replicas.least)
    return None if why is None else NoLongerSuits(why)


def _chosen(found: Found, choices: Choices, option: Option | None, pool: int) -> MoveReason:
    """Why a workload is not left where it could be."""
    before = as_before(choices, Ledger(found.table, found.ledger.worst))
    if before is None:
        return SplitChanged()
    if option is not None and found.table.locks == "improve" and _holds_instead(found, choices, option, before):
        for name, own, kept in zip(components("improve"), option.cost, before.cost, strict=False):
            if own != kept:
                return Improves(name)
    others = {id for id, o in found.chosen.items() if any(p.seat.pool == pool for p in o.parts)}
    return GivesWay(tuple(sorted(others - {choices.workload.id})))


def _holds_instead(found: Found, choices: Choices, option: Option, other: Option) -> bool:
    found.ledger.remove(choices.workload, option.parts)
    held = found.ledger.holds(choices.workload, other.parts)
    found.ledger.add(choices.workload, option.parts)
    return held
