"""What panels have to show of a world: by the panel's title and the line's name, a number each."""

from __future__ import annotations

from collections.abc import Mapping

from tests.live.panels import KUEUE_BOUNDS, QUANTILES, STATUS, Names, Served, World, names_of

from fleetc.catalogue.metrics import source

Shown = dict[tuple[str, str], float]


def between(metric: str, engine: str, model: Served, share: float) -> float:
    """A quantile of what is spread evenly between two boundaries."""
    exposes = source(engine)
    assert exposes is not None
    bounds = next(m.buckets for m in exposes.metrics if m.name == metric)
    low, high = bounds[model.bound], bounds[model.bound + 1]
    return low + share * (high - low)


def of_model(world: World, model: Served) -> Shown:
    """Panels of one model."""
    names = names_of(world.engine, world.version)
    out: Shown = {}
    for title, key in _LATENCIES.items():
        for name, share in QUANTILES.items() if key in names else ():
            out[title, name] = between(names[key], world.engine, model, share)
    for title, key in _COUNTS.items():
        if key in names:
            out[title, title] = 2 * model.total
    for n, weight in enumerate(model.weights):
        out["KV cache in use", f"{model.name}-{n}"] = 0.1 * weight
    out["Prefix cache hits", "found"] = _hits(names, model)
    out["Requests that wait and run", "waiting"] = out["Requests that wait and run", "running"] = 10 * model.total
    if "requests" in names:
        out["Requests that failed", "failed"] = 0.1
        for status, rate in STATUS:
            out["Requests by status", status] = rate * model.total
    namespace = next(iter(world.namespaces[model.team]))
    out |= {(title, namespace): value for title, value in _gpu(model).items()}
    out["Devices", f"{namespace} held"] = 4 * model.total
    out["Devices", f"{namespace} idle"] = 1 if model is world.models[0] else 0
    return out


def of_models(world: World, team: str | None) -> Shown:
    """Panels of all models of a team, or of all."""
    names = names_of(world.engine, world.version)
    out: Shown = {}
    for model in (m for m in world.models if team in (None, m.team)):
        for title, key in _LATENCIES.items():
            if key in names:
                out[title, model.name] = between(names[key], world.engine, model, 0.95)
        for title, key in _COUNTS.items():
            if key in names:
                out[title, model.name] = 2 * model.total
        out["KV cache in use", model.name] = 0.1 * max(model.weights)
        out["Prefix cache hits", model.name] = _hits(names, model)
        out["Requests that wait", model.name] = out["Requests that run", model.name] = 10 * model.total
        if "requests" in names:
            out["Requests that failed", model.name] = 0.1
            out |= {("Requests by status", f"{model.name} {status}"): r * model.total for status, r in STATUS}
    return out


def of_team(world: World, team: str) -> Shown:
    """Panels of a team."""
    out = of_models(world, team)
    for model in (m for m in world.models if m.team == team):
        legend = f"{next(iter(world.namespaces[team]))} {model.name}"
        out |= {(title, legend): value for title, value in _gpu(model).items()}
        out["Devices", f"{legend} held"] = 4 * model.total
        out["Devices", f"{legend} idle"] = 1 if model is world.models[0] else 0
    for namespace, weight in world.namespaces[team].items():
        out |= _queued(namespace, weight)
    out["Quota used", "pods"], out["Quota used", "requests.cpu"] = 0.4, 0.9
    return out


def of_fleet(world: World) -> Shown:
    """Panels of all that is on a cluster."""
    out = of_models(world, None)
    for team, namespaces in world.namespaces.items():
        theirs = [model for model in world.models if model.team == team]
        held = sum(4 * m.total for m in theirs)
        if theirs:
            out["Devices active", team] = sum(0.05 * m.total * 4 * m.total for m in theirs) / held
            out["Power of devices", team] = sum(300 * m.total for m in theirs)
            out["Devices held", team] = held
            out["Devices idle", team] = 1 if world.models[0] in theirs else 0
        out |= _queued(team, sum(namespaces.values()))
        out |= {("Quota used", namespace): 0.9 for namespace in namespaces}
    return out


def of_pool(world: World) -> Shown:
    """Panels of a pool."""
    out: Shown = {}
    for node, weight in world.nodes.items():
        out |= {
            ("Devices active", node): 0.1 * weight + 0.1, ("Tensor cores active", node): 0.1,
            ("Device memory in use", node): 0.25, ("Power of devices", node): 200 * weight,
            ("Temperature of devices", node): 31 + weight, ("Devices", node): 2,
            ("Last XID error", f"{node} 0"): 40 + weight, ("Last XID error", f"{node} 1"): 41 + weight,
            ("Rows of memory replaced", node): 2 * weight, ("Devices with rows that could not be replaced", node): 1,
        }  # fmt: skip
    return out


def of_objectives(world: World, names: Mapping[str, str] | None = None) -> Shown:
    """Panels of Objectives."""
    out: Shown = {}
    for n, name in enumerate(world.objectives):
        if names is None or name in names:
            out["Error budget left", name] = 0.5 - n
            out["Burn rate", name] = 0.002 * (n + 1) / world.budgets.get(name, 0.01)
    return out


_LATENCIES = {
    "Time to first token": "first",
    "Time per output token": "token",
    "Request latency": "whole",
    "Time in the queue of the engine": "queued",
}
_COUNTS = {"Tokens generated": "generated", "Tokens of prompts": "prompt", "Requests that ended": "finished"}


def _hits(names: Names, model: Served) -> float:
    return 0.1 * model.total / 2 if "hitRate" in names else 0.5


def _gpu(model: Served) -> dict[str, float]:
    return {
        "Devices active": 0.05 * model.total, "Tensor cores active": 0.02 * model.total,
        "Device memory in use": 0.04 * model.total, "Power of devices": 300 * model.total,
    }  # fmt: skip


def _queued(name: str, weight: int) -> Shown:
    low, high = KUEUE_BOUNDS
    return {
        ("Workloads that wait", name): 6 * weight, ("Workloads admitted", name): 4 * weight,
        ("Time until admission", name): low + 0.95 * (high - low),
    }  # fmt: skip
