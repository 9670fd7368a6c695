"""Charts of what the cluster tells: devices, queues of Kueue, quotas, and budgets of Objectives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.emission.site import DashboardSite
from fleetc.language.amounts import share, time
from fleetc.language.burning import decimal, duration, windows
from fleetc.language.intents import Topic, has_local_queues, has_queues, objectives
from fleetc.language.pool import GPUPool
from fleetc_kubernetes.dashboards.chart import Chart, Query, grouped, quantile
from fleetc_kubernetes.objectives.rules import BUDGET, ERRORS
from fleetc_kubernetes.pools.nodes import COMPUTE_CLASS, POOL
from fleetc_kubernetes.pools.sets import node_sets
from fleetc_kubernetes.rules import quoted
from fleetc_kubernetes.tenancy.local_queue import NAME as QUEUE
from fleetc_kubernetes.tenancy.resource_quota import NAME as QUOTA

_RECORDED: Final = "namespace_model_team:gpu_"
_ACTIVE: Final = "Share of time in which the compute engine was active."
_XID: Final = "0 when there was none; what each means is in NVIDIA's documentation of XID errors."


def budgets(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """What is left of the error budgets, and how fast they burn."""
    found = objectives(s, of)
    if not found:
        return
    left, burning = list[Query](), list[Query]()
    for node in found:
        mine, long = f"{{objective={quoted(node.name)}}}", time(node.window)
        left.append(Query(f"sum by (objective) ({BUDGET}{duration(int(long))}{mine})", "{{objective}}"))
        recorded = f"{ERRORS}{duration(windows(long)[0])}{mine}"
        budget = decimal(1 - share(node.target))
        burning.append(Query(f"sum by (objective) ({recorded}) / {budget}", "{{objective}}"))
    yield Chart("Error budget left", "percentunit", "1 is all of it; below 0 the Objective is missed.", tuple(left),
                (0.0,))  # fmt: skip
    what = "The share that is bad against the share that may be: at 1, the budget lasts exactly as long as its window."
    yield Chart("Burn rate", "short", what, tuple(burning), (1.0,))


def devices(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """How busy devices are, from what the Telemetry records."""
    if of.about == "pool":
        yield from _pool_devices(s, of)
        return
    if of.about == "fleet":
        yield from _devices_by_team()
        return
    matchers = _of_model(s, of) if of.about == "model" else f"{{team={quoted(of.name)}}}"
    legend = "{{namespace}}" if of.about == "model" else "{{namespace}} {{model}}"
    shown = (
        ("Devices active", "percentunit", "active:avg", _ACTIVE),
        ("Tensor cores active", "percentunit", "tensor_active:avg", "Share of cycles of tensor cores."),
        ("Device memory in use", "percentunit", "memory_used:ratio", "Share of device memory that is in use."),
        ("Power of devices", "watt", "power_watts:sum", "Power drawn."),
    )
    for title, unit, name, meaning in shown:
        yield Chart(title, unit, meaning, (Query(f"{_RECORDED}{name}{matchers}", legend),))
    yield _held(matchers, legend)


def _of_model(s: DashboardSite, of: Topic) -> str:
    serving = s.servings.get(of.name)
    team = s.teams.get(serving.team) if serving is not None else None
    namespace = f"namespace={quoted(team.namespaces[0].name)}, " if team is not None else ""
    return f"{{{namespace}model={quoted(of.name)}}}"


def _held(matchers: str, legend: str) -> Chart:
    """Devices that pods hold, and those of them that do nothing: where all do something, no series says so."""
    held = f"{_RECORDED}devices:count{matchers}"
    idle = f"{_RECORDED}devices_idle:count{matchers} or {held} * 0"
    queries = (Query(held, f"{legend} held"), Query(idle, f"{legend} idle"))
    return Chart("Devices", "short", "Devices that pods hold, and those of them that are idle.", queries)


def _devices_by_team() -> Iterator[Chart]:
    held = f"{_RECORDED}devices:count"
    active = f"sum by (team) ({_RECORDED}active:avg * {held}) / sum by (team) ({held})"
    yield Chart("Devices active", "percentunit", f"{_ACTIVE} Mean over the devices of a team.",
                (Query(active, "{{team}}"),))  # fmt: skip
    power = f"sum by (team) ({_RECORDED}power_watts:sum)"
    yield Chart("Power of devices", "watt", "Power drawn.", (Query(power, "{{team}}"),))
    yield Chart("Devices held", "short", "Devices that pods hold.", (Query(f"sum by (team) ({held})", "{{team}}"),))
    idle = f"sum by (team) ({_RECORDED}devices_idle:count or {held} * 0)"
    yield Chart("Devices idle", "short", "Devices that pods hold and do not use.", (Query(idle, "{{team}}"),))


def _pool_devices(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    used, free, reserved = (_on_nodes(s, of, f"DCGM_FI_DEV_FB_{part}") for part in ("USED", "FREE", "RESERVED"))
    memory = f"sum by (node) ({used}) / (sum by (node) ({used}) + sum by (node) ({free}) + sum by (node) ({reserved}))"
    shown = (
        ("Devices active", "percentunit", _mean(s, of, "DCGM_FI_PROF_GR_ENGINE_ACTIVE"), _ACTIVE),
        ("Tensor cores active", "percentunit", _mean(s, of, "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"),
         "Share of cycles of tensor cores."),
        ("Device memory in use", "percentunit", memory, "Share of device memory that is in use."),
        ("Power of devices", "watt", f"sum by (node) ({_on_nodes(s, of, 'DCGM_FI_DEV_POWER_USAGE')})", "Power drawn."),
        ("Temperature of devices", "celsius", f"max by (node) ({_on_nodes(s, of, 'DCGM_FI_DEV_GPU_TEMP')})",
         "The hottest device of each node."),
        ("Devices", "short", f"count by (node) ({_on_nodes(s, of, 'DCGM_FI_PROF_GR_ENGINE_ACTIVE')})",
         "Devices of each node of which something is told."),
    )  # fmt: skip
    for title, unit, expr, meaning in shown:
        yield Chart(title, unit, meaning, (Query(expr, "{{node}}"),))


def device_errors(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """What is wrong with devices of a pool."""
    xid = f"max by (node, gpu) ({_on_nodes(s, of, 'DCGM_FI_DEV_XID_ERRORS')})"
    yield Chart("Last XID error", "short", _XID, (Query(xid, "{{node}} {{gpu}}"),))
    rows = f"sum by (node) ({_on_nodes(s, of, 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS')})"
    yield Chart("Rows of memory replaced", "short", "Rows replaced for errors that were not corrected.",
                (Query(rows, "{{node}}"),))  # fmt: skip
    failed = f"sum by (node) ({_on_nodes(s, of, 'DCGM_FI_DEV_ROW_REMAP_FAILURE')})"
    yield Chart("Devices with rows that could not be replaced", "short", "Such a device has to be exchanged.",
                (Query(failed, "{{node}}"),))  # fmt: skip


def _mean(s: DashboardSite, of: Topic, metric: str) -> str:
    return f"avg by (node) ({_on_nodes(s, of, metric)})"


def _on_nodes(s: DashboardSite, of: Topic, metric: str) -> str:
    """A metric of the devices on a pool's nodes, which their labels tell."""
    pool = s.pools.get(of.name)
    assert pool is not None
    return f"{metric} * on (node) group_left () {_nodes(s, pool)}"


