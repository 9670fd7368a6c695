"""The parts of a rehearsal that need no server."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from fleetc_rehearsal import Cause, Device, Node, Taint, TimedOut, Version, apply_order, read, resource_slice, until
from fleetc_rehearsal.answers import refusal
from fleetc_rehearsal.cluster import conditions_of
from fleetc_rehearsal.servers import free_ports
from fleetc_rehearsal.start import Options


def obj(api_version: str, kind: str, name: str = "x") -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}


def test_order() -> None:
    given = [
        obj("apps/v1", "Deployment", "a"),
        obj("example.com/v1", "Namespace"),  # only its name is that of a Namespace
        obj("rbac.authorization.k8s.io/v1", "RoleBinding"),
        obj("rbac.authorization.k8s.io/v1", "Role"),
        obj("v1", "ServiceAccount"),
        obj("batch/v1", "Job"),
        obj("apps/v1", "Deployment", "b"),
        obj("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        obj("v1", "Namespace", "b"),
        obj("v1", "Namespace", "a"),
    ]
    got = [(o["kind"], o["metadata"]["name"]) for o in apply_order(given)]
    assert got == [
        ("Namespace", "b"), ("Namespace", "a"), ("CustomResourceDefinition", "x"), ("ServiceAccount", "x"),
        ("Role", "x"), ("RoleBinding", "x"), ("Deployment", "a"), ("Namespace", "x"), ("Job", "x"), ("Deployment", "b"),
    ]  # fmt: skip


def test_read(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("kind: B\ndate: 2026-01-02\n---\n---\nkind: C\n", encoding="utf-8")
    (tmp_path / "a.json").write_text('{"kind": "List", "items": [{"kind": "A"}]}', encoding="utf-8")
    (tmp_path / "notes.md").write_text("no manifest", encoding="utf-8")
    assert read(tmp_path) == [{"kind": "A"}, {"kind": "B", "date": "2026-01-02"}, {"kind": "C"}]


def test_a_refusal() -> None:
    body = {
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "Pod is invalid", "reason": "Invalid",
        "details": {"causes": [
            {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.containers"},
            {"message": "without a field"},
        ]},
        "code": 422,
    }  # fmt: skip
    got = refusal(422, json.dumps(body).encode())
    assert (got.status, got.reason, got.message) == (422, "Invalid", "Pod is invalid")
    assert got.causes[0] == Cause("spec.containers", "Required value", "FieldValueRequired")
    assert got.causes[1] == Cause("", "without a field")
    assert str(got) == "422 Invalid: Pod is invalid"


@pytest.mark.parametrize(
    ("message", "causes"),
    [
        (
            "failed to create typed patch object (/x; apps/v1, Kind=D): .spec.bogus: field not declared in schema",
            [Cause("spec.bogus", "field not declared in schema")],
        ),
        (
            "failed to create typed patch object (/x; apps/v1, Kind=Deployment): errors:\n"
            '  .spec.template.spec.containers[name="a"].imag: field not declared in schema\n'
            "  .spec.a: expected numeric (int or float), got string",
            [
                Cause('spec.template.spec.containers[name="a"].imag', "field not declared in schema"),
                Cause("spec.a", "expected numeric (int or float), got string"),
            ],
        ),
        (
            'D in "v1" cannot be handled as a D: strict decoding error: unknown field "a.b", duplicate field "c"',
            [Cause("a.b", "unknown field"), Cause("c", "duplicate field")],
        ),
        ("something else: .with a dot: in it", []),
    ],
)
def test_fields_that_only_the_message_names(message: str, causes: list[Cause]) -> None:
    got = refusal(500, json.dumps({"kind": "Status", "message": message}).encode())
    assert list(got.causes) == causes


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b'{"kind":"Status","message":"Unauthorized"}', "401 Unauthorized: Unauthorized"),
        (404, b"404 page not found\n", "404 NotFound: 404 page not found"),
        (503, b"", "503 ServiceUnavailable: no reason given"),
        (500, b'{"kind":"Status","status":"Failure"}', "500 InternalServerError: no reason given"),
        (418, b'["tea"]', '418 I\'maTeapot: ["tea"]'),
        (599, b"\xff", "599 Unknown: \ufffd"),
    ],
)
def test_refusals_of_other_forms(status: int, body: bytes, said: str) -> None:
    got = refusal(status, body)
    assert (str(got), got.causes) == (said, ())


def test_ports() -> None:
    found = free_ports(20)
    assert len({*found}) == 20
    with socket.socket() as one:
        one.bind(("127.0.0.1", found[0]))
        assert found[0] not in free_ports(20)


def test_until() -> None:
    assert until(lambda: 0, "number") == 0  # 0 is a finding
    with pytest.raises(TimedOut, match="after 0 s there was still no wonder"):
        until(lambda: False, "wonder", seconds=0)
    with pytest.raises(TimedOut):
        until(lambda: None, "wonder", seconds=0)


def test_a_node() -> None:
    node = Node("n", cpu="4", extended={"nvidia.com/gpu": 8}, labels={"a": "b"}, taints=[Taint("gpu"), Taint("x", "y")])
    made = node.manifest(ready=False)
    assert made["metadata"]["labels"] == {"kubernetes.io/hostname": "n", "a": "b"}
    assert made["spec"]["taints"] == [
        {"key": "gpu", "effect": "NoSchedule"},
        {"key": "x", "value": "y", "effect": "NoSchedule"},
    ]
    assert made["status"]["capacity"] == {
        "cpu": "4",
        "memory": "32Gi",
        "pods": "110",
        "ephemeral-storage": "100Gi",
        "nvidia.com/gpu": "8",
    }
    assert made["status"]["allocatable"] == made["status"]["capacity"]
    assert "conditions" not in made["status"]
    assert node.manifest(ready=True)["status"]["conditions"][0]["status"] == "True"


def test_a_slice() -> None:
    device = Device("gpu-0", {"name": "H100", "ecc": True, "index": 0, "driver": Version("5.0.0")}, {"memory": "80Gi"})
    facts = {
        "attributes": {
            "name": {"string": "H100"}, "ecc": {"bool": True}, "index": {"int": 0}, "driver": {"version": "5.0.0"},
        },
        "capacity": {"memory": {"value": "80Gi"}},
    }  # fmt: skip
    new = resource_slice("n", "gpu.example.com", [device], "resource.k8s.io/v1")
    assert new["spec"]["devices"] == [{"name": "gpu-0", **facts}]
    old = resource_slice("n", "gpu.example.com", [device], "resource.k8s.io/v1beta1")
    assert old["spec"]["devices"] == [{"name": "gpu-0", "basic": facts}]


def test_flags() -> None:
    flags = {"kube-apiserver": ["--v=4"]}
    gate = "--feature-gates=DynamicResourceAllocation=true"
    old = Options("1.33", dra=True, flags=flags)
    assert old.arguments("etcd") == []
    assert old.arguments("kube-scheduler") == [gate]
    assert old.arguments("kube-apiserver") == [gate, "--runtime-config=resource.k8s.io/v1beta1=true", "--v=4"]
    assert Options("1.34", dra=True, flags=flags).arguments("kube-apiserver") == ["--v=4"]
    assert Options("1.33").arguments("kube-apiserver") == []


@pytest.mark.parametrize("status", [{}, {"status": None}, {"status": {}}, {"status": {"conditions": None}}])
def test_conditions_that_nobody_has_set(status: dict[str, Any]) -> None:
    assert conditions_of(status) == {}


def test_conditions() -> None:
    assert conditions_of({"status": {"conditions": [{"type": "Ready", "status": "True"}]}}) == {"Ready": "True"}
