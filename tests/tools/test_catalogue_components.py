"""The tool that derives components from an index of upstream CRDs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import catalogue_components as tool

HEAD = "project\tversion\tcommit\tgroup\tkind\tversions_served\n"
ROWS = (
    "b\tv1.10.0\tc1c1c1c1c1c1c1\tb.io\tThing\tv1alpha1(dep...),v1\n"
    "b\tv1.9.0\tc0c0c0c0c0c0c0\tb.io\tThing\tv1alpha1\n"
    "a\tv0.1.0\td0d0d0d0d0d0d0\ta.io\tOther\tv1\n"
    "catalog-copy\tcd2d4bc290\tcd2d4bc290\tc.io\tCopy\tv1\n"
)


@pytest.fixture
def crds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "INDEX.tsv").write_text(HEAD + ROWS, encoding="utf-8")
    monkeypatch.setattr(tool, "TARGET", tmp_path / "components.yaml")
    return tmp_path


def test_it_writes_what_is_released(crds: Path) -> None:
    assert tool.main([str(crds)]) == 0
    text = (crds / "components.yaml").read_text(encoding="utf-8")
    assert "catalog-copy" not in text
    assert text.index("name: a") < text.index("name: b") < text.index("v1.9.0 # c0c0c0c0c0c0") < text.index("v1.10.0")
    assert "Thing: [v1alpha1, v1]" in text
    assert text.endswith("    deprecated:\n      b.io:\n        Thing: [v1alpha1]\n")


def test_it_checks(crds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (crds / "components.yaml").write_text("old", encoding="utf-8")
    assert tool.main([str(crds), "--check"]) == 1
    assert "components.yaml is not what" in capsys.readouterr().err
    assert tool.main([str(crds)]) == 0
    assert tool.main([str(crds), "--check"]) == 0
