"""Autoscalers of models, and what measures them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.backends.serving import sites
from tests.backends.serving.sites import COMPONENTS, made, of, one, part, site, wide

from fleetc.emission.site import ModelSite

PROMETHEUS = "http://prometheus-operated.monitoring:9090"
KEDA = {**COMPONENTS, "keda": "2.20.2"}


def keda(*parts: Any, **spec: Any) -> ModelSite:
    """A site where KEDA and Prometheus are."""
    return site(*parts, components=KEDA, here={"monitoring": {"address": PROMETHEUS}}, spec=spec)


def test_what_is_promised_is_all_there_is() -> None:
    found = made(site(part(least=3, most=3)))
    assert one(found, "Deployment")["spec"]["replicas"] == 3
    assert of(found, "HorizontalPodAutoscaler") == []


def test_more_may_run() -> None:
    found = made(site(part(least=2, most=5), spec={"autoscaling": {"queue": 8, "kvCache": 80}}))
    assert "replicas" not in one(found, "Deployment")["spec"]
    spec = one(found, "HorizontalPodAutoscaler")["spec"]
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "llama-h100"}
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 5)
    assert [(m["pods"]["metric"]["name"], m["pods"]["target"]["averageValue"]) for m in spec["metrics"]] == [
        ("vllm:num_requests_waiting", "8"),
        ("vllm:kv_cache_usage_perc", "800m"),
    ]


def test_groups_are_scaled_whole() -> None:
    found = made(site(wide(least=1, most=3)))
    target = one(found, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert target == {"apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": "LeaderWorkerSet", "name": "llama-h100"}
    assert "replicas" not in one(found, "LeaderWorkerSet")["spec"]


def test_keda_asks_prometheus() -> None:
    found = made(keda(part(least=2, most=5)))
    assert of(found, "HorizontalPodAutoscaler") == []
    spec = one(found, "ScaledObject")["spec"]
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (2, 5)
    assert [trigger["metadata"] for trigger in spec["triggers"]] == [
        {
            "serverAddress": PROMETHEUS,
            "query": "sum(vllm:num_requests_waiting"
            '{namespace="search",fleetc_dev_model="llama",fleetc_dev_pool="h100"})',
            "threshold": "4",
        }
    ]
    assert one(found, "ServiceMonitor")["spec"]["podTargetLabels"] == ["fleetc.dev/model", "fleetc.dev/pool"]


def test_what_is_only_for_a_burst_is_woken_by_the_queue_of_the_others() -> None:
    found = of(made(keda(part(least=2, most=2), part("l40s", least=0, most=4))), "ScaledObject")
    (spec,) = (item["spec"] for item in found)
    assert spec["minReplicaCount"] == 0
    query = spec["triggers"][0]["metadata"]["query"]
    assert query == 'sum(vllm:num_requests_waiting{namespace="search",fleetc_dev_model="llama"})'


def test_alone_it_keeps_one() -> None:
    assert one(made(keda(part(least=0, most=4))), "ScaledObject")["spec"]["minReplicaCount"] == 1
    assert one(made(site(part(least=0, most=4))), "HorizontalPodAutoscaler")["spec"]["minReplicas"] == 1


@pytest.mark.parametrize("without", ["components", "address"])
def test_without_keda_or_prometheus(without: str) -> None:
    components = COMPONENTS if without == "components" else KEDA
    here: dict[str, Any] = {"monitoring": {} if without == "address" else {"address": PROMETHEUS}}
    found = made(site(part(least=1, most=2), components=components, here=here))
    assert [len(of(found, kind)) for kind in ("ScaledObject", "HorizontalPodAutoscaler")] == [0, 1]


def test_a_monitor_needs_its_operator() -> None:
    monitor = one(made(site()), "ServiceMonitor")
    assert monitor["spec"]["endpoints"] == [{"port": "http", "path": "/metrics", "interval": "15s"}]
    assert of(made(site(components={})), "ServiceMonitor") == []
    assert of(made(site(components={"prometheus-operator": "0.1.0"})), "ServiceMonitor") == []


@given(parts=sites.parts(), with_keda=st.booleans(), engine=st.sampled_from((("vllm", "0.21.0"), ("sglang", "0.5.0"))))
def test_one_decides(parts: Any, with_keda: bool, engine: tuple[str, str]) -> None:
    at = keda(*parts) if with_keda else site(*parts)
    planned = at.serving.__replace__(engine=engine[0], version=engine[1])
    found = made(at.__replace__(serving=planned))
    scaled = {
        item["spec"]["scaleTargetRef"]["name"]
        for item in (*of(found, "HorizontalPodAutoscaler"), *of(found, "ScaledObject"))
    }
    workloads = [*of(found, "Deployment"), *of(found, "LeaderWorkerSet")]
    assert scaled == {item["metadata"]["name"] for item in workloads if "replicas" not in item["spec"]}
    assert scaled == {f"llama-{p.pool}" for p in parts if p.most > p.least}
