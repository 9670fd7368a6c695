"""The table of metrics is unambiguous, its histograms have real bounds, and it agrees with the table of engines."""

from __future__ import annotations

import re

import pytest

from fleetc.catalogue import components, engines, metrics
from fleetc.catalogue.metrics import Metric, MetricType, Source

ALL = [(s, m) for s in metrics.sources() for m in s.metrics]
each_metric = pytest.mark.parametrize(("source", "metric"), ALL, ids=lambda v: v.name)


def test_sources() -> None:
    names = [s.name for s in metrics.sources()]
    assert set(engines.engine_names()) <= set(names)
    assert len(set(names)) == len(names)
    assert all(s.component is None or components.component(s.component) for s in metrics.sources())
    assert metrics.source("vlm") is None


def test_series_are_of_one_metric() -> None:
    every = [name for _, m in ALL for name in m.series]
    assert len(every) == len(set(every)) == len(metrics.series_names())
    found = metrics.of_series("vllm:time_to_first_token_seconds_bucket")
    assert found is not None
    assert (found.source.name, found.metric.name) == ("vllm", "vllm:time_to_first_token_seconds")
    assert metrics.of_series("vllm:time_to_first_token_seconds") is None
    assert metrics.of_series("up") is None


@each_metric
def test_metrics_are_sound(source: Source, metric: Metric) -> None:
    assert re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", metric.name)
    assert metric.buckets == tuple(sorted(set(metric.buckets)))
    assert not metric.buckets or metric.type is MetricType.HISTOGRAM
    labels = source.labels_of(metric)
    assert len(labels) == len(set(labels))
    assert all(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*\*?", label) and label != "le" for label in labels)
    if metric.since is not None and metric.until is not None:
        assert engines.order(metric.since) < engines.order(metric.until)


@each_metric
def test_counters_say_so(source: Source, metric: Metric) -> None:
    # DCGM's names are those of its fields, and dcgm-exporter says the type that its configuration gives each
    if metric.type is MetricType.COUNTER and source.name != "dcgm-exporter":
        assert metric.name.endswith("_total")


@pytest.mark.parametrize("name", engines.engine_names())
def test_the_table_of_engines_agrees(name: str) -> None:
    source, engine = metrics.source(name), engines.engine(name)
    assert source is not None
    assert engine is not None
    for release in engine.releases:
        for role, exposed in release.metrics.items():
            found = next(m for m in source.metrics if m.name == exposed)
            assert found.role in {None, role}


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("0.10.0", "vllm:time_per_output_token_seconds"),
        ("0.11.2", "vllm:time_per_output_token_seconds"),
        ("0.12.0", "vllm:inter_token_latency_seconds"),
        ("v0.21.0", "vllm:inter_token_latency_seconds"),
    ],
)
def test_a_role_is_another_metric_in_another_version(version: str, name: str) -> None:
    vllm = metrics.source("vllm")
    assert vllm is not None
    found = vllm.of_role("timePerOutputToken", version)
    assert found is not None
    assert found.name == name
    assert 0.05 in found.buckets


def test_labels() -> None:
    vllm = metrics.source("vllm")
    assert vllm is not None
    reasons, http = vllm.metric("vllm:request_success_total"), vllm.metric("http_requests_total")
    assert reasons is not None
    assert http is not None
    assert vllm.labels_of(reasons) == ("model_name", "engine", "finished_reason")
    assert vllm.labels_of(http) == ("handler", "method", "status")
    assert vllm.metric("vllm:inter_token_latency_seconds", "0.10.2") is None
