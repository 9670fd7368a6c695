"""What is drift, and what the server or others only add."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.check.goldens import golden

from fleetc.check.change.drift import drift
from fleetc.emission.compare import leaves


def obj(kind: str, spec: Any, api: str = "v1") -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "a"}, "spec": spec}


def manage(live: dict[str, Any], *owned: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    live["metadata"] = {
        **live["metadata"],
        "managedFields": [
            {"manager": name, "operation": "Apply", "time": time, "fieldsV1": fields} for name, time, fields in owned
        ],
    }
    return live


def found(emitted: dict[str, Any], live: dict[str, Any]) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(one.how, one.path) for one in drift(emitted, live)]


CONTAINERS: dict[str, Any] = {"f:spec": {"f:containers": {'k:{"name":"one"}': {".": {}, "f:image": {}, "f:name": {}}}}}
RULES: dict[str, Any] = {"f:rules": {}}


def test_what_others_add_to_a_keyed_list() -> None:
    emitted = obj("Pod", {"containers": [{"name": "one", "image": "a"}]})
    items = [{"name": "sidecar", "image": "x"}, {"name": "one", "image": "a", "imagePullPolicy": "Always"}]
    assert found(emitted, manage(obj("Pod", {"containers": items}), ("argo", "1", CONTAINERS))) == []
    assert found(emitted, obj("Pod", {"containers": items})) == []
    items[1]["image"] = "b"
    changed = ("changed", ("spec", "containers", 0, "image"))
    assert found(emitted, manage(obj("Pod", {"containers": items}), ("argo", "1", CONTAINERS))) == [changed]
    gone = manage(obj("Pod", {"containers": items[:1]}), ("argo", "1", CONTAINERS))
    assert found(emitted, gone) == [("missing", ("spec", "containers", 0))]


def test_keys_that_the_server_fills_in() -> None:
    emitted = obj("Service", {"ports": [{"port": 80}]})
    keys: dict[str, Any] = {"f:spec": {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {"f:port": {}}}}}
    live = manage(obj("Service", {"ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}]}), ("a", "1", keys))
    assert found(emitted, live) == []


def test_what_somebody_else_puts_into_a_list_that_is_emitted_whole() -> None:
    meta = {"name": "a", "labels": {"app.kubernetes.io/managed-by": "fleetc"}}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta}
    rule: dict[str, Any] = {"apiGroups": [""], "verbs": ["get"], "resources": ["pods"]}
    emitted, live = {**role, "rules": [rule]}, {**role, "rules": [{**rule, "resourceNames": ["b"]}]}
    mark: dict[str, Any] = {"f:metadata": {"f:labels": {"f:app.kubernetes.io/managed-by": {}}}}
    assert found(emitted, manage(live, ("argo", "1", {**RULES, **mark}))) == [], "the server may have filled it in"
    both = (("argo", "1", mark), ("kubectl-edit", "2", RULES))
    assert found(emitted, manage(live, *both)) == [("extra", ("rules", 0, "resourceNames"))]
    more = {**role, "rules": [rule, {"apiGroups": ["*"], "verbs": ["*"], "resources": ["*"]}]}
    (one,) = drift(emitted, manage(more, *both))
    assert (one.how, one.path, one.changed and one.changed.name) == ("changed", ("rules",), "kubectl-edit")


def test_the_order_of_a_set_is_nothing() -> None:
    emitted = {**obj("Role", None, "rbac.authorization.k8s.io/v1"), "rules": [{"verbs": ["get", "list"]}]}
    live = {**emitted, "rules": [{"verbs": ["list", "get"]}]}
    assert found(emitted, live) == []
    assert found(emitted, {**emitted, "rules": [{"verbs": ["list"]}]}) == [("changed", ("rules", 0, "verbs"))]


@pytest.mark.parametrize(
    ("wanted", "live", "same"),
    [
        ({"hard": {"requests.cpu": "1500m"}}, {"hard": {"requests.cpu": "1.5"}}, True),
        ({"hard": {"requests.cpu": "1500m"}}, {"hard": {"requests.cpu": "1501m"}}, False),
        ({"note": "1500m"}, {"note": "1.5"}, False),
        ({"weight": 1.0}, {"weight": 1}, True),
        ({"on": True}, {"on": 1}, False),
        ({"labels": {}, "list": [], "text": "", "none": None, "off": False}, {}, True),
        ({"labels": {"a": "b"}}, {}, False),
    ],
)
def test_what_the_server_takes_for_the_same(wanted: Any, live: Any, same: bool) -> None:
    assert (found(obj("ResourceQuota", wanted), obj("ResourceQuota", live)) == []) == same


def test_of_custom_objects_what_is_off_is_kept() -> None:
    assert found(obj("X", {"off": False}, "x.example/v1"), obj("X", {}, "x.example/v1")) == [
        ("missing", ("spec", "off"))
    ]


OBJECTS = [shape.object for cluster in golden().clusters for shapes in cluster.values() for shape in shapes]


@settings(deadline=None)
@given(st.sampled_from(OBJECTS), st.data(), st.sampled_from(["other", 4711, None]))
def test_whatever_leaf_is_otherwise_is_drift(emitted: Any, data: st.DataObject, value: Any) -> None:
    """It, or something around it that is replaced as one, and nothing else."""
    compared = [path for path, _ in leaves(emitted) if path[0] not in ("apiVersion", "kind")]
    path = data.draw(st.sampled_from(compared))
    live = copy.deepcopy(emitted)
    inside = live
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    told = [one.path for one in drift(emitted, live)]
    assert told
    assert all(path[: len(there)] == there for there in told)
    assert drift(emitted, copy.deepcopy(emitted)) == []
