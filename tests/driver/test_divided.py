"""A pool that is divided for large pods: what explain says of it, and runs that pass over what they may."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import inside, output
from tests.live.random_fleets import write_divided

POOL = "golden/c/platform/pools/divided.yaml"
LARGE = "golden/c/teams/divided/models/divided-large.yaml"
LOCK = "specs/divided-{}.model.lock"
SPECS = "specs/fleet.yaml"
NODES, REPLICAS = '"nodes": 5', '"replicas": 7'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Seven small pods and two that take a node each, on five nodes."""
    write_divided(tmp_path / "acme", dra=False)
    specs = tmp_path / "acme" / SPECS
    # On lines of their own, to be asked about.
    specs.write_text(specs.read_text().replace(REPLICAS, f"\n{REPLICAS}\n").replace(NODES, f"\n{NODES}\n"))
    assert inside(tmp_path / "acme", "build").status == 0
    return tmp_path / "acme"


def line(root: Path, file: str, text: str) -> int:
    """The line that has a text, the first one."""
    lines = (root / file).read_text().splitlines()
    return next(n for n, found in enumerate(lines, 1) if text in found)


@pytest.mark.parametrize(
    ("file", "text"),
    [(POOL, "pool=divided-large"), (POOL, 'nodes: "3"'), (LARGE, "fleetc.dev/pool: divided-large")],
)
def test_what_divides_it_is_told(root: Path, file: str, text: str) -> None:
    """Both models, and the number of nodes: without either of them nothing would be kept."""
    out = inside(root, "explain", f"{file}:{line(root, file, text)}").out
    found = [row.split()[0] for row in out.splitlines() if row.startswith("  specs/")]
    nodes = f"{SPECS}:{line(root, SPECS, NODES)}"
    for place in (LOCK.format("large"), LOCK.format("small"), nodes):
        assert any(where.startswith(f"{place}:") for where in found), (place, out)


def test_the_lock_tells_which_nodes_are_kept(root: Path) -> None:
    lock = LOCK.format("large")
    out = inside(root, "explain", f"{lock}:{line(root, lock, 'divided')}").out
    assert "2 of 5 nodes (divided-large) are kept for divided-large: smaller pods could leave none whole" in out
    small = LOCK.format("small")
    assert "are kept for" not in inside(root, "explain", f"{small}:{line(root, small, 'divided')}").out


def test_an_edit_of_the_small_model_is_known_to_move_nodes(root: Path) -> None:
    number = line(root, SPECS, REPLICAS)
    out = inside(root, "explain", f"{SPECS}:{number}").out
    assert POOL in out
    assert LARGE in out


@pytest.mark.parametrize("replicas", ["1", "3", "8"])
def test_what_a_run_passes_over_stands(root: Path, replicas: str) -> None:
    specs, before = root / SPECS, output(root)
    text = specs.read_text()
    for now in (text.replace(REPLICAS, f'"replicas": {replicas}'), text):
        specs.write_text(now)
        assert inside(root, "build").status == 0
        made = output(root)
        assert inside(root, "build", "--cold").status == 0
        assert output(root) == made
        assert (made == before) == (now == text)
        assert ("divided-large" in made[POOL].decode()) == (replicas == "8" or now == text)
