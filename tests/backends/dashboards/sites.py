"""Sites of Dashboards made by hand, as the plan will make them, and what they emit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from tests.backends.serving.sites import emitted, judged, serving
from tests.emission.nodes import cluster, divisions, fleet, node, servings, team, teams

from fleetc.emission.site import Collection, DashboardSite
from fleetc.language.dashboard import Dashboard
from fleetc.language.objective import Objective
from fleetc.language.pool import GPUPool
from fleetc.language.telemetry import Telemetry
from fleetc_kubernetes.dashboards import LOWERINGS

OPERATORS = {"prometheus-operator": "0.93.0", "kueue": "0.19.2"}
GRAFANA = {**OPERATORS, "grafana-operator": "5.24.0"}
SOURCES = ("dcgm-exporter", "kube-state-metrics", "kueue")
QUOTA = {"cpu": "64", "pods": 100}
POOL: dict[str, Any] = {
    "cluster": "c1", "accelerators": "H100:8", "nodes": "2", "capacity": "reserved", "allocation": "auto",
    "maintenance": False, "provisioning": "static",
}  # fmt: skip


def dashboard(name: str = "board", **spec: Any) -> Dashboard:
    """A Dashboard of model `llama` of team `search`, unless told otherwise; `queries` by title."""
    about = {"model": None, "pool": None, "team": None, "scope": None, **spec.pop("of", {"model": "llama"})}
    tree: dict[str, Any] = {
        "team": "search", "for": {k: v for k, v in about.items() if v is not None}, "panels": ["auto"],
        "refresh": "1m", "range": "6h", "instances": {"dashboards": "grafana"}, **spec,
    }  # fmt: skip
    if tree["team"] is None:
        del tree["team"]
    queries = tree.pop("queries", {})
    tree["queries"] = {title: {"title": title, "unit": "number", **more} for title, more in queries.items()}
    return cast(Dashboard, node("Dashboard", name, tree))


def objective(name: str, **spec: Any) -> Objective:
    """An Objective of team `search`."""
    tree: dict[str, Any] = {
        "team": "search", "model": "llama", "indicator": "timeToFirstToken", "threshold": "1s", "target": "99%",
        "window": "28d", **spec,
    }  # fmt: skip
    return cast(Objective, node("Objective", name, {key: value for key, value in tree.items() if value is not None}))


def telemetry(sources: Iterable[str]) -> Telemetry:
    """A Telemetry that reads these."""
    every = {
        source: {
            "source": source, "namespace": source, "selector": {"app": source}, "port": "metrics", "path": "/metrics",
            "scheme": "http",
        }
        for source in sources
    }  # fmt: skip
    return cast(Telemetry, node("Telemetry", "all", {"interval": "30s", "kubelet": False, "targets": every}))


def _pool(name: str, spec: Mapping[str, Any]) -> GPUPool:
    """A pool; what is None is not set."""
    tree = {key: value for key, value in {**POOL, **spec}.items() if value is not None}
    return cast(GPUPool, node("GPUPool", name, tree))


def site(of: Dashboard | None = None, **more: Any) -> DashboardSite:
    """The site of a Dashboard on cluster `c1`, where all is measured and `llama` serves in pool `h100`: `models`,
    `objectives`, `pools` (what differs from a pool of H100, by name), `sources`, `components` and `monitoring`."""
    models = more.get("models", [serving()])
    kept = {one.name: one for one in more.get("objectives", [])}
    made = {name: _pool(name, spec) for name, spec in more.get("pools", {"h100": {}}).items()}
    read = {"all": telemetry(more.get("sources", SOURCES))} if more.get("sources", True) else {}
    own = more.get("teams", [team(quota=QUOTA, namespaces={"search": {}, "search-batch": {}}), team("risk")])
    where = more.get("monitoring", {"namespace": "monitoring"})
    return DashboardSite(
        fleet=fleet(), cluster=cluster(components=more.get("components", GRAFANA), monitoring=where),
        teams=teams(*own), pools=Collection("GPUPool", tuple(sorted(made)), made.__getitem__),
        servings=servings(*models), divisions=divisions(*models), dashboard=of or dashboard(),
        telemetries=Collection("Telemetry", tuple(read), read.__getitem__),
        objectives=Collection("Objective", tuple(sorted(kept)), kept.__getitem__),
    )  # fmt: skip


def made(at: DashboardSite) -> list[dict[str, Any]]:
    """All objects of a site: each is what an API server takes, and a recording twin makes the same."""
    out = emitted(LOWERINGS, at)
    for item in out:
        assert judged(item, at.cluster.kubernetes) == (), item
    return out


def text(at: DashboardSite) -> str:
    """The JSON of the one object of a site."""
    (item,) = made(at)
    (found,) = item["data"].values() if item["kind"] == "ConfigMap" else [item["spec"]["json"]]
    assert isinstance(found, str)
    return found


def board(at: DashboardSite) -> dict[str, Any]:
    """What it says."""
    found: dict[str, Any] = json.loads(text(at))
    return found


class Asked(NamedTuple):
    """An expression of a panel, and how its series are called."""

    row: str
    panel: str
    expr: str
    legend: str


def asked(at: DashboardSite) -> Iterator[Asked]:
    """Every expression, in order."""
    row = ""
    for panel in board(at)["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
        for target in panel.get("targets", ()):
            yield Asked(row, panel["title"], target["expr"], target["legendFormat"])
