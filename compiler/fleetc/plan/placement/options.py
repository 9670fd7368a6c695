"""The ways to place one workload: clusters, its share of replicas on each, and pools for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise, product
from math import comb

from fleetc.plan.placement.model import Range, Workload
from fleetc.plan.placement.seats import Cost, Seat, Table, plus
from fleetc.plan.placement.split import shares, split
from fleetc.tuples import NamedTuple


class Part(NamedTuple):
    """Replicas at a seat: promised, and at most."""

    seat: Seat
    least: int
    most: int


class Option(NamedTuple):
    """A whole placement of a workload, and what it costs on its own."""

    parts: tuple[Part, ...]
    cost: Cost


class Choices:
    """What one workload may choose from."""

    def __init__(self, table: Table, workload: Workload) -> None:
        self.workload = workload
        self.table = table
        self.seats = table.seats(workload)
        self.weights = {c.cluster: c.weight for c in workload.clusters}
        self.clusters = cluster_range(workload, len(self.seats))
        self.any = self.clusters.least <= self.clusters.most
        self._held = {(p.pool, p.alternative): p.replicas for p in workload.previous}
        self._total = sum(self._held.values())

    def shares(self, clusters: Sequence[str]) -> tuple[tuple[int, int], ...]:
        """The replicas of each of the clusters, promised and at most."""
        return shares(*self.workload.replicas, [self.weights[c] for c in clusters])

    def homes(self, cluster: str, share: tuple[int, int], most_pools: int) -> Iterator[tuple[Part, ...]]:
        """The ways to put a share into a cluster: one alternative (they are pods of one template), one pool or more."""
        yield from self._homes(self.seats[cluster], share, most_pools)

    def homes_before(self, cluster: str, share: tuple[int, int]) -> Iterator[tuple[Part, ...]]:
        """The ways to put a share into the seats of a cluster where it was."""
        names = {a.name: rank for rank, a in enumerate(self.workload.alternatives)}
        held = {(pool, names.get(alternative)) for pool, alternative in self._held}
        seats = [s for s in self.seats[cluster] if (self.table.pools[s.pool].id, s.alternative) in held]
        yield from self._homes(seats, share, len(seats))

    def _homes(self, among: Sequence[Seat], share: tuple[int, int], most_pools: int) -> Iterator[tuple[Part, ...]]:
        by_alternative: dict[int, list[Seat]] = {}
        for seat in among:
            by_alternative.setdefault(seat.alternative, []).append(seat)
        for seats in by_alternative.values():
            for size in range(1, min(most_pools, len(seats), max(1, share[0])) + 1):
                for chosen in combinations(seats, size):
                    for counts in _compositions(share[0], size):
                        if self.workload.spread != "zone" or self._over_zones(chosen, counts, share[0]):
                            mosts = split(share[1], [1] * size, counts)
                            yield tuple(map(Part, chosen, counts, mosts))

    def _over_zones(self, seats: Sequence[Seat], counts: Sequence[int], least: int) -> bool:
        """Whether no zone has more than half of two or more replicas. A pool over several zones spreads them itself."""
        alone: dict[str, int] = {}
        for seat, count in zip(seats, counts, strict=True):
            zones = self.table.pools[seat.pool].zones
            if len(zones) == 1:
                alone[zones[0]] = alone.get(zones[0], 0) + count
        return least <= 1 or all(count <= -(-least // 2) for count in alone.values())

    def all(self, most_pools: int, limit: int) -> list[Option] | None:
        """Every option, the best first, then by names; None if there are more than `limit`."""
        made: list[Option] = []
        sizes = range(self.clusters.least, self.clusters.most + 1)
        if sum(comb(len(self.seats), size) for size in sizes) > limit:
            return None
        for size in sizes:
            for clusters in combinations(self.seats, size):
                each = list(zip(clusters, self.shares(clusters), strict=True))
                if any(self._many(cluster, share[0], most_pools) > limit for cluster, share in each):
                    return None
                for homes in product(*(list(self.homes(*one, most_pools)) for one in each)):
                    made.append(self.option([part for home in homes for part in home]))
                    if len(made) > limit:
                        return None
        return sorted(made, key=lambda o: (o.cost, names(o.parts)))

    def _many(self, cluster: str, least: int, most_pools: int) -> int:
        seats = len(self.seats[cluster])
        return sum(comb(seats, n) * comb(max(least, 1) - 1, n - 1) for n in range(1, min(most_pools, seats) + 1))

    def option(self, parts: Sequence[Part]) -> Option:
        """The parts, and their cost."""
        cost = self.cost(0, self.moved(parts), (0, 0, 0, 0), len(parts))
        for part in parts:
            cost = plus(cost, self.cost(0, 0, self.paid(part), 0))
        return Option(tuple(parts), cost)

    def unplaced(self) -> Option:
        """What it costs not to be placed."""
        return Option((), self.cost(1, self.moved(()), (0, 0, 0, 0), 0))

    def paid(self, part: Part) -> tuple[int, int, int, int]:
        """The cost of promised replicas. The place of what promises nothing counts as one replica, without a price."""
        rank, capacity, unpriced, price = part.seat.unit
        many = max(1, part.least)
        return rank * many, capacity * many, unpriced * many, price * part.least

    def cost(self, broken: int, moves: int, paid: tuple[int, int, int, int], parts: int) -> Cost:
        """The components in their order."""
        first, second = (moves, paid[0]) if self.table.locks == "hold" else (paid[0], moves)
        return broken, first, second, paid[1], paid[2], paid[3], parts

    def kept(self, part: Part) -> int:
        """How many replicas of a part were at its seat before."""
        key = (self.table.pools[part.seat.pool].id, self.workload.alternatives[part.seat.alternative].name)
        if part.least == 0 and key in self._held:
            return 1
        return min(part.least, self._held.get(key, 0))

    def moved(self, parts: Sequence[Part]) -> int:
        """How many replicas leave where they were, times the cost of a move. Those that are no longer wanted do not."""
        if not self._held:
            return 0
        if self.workload.replicas.least == 0:
            return 0 if any(self.kept(p) for p in parts) else self.workload.move_cost
        stay = min(self._total, self.workload.replicas.least)
        return (stay - sum(map(self.kept, parts))) * self.workload.move_cost

    def bound(self) -> Cost:
        """No placement of the workload costs less, even alone in the fleet."""
        if not self.any:
            return self.unplaced().cost
        least, most = self.workload.replicas
        best = sorted((min(seats, key=lambda s: s.unit) for seats in self.seats.values()), key=lambda s: s.unit)
        # Each cluster that it has to be on gets a replica, if there are as many; all others are at the best seat.
        many = self.clusters.least if least >= self.clusters.least else 1
        parts = [Part(best[0], max(least - many + 1, 0), most), *(Part(seat, 1, 1) for seat in best[1:many])]
        cost = self.cost(0, 0, (0, 0, 0, 0), self.clusters.least)
        for part in parts:
            cost = plus(cost, self.cost(0, 0, self.paid(part), 0))
        return cost


def cluster_range(workload: Workload, suiting: int) -> Range:
    """How many clusters share a workload, of those where it has a seat; empty if too few suit."""
    least, most = workload.replicas
    count = workload.cluster_count or Range(1, suiting)
    top = min(suiting, least or max(1, most), count.most)
    floor = max(1, count.least, 2 if workload.failover else 1)
    return Range(max(floor, top) if workload.spread == "cluster" else floor, top)


def names(parts: Sequence[Part]) -> tuple[tuple[int, ...], ...]:
    """What decides last. Pools are in the order of their names."""
    return tuple((p.seat.pool, p.seat.alternative, -p.least, -p.most) for p in parts)


def _compositions(total: int, size: int) -> Iterator[tuple[int, ...]]:
    """The ways to write a total as that many positive counts; 0 as one 0."""
    if size == 1:
        yield (total,)
        return
    for cuts in combinations(range(1, total), size - 1):
        ends = (0, *cuts, total)
        yield tuple(b - a for a, b in pairwise(ends))
