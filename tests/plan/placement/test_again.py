"""One workload placed again, the others held."""

from hypothesis import given, settings
from tests.plan.placement.problems import problems

from fleetc.plan.placement import again, solve
from fleetc.plan.placement.model import Problem


def _without(problem: Problem, id: str) -> Problem:
    workloads = tuple(w._replace(previous=()) if w.id == id else w for w in problem.workloads)
    return problem._replace(workloads=workloads)


@settings(deadline=None, max_examples=60)
@given(problems(3, 4, 3))
def test_in_the_same_problem_it_stays_or_finds_something_as_good(problem: Problem) -> None:
    result = solve(problem)
    for placed in result.placed:
        found = again(result, problem, placed.workload)
        assert found is not None
        assert sum(p.least for p in found) == sum(p.least for p in placed.parts)


@settings(deadline=None, max_examples=60)
@given(problems(3, 4, 3))
def test_without_the_pools_where_it_is_it_goes_elsewhere_or_nowhere(problem: Problem) -> None:
    result = solve(problem)
    for placed in result.placed:
        taken = {part.pool for part in placed.parts}
        fewer = _without(problem, placed.workload)._replace(pools=tuple(p for p in problem.pools if p.id not in taken))
        found = again(result, fewer, placed.workload)
        assert found is None or taken.isdisjoint(part.pool for part in found)


@settings(deadline=None, max_examples=40)
@given(problems(3, 4, 3))
def test_others_without_their_pool_are_left_out(problem: Problem) -> None:
    result = solve(problem)
    for pool in problem.pools:
        fewer = problem._replace(pools=tuple(p for p in problem.pools if p != pool))
        for workload in fewer.workloads:
            again(result, fewer, workload.id)
