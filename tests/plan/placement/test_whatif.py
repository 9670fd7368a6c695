"""What a loss or a drain does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.placement.problems import model, pool, problems, promised, way

from fleetc.plan.placement import LostCluster, LostPool, LostZone, drain, lose, solve
from fleetc.plan.placement.model import Problem
from fleetc.plan.placement.reasons import InMaintenance, NoLongerSuits, PoolGone
from fleetc.plan.placement.whatif import Lost, Shift

FAILOVER = model("chat", on="west east", replicas=(2, 2), failover=True)
LOCAL = model("local", way(4))


def test_failover_is_used_up_when_a_cluster_is_lost() -> None:
    found = lose(Problem((pool("west/h100"), pool("east/h100")), (FAILOVER, LOCAL)), LostCluster("west"))
    assert found.shifts == (
        Shift("chat", 1, ("west/h100", "H100:8"), ("east/h100", "H100:8"), PoolGone()),
        Shift("local", 1, ("west/h100", "H100:4"), None, PoolGone()),
    )
    assert (found.moved, found.narrowed, found.broken) == (("chat",), ("chat",), ("local",))


def test_nothing_breaks_where_a_third_cluster_takes_over() -> None:
    pools = (pool("west/h100"), pool("east/h100"), pool("north/h100", price=5))
    chat = model("chat", on="west east north", replicas=(2, 2), failover=True)
    found = lose(Problem(pools, (chat,)), LostCluster("west"))
    assert (found.moved, found.narrowed, found.broken) == (("chat",), (), ())
    assert promised(found.after)["chat"] == {("east/h100", "H100:8"): 1, ("north/h100", "H100:8"): 1}


def test_a_zone_takes_its_share_of_nodes() -> None:
    wide = pool("west/wide", (0, 4), zones=("a", "b"))
    narrow = pool("west/narrow", (0, 1), zones=("a",))
    chat = model("chat", replicas=(3, 3))
    assert lose(Problem((wide, narrow), (chat,)), LostZone("eu", "a")).broken == ("chat",)
    assert lose(Problem((wide, narrow), (chat,)), LostZone("us", "a")).unmoved == ("chat",)
    fewer = chat._replace(replicas=chat.replicas._replace(least=2))
    assert lose(Problem((wide, narrow), (fewer,)), LostZone("eu", "a")).broken == ()


def test_a_drain_moves_what_is_there_and_nothing_else() -> None:
    pools = (pool("west/h100"), pool("east/h100", (0, 4)))
    stays = model("stays", on="east")
    goes = model("goes", on="west east", previous=())
    found = drain(Problem(pools, (stays, goes)), "west")
    assert found.unmoved[-1] == "stays" or found.moved == ("stays",)
    locked_west = drain(Problem((pools[0], pools[1]._replace(price=9)), (goes, stays)), "west")
    assert locked_west.shifts == (
        Shift("goes", 1, ("west/h100", "H100:8"), ("east/h100", "H100:8"), NoLongerSuits(InMaintenance())),
    )
    assert locked_west.broken == ()


losses = st.one_of(
    st.builds(LostCluster, st.sampled_from(("east", "west"))),
    st.builds(LostZone, st.just("eu"), st.sampled_from(("a", "b"))),
    st.builds(LostPool, st.sampled_from(("west/0", "east/1", "west/2"))),
)


@settings(max_examples=60, deadline=None)
@given(problems(4, 5, 3), losses)
def test_what_is_not_hit_and_still_fits_stays(problem: Problem, lost: Lost) -> None:
    found = lose(problem, lost)
    before, after = promised(found.before), promised(found.after)
    assert sorted(before) == sorted((*found.unmoved, *found.moved, *found.broken))
    assert {id: after[id] for id in found.unmoved} == {id: before[id] for id in found.unmoved}
    left = {p.id for p in found.after.problem.pools}
    assert all(pool in left for parts in after.values() for pool, _ in parts)
    hit = {id for id, parts in before.items() if any(pool not in left for pool, _ in parts)}
    assert hit.isdisjoint(found.unmoved)
    for id in found.moved:
        gone = {seat: n - after[id].get(seat, 0) for seat, n in before[id].items() if n > after[id].get(seat, 0)}
        told: dict[tuple[str, str], int] = {}
        for shift in found.shifts:
            if shift.workload == id:
                told[shift.source] = told.get(shift.source, 0) + shift.replicas
        assert told == gone


@settings(max_examples=30, deadline=None)
@given(problems(4, 5, 3))
def test_losing_nothing_changes_nothing(problem: Problem) -> None:
    found = lose(problem, LostPool("no such pool"))
    assert not found.shifts
    assert not found.broken
    assert promised(found.after) == promised(solve(problem))
