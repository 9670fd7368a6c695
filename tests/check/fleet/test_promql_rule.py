"""Rule `promql` on a small fleet: how checks end where nobody says which metrics there are, and without the library."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.driver.fleets import inside
from tests.driver.tree.trees import put
from tests.pages import BASE

from fleetc.check import promql

RULES = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: rules, team: search}
spec:
  placement: {clusters: onprem-prod}
  objects:
  - apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata: {name: rules, namespace: search}
    spec:
      groups:
      - name: search
        rules:
        - {record: "shop:orders:sum", expr: sum(orders_total)}
        - {alert: None, expr: "shop:orders:sum == 0"}
        - {alert: Restarts, expr: "increase(kube_pod_container_status_restarts_total[1h]) > 3"}
"""
CLUSTER = """\
apiVersion: fleetc/v1alpha1
kind: Cluster
metadata: {name: onprem-prod}
spec:
  kubernetes: "1.35"
  provider: onprem
  environment: prod
  components: {prometheus-operator: 0.93.0}
  monitoring: {namespace: monitoring}
  existing: {namespaces: monitoring}
"""
TELEMETRY = """\
apiVersion: fleetc/v1alpha1
kind: Telemetry
metadata: {name: all}
spec: {placement: {clusters: onprem-prod}, metrics: [orders_total]}
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    root = tmp_path / "acme"
    shutil.copytree(BASE, root)
    put(root, "specs/manifests.yaml", RULES.replace("alert: None", "alert: NoOrders").encode())
    put(root, "specs/clusters/onprem-prod.yaml", CLUSTER.encode())
    return root


def ended(root: Path) -> dict[str, Any]:
    """How checks of the rule ended, by state; nothing is wrong."""
    got = inside(root, "check", "--output", "json")
    assert got.status == 0, got.err
    found: dict[str, Any] = got.data()["summary"]["checks"]["promql"]
    return found


def test_without_a_telemetry_other_metrics_are_not_known(fleet: Path) -> None:
    pytest.importorskip("promql_parser")
    found = ended(fleet)
    assert found == {"valid": 2, "partial": 1}


def test_a_telemetry_that_only_declares_metrics_is_heard(fleet: Path) -> None:
    pytest.importorskip("promql_parser")
    put(fleet, "specs/telemetry.yaml", TELEMETRY.encode())
    assert set(ended(fleet)) == {"valid"}


def test_without_the_library_nothing_is_called_valid(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promql, "_library", lambda: None)
    promql.query.cache_clear()
    assert set(ended(fleet)) == {"skipped"}
    assert inside(fleet, "check", "--strict").status == 1
    promql.query.cache_clear()
