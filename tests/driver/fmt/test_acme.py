"""The example fleet: it stays formatted, and however it is written otherwise, it comes out the same."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.driver.fleets import CHECKOUT, acme, inside, output
from tests.source.concrete.messy import Messy
from tests.source.concrete.test_layout import held

from fleetc.driver.files import spec_files
from fleetc.source.yaml import parse


def test_it_is_formatted() -> None:
    got = inside(CHECKOUT, "fmt", "--check")
    assert (got.status, got.err) == (0, ""), "run `fleetc fmt`"


def scrambled(data: bytes, choices: Random) -> tuple[str, list[str]]:
    """A file with other orders of fields, other styles, and comments everywhere."""
    while True:
        messy = Messy(choices, 0.3)
        values = [document.value for document in parse(data).documents]
        for n, value in enumerate(values):
            messy.document(mixed(value, choices, ()), marked=n > 0)
        got = parse(messy.text().encode())
        if not got.problems and [document.value for document in got.documents] == values:
            return messy.text(), messy.comments


def mixed(value: Any, choices: Random, path: tuple[str, ...]) -> Any:
    """A spec with its fields in another order; what has an order of its own keeps it."""
    if not isinstance(value, dict):
        return value
    keys = [*value]
    if path[:1] not in (("spec",),) or path in {
        ("spec",),
        ("spec", "placement"),
        ("spec", "engine"),
        ("spec", "quota"),
    }:
        choices.shuffle(keys)
    return {key: mixed(value[key], choices, (*path, key)) for key in keys}


@pytest.mark.parametrize("seed", range(3))
def test_scrambled(seed: int, tmp_path: Path) -> None:
    root = acme(tmp_path / "fleet")
    shutil.copytree(CHECKOUT / "golden", root / "golden")
    choices = Random(seed)
    comments: dict[str, list[str]] = {}
    for file in spec_files(root):
        text, comments[file] = scrambled((root / file).read_bytes(), choices)
        (root / file).write_bytes(text.encode())
    assert inside(root, "build", "--cold").status == 0
    before = output(root)
    assert inside(root, "fmt").status == 0
    for file, written in comments.items():
        assert held((root / file).read_text(encoding="utf-8")) == Counter(written)
    assert inside(root, "fmt", "--check").status == 0
    got = inside(root, "build", "--cold", "--output", "json")
    assert got.status == 0
    assert output(root) == before
    assert got.data()["written"] == []
