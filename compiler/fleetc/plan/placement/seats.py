"""Which pools take which alternatives, and what a replica costs there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from fleetc.plan.placement.model import CLASS_RANK, Alternative, Locks, Pool, Problem, Room, Workload
from fleetc.plan.placement.reasons import (
    ClusterExcluded,
    Component,
    InMaintenance,
    OtherAccelerator,
    PodTooLarge,
    Resource,
    SeveralZones,
    TooFewNodes,
    Why,
)
from fleetc.tuples import NamedTuple

Cost = tuple[int, int, int, int, int, int, int]
"""Compared from left to right, in the order of `components`; balance and names come after."""

FREE: Final[Cost] = (0, 0, 0, 0, 0, 0, 0)
RESOURCES: Final[tuple[Resource, ...]] = ("devices", "cpu", "memory")


def components(locks: Locks) -> tuple[Component, ...]:
    """The components of a cost, and what decides after them."""
    rest: tuple[Component, ...] = ("capacityClass", "unpriced", "price", "parts", "balance", "names")
    return ("broken", "moves", "alternatives", *rest) if locks == "hold" else ("broken", "alternatives", "moves", *rest)


def plus(a: Cost, b: Cost) -> Cost:
    """The sum, component by component. As an ordered group: a sum of least costs is a least sum."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4], a[5] + b[5], a[6] + b[6]


class Seat(NamedTuple):
    """An alternative (by index) on a pool (by index): the room of a pod, pods a replica, and the cost of a replica.

    `unit` is (alternative, rank of the capacity, 1 if the price is unknown, price an hour or 0).
    """

    pool: int
    alternative: int
    room: Room
    pods: int
    unit: tuple[int, int, int, int]


def price(pool: Pool, room: Room, pods: int) -> int | None:
    """What a replica costs an hour: its share of a node's devices (where there are none, of what it takes most of)."""
    if pool.price is None:
        return None
    node = pool.node()
    # A promise pays for its share whether or not the node is up for others too; rounded up.
    shares = [(room.devices, node.devices)] if node.devices else list(zip(room[1:], node[1:], strict=True))
    return max((-(-pool.price * pods * take // have) for take, have in shares if have), default=0)


def refusal(pool: Pool, alternative: Alternative, excluded: str | None, replicas: int) -> Why | None:
    """Why an otherwise empty pool does not take one replica of an alternative; None if it does.

    `excluded` is why the workload may not run on its cluster. Without promised replicas the pool's maximum counts.
    """
    if (pool.accelerator, pool.sharing.profile) != (alternative.accelerator, alternative.profile):
        return OtherAccelerator("/".join(p for p in (pool.accelerator, pool.sharing.profile) if p))
    if excluded is not None:
        return ClusterExcluded(excluded)
    if pool.maintenance:
        return InMaintenance()
    asked = Room(alternative.devices, alternative.cpu, alternative.memory)
    for resource, take, have in zip(RESOURCES, asked, pool.node(), strict=True):
        if take > have:
            return PodTooLarge(resource, take, have)
    if alternative.one_zone and alternative.nodes > 1 and len(pool.zones) > 1:
        return SeveralZones(pool.zones)
    nodes = pool.guaranteed() if replicas else pool.nodes.most
    return TooFewNodes(alternative.nodes, nodes) if nodes < alternative.nodes else None


class Table:
    """A problem in the order of names, with the pools by what they offer."""

    def __init__(self, problem: Problem) -> None:
        self.locks: Locks = problem.locks
        self.pools = sorted(problem.pools, key=lambda p: p.id)
        self.workloads = sorted(problem.workloads, key=lambda w: w.id)
        self.quotas = {(q.team, q.accelerator, q.profile, q.cluster): q.devices for q in problem.quotas}
        # By accelerator and profile, then pools that differ in their names only.
        self._offers: dict[tuple[str, str], dict[Pool, list[int]]] = {}
        for n, pool in enumerate(self.pools):
            alike = self._offers.setdefault((pool.accelerator, pool.sharing.profile), {})
            alike.setdefault(pool._replace(id="", cluster="", region="", residency=None), []).append(n)
        self._seats: dict[tuple[Alternative, int, bool], dict[str, list[Seat]]] = {}

    def seats(self, workload: Workload) -> dict[str, tuple[Seat, ...]]:
        """Where a workload may sit, by cluster in alphabetical order; the cheapest seats first."""
        of_each = [self._seats_of(a, rank, workload.replicas.least) for rank, a in enumerate(workload.alternatives)]
        found: dict[str, tuple[Seat, ...]] = {}
        for cluster in sorted(c.cluster for c in workload.clusters):
            here = [seats for of in of_each if (seats := of.get(cluster))]
            if here:
                # Earlier alternatives cost less, unless they say so themselves.
                ranked = any(a.rank >= 0 for a in workload.alternatives)
                joined = here[0] if len(here) == 1 else chain(*here)
                found[cluster] = tuple(sorted(joined, key=_by_cost) if ranked and len(here) > 1 else joined)
        return found

    def _seats_of(self, alternative: Alternative, rank: int, replicas: int) -> dict[str, list[Seat]]:
        """The seats of an alternative on all clusters; many workloads have the same."""
        key = (alternative._replace(name="", facts=None), rank, replicas > 0)
        known = self._seats.get(key)
        if known is not None:
            return known
        found: dict[str, list[Seat]] = {}
        for like, numbers in self._offers.get((alternative.accelerator, alternative.profile), {}).items():
            if refusal(like, alternative, None, replicas) is None:
                _, _, room, pods, unit = self.seat(numbers[0], rank, alternative)
                for n in numbers:
                    found.setdefault(self.pools[n].cluster, []).append(Seat(n, rank, room, pods, unit))
        for seats in found.values():
            if len(seats) > 1:
                seats.sort(key=_by_cost)
        self._seats[key] = found
        return found

    def seat(self, n: int, rank: int, alternative: Alternative) -> Seat:
        """The seat of an alternative on the n-th pool."""
        pool = self.pools[n]
        # A pod of a group over several nodes has its nodes to itself.
        own = Room(alternative.devices, alternative.cpu, alternative.memory)
        room = own if alternative.nodes == 1 else pool.node()
        paid = price(pool, room, alternative.nodes)
        wanted = rank if alternative.rank < 0 else alternative.rank
        return Seat(n, rank, room, alternative.nodes, (wanted, CLASS_RANK[pool.capacity], int(paid is None), paid or 0))

    def rejections(self, workload: Workload) -> Iterator[tuple[int, int, Why]]:
        """The pools and alternatives, by index, that cannot go together whatever else is placed."""
        excluded: dict[str, str | None] = {e.cluster: e.reason for e in workload.excluded}
        excluded |= dict.fromkeys((c.cluster for c in workload.clusters), None)
        for n, pool in enumerate(self.pools):
            for rank, alternative in enumerate(workload.alternatives):
                reason = excluded.get(pool.cluster, "not among its clusters")
                why = refusal(pool, alternative, reason, workload.replicas.least)
                if why is not None:
                    yield n, rank, why


def _by_cost(seat: Seat) -> tuple[tuple[int, int, int, int], int]:
    return seat.unit, seat.pool
