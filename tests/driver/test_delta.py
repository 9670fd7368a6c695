"""What changed between two tuples of plain data gives one from the other."""

from __future__ import annotations

import copy
import marshal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.driver.delta import applied, delta
from fleetc.driver.memory import CellMemory

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=2) | st.binary(max_size=2),
    lambda inner: (
        st.tuples(inner, inner) | st.lists(inner, max_size=2) | st.dictionaries(st.text("ab"), inner, max_size=2)
    ),
    max_leaves=4,
)
MAPPING = st.dictionaries(st.text("abc", max_size=1), PLAIN, max_size=4)
PAIRS = st.tuples(MAPPING, MAPPING, PLAIN)


@given(PAIRS, PAIRS)
def test_it_gives_one_from_the_other(before: tuple[Any, ...], now: tuple[Any, ...]) -> None:
    kept = copy.deepcopy(before)
    written = marshal.loads(marshal.dumps(delta(before, now)))
    assert applied(before, written) == now
    assert before == kept


@given(PAIRS)
def test_nothing_changed(before: tuple[Any, ...]) -> None:
    assert delta(before, copy.deepcopy(before)) == [(), (), ()]


@given(MAPPING, st.text("abc", max_size=1), PLAIN)
def test_only_what_changed_is_in_it(before: dict[str, Any], key: str, value: Any) -> None:
    now = {**before, key: value}
    (change,) = delta((before,), (now,))
    assert change in ((), ({key: value}, []))


def test_what_was_true_and_is_one_differs() -> None:
    before: dict[str, Any] = {"a": {"b": True}, "c": {"b": 1}}
    now: dict[str, Any] = {"a": {"b": 1}, "c": {"b": 1}}
    assert delta((before,), (now,)) == [({"a": {"b": 1}}, [])]
    assert repr(applied((before,), delta((before,), (now,)))) == repr((now,))


def test_named_tuples_are_written_as_plain_ones() -> None:
    old, new = (CellMemory("file", digest, b"", {}, (b"", "", b"", "", b"", b""), ()) for digest in "ab")
    assert delta(({1: tuple(old)},), ({1: old},)) == [()]
    (changed,) = delta(({1: tuple(old)},), ({1: old, 2: new},))
    assert [*map(type, changed[0].values())] == [tuple]
    marshal.dumps(changed)


def test_what_is_no_change() -> None:
    with pytest.raises(ValueError, match="3 parts"):
        applied((1,), [(1, 2, 3)])
