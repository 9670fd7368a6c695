"""What is promised so far on each pool and from each quota, and whether more can be."""

from __future__ import annotations

from collections.abc import Iterable

from fleetc.plan.placement.model import Pool, Room, Workload
from fleetc.plan.placement.options import Part
from fleetc.plan.placement.seats import Table
from fleetc.plan.placement.worst_case import Group, Pods, WorstCase

QuotaKey = tuple[str, str, str, str]
"""Team, accelerator, profile, cluster: see `Quota`."""


class Ledger:
    """Promises, added and taken back."""

    def __init__(self, table: Table, worst: WorstCase, thorough: WorstCase | None = None) -> None:
        self.table = table
        self.worst = worst
        self.thorough = thorough or worst
        """What decides where `worst` must not: on what was promised before."""
        self._taken = [[0, 0, 0] for _ in table.pools]
        self._room = [[amount * pool.guaranteed() for amount in pool.node()] for pool in table.pools]
        self._pods: list[dict[Room, int]] = [{} for _ in table.pools]
        self._used: dict[QuotaKey, int] = {}
        self.load = [0] * len(table.pools)
        """How much of each pool's guaranteed nodes is promised, in thousandths of what there is least of."""
        self.balance = 0
        """The sum of squares of the loads: lower is more even."""

    def may_hold(self, part: Part) -> bool:
        """Whether there is room by numbers: quick, and needed for `holds`."""
        taken, room = self._taken[part.seat.pool], self._room[part.seat.pool]
        pods = part.least * part.seat.pods
        devices, cpu, memory = part.seat.room
        return (
            taken[0] + devices * pods <= room[0]
            and taken[1] + cpu * pods <= room[1]
            and taken[2] + memory * pods <= room[2]
        )

    def holds(self, workload: Workload, parts: Iterable[Part], thorough: bool = False) -> bool:
        """Whether parts on different pools are always placed beside what there is, within the quota."""
        asked: dict[QuotaKey, int] = {}
        for part in parts:
            if part.least and not (self.may_hold(part) and self._has_room(part, thorough)):
                return False
            for key in self.quota_keys(workload, part):
                asked[key] = asked.get(key, 0) + self.devices(workload, part)
        limits = self.table.quotas
        return all(self._used.get(key, 0) + more <= limits[key] for key, more in asked.items())

    def _has_room(self, part: Part, thorough: bool) -> bool:
        pool = self.table.pools[part.seat.pool]
        asked = pool.node(), self.with_part(part), pool.guaranteed()
        return self.worst.always(*asked) or (thorough and self.thorough.always(*asked))

    def with_part(self, part: Part) -> Pods:
        """The promised pods of a pool with a part more."""
        counts = dict(self._pods[part.seat.pool])
        counts[part.seat.room] = counts.get(part.seat.room, 0) + part.least * part.seat.pods
        return _pods(counts)

    def pods(self, pool: int) -> Pods:
        """The promised pods of a pool."""
        return _pods(self._pods[pool])

    def groups(self, pool: int) -> tuple[Group, ...]:
        """How the promised pods of a pool share its nodes."""
        at: Pool = self.table.pools[pool]
        asked = at.node(), self.pods(pool), at.guaranteed()
        found = self.worst.groups(*asked) or self.thorough.groups(*asked)
        assert found is not None
        return found

    def quota_keys(self, workload: Workload, part: Part) -> list[QuotaKey]:
        """The quotas that a part takes from."""
        alternative = workload.alternatives[part.seat.alternative]
        clusters = ("", self.table.pools[part.seat.pool].cluster)
        keys = [(workload.team, alternative.accelerator, alternative.profile, cluster) for cluster in clusters]
        return [key for key in keys if key in self.table.quotas]

    def devices(self, workload: Workload, part: Part) -> int:
        """The devices that the promise of a part takes from a quota."""
        return workload.alternatives[part.seat.alternative].devices * part.seat.pods * part.least

    def used(self, key: QuotaKey) -> int:
        """The devices that are taken from a quota."""
        return self._used.get(key, 0)

    def add(self, workload: Workload, parts: Iterable[Part]) -> None:
        """Promise the parts."""
        self._change(workload, parts, 1)

    def remove(self, workload: Workload, parts: Iterable[Part]) -> None:
        """Take back what was promised."""
        self._change(workload, parts, -1)

    def _change(self, workload: Workload, parts: Iterable[Part], sign: int) -> None:
        for part in parts:
            counts = self._pods[part.seat.pool]
            counts[part.seat.room] = counts.get(part.seat.room, 0) + sign * part.least * part.seat.pods
            for key in self.quota_keys(workload, part):
                self._used[key] = self._used.get(key, 0) + sign * self.devices(workload, part)
            taken = self._taken[part.seat.pool]
            for d, amount in enumerate(part.seat.room):
                taken[d] += sign * amount * part.least * part.seat.pods
            self._weigh(part.seat.pool)

    def _weigh(self, n: int) -> None:
        pool = self.table.pools[n]
        node, nodes = pool.node(), max(1, pool.guaranteed())
        shares = zip(self._taken[n], node, strict=True)
        load = max(1000 * take // (have * nodes) if have else 0 for take, have in shares)
        self.balance += load * load - self.load[n] * self.load[n]
        self.load[n] = load


def _pods(counts: dict[Room, int]) -> Pods:
    return tuple(sorted((room, count) for room, count in counts.items() if count))
