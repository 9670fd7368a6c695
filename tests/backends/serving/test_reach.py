"""ServiceAccount, Service and PodDisruptionBudget of a model."""

from __future__ import annotations

from tests.backends.serving.sites import made, one, part, site, wide


def test_nobody_has_a_token() -> None:
    found = one(made(site()), "ServiceAccount")
    assert found["automountServiceAccountToken"] is False
    assert found["metadata"]["name"] == "llama"


def test_one_service_for_all_parts() -> None:
    found = one(made(site(part(), wide("h200"))), "Service")
    assert found["metadata"]["name"] == "llama"
    assert found["spec"] == {
        "selector": {"fleetc.dev/model": "llama", "app.kubernetes.io/component": "server"},
        "ports": [{"name": "http", "protocol": "TCP", "port": 8000, "targetPort": "http"}],
    }


def test_drains_go_one_by_one() -> None:
    spec = one(made(site(part(), wide("h200"))), "PodDisruptionBudget")["spec"]
    assert spec["maxUnavailable"] == 1
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert spec["selector"] == {
        "matchLabels": {"fleetc.dev/model": "llama"},
        "matchExpressions": [{"key": "app.kubernetes.io/component", "operator": "In", "values": ["server", "worker"]}],
    }
