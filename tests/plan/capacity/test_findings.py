"""What planning finds where a catalogue has gaps."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.driver.fleets import acme, inside

from fleetc.plan.capacity import capacity

# The package has a function of that name.
MODULE = sys.modules[capacity.__module__]


def test_an_engine_of_which_nothing_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = acme(tmp_path)
    before = {path: path.read_bytes() for path in root.rglob("*.lock")}
    monkeypatch.setattr(MODULE, "asked", lambda _: None)
    run = inside(root, "build")
    assert run.status == 1
    assert "how much memory vllm takes in the version of Model llama-3-3-70b is not known" in run.err
    assert "= fix: write `engine: {name: vllm, version: " in run.err
    assert {path: path.read_bytes() for path in before} == before
