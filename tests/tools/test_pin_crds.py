"""The tool that pins upstream CRDs, and that its table is the one which the program reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tools import pin_crds as tool

from fleetc.catalogue import read
from fleetc.catalogue.crd_pins import Release
from fleetc.source.yaml import parse

HEAD = "project\tversion\tcommit\tcommit_date\tpath_in_repo\tgroup\tkind\tbytes\tsha256\n"
COMMIT = "0" * 40


def row(project: str, path: str, kind: str) -> str:
    return f"{project}\tv1.10.0\t{COMMIT}\t2026-01-31\t{path}\ta.io\t{kind}\t12\t{'1' * 64}\n"


@pytest.fixture
def crds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = [row("kueue", "crds/b.yaml", "Two"), row("kueue", "crds/b.yaml", "One"), row("kueue", "crds/a.yaml", "X")]
    rows += [row("cilium-via-metio-catalog", "x.yaml", "Y"), row("unheard-of", "x.yaml", "Z")]
    (tmp_path / "INDEX.tsv").write_text(HEAD + "".join(rows), encoding="utf-8")
    monkeypatch.setattr(tool, "TARGET", tmp_path / "crd_pins.yaml")
    return tmp_path


def test_it_writes_what_it_knows_the_repository_of(crds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main([str(crds)]) == 0
    assert "unheard-of: no repository is known, left out" in capsys.readouterr().err
    (document,) = parse((crds / "crd_pins.yaml").read_bytes()).documents
    catalog, kueue = (read.typed(Release, item, "") for item in document.value)
    assert catalog.url == f"{tool.SITE}/metio/kube-custom-resources-rs/{COMMIT}/"
    assert (kueue.project, kueue.version, kueue.date) == ("kueue", "v1.10.0", "2026-01-31")
    assert kueue.url == f"{tool.SITE}/kubernetes-sigs/kueue/{COMMIT}/"
    assert [(f.path, f.kinds, f.bytes) for f in kueue.files] == [
        ("crds/a.yaml", ("a.io X",), 12), ("crds/b.yaml", ("a.io One", "a.io Two"), 12),
    ]  # fmt: skip


def test_it_checks(crds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (crds / "crd_pins.yaml").write_text("old", encoding="utf-8")
    assert tool.main([str(crds), "--check"]) == 1
    assert "crd_pins.yaml is not what" in capsys.readouterr().err
    assert tool.main([str(crds)]) == 0
    assert tool.main([str(crds), "--check"]) == 0


@pytest.mark.skipif(not os.path.isdir(os.environ.get("FLEETC_CRDS", "")), reason="FLEETC_CRDS names no folder of CRDs")
def test_the_table_is_current() -> None:
    assert tool.main([os.environ["FLEETC_CRDS"], "--check"]) == 0
