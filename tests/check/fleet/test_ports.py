"""Sets of ports, against Python's sets of (protocol, port)."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.check.fleet.ports import ALL, LAST, NONE, PROTOCOLS, Ports, Range, minus, union, words

NUMBERS = st.integers(1, 30)
RANGES = st.tuples(st.sampled_from(PROTOCOLS), NUMBERS, NUMBERS).map(lambda r: (r[0], min(r[1:]), max(r[1:])))
SETS = st.lists(RANGES, max_size=6)


def members(ranges: list[Range] | Ports) -> set[tuple[str, int]]:
    return {(protocol, port) for protocol, low, high in ranges for port in range(low, high + 1)}


@settings(deadline=None)
@given(st.lists(SETS, max_size=4))
def test_union(sets: list[list[Range]]) -> None:
    assert members(union(*sets)) == set().union(*map(members, sets))


@settings(deadline=None)
@given(SETS, SETS)
def test_minus(one: list[Range], other: list[Range]) -> None:
    assert members(minus(union(one), union(other))) == members(one) - members(other)


@settings(deadline=None)
@given(SETS, SETS)
def test_equal_sets_are_equal_values(one: list[Range], other: list[Range]) -> None:
    assert (union(one) == union(other)) == (members(one) == members(other))
    assert union(minus(union(one), union(other)), one) == union(one)


@settings(deadline=None)
@given(SETS)
def test_canonical(ranges: list[Range]) -> None:
    """Sorted, and no two ranges of a protocol touch."""
    made = union(ranges)
    assert list(made) == sorted(made)
    for (protocol, _, last), (following, first, _) in pairwise(made):
        assert protocol != following or first > last + 1


def test_all_and_none() -> None:
    assert members(ALL) == {(protocol, port) for protocol in PROTOCOLS for port in range(1, LAST + 1)}
    assert union() == NONE
    assert minus(ALL, ALL) == NONE
    assert minus(ALL, NONE) == ALL


def test_words() -> None:
    assert words(ALL) == "all ports"
    assert words(NONE) == "no port"
    assert words(union([("TCP", 443, 443), ("UDP", 8000, 8100)])) == "443/TCP, 8000-8100/UDP"
    assert words(union([("TCP", 1, LAST), ("UDP", 53, 53)])) == "all TCP ports, 53/UDP"
