"""Edits of acme's real specs: what changes, and from which line. spec_edits.yaml holds what is expected."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.driver.diff.repositories import REPOSITORY, acme_fleet, causes, differs, edit
from tests.pages import UPDATE

from fleetc.check.change.compare import applied, same
from fleetc.cli.changes.data import data
from fleetc.cli.changes.rows import told
from fleetc.cli.changes.words import plans
from fleetc.driver.diff.diff import Diff

TABLE = Path(__file__).with_name("spec_edits.yaml")
EDITS: list[dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
FOUND: dict[str, dict[str, Any]] = {}
CHECK = Draft202012Validator(json.loads((REPOSITORY / "docs/schemas/diff.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return acme_fleet(tmp_path_factory.mktemp("diff") / "acme")


@pytest.mark.parametrize("one", EDITS, ids=lambda e: e["what"])
def test_edits(acme: Path, one: dict[str, Any]) -> None:
    found = _with(acme, one)
    is_ = {"changes": _summary(found), "causes": sorted(causes(found))}
    if found.planned is not None:
        is_["plan"] = [*plans(found.planned)]
    if UPDATE:
        one.pop("plan", None)
        one.update(is_)
        TABLE.write_text(_table(), encoding="utf-8")
    assert {key: one.get(key) for key in ("changes", "causes", "plan")} == {"plan": None, **is_}
    CHECK.validate(json.loads(json.dumps(data(found))))
    for change, _ in found.changes:
        if change.before is not None and change.after is not None:
            assert same(applied(change.before.object, change.values), change.after.object)


def test_there_are_fifty() -> None:
    objects = yaml.safe_load((REPOSITORY / "tests/check/change/edits.yaml").read_text(encoding="utf-8"))
    assert len(EDITS) + len(objects) >= 50


def _with(acme: Path, one: dict[str, Any]) -> Diff:
    edits = [one, *([one["also"]] if "also" in one else [])]
    texts = {each["file"]: (acme / each["file"]).read_text(encoding="utf-8") for each in edits}
    try:
        for each in edits:
            if each["old"]:
                edit(acme, each["file"], each["old"], each["new"])
            else:
                (acme / each["file"]).unlink()
        return differs(acme)
    finally:
        for file, text in texts.items():
            (acme / file).write_text(text, encoding="utf-8")


def _summary(found: Diff) -> list[str]:
    """Kind and effects, with the number of objects over all clusters."""
    counts = Counter[str]()
    for change, _ in found.changes:
        counts[f"{change.identity.kind}: {', '.join(map(str, told(change.meanings)))}"] += len(change.files)
    return [f"{what} x {number}" for what, number in sorted(counts.items())]


def _table() -> str:
    head = "".join(line for line in TABLE.read_text(encoding="utf-8").splitlines(keepends=True) if line[0] == "#")
    return head + yaml.safe_dump(EDITS, sort_keys=False, width=120, allow_unicode=True)
