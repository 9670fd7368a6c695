"""Parts of objects: what is taken from an object is a part of it, and every change of a leaf is found where it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.driver.testing.match import closest, misses
from fleetc.emission.compare import leaves
from fleetc.language.expectation import Written
from fleetc.source.span import Path

SCALARS = st.sampled_from([0, 1, True, False, "", "1", "true", "a", 1.0])
KEYS = st.sampled_from(["a", "b", "kind", "spec", "labels"])
NAMED = st.lists(st.sampled_from(["x", "y", "z"]), unique=True, min_size=1).map(lambda ns: [{"name": n} for n in ns])
TREES = st.recursive(
    SCALARS | NAMED, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
OBJECTS = st.dictionaries(KEYS, TREES, min_size=1, max_size=4)


def found(expected: Any, actual: Any) -> list[tuple[Path, str, str]]:
    return [(miss.path, miss.found, miss.expected) for miss in misses(Written((), expected), actual)]


def part(data: st.DataObject, value: Any) -> Any:
    """Some of a value: keys of mappings and items of named lists may be left out."""
    if isinstance(value, dict):
        return {key: part(data, item) for key, item in value.items() if data.draw(st.booleans())}
    if isinstance(value, list):
        named = bool(value) and all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in value)
        if not named:
            return [part(data, item) for item in value]
        kept = [{**part(data, item), "name": item["name"]} for item in value if data.draw(st.booleans())]
        return kept or value
    return value


def put(tree: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        tree = tree[step]
    tree[path[-1]] = value


@given(st.data(), OBJECTS)
def test_what_is_taken_from_an_object_is_a_part_of_it(data: st.DataObject, made: dict[str, Any]) -> None:
    assert found(part(data, made), made) == []


@given(st.data(), OBJECTS)
def test_a_changed_leaf_is_found_where_it_is(data: st.DataObject, made: dict[str, Any]) -> None:
    places = [(path, value) for path, value in leaves(made) if path and path[-1] != "name"]
    if places:
        path, value = data.draw(st.sampled_from(places))
        other = data.draw(SCALARS.filter(lambda each: repr(each) != repr(value)))
        changed = copy.deepcopy(made)
        put(changed, path, other)
        (miss,) = misses(Written(("expect",), made), changed)
        assert (miss.path, miss.at) == (path, ("expect", *path))


@pytest.mark.parametrize(
    ("expected", "actual", "wrong"),
    [
        ({"a": 1}, {"a": True}, [(("a",), "a is true", "1")]),
        ({"a": 1}, {"a": 1.0}, [(("a",), "a is 1.0", "1")]),
        ({"a": 0}, {"a": "0"}, [(("a",), 'a is "0"', "0")]),
        ({"a": {"b": 1}}, {"a": 1}, [(("a",), "a is 1", '{"b": 1}')]),
        ({"a": None}, {"b": 1}, []),
        ({"a": None}, {"a": 1}, [(("a",), "a is 1", "nothing there")]),
        ({"a": {"b": 2}}, {}, [((), "a is not there", '{"b": 2}')]),
        ({"a": [1, 2]}, {"a": [2, 1]}, [(("a", 0), "a[0] is 2", "1"), (("a", 1), "a[1] is 1", "2")]),
        ({"a": [1]}, {"a": [1, 2]}, [(("a",), "a is [1, 2]", "a list of 1: [1]")]),
        ({"a": [{"name": "y", "v": 1}]}, {"a": [{"name": "y", "v": 2}]}, [(("a", 0, "v"), "a[0].v is 2", "1")]),
        ({"a": [{"name": "z"}]}, {"a": [{"name": "x"}, {"name": "y"}]}, [(("a",), "a has x, y", "an item called z")]),
        ({"a": [{"name": "z"}]}, {"a": []}, [(("a",), "a has none", "an item called z")]),
        ({"a": [{}]}, {"a": [{"name": "x"}]}, []),
    ],
)  # fmt: skip
def test_parts(expected: Any, actual: Any, wrong: list[tuple[Path, str, str]]) -> None:
    assert found(expected, actual) == wrong


def test_the_nearest_alternative_is_told_and_what_others_expect_at_the_same_place() -> None:
    parts = [Written((n,), {"a": value, **more}) for n, (value, more) in enumerate([(1, {"b": 2}), (2, {}), (3, {})])]
    (miss,) = closest(parts, {"a": 4})
    assert (miss.at, miss.expected) == ((1, "a"), "2 or 3")
    assert closest(parts, {"a": 3}) == []
    assert [m.at for m in closest(parts[:1], {"a": 4})] == [(0, "a"), (0, "b")]
