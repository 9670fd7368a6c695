"""The layout of dashboards, whatever stands in their JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.report.fleets import BOARD, boarded
from tests.driver.fleets import inside

from fleetc.driver.reporting import dashboards
from fleetc.driver.reporting.model import Dashboard, Panel
from fleetc.source.span import Span

HERE = Span("specs/a.yaml", 1, 1)
SCALARS = st.none() | st.booleans() | st.integers(-5, 30) | st.integers() | st.text(max_size=5) | st.floats()
DATA = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y", "w", "h", "title", "type", "gridPos", "panels", "uid"]), inner)
    ),
    max_leaves=20,
)


def read(text: Any, kind: str = "ConfigMap") -> list[Dashboard]:
    labels = {"grafana_dashboard": "1"}
    made: dict[str, Any] = {"kind": kind, "metadata": {"name": "boards", "namespace": "apps", "labels": labels}}
    if kind == "ConfigMap":
        made |= {"apiVersion": "v1", "data": {"a.json": text}}
    else:
        made |= {"apiVersion": "grafana.integreatly.org/v1beta1", "spec": {"json": text}}
    found = dashboards._texts(made)  # pyright: ignore[reportPrivateUsage] - no fleet emits all of this
    return [dashboards._dashboard(made, one, "Manifest/a", ("c",), HERE) for one in found]  # pyright: ignore[reportPrivateUsage] - as above


@pytest.mark.parametrize("kind", ["ConfigMap", "GrafanaDashboard"])
def test_both_kinds(kind: str) -> None:
    (one,) = read(json.dumps(BOARD), kind)
    assert (one.title, one.uid, one.problem) == ("Serving", "serving", "")
    assert one.panels[0] == Panel("Latency", "row", 0, 0, 24, 1)
    assert one.panels[1:3] == (
        Panel("Time to first token", "timeseries", 0, 1, 12, 8),
        Panel("Requests", "stat", 12, 1, 12, 8),
    )
    assert one.panels[3].inside == ("Power",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        (None, "it is not JSON"),
        (["x"], "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ('{"panels": {}}', "1 of its panels say no place on the grid"),
        (
            '{"panels": [{}, {"gridPos": {"x": 20, "y": 0, "w": 5, "h": 1}}]}',
            "2 of its panels say no place on the grid",
        ),
        ('{"panels": [{"gridPos": {"x": true, "y": 0, "w": 5, "h": 1}}]}', "1 of its panels say no place on the grid"),
        ("{}", ""),
    ],
)
def test_what_is_no_layout(text: Any, problem: str) -> None:
    (one,) = read(text)
    assert (one.title, one.problem, one.panels) == ("boards", problem, ())


@given(DATA)
def test_whatever_stands_in_it(made: Any) -> None:
    (one,) = read(json.dumps(made))
    for panel in one.panels:
        assert 0 <= panel.x < panel.x + panel.w <= 24
        assert panel.y >= 0
        assert panel.h > 0
    assert list(one.panels) == sorted(one.panels, key=lambda p: (p.y, p.x))


def test_where_it_stands_and_on_which_clusters(tmp_path: Path) -> None:
    root = boarded(tmp_path)
    found = inside(root, "report", "--output", "json").data()["dashboards"]
    (one,) = [each for each in found if each["subject"] == "Manifest/boards"]
    assert (one["kind"], one["namespace"], one["name"], one["key"]) == ("ConfigMap", "search", "boards", "serving.json")
    assert one["clusters"] == ["eks-use1-prod", "gke-euw4-prod", "onprem-fra"]
    file, line = one["span"]["file"], one["span"]["line"]
    assert (root / file).read_text(encoding="utf-8").splitlines()[line - 1].lstrip().startswith("serving.json:")
