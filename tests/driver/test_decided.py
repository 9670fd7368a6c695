"""What decided a planned value: every claim is held against a real build of really edited specs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.driver.fleets import CHECKOUT, acme, inside, slow
from tests.driver.tree.trees import put

from fleetc.driver.decided import Decision, Parts, parts
from fleetc.driver.edits import replaced
from fleetc.driver.explain import explainer
from fleetc.driver.planned import plan_of

LOCKS = sorted(path.name for path in (CHECKOUT / "specs/models").glob("*.lock"))


def decision(root: Path, name: str) -> Decision:
    """The placement of the model of a lock."""
    fleet = explainer(root)
    made, locks = plan_of(fleet)
    lock = next(lock for lock in locks.by_model.values() if lock.path == f"specs/models/{name}")
    return Decision(fleet, made, lock)


def placements(root: Path) -> dict[str, Parts]:
    """Where every workload is in a fresh plan of the specs, with the locks that stand there."""
    made, _ = plan_of(explainer(root))
    return {placed.workload: parts(placed.parts) or () for placed in made.result.placed}


@pytest.mark.parametrize("name", [LOCKS[0], *(slow(name) for name in LOCKS[1:])])
def test_what_is_claimed_happens(tmp_path: Path, name: str) -> None:
    root = acme(tmp_path)
    # Of a pool that an edit empties nothing is measured: that its Dashboard says so is not what is asked here.
    (root / "specs/dashboards/platform.yaml").unlink()
    fleet = explainer(root)
    found = decision(root, name)
    deciders = list(found.deciders())
    assert {one.target.doc.kind for one in deciders} >= {"Model", "GPUPool"}
    # Of the model itself nothing is locked, all others are where they are.
    (root / found.lock.path).unlink()
    for one in deciders:
        file, text = one.target.file, (root / one.target.file).read_bytes()
        documents = [value for _, value in fleet.sources.load(file).documents]
        documents[one.target.number] = replaced(documents[one.target.number], one.edit.at, one.edit.value)
        put(root, file, yaml.safe_dump_all(documents, sort_keys=False).encode())
        run = inside(root, "check")
        if run.status == 0:
            now = placements(root)
            assert {id: now.get(id) for id in one.instead} == one.instead, (one.target, one.edit)
        else:
            # Nowhere; or its other clusters cannot have what it asks for; or what it takes is taken from others.
            assert "FLT30" in run.err, run.err
            assert None in one.instead.values() or "no room" in run.err or "FLT303" in run.err
        put(root, file, text)


def test_what_it_beat_is_told(tmp_path: Path) -> None:
    root = acme(tmp_path)
    out = inside(root, "explain", "specs/models/qwen3-32b.model.lock:7").out
    assert "1 replica promised on GPUPool onprem-fra/h200 as H200:1" in out
    assert "specs/pools/onprem-fra.yaml:10:10" in out
    assert "gke-euw4-prod/h100 as H100:1: fits, for 4.9625 EUR/h more" in out


def test_a_lock_that_holds_what_is_dearer_says_so(tmp_path: Path) -> None:
    root = acme(tmp_path)
    lock = root / "specs/models/qwen3-32b.model.lock"
    lock.write_text(
        lock.read_text().replace('onprem-fra/h200, resources: "H200:1"', 'gke-euw4-prod/h100, resources: "H100:1"')
    )
    out = inside(root, "explain", "specs/models/qwen3-32b.model.lock:7").out
    assert "the lock keeps it there: without, it would be on onprem-fra/h200 as H200:1" in out


def test_a_line_without_a_placement_tells_all(tmp_path: Path) -> None:
    root = acme(tmp_path)
    out = inside(root, "explain", "specs/models/llama-3-3-70b.model.lock:1").out
    assert out.count("1 replica promised on GPUPool") == 2


def test_a_lock_of_nothing(tmp_path: Path) -> None:
    root = acme(tmp_path)
    put(
        root,
        "specs/old.model.lock",
        (root / "specs/models/mistral-7b.model.lock").read_bytes().replace(b"mistral", b"old"),
    )
    run = inside(root, "explain", "specs/old.model.lock:6")
    assert run.status == 2
    assert "is the lock of no model of this fleet" in run.err
