"""The example fleet with dashboards, and its report as data."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.driver.fleets import acme, inside
from tests.driver.tree.trees import put

PANELS: Final = [
    {"id": 1, "title": "Latency", "type": "row", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}},
    {"id": 2, "title": "Time to first token", "type": "timeseries", "gridPos": {"x": 0, "y": 1, "w": 12, "h": 8}},
    {"id": 3, "title": "Requests", "type": "stat", "gridPos": {"x": 12, "y": 1, "w": 12, "h": 8}},
    {
        "id": 4, "title": "Devices", "type": "row", "collapsed": True, "gridPos": {"x": 0, "y": 9, "w": 24, "h": 1},
        "panels": [{"title": "Power", "gridPos": {"x": 0, "y": 10, "w": 24, "h": 8}}],
    },
]  # fmt: skip
BOARD: Final = {"title": "Serving", "uid": "serving", "panels": PANELS}
MANIFEST: Final = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {{name: boards, team: search}}
spec:
  objects:
  - apiVersion: v1
    kind: ConfigMap
    metadata:
      name: boards
      namespace: search
      labels: {{grafana_dashboard: "1"}}
    data:
      serving.json: {text}
"""


def boarded(root: Path, text: str | None = None) -> Path:
    """The example fleet, with a dashboard in a ConfigMap."""
    acme(root)
    board = json.dumps(json.dumps(BOARD)) if text is None else json.dumps(text)
    put(root, "specs/manifests/boards.yaml", MANIFEST.format(text=board).encode())
    return root


@cache
def _told() -> str:
    with TemporaryDirectory() as folder:
        got = inside(boarded(Path(folder)), "report", "--output", "json", "--date", "2026-11-01")
    assert (got.status, got.err) == (0, "")
    return got.out


def data() -> Any:
    """The report of the example fleet, to be changed at will."""
    return json.loads(_told())
