"""Output files that were written a moment before the last run ended are read again; what only the memory says of the
others is enough when all stands, and never when something does not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.driver.fleets import STATE, clean, inside, output, wide

from fleetc.driver import memory
from fleetc.driver.standing import standing
from fleetc.driver.tree.model import RACY_NS, Place
from fleetc.driver.tree.survey import survey


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small fleet, built a while ago."""
    monkeypatch.setattr(memory, "tool_digest", lambda _crds=(): "this")
    made = wide(tmp_path / "fleet", "old", clusters=3)
    for _ in range(2):
        assert inside(made, "build").status == 0
        time.sleep(2 * RACY_NS / 1e9)
    return made


def stands(root: Path, unknown: str = "") -> bool:
    """Whether all is found to stand as it was left, with the signature of one file unknown."""
    found = memory.load(str(root / STATE), "this")
    assert found is not None
    assert found.whole()
    files = survey(Place(str(root), "golden", str(root / STATE))).files
    found.head.signatures.pop(unknown, None)
    found.head.digests.pop(unknown, None)
    head = standing(found, str(root), files)
    assert head is None or (head.signatures == files and head.digests.keys() == files.keys())
    return head is not None


def a_file(root: Path) -> str:
    return sorted(str(p.relative_to(root)) for p in (root / "golden").rglob("*.yaml"))[-1]


def test_what_was_written_too_shortly_before_is_read(root: Path) -> None:
    assert stands(root)
    assert stands(root, a_file(root))


@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.parametrize("how", ["edited", "gone", "foreign", "one more"])
def test_what_does_not_stand(root: Path, how: str, unknown: bool) -> None:
    path = root / a_file(root)
    match how:
        case "edited":
            path.write_bytes(path.read_bytes() + b"more: 1\n")
        case "gone":
            path.unlink()
        case "foreign":
            path.write_bytes(b"mine: 1\n")
        case _:
            (root / "golden/mine.yaml").write_bytes(b"mine: 1\n")
    time.sleep(2 * RACY_NS / 1e9)
    assert not stands(root, a_file(root) if unknown else "")


def test_an_edit_right_after_another_one(root: Path, tmp_path: Path) -> None:
    """The files of the first one are remembered by the second."""
    for n in range(3):
        wide(root, f"edit{n}", clusters=3)
        assert inside(root, "build").status == 0
        assert clean(root, tmp_path / f"clean{n}").status == 0
        assert output(root) == output(tmp_path / f"clean{n}")
    time.sleep(2 * RACY_NS / 1e9)
    assert stands(root)
