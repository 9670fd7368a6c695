"""The example fleet on every Kubernetes minor: all that is emitted is what an API server of that minor takes."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from fleetc.check.run import check
from fleetc.check.served import served
from fleetc.check.states import State
from fleetc.driver.front import front
from fleetc.driver.load import Sources
from fleetc.driver.lower import lower
from fleetc.language.document import Doc
from fleetc.language.types import Minor
from fleetc.plan import Plan
from fleetc.resolve import World

ROOT = Path(__file__).parent.parent.parent.parent


def on(minor: str) -> World:
    """The fleet, with each of its clusters on one minor."""
    read = front(Sources(ROOT), [str(p.relative_to(ROOT)) for p in sorted((ROOT / "specs").rglob("*.yaml"))], {})
    assert read.diagnostics == []
    return World({id: _moved(doc, minor) for id, doc in read.docs.items()}, read.table)


def _moved(doc: Doc, minor: str) -> Doc:
    if doc.kind != "Cluster":
        return doc
    return Doc(
        doc.kind, doc.name, doc.sources, {**doc.tree, "spec": {**doc.tree["spec"], "kubernetes": minor}}, doc.moves
    )


@pytest.mark.parametrize("minor", get_args(Minor))
def test_every_object_is_taken(minor: str) -> None:
    world = on(minor)
    emission = lower(Plan(world)).emission
    assert set(emission.minors) == {minor}
    assert emission.count() > 300
    report = check(emission, world)
    assert report.findings == []
    for cell in report.judged:
        for item in cell.items:
            obj = item.shape.object
            assert served(str(obj["apiVersion"]), str(obj["kind"]), minor)
            assert item.verdict.state in (State.VALID, State.PARTIAL)
