"""Where what is emitted as it stands in a spec is written: objects of Manifests, and expressions of Dashboards."""

from __future__ import annotations

from typing import Any

from fleetc.emission.texts import opened
from fleetc.language.dashboard import Dashboard
from fleetc.language.document import Doc, lookup
from fleetc.language.manifest import Manifest
from fleetc.plan import Plan, Subject
from fleetc.source.span import Path


def written(plan: Plan, subject: Subject, cluster: int, position: int, path: Path) -> tuple[Doc, Path, bool] | None:
    """Where a path of a Manifest's n-th object is written: the document, the canonical path there, and whether that is
    of the whole path, not only of what is around it. None for other subjects."""
    node = plan.world.variant(subject.id, cluster) if subject.kind == "Manifest" else None
    if not isinstance(node, Manifest) or position >= len(node.objects):
        return None
    raw = node.objects[position]
    for length in range(len(path), -1, -1):
        if lookup(raw.object, path[:length])[0]:
            at: Path = ("objects", raw.identity, "object", *path[:length])
            origin = next((o for o in plan.world.origins(subject.id, cluster, at) if o.role == "value"), None)
            return (origin.doc, origin.path, length == len(path)) if origin else None
    return None


def written_query(plan: Plan, subject: Subject, cluster: int, made: Any, path: Path) -> tuple[Doc, Path] | None:
    """Where the expression at a path of an object that a Dashboard made is written, if somebody wrote it."""
    node = plan.world.variant(subject.id, cluster) if subject.kind == "Dashboard" else None
    if not isinstance(node, Dashboard) or path[-1:] != ("expr",):
        return None
    value = opened(made)
    for step in path:
        value = value[step]
    for query in node.queries:
        for n, expr in enumerate(query.promql):
            if expr.strip() == value:
                at: Path = ("queries", query.title, "promql", n)
                origin = next((o for o in plan.world.origins(subject.id, cluster, at) if o.role == "value"), None)
                return (origin.doc, origin.path) if origin else None
    return None
