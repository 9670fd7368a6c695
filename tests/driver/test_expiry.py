"""The day on which an exception expires: what is remembered of the day before does not hold any more."""

from __future__ import annotations

from pathlib import Path

from tests.driver.fleets import acme

from fleetc.driver.build import Options, run


def codes(root: Path, date: str, *, write: bool = False) -> list[str]:
    """The codes of what a run finds on a day."""
    return [found.code.code for found in run(Options(str(root), write=write, date=date)).diagnostics]


def test_an_exception_expires_though_nothing_changed(tmp_path: Path) -> None:
    root = acme(tmp_path / "fleet")
    assert codes(root, "2026-11-27", write=True) == []
    before = {file: file.read_bytes() for file in (root / "golden").rglob("*.yaml")}
    assert codes(root, "2028-12-31") == []
    assert codes(root, "2029-01-01") == ["FLT406"]
    assert codes(root, "2029-01-01", write=True) == ["FLT406"]
    assert codes(root, "2028-12-31", write=True) == []
    assert {file: file.read_bytes() for file in (root / "golden").rglob("*.yaml")} == before
