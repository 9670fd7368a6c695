"""Rule `selector`: something has the labels, and the ports, that are looked for."""

from __future__ import annotations

import pytest
from tests.check.fleet.clusters import ends, hints, reasons, report, said, world

PODS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: default}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      containers:
      - {name: c, image: i, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}
---
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: s, namespace: default, labels: {app: web}}
spec: {selector: {app: %s}, ports: [{name: http, port: 80, targetPort: %s, protocol: %s}]}
---
"""
BUDGET = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: b, namespace: default}
spec: {maxUnavailable: 1, selector: %s}
---
"""
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: n, namespace: default}
spec: {podSelector: %s}
---
"""
MONITOR = """
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: m, namespace: default}
spec: {selector: {matchLabels: {app: %s}}, endpoints: [{port: %s}]}
---
"""
POD_MONITOR = """
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: m, namespace: default}
spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: %s}]}
---
"""
GOOD = SERVICE % ("web", "http", "TCP")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PODS + GOOD, {"valid": 2}),
        (PODS + SERVICE % ("web", "8080", "TCP"), {"valid": 1}),
        (PODS + SERVICE % ("db", "http", "TCP"), {"invalid": 1}),
        (PODS + SERVICE % ("web", "https", "TCP"), {"valid": 1, "invalid": 1}),
        (PODS + SERVICE % ("web", "dns", "TCP"), {"valid": 1, "invalid": 1}),
        (PODS + SERVICE % ("web", "dns", "UDP"), {"valid": 2}),
        (PODS + BUDGET % "{matchLabels: {app: web}}", {"valid": 1}),
        (PODS + BUDGET % "{matchExpressions: [{key: tier, operator: Exists}]}", {"valid": 1}),
        (PODS + BUDGET % "{matchLabels: {app: web, tier: back}}", {"invalid": 1}),
        (PODS + BUDGET % "{}", {}),
        (PODS + POLICY % "{matchLabels: {app: web}}", {"valid": 1}),
        (PODS + POLICY % "{matchLabels: {app: other}}", {"invalid": 1}),
        (PODS + POLICY % "{}", {}),
        (PODS + GOOD + MONITOR % ("web", "http"), {"valid": 4}),
        (PODS + GOOD + MONITOR % ("db", "http"), {"valid": 2, "invalid": 1}),
        (PODS + GOOD + MONITOR % ("web", "metrics"), {"valid": 3, "invalid": 1}),
        (PODS + POD_MONITOR % "http", {"valid": 2}),
        (PODS + POD_MONITOR % "metrics", {"valid": 1, "invalid": 1}),
        (PODS.replace("namespace: default", "namespace: kube-system") + GOOD, {"invalid": 1}),
    ],
)
def test_ends(text: str, expected: dict[str, int]) -> None:
    assert ends(report(world(), {"Manifest/m": text}), "selector") == expected


def test_other_subjects_count() -> None:
    rows = {"Manifest/m": PODS, "Manifest/o": GOOD, "Manifest/p": MONITOR % ("web", "http")}
    assert ends(report(world(), rows), "selector") == {"valid": 4}
    rows = {"Manifest/m": PODS, "Manifest/o": SERVICE % ("web", "https", "TCP"), "Manifest/p": MONITOR % ("web", "x")}
    assert ends(report(world(), rows), "selector") == {"valid": 2, "invalid": 2}


def test_some_of_the_pods_have_the_port() -> None:
    more = PODS.replace("name: d,", "name: e,").replace("name: http", "name: https")
    assert ends(report(world(), {"Manifest/m": PODS, "Manifest/o": more + GOOD}), "selector") == {"valid": 2}


def test_findings() -> None:
    found = report(world(), {"Manifest/m": PODS + SERVICE % ("db", "http", "TCP")})
    assert said(found) == ["Service default/s at spec.selector: selects no pods in namespace default"]
    found = report(world(), {"Manifest/m": PODS + SERVICE % ("web", "https", "TCP")})
    assert said(found) == [
        "Service default/s at spec.ports.0.targetPort: selects pods without a port named `https` (TCP)"
    ]
    assert hints(found, "dangling_selector") == ["their ports: dns (UDP), http (TCP)"]
    found = report(world(), {"Manifest/m": PODS + GOOD + MONITOR % ("web", "metrics")})
    assert said(found) == [
        "ServiceMonitor default/m at spec.endpoints.0.port: selects services without a port named `metrics`"
    ]
    found = report(world(), {"Manifest/m": PODS + GOOD + MONITOR % ("db", "http")})
    assert said(found) == ["ServiceMonitor default/m at spec.selector: selects no services in namespace default"]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("serving.example.com", "partial"),
        ("cilium.io", "invalid"),
        ("external-secrets.io", "invalid"),
        ("snapshot.storage.k8s.io", "invalid"),
    ],
)
def test_custom_resources_may_start_pods(group: str, expected: str) -> None:
    custom = f"{{apiVersion: {group}/v1, kind: Thing, metadata: {{name: t, namespace: default}}}}\n---\n"
    found = report(world(), {"Manifest/m": custom + GOOD})
    assert ends(found, "selector") == {expected: 1}
    if expected == "partial":
        assert list(reasons(found, "selector", "partial")) == [
            "pods that custom resources of the namespace start are not known"
        ]
        assert said(found, "dangling_selector") == []
