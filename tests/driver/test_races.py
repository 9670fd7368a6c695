"""What changes while a run is under way, or within one tick of the clock, is never taken for known."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.driver.fleets import LEFT, clean, inside, output, slow, state, synthetic
from tests.driver.tree.trees import put

from fleetc.driver import build, files, memory, rebuild
from fleetc.driver.tree.model import RACY_NS

TEAM = "specs/teams/team1.yaml"
OUT = "golden/c0001/platform/cluster.yaml"
TOUCHED = "golden/c0001/teams/team1/team.yaml"


@pytest.fixture(autouse=True)
def one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "tool_digest", lambda _crds=(): "this")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Built, and all of it remembered."""
    made = synthetic(tmp_path / "fleet", clusters=2)
    for _ in range(2):
        assert inside(made, "build").status == 0
        time.sleep(2 * RACY_NS / 1e9)
    return made


def before(monkeypatch: pytest.MonkeyPatch, module: object, name: str, act: Callable[[], object]) -> None:
    """Act once, right before a stage."""
    real = getattr(module, name)

    def call(*words: Any, **named: Any) -> Any:
        monkeypatch.setattr(module, name, real)
        act()
        return real(*words, **named)

    monkeypatch.setattr(module, name, call)


def equals_clean(root: Path, tmp_path: Path) -> None:
    assert inside(root, "build").status == 0
    assert clean(root, tmp_path / "clean").status == 0
    assert output(root) == output(tmp_path / "clean")


def edited(root: Path, pods: int = 400) -> None:
    text = re.sub(r"pods: \d+", f"pods: {pods}", (root / TEAM).read_text())
    put(root, TEAM, text.encode())


@pytest.mark.parametrize("stage", [slow("scope_of"), "compile_planned", slow("apply"), "summarise"])
def test_a_spec_that_changes_during_the_run(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    edited(root, 300)
    before(monkeypatch, rebuild, stage, lambda: edited(root))
    assert inside(root, "build").status == 0
    time.sleep(2 * RACY_NS / 1e9)
    assert b"pods: 400" in (root / TEAM).read_bytes()
    equals_clean(root, tmp_path)


@pytest.mark.parametrize("stage", [slow("compile_planned"), "apply", slow("summarise")])
def test_a_newly_included_file_that_changes_during_the_run(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    old = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new, namespace: default}\ndata: {a: old}\n"
    put(root, "extra/new.txt", old)
    put(root, "specs/manifests/new.yaml", b"apiVersion: fleetc/v1alpha1\nkind: Manifest\nmetadata: {name: new}\n"
        b"spec: {files: [../../extra/new.txt]}\n")  # fmt: skip
    time.sleep(2 * RACY_NS / 1e9)

    def change() -> None:
        put(root, "extra/new.txt", old.replace(b"old", b"new"))
        time.sleep(2 * RACY_NS / 1e9)

    before(monkeypatch, rebuild, stage, change)
    assert inside(root, "build").status == 0
    equals_clean(root, tmp_path)
    assert b"a: new" in output(root)["golden/c0001/platform/manifests/new.yaml"]


def test_a_spec_that_changed_just_before_is_not_remembered(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may change again under the same time stamp, right after it was read."""
    before(monkeypatch, build, "spec_files", lambda: edited(root))
    before(monkeypatch, rebuild, "apply", lambda: time.sleep(3 * RACY_NS / 1e9))
    assert inside(root, "build").status == 0
    remembered = memory.load(str(root / ".fleetc"), "this")
    assert remembered is not None
    assert TEAM not in remembered.head.inputs
    assert "specs/fleet.yaml" in remembered.head.inputs


@pytest.mark.parametrize("how", ["deleted", "edited"])
@pytest.mark.parametrize("stage", [slow("compile_planned"), slow("plan_writes"), "apply"])
@pytest.mark.parametrize("page", [OUT, TOUCHED])
def test_an_output_that_changes_during_the_run(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, stage: str, page: str
) -> None:
    """Whether the run was to write that file or not: an edit is kept, and the next run finds what is amiss."""
    edited(root)
    path = root / page
    data = path.read_bytes() + b"# by hand\n"
    before(monkeypatch, rebuild, stage, path.unlink if how == "deleted" else lambda: path.write_bytes(data))
    got = inside(root, "build")
    assert "FLT999" not in got.err
    if how == "edited":
        assert path.read_bytes() == data
        assert "FLT601" in inside(root, "build").err
        path.unlink()
    equals_clean(root, tmp_path)


def test_ctrl_c_while_files_are_renamed(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits until the tree is whole; and the patch, which is all that is left of an edit, stays."""
    put(root, OUT, (root / OUT).read_bytes() + b"# by hand\n")
    edited(root)
    real = os.rename

    def rename(source: str, target: str) -> None:
        # To this thread, the program's only one: those of the runner of tests block nothing.
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        inside(root, "build", "--discard-edits")
    monkeypatch.setattr(os, "rename", real)
    assert "# by hand" in (root / "fleetc-edits-1.patch").read_text()
    assert state(root) == LEFT
    assert clean(root, tmp_path / "clean").status == 0
    assert output(root) == output(tmp_path / "clean")
    assert inside(root, "build").status == 0


def test_a_spec_that_goes_while_the_specs_are_listed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = str(root / "specs/teams/team1.yaml")
    real: Callable[[str], Iterator[str]] = files.walk

    def walk(folder: str) -> Iterator[str]:
        for path in real(folder):
            if path == gone and os.path.exists(gone):
                os.unlink(gone)
            yield path

    monkeypatch.setattr(files, "walk", walk)
    got = inside(root, "check")
    assert "FLT999" not in got.err
    assert "team1" in got.err


def test_the_output_folder_becomes_a_link(root: Path) -> None:
    (root / "golden").rename(root / "elsewhere")
    (root / "golden").symlink_to("elsewhere")
    warm, cold = inside(root, "build"), inside(root, "build", "--cold")
    assert "FLT603" in cold.err
    assert warm == cold


def test_a_state_folder_without_its_whole_gitignore(root: Path) -> None:
    """A run was killed between making that file and writing it."""
    put(root, ".fleetc/.gitignore", b"")
    assert inside(root, "build").status == 0
    assert (root / ".fleetc/.gitignore").read_bytes() == b"*\n"
