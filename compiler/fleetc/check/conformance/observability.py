"""Requirements on what is measured: accelerators themselves, and the servers and jobs that use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fleetc.catalogue.accelerators import Vendor
from fleetc.catalogue.conformance import conformance
from fleetc.check.conformance.accelerators import COMPONENTS
from fleetc.check.conformance.facts import Evidence, Found, Here, Verdict, met, partly, unmet
from fleetc.check.conformance.workloads import Pods, all_pods, asked, asking_lines
from fleetc.check.fleet.declared import MODEL
from fleetc.check.policy.judge import NAMESPACE_NAME
from fleetc.check.rules.access import at, strings
from fleetc.check.rules.selectors import matches

_OPERATOR: Final = "monitoring.coreos.com"
_MONITORS: Final = {"ServiceMonitor": "serviceMonitor", "PodMonitor": "podMonitor"}
_FIXES: Final[Mapping[Vendor, str]] = {
    Vendor.NVIDIA: "add `dcgm-exporter` to the `targets` of a Telemetry",
    Vendor.AMD: "write a ServiceMonitor of `amdgpu-metrics-exporter` in a Manifest",
    Vendor.GOOGLE: "fleetc knows no exporter of {}: see what your provider measures",
}
_NO_PROMETHEUS: Final = "no Prometheus that reads them is emitted or named"
_NAME_IT: Final = "place a Telemetry with `prometheus` on the cluster, or set `monitoring.address` of the Cluster"


def accelerator_metrics(here: Here) -> Verdict:
    """A monitor of the exporter of each vendor's accelerators, and who reads it."""
    vendors = {p.accelerator.vendor: p for p in here.pools}
    shown: list[Found] = []
    missing: dict[Vendor, str] = {}
    for vendor, pool in vendors.items():
        exporter = conformance().exporters.get(vendor)
        found = [m for m in _monitors(here) if exporter is not None and _is_of(m, exporter)]
        shown += found
        if not found:
            missing[vendor] = pool.accelerator.name
    fix = "; ".join(_FIXES[vendor].format(name) for vendor, name in missing.items())
    if not shown:
        return unmet("no exporter of accelerators' metrics is scraped", fix)
    if missing:
        note = f"nothing that is scraped tells of {', '.join(missing.values())}"
        return partly(note, fix, *(m.evidence("spec", "selector") for m in shown))
    return _read(here, shown, "the exporter of accelerators' metrics is scraped")


def ai_service_metrics(here: Here) -> Verdict:
    """A monitor that selects pods of a model server, and who reads it."""
    servers = [pods for pods in all_pods(here) if MODEL in pods.labels or asked(here, pods) is not None]
    chosen = {(m.kind, m.namespace, m.name): (m, way) for m in _monitors(here) for way in _ways(here, m, servers)}
    if chosen:
        shown, ways = zip(*chosen.values(), strict=True)
        return _read(here, list(shown), "model servers are scraped", *(e for way in ways for e in way))
    if not servers:
        return unmet("no model server is emitted, so none is scraped", "place a Model on the cluster")
    fix = f"add `prometheus-operator` to {COMPONENTS}; Models are monitored where it is"
    return unmet("no monitor selects the pods of a model server", fix)


def _read(here: Here, monitors: list[Found], note: str, *more: Evidence) -> Verdict:
    """Met, if something reads the monitors."""
    shown = [*(m.evidence("spec", "selector") for m in monitors), *more]
    operator = here.component("prometheus-operator")
    if operator is None:
        why = f"{note}, and nothing that serves monitors is among the components"
        return partly(why, f"add `prometheus-operator` to {COMPONENTS}", *shown)
    servers = list(here.of(_OPERATOR, "Prometheus"))
    readers = [p.evidence() for p in servers if any(_reads(here, p, m) for m in monitors)]
    if not servers and here.cluster.monitoring.address is not None:
        readers = [here.spec("monitoring", "address")]
    if not readers:
        return partly(f"{note}; {_NO_PROMETHEUS}", _NAME_IT, *shown, operator)
    return met(note, *shown, *readers, operator)


def _monitors(here: Here) -> Iterator[Found]:
    return here.of(_OPERATOR, *_MONITORS)


def _is_of(monitor: Found, exporter: str) -> bool:
    """Whether a monitor is of an exporter: by its own name, or by labels of what it selects."""
    values = [monitor.name, *map(str, at(monitor.spec, "selector", "matchLabels").values())]
    return any(value == exporter or value.endswith(f"-{exporter}") for value in values)


def _ways(here: Here, monitor: Found, servers: Sequence[Pods]) -> Iterator[tuple[Evidence, ...]]:
    """What a monitor selects of some pods, a ServiceMonitor by a Service before them: the first that it does."""
    spaces, selector = at(monitor.spec, "namespaceSelector"), at(monitor.spec, "selector")
    names = strings(spaces, "matchNames") or [monitor.namespace]
    for pods in servers:
        if spaces.get("any") is not True and pods.owner.namespace not in names:
            continue
        shown = (pods.owner.evidence(*pods.path, "metadata", "labels"), *asking_lines(here, pods))
        if monitor.kind == "PodMonitor":
            before: list[tuple[Evidence, ...]] = [()] if matches(selector, pods.labels) is None else []
        else:
            services = [s for s in here.of("", "Service") if matches(selector, s.labels) is None and _before(s, pods)]
            before = [(s.evidence("spec", "selector"),) for s in services]
        if before:
            yield (*before[0], *shown)
            return


def _before(service: Found, pods: Pods) -> bool:
    wanted = at(service.spec, "selector")
    same = service.namespace == pods.owner.namespace
    return same and bool(wanted) and all(pods.labels.get(name) == value for name, value in wanted.items())


def _reads(here: Here, prometheus: Found, monitor: Found) -> bool:
    """Whether a Prometheus takes a monitor: by its labels, and by those of its namespace."""
    field = _MONITORS[monitor.kind]
    own, spaces = prometheus.spec.get(f"{field}Selector"), prometheus.spec.get(f"{field}NamespaceSelector")
    if not isinstance(own, dict) or matches(own, monitor.labels) is not None:
        return False
    if not isinstance(spaces, dict):
        return monitor.namespace == prometheus.namespace
    found = next((f.labels for f in here.of("", "Namespace") if f.name == monitor.namespace), {})
    return matches(spaces, {**found, NAMESPACE_NAME: monitor.namespace}) is None
