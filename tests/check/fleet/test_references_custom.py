"""Rule `reference` on custom objects: each finds what it names, and is found out when that is not there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.check.fleet.clusters import cluster, ends, reasons, report, said, world

GATEWAY = "network: {gateway: {namespace: gateway, name: models}}, existing: {namespaces: [gateway]}"
SERVICE: dict[str, Any] = {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"name": "http", "port": 80}]}}
KUEUE = "kueue.x-k8s.io/v1beta2"


def text(*objects: dict[str, Any]) -> str:
    return "---\n".join(json.dumps(item) + "\n" for item in objects)


def named(obj: dict[str, Any], name: str, namespace: str | None = "default") -> dict[str, Any]:
    place = {"namespace": namespace} if namespace else {}
    return {**obj, "metadata": {"name": name, **place}}


def custom(api_version: str, kind: str, spec: Any, namespace: str | None = "default") -> dict[str, Any]:
    return named({"apiVersion": api_version, "kind": kind, "spec": spec}, "x", namespace)


def scaled(**target: str) -> dict[str, Any]:
    return custom("keda.sh/v1alpha1", "ScaledObject", {"scaleTargetRef": target})


def route(*backends: dict[str, Any], **parent: str) -> dict[str, Any]:
    spec = {"parentRefs": [parent] if parent else [], "rules": [{"backendRefs": list(backends)}]}
    return custom("gateway.networking.k8s.io/v1", "HTTPRoute", spec)


def claims(name: str) -> dict[str, Any]:
    requests = [{"name": "d", "exactly": {"deviceClassName": name}}]
    return custom("resource.k8s.io/v1", "ResourceClaimTemplate", {"spec": {"devices": {"requests": requests}}})


def class_of_nodes(group: str, kind: str) -> dict[str, Any]:
    ref = {"group": group, "kind": kind, "name": "n"}
    return custom("karpenter.sh/v1", "NodePool", {"template": {"spec": {"nodeClassRef": ref}}}, None)


CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        scaled(name="d"),
        named({"apiVersion": "apps/v1", "kind": "Deployment"}, "d"),
        "spec.scaleTargetRef.name: refers to Deployment default/d",
    ),
    (
        scaled(apiVersion="leaderworkerset.x-k8s.io/v1", kind="LeaderWorkerSet", name="d"),
        named({"apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": "LeaderWorkerSet"}, "d"),
        "spec.scaleTargetRef.name: refers to LeaderWorkerSet default/d",
    ),
    (
        custom("keda.sh/v1alpha1", "ScaledObject", {"triggers": [{"authenticationRef": {"name": "d"}}]}),
        named({"apiVersion": "keda.sh/v1alpha1", "kind": "TriggerAuthentication"}, "d"),
        "spec.triggers.0.authenticationRef.name: refers to TriggerAuthentication default/d",
    ),
    (
        route({"name": "d"}),
        named(SERVICE, "d"),
        "spec.rules.0.backendRefs.0.name: refers to Service default/d",
    ),
    (
        route({"group": "inference.networking.k8s.io", "kind": "InferencePool", "name": "d"}),
        named({"apiVersion": "inference.networking.k8s.io/v1", "kind": "InferencePool"}, "d"),
        "spec.rules.0.backendRefs.0.name: refers to InferencePool default/d",
    ),
    (
        custom("inference.networking.k8s.io/v1", "InferencePool", {"endpointPickerRef": {"name": "d"}}),
        named(SERVICE, "d"),
        "spec.endpointPickerRef.name: refers to Service default/d",
    ),
    (
        custom(KUEUE, "LocalQueue", {"clusterQueue": "d"}),
        named({"apiVersion": KUEUE, "kind": "ClusterQueue"}, "d", None),
        "spec.clusterQueue: refers to ClusterQueue d",
    ),
    (
        custom(KUEUE, "ClusterQueue", {"resourceGroups": [{"flavors": [{"name": "d"}]}]}, None),
        named({"apiVersion": KUEUE, "kind": "ResourceFlavor"}, "d", None),
        "spec.resourceGroups.0.flavors.0.name: refers to ResourceFlavor d",
    ),
    (
        custom(KUEUE, "ResourceFlavor", {"topologyName": "d"}, None),
        named({"apiVersion": KUEUE, "kind": "Topology"}, "d", None),
        "spec.topologyName: refers to Topology d",
    ),
    (
        class_of_nodes("karpenter.k8s.aws", "EC2NodeClass"),
        named({"apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass"}, "n", None),
        "spec.template.spec.nodeClassRef.name: refers to EC2NodeClass n",
    ),
    (
        custom("multicluster.x-k8s.io/v1alpha1", "ServiceExport", {}),
        named(SERVICE, "x"),
        "metadata.name: refers to Service default/x",
    ),
    (
        claims("h200.fleetc.dev"),
        named({"apiVersion": "resource.k8s.io/v1", "kind": "DeviceClass"}, "h200.fleetc.dev", None),
        "spec.spec.devices.requests.0.exactly.deviceClassName: refers to DeviceClass h200.fleetc.dev",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("refers", "meant", "says"), CASES)
def test_custom_references(refers: dict[str, Any], meant: dict[str, Any], says: str) -> None:
    alone = report(world(), {"Manifest/m": text(refers)})
    (found,) = said(alone, "dangling_reference")
    assert f" at {says}, which is not on the cluster" in found
    both = report(world(), {"Manifest/m": text(refers), "Manifest/o": text(meant)})
    assert said(both, "dangling_reference") == []
    assert ends(both, "reference").keys() == {"valid"}


def test_ports_of_backends() -> None:
    rows = {"Manifest/m": text(route({"name": "d", "port": 80})), "Manifest/o": text(named(SERVICE, "d"))}
    assert ends(report(world(), rows), "reference").keys() == {"valid"}
    rows["Manifest/m"] = text(route({"name": "d", "port": 81}))
    (found,) = said(report(world(), rows), "dangling_reference")
    assert "port 81 of Service default/d" in found


def test_gateways_are_declared_by_their_cluster() -> None:
    rows = {"Manifest/m": text(route(namespace="gateway", name="models"))}
    made = report(world(cluster(GATEWAY)), rows)
    assert reasons(made, "reference", "referenced") == {"declared in the cluster's `network.gateway`": 1}
    (found,) = said(report(world(), rows), "dangling_reference")
    assert "refers to Gateway gateway/models" in found


def test_classes_of_drivers_are_not_known() -> None:
    made = report(world(), {"Manifest/m": text(claims("gpu.nvidia.com"))})
    assert reasons(made, "reference", "skipped") == {"which DeviceClasses drivers install is not known": 1}
