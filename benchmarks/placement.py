"""`python -m benchmarks.placement`: the placement of many models on many clusters. Nothing here passes or fails."""

from __future__ import annotations

import argparse
import gc
import os
import platform
import time
from collections.abc import Callable
from random import Random
from typing import TypeVar

from fleetc.plan.placement import LostCluster, locked, lose, solve
from fleetc.plan.placement.model import (
    Alternative,
    CapacityClass,
    ClusterWeight,
    Excluded,
    Pool,
    Problem,
    Quota,
    Range,
    Spread,
    Workload,
)
from fleetc.plan.placement.result import Result

Made = TypeVar("Made")
ROUNDS = 3
GI = 1024**3
REGIONS = ("eu", "us", "asia", "uk")
# Of one cluster: accelerator, devices of a node, nodes, class, millionths an hour.
POOLS: tuple[tuple[str, int, tuple[int, int], CapacityClass, int], ...] = (
    ("H100", 8, (0, 6), "reserved", 88_000_000),
    ("H100", 8, (1, 8), "onDemand", 98_000_000),
    ("H200", 8, (0, 4), "reserved", 112_000_000),
    ("L4", 4, (2, 12), "onDemand", 3_400_000),
    ("L4", 4, (1, 12), "spot", 1_100_000),
)
# Of models: devices of H100, their alternative, how often of 20.
SIZES: tuple[tuple[int, tuple[str, int] | None, int], ...] = (
    (1, ("L4", 2), 8),
    (2, ("H200", 1), 5),
    (4, ("H200", 2), 4),
    (8, ("H200", 4), 3),
)
SPREADS: tuple[Spread, ...] = ("none", "none", "cluster")


def problem(models: int, clusters: int, seed: int, distinct: bool = False) -> Problem:
    """A synthetic fleet: five pools a cluster, models of a few sizes in one region or two, some with failover.

    If `distinct`, no two ask for the same CPU and memory, and either may bind before devices do.
    """
    random = Random(seed)
    names = [f"c{n:03}" for n in range(clusters)]
    region = {name: REGIONS[n % len(REGIONS)] for n, name in enumerate(names)}
    pools = tuple(_pool(name, region[name], n) for name in names for n in range(len(POOLS)))
    quotas = tuple(Quota(f"t{n}", "H100", models) for n in range(20))
    return Problem(pools, tuple(_model(f"m{n:04}", region, random, distinct) for n in range(models)), quotas)


def _pool(cluster: str, region: str, n: int) -> Pool:
    accelerator, devices, nodes, capacity, price = POOLS[n]
    zones = (f"{region}-a", f"{region}-b") if n % 2 else (f"{region}-a",)
    cpu, memory = 24_000 * devices, 240 * GI * devices
    return Pool(
        f"{cluster}/{n}",
        cluster,
        region,
        zones,
        region,
        accelerator,
        devices,
        cpu,
        memory,
        Range(*nodes),
        capacity,
        price,
    )


def _model(id: str, region: dict[str, str], random: Random, distinct: bool) -> Workload:
    devices, other, _ = random.choices(SIZES, [often for _, _, often in SIZES])[0]
    ways = [_way("H100", devices, random, distinct)]
    if other is not None and random.random() < 0.7:
        ways.append(_way(*other, random, distinct))
    regions = random.sample(REGIONS, random.randint(1, 2))
    least = random.choice((1, 1, 2, 2, 3, 4))
    return Workload(
        id,
        f"t{random.randrange(20)}",
        tuple(ways),
        Range(least, least * 3),
        tuple(ClusterWeight(c, 1 + (n % 3 == 0)) for n, c in enumerate(region) if region[c] in regions),
        tuple(Excluded(c, f"residency {at}") for c, at in region.items() if at not in regions),
        random.choice(SPREADS),
        least > 1 and random.random() < 0.3,
        Range(1, 4),
    )


def _way(accelerator: str, devices: int, random: Random, distinct: bool) -> Alternative:
    cpu = random.choice((8_000, 16_000, 20_000)) * devices
    memory = random.choice((64, 128)) * GI * devices
    if distinct:
        cpu, memory = random.randint(8_000, 26_000) * devices, random.randint(64, 260) * GI * devices
    return Alternative(f"{accelerator}:{devices}", accelerator, devices, cpu, memory)


def timed(label: str, work: Callable[[], Made]) -> Made:
    """The shortest of three runs, in seconds, printed."""
    seconds: list[float] = []
    while True:
        started = time.perf_counter()
        made = work()
        seconds.append(time.perf_counter() - started)
        if len(seconds) == ROUNDS:
            break
    print(f"{label:40} {min(seconds):7.3f} s   (of {', '.join(f'{s:.3f}' for s in seconds)})")
    return made


def described(result: Result) -> str:
    """What was placed, how far from the bound, and where nodes are set aside."""
    gap = result.gap
    aside = sum(proof.set_aside() for proof in result.proofs)
    cost = ", ".join(f"{name} {value}" for name, value in result.cost)
    points = gap.basis_points()
    far = f"{gap.component} {gap.found} where no placement has less than {gap.bound}" if gap.component else "none"
    return (
        f"  placed {len(result.placed)} of {len(result.problem.workloads)}, {aside} nodes set aside\n"
        f"  gap: {far}{f' ({points} basis points)' if points else ''}\n  {cost}"
    )


def main() -> None:
    """Place, place again with one more, and lose a cluster."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--clusters", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--distinct", action="store_true", help="no two pods of one shape")
    given = parser.parse_args()
    gc.disable()
    whole = problem(given.models, given.clusters, given.seed, given.distinct)
    size = f"{given.models} models, {given.clusters} clusters, {len(whole.pools)} pools"
    print(f"{size}; Python {platform.python_version()}")
    print(f"load of the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    first = timed("place", lambda: solve(whole))
    print(described(first))
    held = locked(whole, first)
    more = _model("one-more", {p.cluster: p.region for p in whole.pools}, Random(given.seed + 1), given.distinct)
    second = timed("one more, the others locked", lambda: solve(held._replace(workloads=(*held.workloads, more))))
    print(described(second), f"\n  moves: {sum(len(p.moves) for p in second.placed)}")
    what = timed("lose a cluster (before and after)", lambda: lose(held, LostCluster("c000")))
    print(f"  moved {len(what.moved)}, narrowed {len(what.narrowed)}, broken {len(what.broken)}")
    print(f"load of the last minute: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
