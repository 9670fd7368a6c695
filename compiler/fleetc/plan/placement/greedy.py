"""One workload after the other, each at the best place that is left; and repair, where that leaves one out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fleetc.plan.placement.ledger import Ledger
from fleetc.plan.placement.options import Choices, Option, Part, names
from fleetc.plan.placement.seats import Cost

MOST_POOLS = 2
"""Pools of one cluster that share its replicas here. A single one is tried first."""
FULL = 1000
"""The load, in thousandths, of a pool that has nothing left of something."""
MORE_CLUSTERS = 3
"""How many clusters more than the fewest are tried."""
MOST_TRIES = 200
"""Attempts to make room for one workload."""

Chosen = dict[str, Option]
"""By the id of the workload; one that is not placed is absent."""


def place(choices: Choices, ledger: Ledger, first: Sequence[str] = ()) -> Option | None:
    """The best that is found for one workload in what is left; `first` are clusters to start with."""
    best: Option | None = None
    clusters = choices.clusters
    full = FULL if choices.workload.replicas.least else FULL + 1
    order = [*first, *(c for c in _ranked(choices, ledger, full) if c not in first)]
    floor = choices.bound()[:6]
    for size in range(clusters.least, min(clusters.most, clusters.least + MORE_CLUSTERS) + 1):
        found = _over(choices, ledger, order, size)
        if found is not None and (best is None or _key(found) < _key(best)):
            best = found
        if best is not None and best.cost[:6] == floor:
            break
    return best


def best(choices: Choices, ledger: Ledger, limit: int) -> Option | None:
    """The best there is for one workload in what is left, if it has no more options than `limit`; else as `place`."""
    options = choices.all(len(ledger.table.pools), limit)
    if options is None:
        return place(choices, ledger, clusters_before(choices))
    return next((option for option in options if ledger.holds(choices.workload, option.parts)), None)


def clusters_before(choices: Choices) -> list[str]:
    """The clusters where it was, if they still suit."""
    at = {locked.pool for locked in choices.workload.previous}
    clusters = {p.cluster for p in choices.table.pools if p.id in at} if at else set[str]()
    return sorted(clusters & choices.seats.keys())


def as_before(choices: Choices, ledger: Ledger) -> Option | None:
    """The workload where it was, no replica moved; None if that is not possible any more."""
    clusters = clusters_before(choices)
    if not choices.clusters.least <= len(clusters) <= choices.clusters.most:
        return None
    parts: list[Part] = []
    for cluster, share in zip(clusters, choices.shares(clusters), strict=True):
        # Among its own seats alone, however many: a better one would be a move.
        found = _best_home(choices, ledger, choices.homes_before(cluster, share), thorough=True)
        if found is None:
            return None
        parts += found
    option = choices.option(parts)
    held = not choices.moved(parts) and ledger.holds(choices.workload, parts, thorough=True)
    return option if held else None


def _key(option: Option) -> tuple[Cost, tuple[tuple[int, ...], ...]]:
    return option.cost, names(option.parts)


def _ranked(choices: Choices, ledger: Ledger, full: int) -> list[str]:
    """The clusters where the workload has a seat that is not full, by the best one's cost, then by what is left."""
    load = ledger.load
    best: dict[str, tuple[tuple[int, int, int, int], int, int]] = {}
    for cluster, seats in choices.seats.items():
        some = [(s.unit, load[s.pool], s.pool) for s in seats if load[s.pool] < full]
        if some:
            best[cluster] = min(some)
    return sorted(best, key=best.__getitem__)


def _over(choices: Choices, ledger: Ledger, order: Sequence[str], size: int) -> Option | None:
    """The workload on that many clusters, taken in order. One that cannot hold its share is replaced by the next."""
    chosen: list[str] = []
    queue = iter(order)
    while True:
        chosen += [c for _, c in zip(range(size - len(chosen)), queue, strict=False)]
        if len(chosen) < size:
            return None
        chosen.sort()
        each = list(zip(chosen, choices.shares(chosen), strict=True))
        homes = {cluster: home(choices, ledger, cluster, share) for cluster, share in each}
        if all(found is not None for found in homes.values()):
            parts = [part for found in homes.values() if found is not None for part in found]
            return choices.option(parts) if ledger.holds(choices.workload, parts) else None
        chosen = [cluster for cluster in chosen if homes[cluster] is not None]


def home(choices: Choices, ledger: Ledger, cluster: str, share: tuple[int, int]) -> tuple[Part, ...] | None:
    """The best way to put a share into a cluster that the ledger holds."""
    for most_pools in (1, MOST_POOLS):
        found = _best_home(choices, ledger, choices.homes(cluster, share, most_pools))
        if found is not None:
            return found
    return None


