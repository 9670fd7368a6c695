"""Objects read back: what binds namespaces, and which weights split amounts as they are."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from fleetc_kubernetes.quantity import BYTES, COUNTS, MILLICORES, split
from fleetc_kubernetes.reading import candidates
from fleetc_kubernetes.reading.quota import shares_of, split_of
from fleetc_kubernetes.reading.values import Objects, items, mapping, text

WEIGHTS = st.lists(st.integers(0, 20), min_size=1, max_size=3)
TOTALS = st.tuples(st.integers(1, 10**4), st.integers(1, 10**6), st.integers(0, 500))


@given(WEIGHTS, TOTALS)
def test_weights_that_are_read_split_alike(weights: list[int], totals: tuple[int, int, int]) -> None:
    """Not the very weights: those that give the same parts."""
    assume(any(weights))
    cpu, memory, pods = totals
    written = [(f"{cpu}", MILLICORES), (f"{memory}Mi", BYTES), (f"{pods}", COUNTS)]
    splits = [split_of(split(total, weights, units), units) for total, units in written]
    known = [parts for parts in splits if parts is not None]
    assert len(known) == 3
    found = shares_of(len(weights), known)
    assert found is not None
    assert [split(total, found, units) for total, units in written] == [[*parts.texts] for parts in known]


def test_what_no_weights_split_so() -> None:
    known = [split_of(parts, COUNTS) for parts in (["1", "9"], ["9", "1"])]
    assert shares_of(2, [parts for parts in known if parts is not None]) is None
    assert split_of(["1", "much"], COUNTS) is None
    assert split_of([1, "2"], COUNTS) is None


def test_values_of_any_type() -> None:
    every: list[Any] = [{}, {"kind": "Namespace"}, {"metadata": 7}, {"kind": "Namespace", "metadata": {"name": "a"}}]
    assert [item.name for item in candidates(every)] == ["a"]
    assert items({"a": {"b": 1}}, "a", "b") == []
    assert mapping([], "a") == {}
    assert text({"a": None}, "a", "b") == ""
    assert Objects(every).get("Role", "a", "b") == {}


def _namespace(name: str, **labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _together(namespace: str, *names: str) -> dict[str, Any]:
    by_name = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": [*names]}
    peer = {"namespaceSelector": {"matchExpressions": [by_name]}}
    metadata = {"name": "allow-team", "namespace": namespace}
    return {"kind": "NetworkPolicy", "metadata": metadata, "spec": {"ingress": [{"from": [peer]}]}}


def test_what_binds_namespaces() -> None:
    found = candidates([
        _namespace("default"), _namespace("kube-system"), _namespace("x-b"), _namespace("x"), _namespace("lonely"),
        _namespace("t2", **{"fleetc.dev/team": "t"}), _namespace("t1", **{"fleetc.dev/team": "t"}),
        _together("x", "x", "x-b"), _together("x-b", "x", "x-b"), _together("t2", "t1", "t2"),
    ])  # fmt: skip
    # In the order that the policies list them in, which is that of the spec.
    assert found == [("x", ("x", "x-b"), False), ("lonely", ("lonely",), False), ("t", ("t1", "t2"), True)]


def test_names_that_no_spec_can_have() -> None:
    """Nobody names a file by a label."""
    found = candidates([_namespace("a", **{"fleetc.dev/team": "../../a"}), _namespace("../b"), _namespace("B")])
    assert found == [("a", ("a",), False)]
