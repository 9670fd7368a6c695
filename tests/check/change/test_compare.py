"""Differences are complete: made on the old object, they give the new one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.check.change.compare import applied, meant, same, values
from fleetc.check.change.documents import Documents, body, paired, split
from fleetc.check.change.model import Key, Value, render
from fleetc.emission.yaml import emit
from fleetc.source import yaml

RBAC = "rbac.authorization.k8s.io"
NAMES = st.sampled_from(["name", "port", "key", "a", "b", "requests", "cpu"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from(["", "a", "b", "1", "1000m", "true"]))
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=24
)
OBJECTS = st.dictionaries(NAMES, PLAIN, max_size=5)
NAMED = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcdef"), "value": SCALARS}),
    max_size=6,
    unique_by=lambda i: i["name"],
)


@settings(deadline=None)
@given(OBJECTS, OBJECTS)
def test_complete(before: Any, after: Any) -> None:
    assert same(applied(before, [*values(before, after)]), after)


@settings(deadline=None)
@given(NAMED, NAMED)
def test_complete_for_lists_whose_items_are_told_apart(before: Any, after: Any) -> None:
    found = [*values({"list": before}, {"list": after})]
    assert same(applied({"list": before}, found), {"list": after})
    assert all(value.path != ("list",) or value.how == "reordered" for value in found if before and after)


@settings(deadline=None)
@given(OBJECTS)
def test_nothing_differs_from_itself(made: Any) -> None:
    assert [*values(made, made)] == []


@settings(deadline=None)
@given(OBJECTS, OBJECTS)
def test_nothing_is_told_of_equal_objects_only(before: Any, after: Any) -> None:
    assert ([*values(before, after)] == []) == same(before, after)


def test_one_is_not_true() -> None:
    assert [*values({"a": 1}, {"a": True})] == [Value(("a",), "changed", 1, True)]
    assert [*values({"a": [1]}, {"a": [1.0]})] == [Value(("a",), "changed", [1], [1.0])]


def test_paths_name_items() -> None:
    (value,) = values({"env": [{"name": "a", "value": "1"}]}, {"env": [{"name": "a", "value": "2"}]})
    assert value == Value(("env", Key("name", "a"), "value"), "changed", "1", "2")
    assert render(value.path) == "env[a].value"


@pytest.mark.parametrize(
    ("kind", "group", "before", "after", "sees"),
    [
        ("Deployment", "apps", {"limits": {"cpu": "1"}}, {"limits": {"cpu": "1000m"}}, False),
        ("Deployment", "apps", {"limits": {"cpu": "1"}}, {"limits": {"cpu": "1001m"}}, True),
        ("Thing", "acme.example", {"limits": {"cpu": "1"}}, {"limits": {"cpu": "1000m"}}, True),
        ("ConfigMap", "", {"data": {"requests": "1"}}, {"data": {"requests": "1000m"}}, True),
        ("Role", RBAC, {"rules": [{"verbs": ["a", "b"]}]}, {"rules": [{"verbs": ["b", "a"]}]}, False),
        ("Role", RBAC, {"rules": [{"verbs": ["a", "b"]}]}, {"rules": [{"verbs": ["b", "b"]}]}, True),
        ("Deployment", "apps", {"drop": ["a", "b"]}, {"drop": ["b", "a"]}, True),
    ],
)
def test_what_the_server_sees(kind: str, group: str, before: Any, after: Any, sees: bool) -> None:
    assert bool(meant(kind, group, [*values(before, after)])) == sees


TEXTS = st.lists(st.dictionaries(NAMES, st.sampled_from(["a", "b\n---\nc\n", "\n", "d"]), max_size=3), max_size=5)


@settings(deadline=None)
@given(TEXTS)
def test_files_are_split_between_documents_only(objects: list[dict[str, str]]) -> None:
    written = b"# header\n" + "---\n".join(map(emit, objects)).encode()
    assert [yaml.parse(text).documents[0].value for text in split(body(written))] == objects


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), max_size=8), st.lists(st.integers(0, 6), max_size=8))
def test_documents_that_are_equal_are_dropped(ours: list[int], theirs: list[int]) -> None:
    def file(numbers: list[int]) -> bytes:
        made = [{"kind": "K", "metadata": {"name": f"n{n % 4}"}, "data": n} for n in numbers]
        return "---\n".join(map(emit, made)).encode()

    reader = Documents()
    before, after = reader.differing(file(ours), file(theirs))
    mine, other = ([d.object["data"] for d in side if d.object] for side in (before, after))
    assert set(mine).isdisjoint(other)
    counts = {n: ours.count(n) - theirs.count(n) for n in range(7)}
    assert all(mine.count(n) == max(counts[n], 0) and other.count(n) == max(-counts[n], 0) for n in counts)
    pairs = [*paired(before, after)]
    assert sorted(p.after.text for p in pairs if p.after) == sorted(d.text for d in after)
    assert sorted(p.before.text for p in pairs if p.before) == sorted(d.text for d in before)
    assert all(p.before.identity == p.after.identity for p in pairs if p.before and p.after)


def test_what_is_no_object_is_told_as_it_stands() -> None:
    document = Documents().read(b"- no\n- object")
    assert document.object is None
    assert document.identity.kind == "unreadable document"
