"""Every combination of options, as far as it may still be better than the best that is known (branch and bound)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fleetc.plan.placement.ledger import Ledger
from fleetc.plan.placement.options import Choices, Option
from fleetc.plan.placement.seats import FREE, Cost, plus

MOST_WORKLOADS: Final = 6
MOST_POOLS: Final = 6
MOST_OPTIONS: Final = 5_000
"""Options of one workload up to which all are searched."""
MOST_NODES: Final = 60_000
"""Steps of the search; what it has found by then is the result, and it is not called exact."""
EVEN_NODES: Final = 3_000
"""Steps after which it looks for less cost only, no longer for an equal one that is better balanced."""


class Exact:
    """The search. `options` are those of each workload, the best first; `known` is what to beat."""

    def __init__(
        self,
        all_choices: Sequence[Choices],
        options: Mapping[str, list[Option]],
        ledger: Ledger,
        known: Mapping[str, Option],
    ) -> None:
        self.ledger = ledger
        # Whoever has least to choose from goes first: wrong branches end early.
        self.order = sorted(all_choices, key=lambda c: (len(options[c.workload.id]), c.workload.id))
        self.options = [[*options[c.workload.id], c.unplaced()] for c in self.order]
        self.best = [known.get(c.workload.id) or c.unplaced() for c in self.order]
        self.best_cost = FREE
        for option in self.best:
            self.best_cost = plus(self.best_cost, option.cost)
        self.best_balance = -1
        self.nodes = 0

    def run(self, balance: int) -> tuple[dict[str, Option], bool]:
        """The best placement by the id of the workload, and whether all was searched; `balance` is that of `known`."""
        self.best_balance = balance
        self._descend([], FREE, [0] * len(self.order))
        ids = (c.workload.id for c in self.order)
        made = dict(zip(ids, self.best, strict=True))
        return {id: option for id, option in made.items() if option.parts}, self.nodes < MOST_NODES

    def _descend(self, taken: list[Option], cost: Cost, starts: list[int]) -> None:
        self.nodes += 1
        depth = len(taken)
        if depth == len(self.order):
            if (cost, self.ledger.balance) < (self.best_cost, self.best_balance):
                self.best, self.best_cost, self.best_balance = list(taken), cost, self.ledger.balance
            return
        starts, rest = self._first_that_hold(depth, starts)
        after = FREE
        for n in range(depth + 1, len(self.order)):
            after = plus(after, rest[n])
        workload = self.order[depth].workload
        for option in self.options[depth][starts[depth] :]:
            least = plus(plus(cost, option.cost), after)
            if not self._may_win(least) or self.nodes >= MOST_NODES:
                return
            if self.ledger.holds(workload, option.parts):
                self.ledger.add(workload, option.parts)
                if self._may_win(least):
                    self._descend([*taken, option], plus(cost, option.cost), starts)
                self.ledger.remove(workload, option.parts)

    def _may_win(self, least: Cost) -> bool:
        if self.nodes > EVEN_NODES:
            return least < self.best_cost
        return (least, self.ledger.balance) < (self.best_cost, self.best_balance)

    def _first_that_hold(self, depth: int, starts: list[int]) -> tuple[list[int], dict[int, Cost]]:
        """For each workload that is left its first option that still holds. Later promises only take room away."""
        found = list(starts)
        costs: dict[int, Cost] = {}
        for n in range(depth, len(self.order)):
            options = self.options[n]
            while not self.ledger.holds(self.order[n].workload, options[found[n]].parts):
                found[n] += 1
            costs[n] = options[found[n]].cost
        return found, costs
