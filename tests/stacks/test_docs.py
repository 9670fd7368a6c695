"""docs/pulumi.md says what the program does: its data are read, its tables are those of the code."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from tests.check.goldens import ROOT
from tests.pages import blocks_of

from fleet.data import read_stack
from fleet.keep import LOSSES
from fleet.settings import PLUGIN, Settings

TEXT = (ROOT / "docs/pulumi.md").read_text(encoding="utf-8")
FILES = {block.words[1]: block.text for block in blocks_of(TEXT) if len(block.words) == 2}
STACKS = sorted(Path(path).stem for path in FILES if path.startswith("stacks/generated/"))


@pytest.mark.parametrize("stack", STACKS)
def test_the_data_are_read(stack: str, tmp_path: Path) -> None:
    path = tmp_path / f"{stack}.yaml"
    path.write_text(FILES[f"stacks/generated/{stack}.yaml"], encoding="utf-8")
    assert read_stack(path, stack).cluster == stack


def test_every_key_of_the_configuration() -> None:
    table = set(re.findall(r"(?m)^\| `fleet:(\w+)` \|", TEXT))
    called = {"manifest": "argocdManifest", "manifest_sha256": "argocdManifestSha256"}
    camel = {re.sub(r"_(\w)", lambda found: found[1].upper(), name) for name in [f.name for f in fields(Settings)]}
    names = {called.get(name, name) for name in camel - {"manifestSha256"}} | {called["manifest_sha256"]}
    assert table == names


def test_every_kind_that_is_kept() -> None:
    table = TEXT.partition("What would be lost")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([\w.]+)`", table)) - {"Service"}
    assert named == {f"{kind}.{group}" if group else kind for group, kind in LOSSES}


def test_the_workflow_and_the_versions() -> None:
    jobs = yaml.safe_load(FILES[".github/workflows/pulumi.yaml"])["jobs"]
    runs = [step["run"] for step in jobs["deliver"]["steps"] if "run" in step]
    pinned = (ROOT / "stacks/requirements.txt").read_text(encoding="utf-8")
    wanted = (ROOT / "requirements/dev.in").read_text(encoding="utf-8")
    (version,) = re.findall(r"(?m)^pulumi==(\S+)", pinned)
    assert f"pulumi=={version} " in wanted
    assert f"pkg/v3 v{version} " in (ROOT / "tools/pulumi/go.mod").read_text(encoding="utf-8")
    assert f"({version}, " in TEXT
    assert f"--version {version}\n" in runs[0]
    assert PLUGIN in TEXT
