"""What a Telemetry emits, and what it leaves to others."""

from __future__ import annotations

from typing import Any, cast

import pytest
from tests.backends.serving.sites import judged
from tests.emission.nodes import cluster, divisions, fleet, no_pools, node, servings, teams

from fleetc.catalogue import metrics
from fleetc.check.promql import query
from fleetc.emission.recorder import traced
from fleetc.emission.site import TelemetrySite
from fleetc.language.telemetry import Telemetry
from fleetc_kubernetes.rules import ACTIVE, OWNER
from fleetc_kubernetes.telemetry import LOWERINGS

TARGET: dict[str, Any] = {"namespace": "gpu-operator", "port": "metrics", "path": "/metrics", "scheme": "http"}
BOTH: dict[str, dict[str, Any]] = {"dcgm-exporter": {}, "kube-state-metrics": {"namespace": "kube-system"}}


def telemetry(**spec: Any) -> Telemetry:
    """Telemetry `all`; targets by source."""
    targets = {
        name: {"source": name, **TARGET, "selector": {"app": name}, **more}
        for name, more in spec.pop("targets", {}).items()
    }
    made = {"replicas": 1, "cpu": "1", "memory": "8Gi", **spec.pop("prometheus", {})}
    tree = {"interval": "30s", "kubelet": False, "targets": targets, "prometheus": made, **spec}
    return cast(Telemetry, node("Telemetry", "all", tree))


def objects(of: Telemetry, **here: Any) -> dict[str, Any]:
    """What it emits on a cluster, by kind and name: all of it what an API server takes."""
    spec: dict[str, Any] = {
        "components": {"prometheus-operator": "0.93.0"},
        "monitoring": {"namespace": "monitoring"},
        **here,
    }
    at = TelemetrySite(
        fleet=fleet(), cluster=cluster(**spec), teams=teams(), pools=no_pools(), servings=servings(),
        divisions=divisions(), telemetry=of,
    )  # fmt: skip
    out: dict[str, Any] = {}
    for lowering in LOWERINGS:
        found = [dict(item) for item in lowering.lower(at)]
        assert found == [dict(item) for item in traced(lowering.lower, at)[0]], lowering.name
        for item in found:
            assert judged(item, at.cluster.kubernetes) == (), item
            out[f"{item['kind']}/{item['metadata']['name']}"] = item
    return out


def test_without_a_retention_another_one_reads_what_monitors_say() -> None:
    made = objects(telemetry(targets=BOTH, kubelet=True))
    assert list(made) == [
        "ServiceMonitor/all-dcgm-exporter",
        "ServiceMonitor/all-kube-state-metrics",
        "ServiceMonitor/all-kubelet",
        "PrometheusRule/all-devices",
    ]


def test_prometheus() -> None:
    receiver = {"name": "far", "url": "https://metrics.acme.example/push", "login": "basic", "secret": "writer"}
    spec: dict[str, Any] = {
        "retention": "30d", "replicas": 2, "storage": {"size": "100Gi", "storageClass": "fast"},
        "remoteWrite": {"far": receiver, "near": {"name": "near", "url": "http://near:9090/api", "login": "bearer"}},
    }  # fmt: skip
    spec["remoteWrite"]["other"] = {**receiver, "name": "other", "login": "bearer"}
    alertmanagers = {"am": {"name": "am", "port": "web"}, "far": {"name": "far", "namespace": "x", "port": "http"}}
    made = objects(telemetry(prometheus=spec, alertmanagers=alertmanagers))
    assert {"ServiceAccount/all", "ClusterRole/prometheus-all", "ClusterRoleBinding/prometheus-all"} < made.keys()
    found = made["Prometheus/all"]["spec"]
    assert (found["retention"], found["externalLabels"], found["scrapeInterval"]) == ("30d", {"cluster": "c1"}, "30s")
    claim = found["storage"]["volumeClaimTemplate"]["spec"]
    assert (claim["resources"]["requests"]["storage"], claim["storageClassName"]) == ("100Gi", "fast")
    keys = {"username": {"name": "writer", "key": "username"}, "password": {"name": "writer", "key": "password"}}
    assert [{k: v for k, v in write.items() if k not in ("name", "url")} for write in found["remoteWrite"]] == [
        {"basicAuth": keys},
        {},
        {"authorization": {"credentials": {"name": "writer", "key": "token"}}},
    ]
    assert found["alerting"]["alertmanagers"] == [
        {"namespace": "monitoring", "name": "am", "port": "web"},
        {"namespace": "x", "name": "far", "port": "http"},
    ]


def test_its_role_sees_no_secrets() -> None:
    rules = objects(telemetry(prometheus={"retention": "1d"}))["ClusterRole/prometheus-all"]["rules"]
    seen = {resource for rule in rules for resource in rule.get("resources", ())}
    assert seen == {"nodes", "services", "endpoints", "pods", "nodes/metrics", "endpointslices"}
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_targets(scheme: str) -> None:
    made = objects(telemetry(targets={"kueue": {"scheme": scheme, "interval": "1m", "path": "/m"}}))
    spec = made["ServiceMonitor/all-kueue"]["spec"]
    assert spec["namespaceSelector"] == {"matchNames": ["gpu-operator"]}
    assert spec["selector"] == {"matchLabels": {"app": "kueue"}}
    (endpoint,) = spec["endpoints"]
    assert (endpoint["path"], endpoint["interval"], endpoint["honorLabels"]) == ("/m", "1m", True)
    assert ("bearerTokenFile" in endpoint) == (scheme == "https")


@pytest.mark.parametrize("source", BOTH)
def test_devices_are_joined_with_pods_where_both_are_read(source: str) -> None:
    assert "PrometheusRule/all-devices" not in objects(telemetry(targets={source: {}}))


def test_rules_of_devices_read_what_there_is() -> None:
    pytest.importorskip("promql_parser")
    rules = objects(telemetry(targets=BOTH))["PrometheusRule/all-devices"]["spec"]["groups"][0]["rules"]
    assert [rule["record"] for rule in rules][:2] == [OWNER, ACTIVE]
    for rule in rules:
        for read in query(rule["expr"]).reads:
            found = metrics.of_series(read.series)
            assert read.series == OWNER or found is not None
            if found is not None:
                has = {*found.source.labels_of(found.metric), "label_fleetc_dev_team"}
                assert set(read.labels) <= has


def test_where_nothing_reads_monitors_there_are_none() -> None:
    assert objects(telemetry(targets=BOTH, kubelet=True), components={}) == {}


def test_exporters_are_sources_of_the_catalogue() -> None:
    from typing import get_args

    from fleetc.language.telemetry import Exporter

    assert all(metrics.source(name) is not None for name in get_args(Exporter))
