"""The numbers of a fleet that is refused are counted as `check` counts those of one that is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import acme, inside, synthetic

from fleetc.driver.reporting.counts import summary_of
from fleetc.driver.testing.fleet import fleet_of


@pytest.mark.parametrize("make", [acme, synthetic])
def test_as_check_counts(tmp_path: Path, make: object) -> None:
    root: Path = make(tmp_path)  # type: ignore[operator]
    told = inside(root, "check", "--output", "json").data()["summary"]
    fleet = fleet_of(str(root))
    assert fleet.compiled is not None
    assert fleet.compiled.lowered is not None
    assert fleet.compiled.report is not None
    found = summary_of(fleet.compiled.lowered.emission, fleet.compiled.report, fleet.front.docs)
    # Constraints are judged beside the compile.
    told["checks"].pop("constraint", None)
    told["notes"] = [note for note in told["notes"] if note[0] != "constraint"]
    assert {**found._asdict(), "notes": [list(note) for note in found.notes]} == told
