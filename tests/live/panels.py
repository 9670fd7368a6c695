"""A small world that is measured: its series, and what panels have to show of it, told without PromQL.

Everything that a pod, a namespace or a node tells is in proportion to its weight. Latencies of all requests of a model
are spread evenly between two boundaries of the histogram.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tests.live.prometheus import Series, counter, gauge

from fleetc.catalogue.metrics import Metric, MetricType, source

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
STATUS = (("2xx", 9.0), ("5xx", 1.0))
"""How many requests of the API a second are answered so, by a pod of weight 1."""
KUEUE_BOUNDS = (5.0, 10.0)
Names = Mapping[str, str]
SGLANG: Names = {
    "waiting": "sglang:num_queue_reqs", "running": "sglang:num_running_reqs", "kvCache": "sglang:token_usage",
    "hitRate": "sglang:cache_hit_rate", "prompt": "sglang:prompt_tokens_total",
    "generated": "sglang:generation_tokens_total", "finished": "sglang:num_requests_total",
    "first": "sglang:time_to_first_token_seconds", "token": "sglang:inter_token_latency_seconds",
    "whole": "sglang:e2e_request_latency_seconds", "queued": "sglang:queue_time_seconds",
}  # fmt: skip
OLD_SGLANG: Names = {
    key: SGLANG[key] for key in ("waiting", "running", "kvCache", "hitRate", "prompt", "generated")
}  # fmt: skip
VLLM: Names = {
    "waiting": "vllm:num_requests_waiting", "running": "vllm:num_requests_running",
    "kvCache": "vllm:kv_cache_usage_perc", "hits": "vllm:prefix_cache_hits_total",
    "lookups": "vllm:prefix_cache_queries_total", "prompt": "vllm:prompt_tokens_total",
    "generated": "vllm:generation_tokens_total", "finished": "vllm:request_success_total",
    "first": "vllm:time_to_first_token_seconds", "token": "vllm:inter_token_latency_seconds",
    "whole": "vllm:e2e_request_latency_seconds", "queued": "vllm:request_queue_time_seconds",
    "requests": "http_requests_total",
}  # fmt: skip
OLD_VLLM: Names = {**VLLM, "token": "vllm:time_per_output_token_seconds"}


def names_of(engine: str, version: str) -> Names:
    """What each thing is called by an engine of a version."""
    order = [int(part) for part in version.split(".")[:2]]
    if engine == "sglang":
        return SGLANG if order >= [0, 5] else OLD_SGLANG
    # Between 0.11 and 0.12 there are both: the older one is read.
    return VLLM if order >= [0, 12] else OLD_VLLM


class Served(NamedTuple):
    """A model on two pods of these weights; its latencies are between the n-th boundary and the next."""

    name: str
    team: str
    weights: tuple[int, int]
    bound: int

    @property
    def total(self) -> int:
        return sum(self.weights)


class World(NamedTuple):
    """What there is: models, namespaces by team with their weights, Objectives, nodes of the pool with theirs."""

    engine: str
    version: str
    models: Sequence[Served]
    namespaces: Mapping[str, Mapping[str, int]]
    objectives: Mapping[str, str]
    """The team of each, whose window is 28 days and whose budget is a hundredth unless `budgets` says otherwise."""
    budgets: Mapping[str, float]
    nodes: Mapping[str, int]
    node_label: tuple[str, str]


def everything(world: World) -> Iterator[Series]:
    """All series of a world."""
    for model in world.models:
        for n, weight in enumerate(model.weights):
            yield from _engine(world, model, f"{model.name}-{n}", weight)
    yield from _recorded(world)
    for team, theirs in world.namespaces.items():
        for namespace, weight in theirs.items():
            yield from _kueue("kueue_local_queue_", {"namespace": namespace, "name": "team-queue"}, weight)
            yield from _quota(namespace, weight)
        yield from _kueue("kueue_", {"cluster_queue": team}, sum(theirs.values()))
    yield from _devices(world)


def _engine(world: World, model: Served, pod: str, weight: int) -> Iterator[Series]:
    exposes = source(world.engine)
    assert exposes is not None
    namespace = next(iter(world.namespaces[model.team]))
    common = {"namespace": namespace, "pod": pod, "job": model.name, "fleetc_dev_model": model.name}
    for metric in exposes.metrics:
        if metric.at(world.version) and metric.name != "http_requests_total":
            own = {label: "0" for label in exposes.labels_of(metric) if not label.endswith("*")}
            yield from _metric(metric, {**common, **own}, weight, model.bound)
    if world.engine == "vllm":
        for status, rate in STATUS:
            api = {**common, "handler": "/v1/chat/completions", "method": "POST", "status": status}
            yield counter("http_requests_total", api, rate * weight)
        probes = {**common, "handler": "/health", "method": "GET", "status": "5xx"}
        yield counter("http_requests_total", probes, 1000)


def _metric(metric: Metric, labels: Mapping[str, str], weight: int, bound: int) -> Iterator[Series]:
    if metric.type is MetricType.GAUGE:
        yield gauge(metric.name, labels, 0.1 * weight if metric.unit == "ratio" else 10 * weight)
    elif metric.type is MetricType.COUNTER:
        yield counter(metric.name, labels, weight if "hits" in metric.name else 2 * weight)
    else:
        for n, upper in enumerate(metric.buckets):
            yield counter(f"{metric.name}_bucket", {**labels, "le": f"{upper:g}"}, 4 * weight if n > bound else 0)
        yield counter(f"{metric.name}_bucket", {**labels, "le": "+Inf"}, 4 * weight)
        yield counter(f"{metric.name}_count", labels, 4 * weight)


def _recorded(world: World) -> Iterator[Series]:
    for model in world.models:
        namespace = next(iter(world.namespaces[model.team]))
        labels = {"namespace": namespace, "model": model.name, "team": model.team}
        values = {"active:avg": 0.05, "tensor_active:avg": 0.02, "memory_used:ratio": 0.04, "power_watts:sum": 300,
                  "devices:count": 4}  # fmt: skip
        for name, value in values.items():
            yield gauge(f"namespace_model_team:gpu_{name}", labels, value * model.total)
    # Only devices of one model are idle: of the others, no series says so.
    idle, space = world.models[0], next(iter(world.namespaces[world.models[0].team]))
    labels = {"namespace": space, "model": idle.name, "team": idle.team}
    yield gauge("namespace_model_team:gpu_devices_idle:count", labels, 1)
    for n, (name, team) in enumerate(world.objectives.items()):
        labels = {"objective": name, "team": team}
        yield gauge("objective:error_budget_remaining:ratio28d", labels, 0.5 - n)
        yield gauge("objective:sli_errors:ratio_rate5m", labels, 0.002 * (n + 1))


def _kueue(prefix: str, labels: Mapping[str, str], weight: int) -> Iterator[Series]:
    yield gauge(f"{prefix}pending_workloads", {**labels, "status": "active"}, 5 * weight)
    yield gauge(f"{prefix}pending_workloads", {**labels, "status": "inadmissible"}, weight)
    yield gauge(f"{prefix}admitted_active_workloads", labels, 4 * weight)
    for upper in (2.5, *KUEUE_BOUNDS, 20.0):
        rate = weight if upper > KUEUE_BOUNDS[0] else 0
        yield counter(f"{prefix}admission_wait_time_seconds_bucket", {**labels, "le": f"{upper:g}"}, rate)
    yield counter(f"{prefix}admission_wait_time_seconds_bucket", {**labels, "le": "+Inf"}, weight)


def _quota(namespace: str, weight: int) -> Iterator[Series]:
    for resource, used, hard in (("pods", 4, 10), ("requests.cpu", 9, 10), ("services.nodeports", 0, 0)):
        for sort, value in (("used", used), ("hard", hard)):
            labels = {"namespace": namespace, "resourcequota": "team-quota", "resource": resource, "type": sort}
            yield gauge("kube_resourcequota", labels, value * weight)
    other = {"namespace": namespace, "resourcequota": "device-quota", "resource": "pods"}
    yield gauge("kube_resourcequota", {**other, "type": "used"}, 1000)


def _devices(world: World) -> Iterator[Series]:
    label, pool = world.node_label
    for node, weight in {**world.nodes, "elsewhere": 9}.items():
        yield gauge("kube_node_labels", {"node": node, label: pool if node in world.nodes else "another"}, 1)
        for gpu in ("0", "1"):
            labels = {"node": node, "gpu": gpu, "pod": f"exporter-{node}", "namespace": "gpu-operator"}
            values = {
                "DCGM_FI_PROF_GR_ENGINE_ACTIVE": 0.1 * weight + 0.2 * int(gpu), "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": 0.1,
                "DCGM_FI_DEV_FB_USED": 10 * weight, "DCGM_FI_DEV_FB_FREE": 20 * weight,
                "DCGM_FI_DEV_FB_RESERVED": 10 * weight, "DCGM_FI_DEV_POWER_USAGE": 100 * weight,
                "DCGM_FI_DEV_GPU_TEMP": 30 + weight + int(gpu), "DCGM_FI_DEV_XID_ERRORS": 40 + weight + int(gpu),
                "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS": weight, "DCGM_FI_DEV_ROW_REMAP_FAILURE": int(gpu),
            }  # fmt: skip
            for name, value in values.items():
                yield gauge(name, labels, value)
