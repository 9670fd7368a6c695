"""The solver against trying everything, and the properties that people rely on."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.placement import brute
from tests.plan.placement.adversary import always
from tests.plan.placement.problems import model, pool, problems, promised, way, workloads

from fleetc.plan.placement import locked, search, solve
from fleetc.plan.placement.model import Locked, Problem
from fleetc.plan.placement.result import Placement, Result


def costs(result: Result) -> tuple[int, ...]:
    return tuple(value for name, value in result.cost if name != "balance")


def verify(problem: Problem, result: Result) -> None:
    """What is promised is allowed, holds when it is played out, and costs what it says."""
    world = brute.World(problem, {p.id: p for p in problem.pools})
    counts = promised(result)
    total: tuple[int, ...] = (0,) * 7
    for workload in problem.workloads:
        mine = counts.get(workload.id)
        if mine is not None:
            assert any(mine == way for way in brute.placements(world, workload))
            assert sum(p.most for p in placed(result, workload.id)) == workload.replicas.most
            assert all(p.least <= p.most for p in placed(result, workload.id))
        total = tuple(a + b for a, b in zip(total, brute.score(world, workload, mine), strict=True))
    assert brute.holds(world, counts)
    assert total == costs(result)


def placed(result: Result, id: str) -> tuple[Placement, ...]:
    return next(p.parts for p in result.placed if p.workload == id)


@settings(max_examples=70, deadline=None)
@given(problems(3, 4, 3))
def test_nothing_costs_less(problem: Problem) -> None:
    result = solve(problem)
    assert result.exact
    verify(problem, result)
    assert costs(result) == brute.best(problem)


@settings(max_examples=20, deadline=None)
@given(problems(6, 6, 1))
def test_nothing_costs_less_up_to_six_workloads_on_six_pools(problem: Problem) -> None:
    result = solve(problem)
    assert result.exact
    verify(problem, result)
    assert costs(result) == brute.best(problem)


@settings(max_examples=40, deadline=None)
@given(problems(4, 5, 3))
def test_the_greedy_way_keeps_what_it_promises(problem: Problem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MOST_WORKLOADS", 0)
        result = solve(problem)
    verify(problem, result)
    best = solve(problem)
    assert not result.exact
    assert costs(result) >= costs(best)
    # The bound is one: no placement, so not the best one either, is below it.
    for name, value in best.cost:
        if name in {result.gap.component, "balance"}:
            assert name == "balance" or value >= result.gap.bound
            break
        assert value == dict(result.cost)[name]


@settings(max_examples=40, deadline=None)
@given(problems(4, 5, 3), st.randoms())
def test_the_order_of_inputs_does_not_matter(problem: Problem, random: Random) -> None:
    shuffled = problem._replace(
        pools=tuple(random.sample(problem.pools, len(problem.pools))),
        workloads=tuple(random.sample(problem.workloads, len(problem.workloads))),
        quotas=tuple(random.sample(problem.quotas, len(problem.quotas))),
    )
    shuffled = shuffled._replace(
        workloads=tuple(
            w._replace(clusters=w.clusters[::-1], excluded=w.excluded[::-1], previous=w.previous[::-1])
            for w in shuffled.workloads
        )
    )
    assert solve(shuffled)._replace(problem=problem) == solve(problem)


@settings(max_examples=40, deadline=None)
@given(problems(3, 5, 3), st.data(), st.booleans())
def test_what_still_fits_stays_where_it_is(problem: Problem, data: st.DataObject, small: bool) -> None:
    """Another one comes: while all that was placed can be held beside it, it is."""
    problem = problem._replace(locks="hold")
    before = solve(problem)
    more = data.draw(workloads("a-new-one", problem.pools, 3))
    after_problem = locked(problem, before)
    kept = {p.workload for p in before.placed}
    stood = tuple(w for w in after_problem.workloads if w.id in kept)
    with pytest.MonkeyPatch.context() as patch:
        if not small:
            patch.setattr(search, "MOST_WORKLOADS", 0)
        after = solve(after_problem._replace(workloads=(*stood, more._replace(previous=()))))
    assert kept <= {p.workload for p in after.placed}
    world = brute.World(problem, {p.id: p for p in problem.pools})
    ways = brute.placements(world, more)
    together = problem._replace(workloads=(*stood, more))
    around = any(brute.holds(world._replace(problem=together), {**promised(before), more.id: way}) for way in ways)
    held = {id: parts for id, parts in promised(after).items() if id in kept}
    if around or more.id not in promised(after):
        assert held == promised(before)
        assert not any(p.moves for p in after.placed)
    else:
        assert held != promised(before)


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("pools", [2, 3])
def test_a_lock_on_several_pools_of_a_cluster_holds(monkeypatch: pytest.MonkeyPatch, small: bool, pools: int) -> None:
    """Though one pool would do."""
    if not small:
        monkeypatch.setattr(search, "MOST_WORKLOADS", 0)
    before = tuple(Locked(f"west/{n}", "H100:1", 1) for n in range(pools))
    stood = model("stood", way(1), replicas=(pools, pools), previous=before)
    found = solve(Problem(tuple(pool(f"west/{n}") for n in range(4)), (stood, model("new", way(1)))))
    assert promised(found)["stood"] == {(lock.pool, lock.alternative): lock.replicas for lock in before}


def test_replicas_that_are_not_wanted_any_more_do_not_count_as_moved_either_way() -> None:
    """Only one of two workloads has room. Locking what is placed changes nothing: `less` was promised two replicas and
    wants one, so that leaving it out is one move, and not two."""
    less = model(
        "less", way(4), on="east west", previous=(Locked("east/0", "H100:4", 1), Locked("west/1", "H100:4", 1))
    )
    other = model("other", way(4, nodes=2), replicas=(2, 2), previous=(Locked("west/1", "H100:4", 1),), move_cost=2)
    problem = Problem((pool("east/0", (0, 0)), pool("west/1", (4, 4))), (less, other))
    once = solve(problem)
    assert [*promised(once)] == ["other"]
    assert promised(solve(locked(problem, once))) == promised(once)


def test_a_second_cluster_that_has_to_be_is_in_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_WORKLOADS", 0)
    pools = (pool("west/h100"), pool("east/h200", accelerator="H200"))
    ways = (way(4), way(2, accelerator="H200"))
    found = solve(Problem(pools, (model("pair", *ways, on="west east", replicas=(2, 2), failover=True),)))
    assert found.gap.component is None


@settings(max_examples=40, deadline=None)
@given(problems(4, 5, 3))
def test_a_plan_that_is_locked_is_the_same_plan(problem: Problem) -> None:
    once = solve(problem._replace(locks="hold"))
    again = solve(locked(problem._replace(locks="hold"), once))
    assert [p._replace(moves=()) for p in again.placed] == [p._replace(moves=()) for p in once.placed]
    assert not any(p.moves for p in again.placed)


@settings(max_examples=40, deadline=None)
@given(problems(4, 5, 3))
def test_proofs_name_nodes_that_always_suffice(problem: Problem) -> None:
    result = solve(problem)
    pools = {p.id: p for p in problem.pools}
    assert [p.pool for p in result.proofs] == sorted({q.pool for p in result.placed for q in p.parts})
    for proof in result.proofs:
        node = pools[proof.pool].node()
        assert sum(g.nodes for g in proof.groups) <= proof.guaranteed
        assert (proof.apart is None) == (len(proof.groups) <= 1)
        assert proof.apart is None or proof.apart.together > proof.guaranteed
        if proof.groups:
            assert [sum(g.kept[n] for g in proof.groups) for n in (0, 1)] == [proof.guaranteed, proof.nodes_most]
            assert [g.name for g in reversed(proof.groups[1:])] == ["large", "large-2", "large-3"][
                : len(proof.groups) - 1
            ]
            on = sorted(p.workload for p in result.placed if any(q.pool == proof.pool for q in p.parts))
            assert sorted(id for g in proof.groups for id in g.workloads) == on
        for group in proof.groups:
            pods = tuple(((p.room.devices, p.room.cpu, p.room.memory), p.pods) for p in group.pods)
            assert always((node.devices, node.cpu, node.memory), pods, group.nodes)
            assert group.nodes <= group.kept.least <= group.kept.most


@settings(max_examples=40, deadline=None)
@given(problems(3, 4, 3))
def test_every_move_has_its_reason_and_is_counted(problem: Problem) -> None:
    result = solve(problem)
    costs_of = {w.id: w.move_cost for w in problem.workloads}
    moves = [m for p in result.placed for m in p.moves] + [m for u in result.unplaced for m in u.moves]
    assert sum(m.replicas * costs_of[m.workload] for m in moves) == dict(result.cost)["moves"]
