"""The dashboards that are emitted, and where their panels stand: GrafanaDashboards, and ConfigMaps that Grafana's
sidecar reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.driver.reporting.model import Dashboard, Panel
from fleetc.driver.trace import Tracer
from fleetc.emission.emission import Emission
from fleetc.emission.shapes import Shape
from fleetc.plan import Plan, Subject
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple

LABEL: Final = "grafana_dashboard"
"""The label of a ConfigMap by which Grafana's sidecar finds dashboards, unless it is told another."""
_GROUP: Final = "grafana.integreatly.org/"
COLUMNS: Final = 24
"""Of Grafana's grid, https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model."""
_TALLEST: Final = 200
_LOWEST: Final = 10_000
_UNTITLED: Final = "(no title)"


class _Found(NamedTuple):
    """A dashboard's text in an object, and where that is."""

    key: str
    path: Path
    text: Any


def dashboards_of(plan: Plan, emission: Emission, tracer: Tracer) -> Iterator[Dashboard]:
    """The dashboards of a fleet, by subject; equal ones once."""
    for row in emission.rows.values():
        first: dict[tuple[Shape, int], list[int]] = {}
        for cluster, shapes in row.cells.items():
            for position, shape in enumerate(shapes):
                first.setdefault((shape, position), []).append(cluster)
        for (shape, position), clusters in first.items():
            for found in _texts(shape.object):
                span = _span(plan, tracer, row.subject, clusters[0], position, found.path)
                names = tuple(sorted(emission.clusters[n] for n in clusters))
                yield _dashboard(shape.object, found, row.subject, names, span)


def _texts(obj: Mapping[str, Any]) -> Iterator[_Found]:
    spec, labels = obj.get("spec"), obj.get("metadata", {}).get("labels") or {}
    if obj.get("kind") == "GrafanaDashboard" and str(obj.get("apiVersion")).startswith(_GROUP):
        if isinstance(spec, Mapping) and "json" in spec:
            yield _Found("", ("spec", "json"), spec["json"])
    elif obj.get("kind") == "ConfigMap" and obj.get("apiVersion") == "v1" and LABEL in labels:
        for key, text in (obj.get("data") or {}).items():
            yield _Found(str(key), ("data", str(key)), text)


def _span(plan: Plan, tracer: Tracer, id: str, cluster: int, position: int, path: Path) -> Span:
    subject: Subject = plan.subjects[id]
    carried = tracer.carried(subject, cluster, position, path, key=True)
    return carried or plan.doc(subject, cluster).span(tracer.locate, ("metadata", "name"))


def _dashboard(obj: Mapping[str, Any], found: _Found, subject: str, clusters: tuple[str, ...], span: Span) -> Dashboard:
    metadata = obj.get("metadata", {})
    names = (str(obj["kind"]), str(metadata.get("namespace", "")), str(metadata.get("name", "")), found.key)
    try:
        made = json.loads(found.text)
    except (TypeError, ValueError, RecursionError):
        return Dashboard(names[2], "", *names, subject, (), "it is not JSON", clusters, span)
    if not isinstance(made, dict):
        return Dashboard(names[2], "", *names, subject, (), "it is not a JSON object", clusters, span)
    panels = made.get("panels", [])
    read = [_panel(panel) for panel in panels] if isinstance(panels, list) else []
    kept = tuple(sorted([p for p in read if p is not None], key=lambda p: (p.y, p.x)))
    lost = len(read) - len(kept) if isinstance(panels, list) else 1
    problem = f"{lost} of its panels say no place on the grid" if lost else ""
    title, uid = _text(made.get("title")) or names[2], _text(made.get("uid"))
    return Dashboard(title, uid, *names, subject, kept, problem, clusters, span)


def _panel(panel: Any) -> Panel | None:
    """A panel where it stands; None of one whose place is not on the grid."""
    if not isinstance(panel, dict):
        return None
    grid = panel.get("gridPos")
    place = [n for side in "xywh" if type(n := grid.get(side)) is int] if isinstance(grid, dict) else []
    if len(place) != len("xywh"):
        return None
    x, y, w, h = place
    if not (0 <= x < COLUMNS and 0 <= y <= _LOWEST and 0 < w <= COLUMNS - x and 0 < h <= _TALLEST):
        return None
    inside = panel.get("panels")
    titles = [_text(p.get("title")) or _UNTITLED for p in inside if isinstance(p, dict)] if inside else []
    return Panel(_text(panel.get("title")) or _UNTITLED, _text(panel.get("type")), x, y, w, h, tuple(titles))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
