"""Every panel of dashboards asked of a real Prometheus: none shows nothing, and each value is that of its series."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.backends.dashboards.sites import GRAFANA, OPERATORS, asked, dashboard, made, objective, site, text
from tests.backends.dashboards.test_dashboards import RELEASES
from tests.backends.serving.sites import serving
from tests.emission.nodes import team
from tests.live.clusters import Emitted, crds_of
from tests.live.panels import Served, World, everything
from tests.live.prometheus import Server, counter
from tests.live.prometheus import serving as prometheus
from tests.live.shown import Shown, of_fleet, of_model, of_objectives, of_pool, of_team

from fleetc.language.variables import filled
from fleetc_rehearsal import control_plane

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
OWN = "http_requests_total"
SPACES = {"search": {"search": 1, "search-batch": 2}, "risk": {"risk": 3}}
MODELS = (Served("llama", "search", (1, 2), 3), Served("qwen", "search", (3, 4), 4), Served("other", "risk", (2, 1), 5))
OBJECTIVES = {"fast": "search", "there": "search", "wait": "search"}


def world(engine: str, version: str) -> World:
    label = ("label_fleetc_dev_pool", "h100")
    return World(engine, version, MODELS, SPACES, OBJECTIVES, {"there": 0.001}, {"n1": 1, "n2": 2}, label)


def sites(engine: str, version: str, **more: Any) -> Iterator[tuple[str, Any]]:
    """A Dashboard of each thing, on one cluster."""
    made_of = {
        **more,
        "models": [serving(m.name, team=m.team, engine=engine, version=version) for m in MODELS],
        "objectives": [
            objective("fast"),
            objective("there", indicator="availability", threshold=None, target="99.9%"),
            objective("wait", model=None, queue="search", indicator="queueWait", threshold="640s"),
        ],
        "teams": [team(name, quota={"cpu": "64", "pods": 100}, namespaces={n: {} for n in spaces})
                  for name, spaces in SPACES.items()],
    }  # fmt: skip
    for about in ({"model": "llama"}, {"team": "search"}, {"scope": "fleet"}, {"pool": "h100"}):
        own = "search" if {"model", "team"} & set(about) else None
        yield next(iter(about)), site(dashboard(of=about, team=own), **made_of)


def shown(server: Server, panels: Mapping[str, list[tuple[str, str]]]) -> Shown:
    """What panels show: by title, expressions and legends."""
    out: Shown = {}
    for title, queries in panels.items():
        for expr, legend in queries:
            found = server.query(filled(expr))
            assert found, f"{title} shows nothing: {expr}"
            for labels, value in found:
                name = re.sub(r"\{\{(\w+)\}\}", partial(_value, labels), legend)
                assert (title, name) not in out, f"two lines of {title} have one name: {name}"
                out[title, name] = value
    return out


def _value(labels: Mapping[str, str], label: re.Match[str]) -> str:
    return labels.get(label[1], "")


def panels_of(model: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    out: dict[str, list[tuple[str, str]]] = {}
    for panel in model["panels"]:
        for target in panel.get("targets", ()):
            out.setdefault(panel["title"], []).append((target["expr"], target["legendFormat"]))
    return out


@pytest.mark.parametrize(("engine", "version"), RELEASES)
def test_panels_of_each_engine(engine: str, version: str, tmp_path: Path) -> None:
    here = world(engine, version)
    wanted = {
        "model": of_model(here, MODELS[0]) | of_objectives(here, {"fast": "", "there": ""}),
        "team": of_team(here, "search") | of_objectives(here),
        "scope": of_fleet(here) | of_objectives(here),
        "pool": of_pool(here),
    }
    with prometheus(everything(here), tmp_path) as server:
        for about, at in sites(engine, version):
            got = shown(server, panels_of(json.loads(text(at))))
            assert got == pytest.approx(wanted[about], rel=1e-6), about
            assert len(list(asked(at))) >= len({title for title, _ in got})


@pytest.mark.parametrize("components", [GRAFANA, OPERATORS], ids=["operator", "sidecar"])
def test_a_server_takes_dashboards(components: Mapping[str, str]) -> None:
    """Each, strictly; applied again, nothing changes."""
    items = [item for _, at in sites(*RELEASES[0], components=components) for item in made(at)]
    assert {item["kind"] for item in items} == {"GrafanaDashboard" if components is GRAFANA else "ConfigMap"}
    assert len(items) == 4
    with control_plane("1.36", crds=crds_of([Emitted("", n, item) for n, item in enumerate(items)])) as cluster:
        for namespace in sorted({item["metadata"]["namespace"] for item in items}):
            cluster.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        for item in items:
            # A refusal is raised.
            first = cluster.client.apply(item)
            assert cluster.client.apply(item) == first


def said(board: dict[str, Any]) -> str:
    """The JSON of what is emitted: a ConfigMap, where no Grafana Operator is."""
    text: str = board["spec"]["json"] if board["kind"] == "GrafanaDashboard" else next(iter(board["data"].values()))
    return text


def acme(cluster: str) -> tuple[World, dict[str, dict[str, Any]]]:
    """What the example fleet has on a cluster, and its dashboards, by their files' names."""
    folder = ROOT / "golden" / cluster
    names = sorted(path.stem for path in (folder / "teams/search/models").glob("*.yaml"))
    kept = {path.stem: "search" for path in sorted((folder / "teams/search/objectives").glob("*.yaml"))}
    models = tuple(Served(name, "search", (1, n + 2), n + 2) for n, name in enumerate(names))
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("**/dashboards/*.yaml")):
        found[path.stem] = json.loads(said(yaml.safe_load(path.read_text(encoding="utf-8"))))
    budgets = {"llama-available": 0.001, "search-batch-wait": 0.1}
    spaces = {"search": {"search": 1, "search-batch": 2}}
    label = ("label_fleetc_dev_pool", "h200")
    return World("vllm", "0.21.0", models, spaces, kept, budgets, {"n1": 1, "n2": 2}, label), found


@pytest.mark.parametrize("cluster", sorted({path.parts[1] for path in (ROOT / "golden").glob("*/**/dashboards")
                                            for path in [path.relative_to(ROOT)]}))  # fmt: skip
def test_panels_of_the_example_fleet(cluster: str, tmp_path: Path) -> None:
    here, boards = acme(cluster)
    api = [counter(OWN, {"service": "search-api", "code": code, "job": "api"}, 7) for code in ("200", "500")]
    team_ = {title: value for title, value in of_team(here, "search").items() if title[0] in _OF_TEAM}
    wanted = {"search": team_ | of_objectives(here), "h200-pool": of_pool(here)}
    wanted["search"] |= {("Answers of the search API", code): 7.0 for code in ("200", "500")}
    llama = next((m for m in here.models if m.name == "llama-3-3-70b"), None)
    if llama is not None:
        theirs = {name: "" for name in here.objectives if name.startswith("llama-")}
        wanted["llama"] = of_model(here, llama) | of_objectives(here, theirs)
    with prometheus([*everything(here), *api], tmp_path) as server:
        for name, model in boards.items():
            assert shown(server, panels_of(model)) == pytest.approx(wanted[name], rel=1e-6), name
    assert boards


_OF_TEAM = {
    "Tokens generated", "Tokens of prompts", "Requests that ended", "Requests that wait", "Requests that run",
    "Time in the queue of the engine", "Workloads that wait", "Workloads admitted", "Time until admission",
    "Quota used",
}  # fmt: skip
