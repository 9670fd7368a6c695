"""Dashboards in objects: whatever an object holds, reading it says so and does not fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.check.boards import boards, targets, wrong_of

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["panels", "targets", "expr", "datasource", "type", "id", "title"]), inner)
    ),
    max_leaves=15,
)


def of(value: Any) -> dict[str, Any]:
    return {"kind": "GrafanaDashboard", "spec": {"json": json.dumps(value)}}


@given(anything)
def test_any_json(value: Any) -> None:
    (found,) = boards(of(value))
    assert isinstance(wrong_of(found), str | None)
    for one in targets(found):
        there: Any = value
        for step in one.path[2:]:
            there = there[step]
        assert there == one.expr


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "nul", "{" * 10, "[" * 100_000])
def test_what_is_no_dashboard(text: str) -> None:
    obj = {"kind": "ConfigMap", "data": {"x.json": text, "x.txt": text, "y.json": 7}}
    found = list(boards(obj))
    assert len(found) == 1
    assert wrong_of(found[0])
    assert list(targets(found[0])) == []


@pytest.mark.parametrize(
    "obj", [{"kind": "GrafanaDashboard"}, {"kind": "GrafanaDashboard", "spec": {"url": "https://x"}}]
)
def test_what_carries_none(obj: dict[str, Any]) -> None:
    assert list(boards(obj)) == []


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"title": "a"}, None),
        ({"panels": []}, "no title"),
        ({"title": "a", "panels": [{"id": 1}, {"id": 1}]}, "two of its panels have the id 1"),
        ({"title": "a", "panels": [{"id": 1}, {"id": 2, "panels": [{"id": 1}]}]}, "two of its panels have the id 1"),
        ({"title": "a", "panels": [{}, {}, {"id": 1}]}, None),
    ],
)
def test_what_is_wrong(value: dict[str, Any], wrong: str | None) -> None:
    (found,) = boards(of(value))
    got = wrong_of(found)
    assert got is None if wrong is None else got is not None and wrong in got


def test_only_prometheus_is_asked_in_promql() -> None:
    def panel(source: Any, own: Any = None) -> dict[str, Any]:
        return {"datasource": source, "targets": [{"expr": "up", **({"datasource": own} if own else {})}]}

    asked = [
        panel({"type": "prometheus"}), panel("Prometheus"), panel(None), panel({"type": "loki"}),
        panel({"type": "-- Mixed --"}, {"type": "prometheus"}), panel({"type": "prometheus"}, {"type": "loki"}),
    ]  # fmt: skip
    (found,) = boards(of({"title": "a", "panels": asked}))
    assert [path[3] for path, _ in targets(found)] == [0, 1, 2, 4]


def test_the_uid_of_the_object_counts_more() -> None:
    (found,) = boards({"kind": "GrafanaDashboard", "spec": {"uid": "a", "json": '{"title": "x", "uid": "b"}'}})
    assert found.uid == "a"
    (found,) = boards(of({"title": "x", "uid": "b"}))
    assert found.uid == "b"
