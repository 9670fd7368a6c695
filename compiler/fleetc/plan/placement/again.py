"""Where one workload would be if something were otherwise, with all others held where they are."""

from __future__ import annotations

from fleetc.plan.placement.exact import MOST_OPTIONS
from fleetc.plan.placement.greedy import best
from fleetc.plan.placement.model import Problem
from fleetc.plan.placement.options import Choices
from fleetc.plan.placement.result import Placed, Placement, Result
from fleetc.plan.placement.solve import placement
from fleetc.plan.placement.standing import rebuilt
from fleetc.plan.placement.worst_case import WorstCase


def again(result: Result, problem: Problem, id: str, worst: WorstCase | None = None) -> tuple[Placement, ...] | None:
    """The parts of a workload in another problem that has the same others; None if its promise cannot be kept.

    Others whose pool or alternative is not there any more are left out. `worst` remembers proofs from call to call.
    """
    workload = next((w for w in problem.workloads if w.id == id), None)
    if workload is None:
        return None
    pools = {pool.id for pool in problem.pools}
    ways = {w.id: {a.name for a in w.alternatives} for w in problem.workloads}
    placed = tuple(one for one in result.placed if _stands(one, pools, ways))
    at = rebuilt(problem, placed, worst or WorstCase(), id)
    choices = Choices(at.table, workload)
    option = best(choices, at.ledger, MOST_OPTIONS)
    return None if option is None else tuple(placement(choices, part) for part in option.parts)


def _stands(one: Placed, pools: set[str], ways: dict[str, set[str]]) -> bool:
    return all(part.pool in pools and part.alternative in ways.get(one.workload, ()) for part in one.parts)
