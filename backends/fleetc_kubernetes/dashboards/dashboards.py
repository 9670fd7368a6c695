"""Dashboards: rows of charts by intent, then those that somebody wrote, for the Grafana Operator or a sidecar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import DashboardSite
from fleetc.language.dashboard import Intent, Unit
from fleetc.language.intents import Topic, filled, is_here, objectives, topic
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.dashboards import cluster, engines
from fleetc_kubernetes.dashboards.board import Board, Link, text
from fleetc_kubernetes.dashboards.chart import Chart, Query, Row
from fleetc_kubernetes.metadata import TEAM, common_labels

if TYPE_CHECKING:
    from fleetc_kubernetes.dashboards.objects import DashboardMap, GrafanaDashboard
    from fleetc_kubernetes.objects import Metadata

GROUP: Final = "grafana.integreatly.org"
SIDECAR: Final = "grafana_dashboard"
"""The label by which the sidecar finds dashboards."""
_LONGEST_UID: Final = 40
_TITLES: Final[Mapping[Intent, str]] = {
    "objectives": "Objectives",
    "latency": "Latency",
    "throughput": "Throughput",
    "kvCache": "KV cache",
    "queue": "Queue",
    "errors": "Errors",
    "gpu": "Devices",
    "quota": "Quota",
}
UNITS: Final[Mapping[Unit, str]] = {
    "number": "short",
    "seconds": "s",
    "ratio": "percentunit",
    "percent": "percent",
    "bytes": "bytes",
    "perSecond": "cps",
    "requestsPerSecond": "reqps",
    "watts": "watt",
    "celsius": "celsius",
}
"""What Grafana calls units."""
Maker = Callable[[DashboardSite, Topic], Iterator[Chart]]


def dashboards(s: DashboardSite) -> Iterator[GrafanaDashboard | DashboardMap]:
    """One object, where that is which it is about."""
    of = topic(s.dashboard)
    namespace = _namespace(s)
    if of is None or namespace is None or not is_here(s, of):
        return
    rows = tuple(_rows(s, of))
    if not rows:
        return
    made = text(_board(s, of), rows)
    name, version = s.dashboard.name, served_in(s.cluster.components, GROUP, "GrafanaDashboard", "v1beta1")
    metadata = _metadata(s, namespace)
    if version is None:
        metadata["labels"][SIDECAR] = "1"
        yield {
            "apiVersion": api_version("ConfigMap", s.cluster),
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": {f"{name}.json": made},
        }
        return
    yield {
        "apiVersion": version,
        "kind": "GrafanaDashboard",
        "metadata": metadata,
        "spec": {
            "instanceSelector": {"matchLabels": dict(s.dashboard.instances)},
            # The Grafana is in a namespace of its own.
            "allowCrossNamespaceImport": True,
            "json": made,
        },
    }


def _namespace(s: DashboardSite) -> str | None:
    """A team's first namespace, or that of the monitoring."""
    if s.dashboard.team is None:
        return s.cluster.monitoring.namespace
    team = s.teams.get(s.dashboard.team)
    return team.namespaces[0].name if team is not None else None


def _metadata(s: DashboardSite, namespace: str) -> Metadata:
    labels = common_labels(s)
    if s.dashboard.team is not None:
        labels[TEAM] = s.dashboard.team
    return {"name": f"{s.dashboard.name}-dashboard", "namespace": namespace, "labels": labels}


def _board(s: DashboardSite, of: Topic) -> Board:
    node = s.dashboard
    about = f"{of.about} {of.name}".rstrip() if of.name else "the cluster"
    tags = ("fleetc", of.about, *([of.name] if of.name else []))
    description = f"What is measured of {about}. Made from Dashboard {node.name}: edit that."
    return Board(uid(node.name), node.title or node.name, description, tags, node.range, node.refresh, _links(s, of))


def _links(s: DashboardSite, of: Topic) -> tuple[Link, ...]:
    """The runbooks of the Objectives that are shown."""
    if "objectives" not in filled(s, of):
        return ()
    return tuple([Link(f"Runbook of {o.name}", o.runbook) for o in objectives(s, of) if o.runbook is not None])


def _rows(s: DashboardSite, of: Topic) -> Iterator[Row]:
    for intent in filled(s, of):
        charts = [chart for make in _makers(of, intent) for chart in make(s, of)]
        if charts:
            yield Row(_TITLES[intent], tuple(charts))
    own = tuple(
        [
            Chart(
                query.title,
                UNITS[query.unit],
                query.description or "",
                tuple([Query(expr.strip(), query.legend or "") for expr in query.promql]),
                (float(query.threshold),) if query.threshold is not None else (),
            )
            for query in s.dashboard.queries
        ]
    )
    if own:
        yield Row("More", own)


def _makers(of: Topic, intent: Intent) -> tuple[Maker, ...]:
    match intent:
        case "objectives":
            return (cluster.budgets,)
        case "latency":
            return (engines.latency,)
        case "throughput":
            return (engines.throughput,)
        case "kvCache":
            return (engines.kv_cache,)
        case "queue":
            return (engines.queue, cluster.queues)
        case "errors":
            return (cluster.device_errors,) if of.about == "pool" else (engines.errors,)
        case "gpu":
            return (cluster.devices,)
        case _:
            return (cluster.quotas,)


def uid(name: str) -> str:
    """By which Grafana knows the dashboard, and links to it stay: at most 40 letters, of its name alone."""
    whole = f"fleetc-{name}"
    if len(whole) <= _LONGEST_UID:
        return whole
    digest = blake2b(name.encode(), digest_size=5).hexdigest()
    return f"{whole[: _LONGEST_UID - len(digest) - 1]}-{digest}"
