"""Dashboards of Grafana in objects: their JSON, and the expressions that they ask Prometheus for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.check.rules.access import at
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_PROMETHEUS: Final = ("prometheus", "")


class Board(NamedTuple):
    """A dashboard: where its text stands in the object, and what it says; a text where it is no JSON object, why."""

    path: Path
    model: Mapping[str, Any] | str
    uid: str


class Target(NamedTuple):
    """An expression of a panel, and where it stands: below the text's own path where that is a document."""

    path: Path
    expr: str


def boards(obj: Mapping[str, Any]) -> Iterator[Board]:
    """The dashboards of an object that carries them."""
    if obj.get("kind") == "ConfigMap":
        for name, text in at(obj, "data").items():
            if str(name).endswith(".json") and isinstance(text, str):
                yield _board(("data", name), text, "")
        return
    spec = at(obj, "spec")
    text, uid = spec.get("json"), spec.get("uid")
    if isinstance(text, str) and text:
        yield _board(("spec", "json"), text, uid if isinstance(uid, str) else "")


def _board(path: Path, text: str, uid: str) -> Board:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        # What exactly was expected, each Python says in other words.
        return Board(path, f"it is no JSON, at line {error.lineno}", uid)
    except RecursionError:
        return Board(path, "it is nested too deeply", uid)
    if not isinstance(found, dict):
        return Board(path, "it is no JSON object", uid)
    return Board(path, found, uid or (found["uid"] if isinstance(found.get("uid"), str) else ""))


def panels(model: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """All panels, those in rows that are folded among them."""
    found = model.get("panels")
    for n, panel in enumerate(found if isinstance(found, list) else ()):
        if isinstance(panel, dict):
            yield (*path, "panels", n), panel
            yield from panels(panel, (*path, "panels", n))


def targets(board: Board) -> Iterator[Target]:
    """What Prometheus is asked for. Of which sort a data source is that only a name tells, is not known: it is taken
    for a Prometheus, as expressions are written for one far more often than for any other."""
    if isinstance(board.model, str):
        return
    for path, panel in panels(board.model):
        every = panel.get("targets")
        for n, target in enumerate(every if isinstance(every, list) else ()):
            if isinstance(target, dict) and isinstance(target.get("expr"), str):
                sort = _sort(target.get("datasource")) or _sort(panel.get("datasource"))
                if sort in _PROMETHEUS and target["expr"].strip():
                    yield Target((*board.path, *path, "targets", n, "expr"), target["expr"])


def _sort(source: Any) -> str:
    found = source.get("type") if isinstance(source, dict) else None
    return found if isinstance(found, str) else ""


def wrong_of(board: Board) -> str | None:
    """Why Grafana cannot read it, or not tell its panels apart."""
    if isinstance(board.model, str):
        return board.model
    if not isinstance(board.model.get("title"), str) or not board.model["title"]:
        return "it has no title"
    seen = set[int]()
    for _, panel in panels(board.model):
        id = panel.get("id")
        if isinstance(id, int) and id in seen:
            return f"two of its panels have the id {id}"
        if isinstance(id, int):
            seen.add(id)
    return None
