"""What edits of objects mean, by a table: edits.yaml."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleetc.check.change.classify import classify
from fleetc.check.change.compare import applied, same
from fleetc.check.change.documents import Documents, Pair
from fleetc.check.change.model import Effect
from fleetc.cli.changes.rows import told
from fleetc.emission.yaml import emit

HERE = Path(__file__).parent
OBJECTS: dict[str, Any] = yaml.safe_load((HERE / "objects.yaml").read_text(encoding="utf-8"))
EDITS: list[dict[str, Any]] = yaml.safe_load((HERE / "edits.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: f"{e['of']}: {e['what']}")
def test_effects(edit: dict[str, Any]) -> None:
    reader = Documents()
    before = OBJECTS[edit["of"]]
    after = edited(before, edit)
    sides = [reader.read(emit(o).encode()) for o in (before, after)]
    pair = Pair(None if edit.get("comes") else sides[0], None if edit.get("goes") else sides[1])
    found = classify(pair)
    assert [str(effect) for effect in told(found.meanings)] == edit["is"]
    if pair.before is not None and pair.after is not None:
        assert same(applied(before, found.values), after)


def test_every_effect_of_one_object_is_in_the_table() -> None:
    """The others take several objects: test_access.py, test_network.py."""
    jointly = {Effect.WIDENS_RBAC, Effect.NARROWS_RBAC, Effect.NARROWS_NETWORK}
    assert {effect for edit in EDITS for effect in edit["is"]} == {str(e) for e in Effect if e not in jointly}
    assert {edit["of"] for edit in EDITS} == set(OBJECTS)


def edited(before: Any, edit: dict[str, Any]) -> Any:
    made = copy.deepcopy(before)
    if edit.get("keys") == "reversed":
        return _reversed(made)
    path = edit.get("at") or edit.get("swap") or []
    if not path:
        return made
    inside = made
    for step in path[:-1]:
        inside = inside[step]
    if "swap" in edit:
        inside[path[-1]].reverse()
    elif "to" in edit:
        inside[path[-1]] = edit["to"]
    else:
        del inside[path[-1]]
    return made


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value
