"""Sites of Objectives made by hand, as the plan will make them, and what they emit."""

from __future__ import annotations

from typing import Any, cast

from tests.backends.serving.sites import emitted, judged, serving
from tests.emission.nodes import cluster, divisions, fleet, no_pools, node, servings, team, teams

from fleetc.emission.site import Collection, ObjectiveSite
from fleetc.language.objective import Objective
from fleetc.language.telemetry import Telemetry
from fleetc_kubernetes.objectives import LOWERINGS

COMPONENTS = {"prometheus-operator": "0.93.0", "kueue": "0.19.2"}
DETECTOR: dict[str, Any] = {
    "methods": ["seasonal"], "deviations": "3", "margin": "25%", "factor": "2", "severity": "ticket"
}  # fmt: skip
NOTICE = {"type": "pagerduty", "secret": "oncall", "key": "routing-key"}


def objective(name: str = "fast", **spec: Any) -> Objective:
    """An Objective of team `search`, of model `llama` unless it is told of a queue; detectors by signal."""
    subject = {} if "queue" in spec else {"model": "llama"}
    tree: dict[str, Any] = {
        "team": "search", **subject, "indicator": "timeToFirstToken", "threshold": "1s", "target": "99%",
        "window": "28d", **spec,
    }  # fmt: skip
    unusual = tree.pop("anomalies", {})
    tree["anomalies"] = {signal: {"signal": signal, **DETECTOR, **more} for signal, more in unusual.items()}
    tree["notices"] = {s: {"severity": s, **NOTICE, **more} for s, more in tree.pop("notices", {}).items()}
    if tree["indicator"] == "availability":
        del tree["threshold"]
    return cast(Objective, node("Objective", name, tree))


def site(of: Objective | None = None, **more: Any) -> ObjectiveSite:
    """The site of an Objective on cluster `c1`. `planned` is what was planned of `llama`, None where it is not here;
    `components` are those of the cluster."""
    planned: dict[str, Any] | None = more.get("planned", {})
    made = [] if planned is None else [serving(**planned)]
    own = team()
    none: dict[str, Telemetry] = {}
    return ObjectiveSite(
        fleet=fleet(), cluster=cluster(components=more.get("components", COMPONENTS)), teams=teams(own),
        pools=no_pools(), servings=servings(*made), divisions=divisions(*made), team=own,
        objective=of or objective(), telemetries=Collection("Telemetry", (), none.__getitem__),
    )  # fmt: skip


def made(at: ObjectiveSite) -> list[dict[str, Any]]:
    """All objects of a site: each is what an API server takes, and a recording twin makes the same."""
    out = emitted(LOWERINGS, at)
    for item in out:
        assert judged(item, at.cluster.kubernetes) == (), item
    return out


def rules(at: ObjectiveSite) -> list[dict[str, Any]]:
    """The rules of a site, in order."""
    found = [item for item in made(at) if item["kind"] == "PrometheusRule"]
    return [rule for item in found for group in item["spec"]["groups"] for rule in group["rules"]]


def alerts(at: ObjectiveSite) -> dict[str, dict[str, Any]]:
    """The alerts of a site by name."""
    return {rule["alert"]: rule for rule in rules(at) if "alert" in rule}
