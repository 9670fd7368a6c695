"""Operators, pools and bindings, as far as they need no server."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from fleetc_rehearsal import KUEUE, LWS, Binding, Client, Devices, NodePool, Taint, bindings
from fleetc_rehearsal.nodes import ZONE
from fleetc_rehearsal.operators import configuration, objects

H100 = {"type": "gpu", "productName": "NVIDIA H100 80GB HBM3"}
CONVERSION: dict[str, Any] = {
    "strategy": "Webhook",
    "webhook": {"clientConfig": {"service": {"namespace": "system", "name": "webhook-service", "path": "/convert"}}},
}


def crd(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": spec,
    }


def hook(group: str) -> dict[str, Any]:
    service = {"name": "webhook-service", "namespace": "system", "path": f"/validate-{group}"}
    return {"name": group or "core", "clientConfig": {"service": service}, "rules": [{"apiGroups": [group]}]}


def shipped() -> list[dict[str, Any]]:
    """What a release ships."""
    return [
        crd("cohorts.kueue.x-k8s.io", versions=[]),
        crd("cohorts.kueue.x-k8s.io", conversion=CONVERSION),
        crd("topologies.kueue.x-k8s.io", versions=[]),
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "validating-webhook-configuration", "creationTimestamp": None},
            "webhooks": [hook("kueue.x-k8s.io"), hook("")],
        },
    ]


def test_what_is_shipped_leads_to_loopback() -> None:
    given = shipped()
    made = {(obj["kind"], obj["metadata"]["name"]): obj for obj in objects(KUEUE, given, 4321)}
    assert given == shipped()
    service = made["Service", "kueue-webhook-service"]
    assert service["spec"] == {"type": "ExternalName", "externalName": "localhost"}
    there = {"namespace": "kueue-system", "name": "kueue-webhook-service", "port": 4321}
    converted = made["CustomResourceDefinition", "cohorts.kueue.x-k8s.io"]["spec"]["conversion"]
    assert converted["webhook"]["clientConfig"]["service"] == {**there, "path": "/convert"}
    assert "conversion" not in made["CustomResourceDefinition", "topologies.kueue.x-k8s.io"]["spec"]
    own, foreign = made["ValidatingWebhookConfiguration", "kueue-validating-webhook-configuration"]["webhooks"]
    assert own["clientConfig"]["service"] == {**there, "path": "/validate-kueue.x-k8s.io"}
    assert "namespaceSelector" not in own
    assert foreign["namespaceSelector"] == KUEUE.foreign["namespaceSelector"]


def test_a_configuration_is_on_loopback_alone(tmp_path: Path) -> None:
    made = configuration(LWS, tmp_path, 1, 2)
    assert made["health"] == {"healthProbeBindAddress": "127.0.0.1:1"}
    assert made["webhook"] == {"host": "127.0.0.1", "port": 2, "certDir": str(tmp_path)}
    assert made["metrics"] == {"bindAddress": "0"}


def test_a_pool() -> None:
    pool = NodePool(
        "p", 3, "96", "1Ti", extended={"example.com/nic": 2}, labels={"a": "b"}, taints=[Taint("c")], zones=["x", "y"],
        devices=[
            Devices("gpu.nvidia.com", 2, H100), Devices("dra.net", 1), Devices("gpu.nvidia.com", 1, {"type": "mig"}),
        ],
    )  # fmt: skip
    assert [(n.name, n.labels[ZONE], n.labels["a"]) for n in pool.nodes()] == [
        ("p-0", "x", "b"), ("p-1", "y", "b"), ("p-2", "x", "b"),
    ]  # fmt: skip
    assert pool.nodes()[0].capacity() == {
        "cpu": "96",
        "memory": "1Ti",
        "pods": "110",
        "ephemeral-storage": "100Gi",
        "example.com/nic": "2",
    }
    assert {
        driver: [(d.name, d.attributes.get("type")) for d in made] for driver, made in pool.devices_by_driver().items()
    } == {
        "gpu.nvidia.com": [("device-0", "gpu"), ("device-1", "gpu"), ("device-2", "mig")],
        "dra.net": [("device-0", None)],
    }
    assert ZONE not in NodePool("q", 1).nodes()[0].labels


class Pods:
    """A client that knows pods."""

    def __init__(self, *pods: dict[str, Any]) -> None:
        self.pods = pods

    def every(self, api_version: str, kind: str, namespace: str, *, labels: str) -> tuple[dict[str, Any], ...]:
        assert (api_version, kind, namespace, labels) == ("v1", "Pod", "n", "a=b")
        return self.pods


def pod(name: str, node: str = "", **conditions: tuple[str, str, str]) -> dict[str, Any]:
    told = [{"type": t, "status": s, "reason": r, "message": m} for t, (s, r, m) in conditions.items()]
    spec = {"nodeName": node} if node else {}
    return {"metadata": {"namespace": "n", "name": name}, "spec": spec, "status": {"conditions": told or None}}


def test_bindings() -> None:
    gone = pod("gone")
    gone["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    client = Pods(
        pod("new"),
        gone,
        pod("gated", PodScheduled=("False", "SchedulingGated", "")),
        pod("big", PodScheduled=("False", "Unschedulable", "0/1 nodes are available")),
        pod("bound", "node-1", PodScheduled=("True", "", ""), Ready=("True", "", "")),
    )
    found = bindings(cast(Client, client), "n", labels="a=b")
    assert found == [
        Binding("n", "big", "", "0/1 nodes are available", ready=False),
        Binding("n", "bound", "node-1", "", ready=True),
        Binding("n", "gated", "", "SchedulingGated", ready=False),
        Binding("n", "new", "", "", ready=False),
    ]
    assert [b.pending for b in found] == [True, False, True, True]
