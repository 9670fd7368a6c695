"""Problems for the placement solver: small random ones, and what tests build by hand."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import strategies as st

from fleetc.plan.placement.model import (
    Alternative,
    CapacityClass,
    ClusterWeight,
    Excluded,
    Locked,
    Pool,
    Problem,
    Quota,
    Range,
    Sharing,
    Spread,
    Workload,
)
from fleetc.plan.placement.result import Result

T = TypeVar("T")
GI = 1024**3
CLASSES: tuple[CapacityClass, ...] = ("reserved", "static", "onDemand", "spot")
SPREADS: tuple[Spread, ...] = ("cluster", "zone")


def pool(id: str, nodes: tuple[int, int] = (0, 2), **given: Any) -> Pool:
    """A reserved pool of H100 x 8 in the cluster that its id starts with (`west/h100`)."""
    cluster = id.partition("/")[0]
    accelerator = str(given.get("accelerator", "H100"))
    made = Pool(
        id, cluster, "eu", (f"{cluster}-a",), "eu", accelerator, 8, 192_000, 2048 * GI, Range(*nodes), "reserved", 0
    )
    return made._replace(**given)


def way(devices: int = 8, accelerator: str = "H100", **given: Any) -> Alternative:
    """Pods of that many devices, with CPU and memory in proportion to a node of 8."""
    made = Alternative(f"{accelerator}:{devices}", accelerator, devices, 20_000 * devices, 200 * GI * devices)
    return made._replace(**given)


def model(id: str, *ways: Alternative, on: str = "west", replicas: tuple[int, int] = (1, 1), **given: Any) -> Workload:
    """A workload of team `search` on clusters that are named in one string."""
    clusters = tuple(ClusterWeight(c) for c in on.split())
    return Workload(id, "search", ways or (way(),), Range(*replicas), clusters)._replace(**given)


def mostly(common: T, *rare: T) -> st.SearchStrategy[T]:
    """One value in most draws, so that problems are hard for one reason at a time and mostly have a solution."""
    return st.sampled_from((*[common] * (5 * len(rare)), *rare))


@st.composite
def pools(draw: st.DrawFn, most: int) -> tuple[Pool, ...]:
    made: list[Pool] = []
    for n in range(draw(st.integers(min(2, most), most))):
        least, more = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        made.append(
            pool(
                f"{draw(st.sampled_from(('east', 'west', 'north')))}/{n}",
                (least, least + more),
                zones=draw(st.sampled_from((("a",), ("b",), ("a", "b")))),
                accelerator=draw(mostly("H100", "L4")),
                devices=4,
                cpu=draw(st.sampled_from((8, 12))),
                memory=16,
                capacity=draw(st.sampled_from(CLASSES)),
                price=draw(mostly(40, 90, None)),
                maintenance=draw(mostly(False, True)),
                sharing=draw(mostly(Sharing("", 1), Sharing("half", 2))),
            )
        )
    return tuple(made)


@st.composite
def alternatives(draw: st.DrawFn) -> tuple[Alternative, ...]:
    made: dict[str, Alternative] = {}
    for _ in range(draw(st.integers(1, 2))):
        devices = draw(st.sampled_from((1, 2, 4)))
        one = way(
            devices,
            draw(mostly("H100", "L4")),
            cpu=draw(st.sampled_from((2 * devices, 2 * devices, 3 * devices, 1))),
            memory=4 * devices,
            nodes=draw(mostly(1, 2)),
            one_zone=draw(st.booleans()),
            profile=draw(mostly("", "half")),
        )
        made[one.name] = one
    return tuple(made.values())


@st.composite
def workloads(draw: st.DrawFn, id: str, of: tuple[Pool, ...], most_replicas: int) -> Workload:
    ways = draw(alternatives())
    if draw(mostly(False, True)):
        ways = tuple(way._replace(rank=draw(st.integers(0, 1))) for way in ways)
    clusters = sorted({p.cluster for p in of})
    allowed = draw(st.just(clusters) | st.lists(st.sampled_from(clusters), min_size=1, unique=True))
    weights = tuple(ClusterWeight(c, draw(st.integers(1, 3))) for c in sorted(allowed))
    least = draw(st.integers(1, most_replicas))
    places = st.builds(
        Locked, st.sampled_from([p.id for p in of]), st.sampled_from([w.name for w in ways]), st.integers(1, 2)
    )
    return Workload(
        id,
        draw(st.sampled_from(("search", "risk"))),
        ways,
        Range(least, least + draw(st.integers(0, 3))),
        weights,
        tuple(Excluded(c, "residency") for c in clusters if c not in allowed),
        draw(mostly("none", *SPREADS)),
        draw(mostly(False, True)),
        draw(mostly(None, Range(1, 1), Range(1, 2), Range(2, 2))),
        tuple(draw(st.lists(places, max_size=2, unique_by=lambda p: (p.pool, p.alternative)))),
        draw(st.integers(1, 3)),
    )


@st.composite
def problems(draw: st.DrawFn, most_workloads: int, most_pools: int, most_replicas: int) -> Problem:
    """A random problem: a fleet of up to three clusters."""
    of = draw(pools(most_pools))
    count = draw(st.integers(1, most_workloads))
    asked = tuple(draw(workloads(f"w{n}", of, most_replicas)) for n in range(count))
    teams, clusters = st.sampled_from(("search", "risk")), st.sampled_from(("", *sorted({p.cluster for p in of})))
    quota = st.builds(Quota, teams, st.just("H100"), st.integers(0, 12), st.just(""), clusters)
    quotas = draw(st.lists(quota, max_size=3, unique_by=lambda q: (q.team, q.cluster)))
    return Problem(of, asked, tuple(quotas), draw(st.sampled_from(("hold", "hold", "improve"))))


def promised(result: Result) -> dict[str, dict[tuple[str, str], int]]:
    """Promised replicas by workload, pool and alternative."""
    return {p.workload: {(q.pool, q.alternative): q.least for q in p.parts} for p in result.placed}
