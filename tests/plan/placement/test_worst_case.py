"""The proof that promises hold, against every order of arrival and every choice of nodes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.placement.adversary import Pods as Plain
from tests.plan.placement.adversary import always, can_promise, fewest

from fleetc.plan.placement.model import Room
from fleetc.plan.placement.worst_case import QUICK, Limits, Pods, WorstCase

NODE = Room(4, 8, 8)
LIMIT = 7


@st.composite
def pods(draw: st.DrawFn) -> Pods:
    """One to three shapes that fit a node of four devices, up to six pods in all."""
    shape = st.builds(Room, st.integers(0, 4), st.integers(1, 8), st.integers(0, 8))
    shapes = draw(st.lists(shape, min_size=1, max_size=3, unique=True))
    counts = draw(st.lists(st.integers(1, 3), min_size=len(shapes), max_size=len(shapes)))
    while sum(counts) > 6:
        counts[counts.index(max(counts))] -= 1
    return tuple(sorted(zip(shapes, counts, strict=True)))


@st.composite
def proportional(draw: st.DrawFn) -> Pods:
    """Pods whose CPU and memory follow from their devices, as most do."""
    sizes = draw(st.lists(st.sampled_from((1, 2, 4)), min_size=1, max_size=3, unique=True))
    return tuple(sorted((Room(n, 2 * n, n), draw(st.integers(1, 2))) for n in sizes))


def plain(shapes: Pods) -> Plain:
    return tuple(((room.devices, room.cpu, room.memory), count) for room, count in shapes)


@settings(max_examples=120, deadline=None)
@given(pods() | proportional())
def test_need_is_what_the_adversary_leaves(shapes: Pods) -> None:
    need = WorstCase().need(NODE, shapes)
    assert need.exact
    assert fewest(NODE, plain(shapes), LIMIT) == need.nodes
    assert always(NODE, plain(shapes), need.nodes + 1), "more nodes never hurt"


@settings(max_examples=80, deadline=None)
@given(pods() | proportional())
def test_the_bound_for_many_pods_is_never_too_low(shapes: Pods) -> None:
    need = WorstCase(Limits(-1, 0, 6)).need(NODE, shapes)
    exact = WorstCase().need(NODE, shapes)
    assert need.nodes >= exact.nodes
    if len(shapes) == 1:
        assert need == exact


@settings(max_examples=80, deadline=None)
@given(pods() | proportional(), st.integers(0, 5))
def test_nodes_are_divided_exactly_when_that_keeps_promises(shapes: Pods, nodes: int) -> None:
    groups = WorstCase().groups(NODE, shapes, nodes)
    assert (groups is not None) == can_promise(NODE, plain(shapes), nodes)
    if groups is None:
        return
    assert sum(g.nodes for g in groups) <= nodes
    assert sorted(p for g in groups for p in g.pods) == list(shapes)
    assert all(always(NODE, plain(g.pods), g.nodes) for g in groups)
    assert groups[0].pods[0] == shapes[0]
    if always(NODE, plain(shapes), nodes):
        assert len(groups) == 1, "nodes are set aside only where they must be"


@settings(max_examples=60, deadline=None)
@given(pods(), pods(), st.integers(1, 5))
def test_more_promises_never_make_room(some: Pods, more: Pods, nodes: int) -> None:
    """The search relies on it: what does not hold now does not hold later."""
    both = dict(some)
    for room, count in more:
        both[room] = both.get(room, 0) + count
    worst = WorstCase()
    if worst.groups(NODE, some, nodes) is None:
        assert worst.groups(NODE, tuple(sorted(both.items())), nodes) is None


@settings(max_examples=60, deadline=None)
@given(pods() | proportional(), st.integers(0, 5))
def test_what_the_quick_search_finds_holds(shapes: Pods, nodes: int) -> None:
    groups = WorstCase(QUICK).groups(NODE, shapes, nodes)
    assert WorstCase(QUICK).always(NODE, shapes, nodes) == (groups is not None)
    assert groups is None or all(always(NODE, plain(g.pods), g.nodes) for g in groups)


def test_small_pods_keep_every_node_from_a_large_one() -> None:
    """Eight pods of one device each may land on eight nodes; then none has eight devices free."""
    node = Room(8, 192_000, 2_000_000)
    shapes: Pods = ((Room(1, 20_000, 200_000), 8), (Room(8, 160_000, 1_600_000), 1))
    assert WorstCase().need(node, shapes).nodes == 9
    groups = WorstCase().groups(node, shapes, 2)
    assert groups is not None
    assert [(g.pods[0][0].devices, g.nodes) for g in groups] == [(1, 1), (8, 1)]
    assert WorstCase().groups(node, shapes, 1) is None


def test_cpu_fragments_as_devices_do() -> None:
    node = Room(8, 96_000, 1)
    lean: Pods = ((Room(4, 40_000, 0), 4),)
    greedy: Pods = ((Room(4, 50_000, 0), 4),)
    assert WorstCase().need(node, lean).nodes == 2
    assert WorstCase().need(node, greedy).nodes == 4


def test_many_shapes_are_bounded_quickly() -> None:
    shapes = tuple(sorted((Room(1 + n % 8, 10_000 + n, 50_000 + 7 * n), 5) for n in range(40)))
    need = WorstCase().need(Room(8, 192_000, 2_000_000), shapes)
    assert not need.exact
    assert WorstCase().groups(Room(8, 192_000, 2_000_000), shapes, need.nodes) is not None