def _best_home(
    choices: Choices, ledger: Ledger, homes: Iterable[tuple[Part, ...]], *, thorough: bool = False
) -> tuple[Part, ...] | None:
    ways = [way for way in homes if all(map(ledger.may_hold, way))]
    for parts in sorted(ways, key=lambda parts: _home_key(choices, ledger, parts)):
        if ledger.holds(choices.workload, parts, thorough):
            return parts
    return None


def _home_key(
    choices: Choices, ledger: Ledger, parts: tuple[Part, ...]
) -> tuple[Cost, int, tuple[tuple[int, ...], ...]]:
    moves = -sum(map(choices.kept, parts)) * choices.workload.move_cost
    paid = [choices.paid(part) for part in parts]
    total = (sum(p[0] for p in paid), sum(p[1] for p in paid), sum(p[2] for p in paid), sum(p[3] for p in paid))
    return choices.cost(0, moves, total, len(parts)), max(ledger.load[p.seat.pool] for p in parts), names(parts)


class Greedy:
    """Places all workloads into a ledger that is empty at first."""

    def __init__(self, all_choices: Sequence[Choices], ledger: Ledger) -> None:
        self.choices = {c.workload.id: c for c in all_choices}
        self.ledger = ledger
        self.chosen: Chosen = {}

    def run(self) -> Chosen:
        """Locked ones first, where they are; then those that have least choice; then room is made for the others."""
        order = sorted(self.choices.values(), key=_constrained)
        for choices in order:
            if choices.workload.previous:
                self._put(choices, as_before(choices, self.ledger))
        for choices in order:
            if choices.workload.id not in self.chosen:
                self._put(choices, place(choices, self.ledger, clusters_before(choices)))
        for choices in order:
            if choices.workload.id not in self.chosen and choices.any:
                self._repair(choices)
        return self.chosen

    def _put(self, choices: Choices, option: Option | None) -> None:
        if option is not None:
            self.chosen[choices.workload.id] = option
            self.ledger.add(choices.workload, option.parts)

    def _take(self, id: str) -> Option:
        option = self.chosen.pop(id)
        self.ledger.remove(self.choices[id].workload, option.parts)
        return option

    def _repair(self, choices: Choices) -> None:
        """Move one other workload out of the way, whichever costs least to move, or the whole of a pool."""
        for tried, (parts, victims) in enumerate(self._attempts(choices)):
            if tried >= MOST_TRIES:
                return
            held = {victim: self._take(victim) for victim in victims}
            if self.ledger.holds(choices.workload, parts) and self._again(choices, parts, victims):
                return
            for victim in victims:
                if victim in self.chosen:
                    self._take(victim)
            for victim, option in held.items():
                self._put(self.choices[victim], option)

    def _again(self, choices: Choices, parts: tuple[Part, ...], victims: tuple[str, ...]) -> bool:
        """Put the workload, then those that were in its way; whether all found a place."""
        self._put(choices, choices.option(parts))
        for victim in victims:
            self._put(
                self.choices[victim], place(self.choices[victim], self.ledger, clusters_before(self.choices[victim]))
            )
        if all(victim in self.chosen for victim in victims):
            return True
        self._take(choices.workload.id)
        return False

    def _attempts(self, choices: Choices) -> Iterator[tuple[tuple[Part, ...], tuple[str, ...]]]:
        """Places for a workload that do not depend on what is left, with those to move out of their way."""
        users: dict[int, list[str]] = {}
        for id, option in self.chosen.items():
            for part in option.parts:
                users.setdefault(part.seat.pool, []).append(id)
        for parts in self._wanted(choices):
            here = sorted({id for part in parts for id in users.get(part.seat.pool, ())}, key=self._reluctance)
            yield from ((parts, (id,)) for id in here)
            if 1 < len(here) <= 4:
                yield parts, tuple(here)

    def _wanted(self, choices: Choices) -> Iterator[tuple[Part, ...]]:
        """Each run of clusters in order of cost, with the best home on each, then the second best, ..."""
        order = _ranked(choices, self.ledger, FULL + 1)
        size = choices.clusters.least
        for start in range(len(order) - size + 1):
            clusters = sorted(order[start : start + size])
            each = zip(clusters, choices.shares(clusters), strict=True)
            ways = [sorted(choices.homes(*one, MOST_POOLS), key=lambda p: _key(choices.option(p))) for one in each]
            for rank in range(max(map(len, ways)) if all(ways) else 0):
                yield tuple(part for of_cluster in ways for part in of_cluster[min(rank, len(of_cluster) - 1)])

    def _reluctance(self, id: str) -> tuple[int, str]:
        return (self.choices[id].moved(()), id)


def _constrained(choices: Choices) -> tuple[int, int, int, str]:
    """Those with least choice, and the largest, come first."""
    seats = [s for of_cluster in choices.seats.values() for s in of_cluster]
    largest = max((s.room.devices * s.pods for s in seats), default=0)
    return (-largest, len(seats), -choices.workload.replicas.least, choices.workload.id)
