"""Placement by trying everything, from the documented rules. Nothing of the solver is used but its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from tests.plan.placement.adversary import Vector, can_promise

from fleetc.plan.placement.model import Alternative, Pool, Problem, Workload

Seat = tuple[str, str]
Counts = Mapping[Seat, int]
"""Promised replicas by pool and name of the alternative."""
Score = tuple[int, ...]
"""Broken promises, moves, places of alternatives (these two as locks have it), class, unpriced, price, parts."""

RANK = {"reserved": 0, "static": 0, "onDemand": 1, "spot": 2}


class World(NamedTuple):
    """A problem by names."""

    problem: Problem
    pools: dict[str, Pool]


def suits(pool: Pool, workload: Workload, alternative: Alternative) -> bool:
    """Whether one replica fits an empty pool that it may use."""
    nodes = pool.nodes.most if pool.capacity in {"reserved", "static"} else pool.nodes.least
    return (
        pool.cluster in {c.cluster for c in workload.clusters}
        and not pool.maintenance
        and (pool.accelerator, pool.sharing.profile) == (alternative.accelerator, alternative.profile)
        and alternative.devices <= pool.devices * pool.sharing.units
        and alternative.cpu <= pool.cpu
        and alternative.memory <= pool.memory
        and (nodes if workload.replicas.least else pool.nodes.most) >= alternative.nodes
        and not (alternative.one_zone and alternative.nodes > 1 and len(pool.zones) > 1)
    )


def by_weight(total: int, weights: list[int]) -> list[int]:
    """Largest remainder, one at least if there is one for each: taken from the largest."""
    whole = sum(weights)
    made = [total * w // whole for w in weights]
    order = sorted(range(len(weights)), key=lambda n: (-((total * weights[n]) % whole), n))
    for n in order[: total - sum(made)]:
        made[n] += 1
    while total >= len(weights) and 0 in made:
        made[made.index(0)] += 1
        richest = max(range(len(made)), key=lambda n: (made[n], -n))
        made[richest] -= 1
    return made


def placements(world: World, workload: Workload) -> Iterator[Counts]:
    """Every placement that the rules allow, whatever else is placed."""
    seats = [
        (pool, alternative)
        for pool in world.problem.pools
        for alternative in workload.alternatives
        if suits(pool, workload, alternative)
    ]
    total = workload.replicas.least
    for counts in product(range(total + 1), repeat=len(seats)):
        if sum(counts) == total:
            made = {(p.id, a.name): n for (p, a), n in zip(seats, counts, strict=True) if n}
            if _allowed(world, workload, made, {p.cluster for p, _ in seats}):
                yield made


def _allowed(world: World, workload: Workload, counts: Counts, suiting: set[str]) -> bool:
    used = sorted({world.pools[pool].cluster for pool, _ in counts})
    weights = {c.cluster: c.weight for c in workload.clusters}
    shares = by_weight(workload.replicas.least, [weights[c] for c in used])
    least, most = workload.cluster_count or (1, len(suiting))
    least = max(least, 2 if workload.failover else 1)
    if workload.spread == "cluster":
        least = max(least, min(len(suiting), workload.replicas.least, most))
    if not least <= len(used) <= most:
        return False
    for cluster, share in zip(used, shares, strict=True):
        here = {seat: n for seat, n in counts.items() if world.pools[seat[0]].cluster == cluster}
        if sum(here.values()) != share or len({alternative for _, alternative in here}) > 1:
            return False
        if workload.spread == "zone" and share > 1 and _largest_zone(world, here) * 2 > share + 1:
            return False
    return True


def _largest_zone(world: World, counts: Counts) -> int:
    zones: dict[str, int] = {}
    for (pool, _), n in counts.items():
        if len(world.pools[pool].zones) == 1:
            zones[world.pools[pool].zones[0]] = zones.get(world.pools[pool].zones[0], 0) + n
    return max(zones.values(), default=0)


def pods(world: World, workload: Workload, counts: Counts) -> dict[str, list[tuple[Vector, int]]]:
    """The pods on each pool."""
    by_name = {a.name: a for a in workload.alternatives}
    made: dict[str, list[tuple[Vector, int]]] = {}
    for (pool, name), n in counts.items():
        alternative, at = by_name[name], world.pools[pool]
        whole = (at.devices * at.sharing.units, at.cpu, at.memory)
        own = (alternative.devices, alternative.cpu, alternative.memory)
        made.setdefault(pool, []).append((own if alternative.nodes == 1 else whole, n * alternative.nodes))
    return made


def holds(world: World, chosen: Mapping[str, Counts]) -> bool:
    """Whether all promises hold together, played out, and all quotas too."""
    on: dict[str, dict[Vector, int]] = {}
    used: dict[tuple[str, str, str, str], int] = {}
    for workload in world.problem.workloads:
        counts = chosen.get(workload.id, {})
        for pool, shapes in pods(world, workload, counts).items():
            for shape, n in shapes:
                on.setdefault(pool, {})[shape] = on.setdefault(pool, {}).get(shape, 0) + n
        for (pool, name), n in counts.items():
            a = next(a for a in workload.alternatives if a.name == name)
            for cluster in ("", world.pools[pool].cluster):
                key = (workload.team, a.accelerator, a.profile, cluster)
                used[key] = used.get(key, 0) + n * a.nodes * a.devices
    if any(used.get((q.team, q.accelerator, q.profile, q.cluster), 0) > q.devices for q in world.problem.quotas):
        return False
    for pool, together in on.items():
        at = world.pools[pool]
        nodes = at.nodes.most if at.capacity in {"reserved", "static"} else at.nodes.least
        node = (at.devices * at.sharing.units, at.cpu, at.memory)
        if not can_promise(node, tuple(sorted(together.items())), nodes):
            return False
    return True


def score(world: World, workload: Workload, counts: Counts | None) -> Score:
    """The cost of one placement (None: not placed)."""
    before = {(p.pool, p.alternative): p.replicas for p in workload.previous}
    leaving = sum(max(0, n - (counts or {}).get(seat, 0)) for seat, n in before.items())
    leaving -= max(0, sum(before.values()) - workload.replicas.least)
    if counts is None:
        return (1, *_ordered(world, leaving * workload.move_cost, 0), 0, 0, 0, 0)
    names = [a.name for a in workload.alternatives]
    by_name = {a.name: a for a in workload.alternatives}
    place = rank = unpriced = price = 0
    for (id, name), n in counts.items():
        pool, a = world.pools[id], by_name[name]
        place += (names.index(name) if a.rank < 0 else a.rank) * n
        rank += RANK[pool.capacity] * n
        if pool.price is None:
            unpriced += n
        else:
            devices = pool.devices * pool.sharing.units
            part = -(-pool.price * a.devices // devices) if a.nodes == 1 else pool.price * a.nodes
            price += part * n
    return (0, *_ordered(world, leaving * workload.move_cost, place), rank, unpriced, price, len(counts))


def _ordered(world: World, moves: int, places: int) -> Score:
    return (moves, places) if world.problem.locks == "hold" else (places, moves)


def best(problem: Problem) -> Score:
    """The least cost there is."""
    world = World(problem, {p.id: p for p in problem.pools})
    options: list[list[tuple[Score, Counts | None]]] = []
    for workload in problem.workloads:
        ways: list[Counts | None] = [c for c in placements(world, workload) if holds(world, {workload.id: c})]
        ways.append(None)
        options.append(sorted(((score(world, workload, c), c) for c in ways), key=lambda o: o[0]))
    found: list[Score] = []

    def descend(n: int, chosen: dict[str, Counts], cost: Score) -> None:
        if n == len(options):
            found[:] = [min([*found, cost])]
            return
        for more, counts in options[n]:
            total = tuple(a + b for a, b in zip(cost, more, strict=True))
            if found and total >= found[0]:
                # The options that follow cost as much, and nothing costs less than nothing.
                return
            after = chosen if counts is None else {**chosen, problem.workloads[n].id: counts}
            if counts is None or holds(world, after):
                descend(n + 1, after, total)

    descend(0, {}, (0,) * 7)
    return found[0]
