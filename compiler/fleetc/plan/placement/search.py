"""The search as a whole: who may sit where, the greedy placement, and all combinations if there are few."""

from __future__ import annotations

from fleetc.plan.placement.exact import MOST_OPTIONS, MOST_POOLS, MOST_WORKLOADS, Exact
from fleetc.plan.placement.greedy import Chosen, Greedy
from fleetc.plan.placement.ledger import Ledger
from fleetc.plan.placement.model import Problem
from fleetc.plan.placement.options import Choices, Option
from fleetc.plan.placement.seats import FREE, Cost, Table, plus
from fleetc.plan.placement.worst_case import QUICK, THOROUGH, WorstCase
from fleetc.tuples import NamedTuple


class Found(NamedTuple):
    """The options that were chosen, with the ledger that holds them; `bound` is a cost that none goes below."""

    table: Table
    choices: dict[str, Choices]
    chosen: Chosen
    ledger: Ledger
    exact: bool
    cost: Cost
    bound: Cost


def search(problem: Problem) -> Found:
    """The best placement that is found; the best there is where it says exact."""
    _check(problem)
    table = Table(problem)
    choices = {w.id: Choices(table, w) for w in table.workloads}
    small = len(choices) <= MOST_WORKLOADS and len(table.pools) <= MOST_POOLS
    worst = WorstCase(THOROUGH if small else QUICK)
    # What was promised must not be given up only because the fleet is larger now.
    ledger = Ledger(table, worst, worst if small else WorstCase(THOROUGH))
    chosen = Greedy(list(choices.values()), ledger).run()
    exact = False
    if small:
        chosen, exact = _exact(choices, chosen, ledger.balance, Ledger(table, worst))
        ledger = Ledger(table, worst)
        for id in sorted(chosen):
            ledger.add(choices[id].workload, chosen[id].parts)
    cost = bound = FREE
    for id, of in choices.items():
        cost = plus(cost, (chosen.get(id) or of.unplaced()).cost)
        bound = plus(bound, of.bound())
    return Found(table, choices, chosen, ledger, exact, cost, cost if exact else bound)


def _exact(choices: dict[str, Choices], known: Chosen, balance: int, empty: Ledger) -> tuple[Chosen, bool]:
    options: dict[str, list[Option]] = {}
    every = True
    for id, of in choices.items():
        found = of.all(MOST_POOLS, MOST_OPTIONS)
        if found is None:
            every = False
            found = of.all(1, MOST_OPTIONS) or []
        # What does not hold alone never does.
        options[id] = [option for option in found if empty.holds(of.workload, option.parts)]
    chosen, searched = Exact(list(choices.values()), options, empty, known).run(balance)
    return chosen, searched and every


def _check(problem: Problem) -> None:
    """What the caller promises. Violations are bugs of the caller, not of people's specs."""
    assert len({p.id for p in problem.pools}) == len(problem.pools)
    assert len({w.id for w in problem.workloads}) == len(problem.workloads)
    for workload in problem.workloads:
        assert 0 <= workload.replicas.least <= workload.replicas.most
        assert len({a.name for a in workload.alternatives}) == len(workload.alternatives)
        assert len({c.cluster for c in workload.clusters}) == len(workload.clusters)
        assert all(c.weight >= 1 for c in workload.clusters)
        assert all(a.nodes >= 1 and a.devices + a.cpu + a.memory > 0 for a in workload.alternatives)
