"""Comparing two results: nothing that changed is missed, and what did not change is not named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.emission.compare import Base, Moved, leaves, nodes
from fleetc.emission.lines import lines_of
from fleetc.emission.yaml import emit
from fleetc.source import yaml
from fleetc.source.span import Path

KEYS = st.sampled_from(["a", "b", "c", "name", "kind", "spec", "metadata", "k" * 950])
SCALARS = st.one_of(
    st.sampled_from([0, 1, True, False, 1.0, None, "1", "true", "", "x", "two\nlines\n", "ends\n\n\n", " \nodd"]),
    st.text(max_size=4),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)


def moved(base: list[Any], other: list[Any]) -> Moved:
    return Base(base).moved(other)


@settings(max_examples=120, deadline=None)
@given(st.lists(OBJECTS, max_size=3), st.lists(OBJECTS, max_size=3))
def test_something_moves_exactly_when_the_bytes_differ(base: list[Any], other: list[Any]) -> None:
    assert bool(moved(base, other)) == ([emit(o) for o in base] != [emit(o) for o in other])


@settings(max_examples=60, deadline=None)
@given(st.lists(OBJECTS, max_size=3), st.lists(OBJECTS, max_size=3))
def test_only_what_stands_in_the_base_moves(base: list[Any], other: list[Any]) -> None:
    there = set(nodes(base))
    assert all(path in there or (path[-1] == "+" and path[:-1] in there) for path in moved(base, other))


@settings(max_examples=60, deadline=None)
@given(OBJECTS, st.data())
def test_a_changed_leaf_is_the_only_one_that_moves(made: dict[str, Any], data: st.DataObject) -> None:
    found = [path for path, value in leaves(made) if path and not isinstance(value, dict | list)]
    named = [p for p in found if isinstance(p[-1], str) and not {"name", "kind", "metadata"} & set(p)]
    if named:
        path = data.draw(st.sampled_from(named))
        assert moved([made], [changed(made, path)]) == {(0, *path): "value"}


def changed(value: Any, path: Path) -> Any:
    if not path:
        return f"changed {value!r}"
    if isinstance(value, dict):
        return {key: changed(item, path[1:]) if key == path[0] else item for key, item in value.items()}
    return [changed(item, path[1:]) if n == path[0] else item for n, item in enumerate(value)]


def kubernetes(kind: str, name: str, namespace: str = "a", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace}, **more}


def named(name: Any) -> dict[str, Any]:
    return {"kind": "A", "metadata": {"name": name}}


A, B, C = kubernetes("Role", "a"), kubernetes("Role", "b"), kubernetes("Role", "c")
ALL_OF_A: list[Path] = [(0,), (0, "kind"), (0, "metadata"), (0, "metadata", "name"), (0, "metadata", "namespace")]
ANOTHER: Moved = {**dict.fromkeys(ALL_OF_A, "presence"), ("+",): "value"}
HARD: dict[str, tuple[list[Any], list[Any], Moved]] = {
    "1 is not true": ([{"a": 1}], [{"a": True}], {(0, "a"): "value"}),
    "1 is not 1.0": ([{"a": [1]}], [{"a": [1.0]}], {(0, "a", 0): "value"}),
    "keys in another order": ([{"a": 1, "b": 2, "c": 3}], [{"b": 2, "c": 3, "a": 1}], {(0, "a"): "order"}),
    "an item more": ([{"a": [1, 2]}], [{"a": [1, 3, 2]}], {(0, "a", "+"): "value"}),
    "an item less": ([{"a": [1, 2, 3]}], [{"a": [1, 3]}], {(0, "a", 1): "presence"}),
    "an item changed": ([{"a": [1, 2, 3]}], [{"a": [1, 9, 3]}], {(0, "a", 1): "value"}),
    "items swapped": ([{"a": ["x", "y", "z"]}], [{"a": ["z", "x", "y"]}], {(0, "a", 2): "order"}),
    "one of equal items less": ([{"a": [1, 1, 2, 1]}], [{"a": [1, 2, 1]}], {(0, "a", 1): "presence"}),
    "a list emptied": ([{"a": [1]}], [{"a": []}], {(0, "a", 0): "presence", (0, "a"): "value"}),
    "an empty mapping filled": ([{"a": {}}], [{"a": {"b": 1}}], {(0, "a"): "value", (0, "a", "+"): "value"}),
    "a mapping for a text": ([{"a": {"b": 1}}], [{"a": "x"}], {(0, "a"): "value", (0, "a", "b"): "presence"}),
    "a field more": ([{"a": {"b": 1}}], [{"a": {"b": 1, "c": 2}}], {(0, "a", "+"): "value"}),
    "items by name": (
        [{"a": [{"name": "x", "v": 1}, {"name": "y", "v": 2}]}],
        [{"a": [{"name": "y", "v": 3}]}],
        {**dict.fromkeys([(0, "a", 0), (0, "a", 0, "name"), (0, "a", 0, "v")], "presence"), (0, "a", 1, "v"): "value"},
    ),
    "an object more": ([A], [B, A], {("+",): "value"}),
    "an object less": ([A, B], [B], dict.fromkeys(ALL_OF_A, "presence")),
    "objects swapped": ([A, B, C], [B, C, A], dict.fromkeys(ALL_OF_A, "order")),
    "an object renamed": ([A, C], [B, C], {(0, "metadata", "name"): "value"}),
    "a namespace renamed": (
        [A, kubernetes("Role", "b"), kubernetes("Quota", "a")],
        [kubernetes("Role", "a", "z"), kubernetes("Role", "b", "z"), kubernetes("Quota", "a", "z")],
        {(n, "metadata", "namespace"): "value" for n in range(3)},
    ),
    "one kind went and another came": ([A], [kubernetes("Quota", "a")], ANOTHER),
    "one went and two came": ([A], [B, C], ANOTHER),
    "a name that is no text": ([named({"x": 1})], [named({"x": 2})], {(0, "metadata", "name", "x"): "value"}),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_pairs(name: str) -> None:
    base, other, expected = HARD[name]
    assert moved(base, other) == expected


@settings(max_examples=120, deadline=None)
@given(OBJECTS)
def test_lines_are_where_a_reader_finds_the_values(made: dict[str, Any]) -> None:
    text = emit(made)
    marks = yaml.parse(text.encode(), marks=True).documents[0].marks or {}
    got = lines_of(made)
    assert got.keys() - {()} == marks.keys() - {()}
    assert got[()] == range(text.count("\n"))
    for path, mark in marks.items():
        if path:
            assert got[path].start + 1 == min(mark.key_line, mark.line), path
            # Blank lines at a text's end are the text's; a reader's marks leave them out.
            assert mark.end_line <= got[path].stop <= mark.end_line + 3, path


@settings(max_examples=80, deadline=None)
@given(st.lists(OBJECTS, min_size=1, max_size=3), st.lists(OBJECTS, max_size=3))
def test_one_object_alone_moves_as_it_does_among_all(base: list[Any], other: list[Any]) -> None:
    whole = moved(base, other)
    for n in range(len(base)):
        assert Base(base).moved(other, n) == {path: how for path, how in whole.items() if path[0] == n}