def _nodes(s: DashboardSite, pool: GPUPool) -> str:
    names = [nodes.name for nodes in node_sets(s, pool)]
    key = COMPUTE_CLASS if pool.provisioning == "computeClass" else POOL
    label = "label_" + "".join(c if c.isalnum() else "_" for c in key)
    matcher = f"{label}={quoted(names[0])}" if len(names) == 1 else f"{label}=~{quoted('|'.join(names))}"
    return f"max by (node) (kube_node_labels{{{matcher}}})"


def queues(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """What waits for quota: in a team's namespaces, or in all queues of the cluster."""
    if of.about == "team" and has_local_queues(s):
        matchers = f"{_namespaces(s, of)}, name={quoted(QUEUE)}"
        yield from _workloads("kueue_local_queue_", matchers, "namespace")
    elif of.about == "fleet" and has_queues(s):
        yield from _workloads("kueue_", "", "cluster_queue")


def _workloads(prefix: str, matchers: str, by: str) -> Iterator[Chart]:
    legend = f"{{{{{by}}}}}"
    for title, name, meaning in (
        ("Workloads that wait", "pending_workloads", "Workloads that wait for quota."),
        ("Workloads admitted", "admitted_active_workloads", "Workloads that have quota and are not finished."),
    ):
        braced = f"{{{matchers}}}" if matchers else ""
        yield Chart(title, "short", meaning, (Query(grouped("sum", by, f"{prefix}{name}{braced}"), legend),))
    waited = quantile("0.95", by, f"{prefix}admission_wait_time_seconds", matchers)
    yield Chart("Time until admission", "s", "95% were admitted sooner.", (Query(waited, legend),))


def _namespaces(s: DashboardSite, of: Topic) -> str:
    team = s.teams.get(of.name)
    names = [namespace.name for namespace in team.namespaces] if team is not None else []
    return f"namespace={quoted(names[0])}" if len(names) == 1 else f"namespace=~{quoted('|'.join(names))}"


def quotas(s: DashboardSite, of: Topic) -> Iterator[Chart]:
    """How much of quotas is used: of a team by resource, of a fleet the resource of each namespace that is nearest to
    its end."""
    where = f"{_namespaces(s, of)}, " if of.about == "team" else ""
    used, hard = (f'kube_resourcequota{{{where}resourcequota={quoted(QUOTA)}, type="{t}"}}' for t in ("used", "hard"))
    if of.about == "team":
        expr = f"sum by (resource) ({used}) / (sum by (resource) ({hard}) > 0)"
        yield Chart("Quota used", "percentunit", "Over all namespaces of the team.", (Query(expr, "{{resource}}"),))
        return
    expr = f"max by (namespace) ({used} / ignoring (type) ({hard} > 0))"
    what = "The resource of each namespace of which most is used."
    yield Chart("Quota used", "percentunit", what, (Query(expr, "{{namespace}}"),))
