"""A result as promises in a ledger again: what explanations and what-ifs start from."""

from __future__ import annotations

from fleetc.plan.placement.ledger import Ledger
from fleetc.plan.placement.model import Problem
from fleetc.plan.placement.options import Part
from fleetc.plan.placement.result import Placed, Result
from fleetc.plan.placement.seats import Table
from fleetc.plan.placement.worst_case import WorstCase
from fleetc.tuples import NamedTuple


class Standing(NamedTuple):
    """What is promised, and as which parts by the id of the workload."""

    table: Table
    ledger: Ledger
    parts: dict[str, tuple[Part, ...]]
    placed: tuple[Placed, ...]


def standing(result: Result) -> Standing:
    """All that is placed."""
    return rebuilt(result.problem, result.placed, WorstCase(), "")


def rebuilt(problem: Problem, placed: tuple[Placed, ...], worst: WorstCase, without: str) -> Standing:
    """What is placed, but for one workload, in a problem whose pools and quotas may have changed since."""
    table = Table(problem)
    pools = {pool.id: n for n, pool in enumerate(table.pools)}
    workloads = {w.id: w for w in table.workloads}
    made = Standing(table, Ledger(table, worst), {}, placed)
    for one in placed:
        if one.workload == without:
            continue
        workload = workloads[one.workload]
        ranks = {alternative.name: rank for rank, alternative in enumerate(workload.alternatives)}
        parts: list[Part] = []
        for p in one.parts:
            rank = ranks[p.alternative]
            seat = table.seat(pools[p.pool], rank, workload.alternatives[rank])
            parts.append(Part(seat, p.least, p.most))
        made.parts[one.workload] = tuple(parts)
        made.ledger.add(workload, parts)
    return made
