"""The output tree through the program: hand edits, foreign files, two runs at once, refusals of the system, Ctrl-C."""

from __future__ import annotations

import ctypes
import json
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from tests.driver.fleets import (
    LEFT,
    Run,
    acme,
    clean,
    command,
    environment,
    inside,
    output,
    slow,
    state,
    synthetic,
    wide,
)
from tests.driver.tree.trees import content, git, put

from fleetc.driver.tree.lock import locked
from fleetc.driver.tree.model import Place

PAGE = "golden/kind-dev/teams/search/team.yaml"
LINUX_CAPABILITY_VERSION_3 = 0x20080522  # linux/capability.h
NOBODY = 65534


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example fleet, built."""
    made = acme(tmp_path / "fleet")
    assert inside(made, "build").status == 0
    return made


def edit_spec(root: Path, value: str = "search-duty@acme.example") -> None:
    path = root / "specs/teams/search.yaml"
    path.write_text(re.sub(r"contact: .*", f"contact: {value}", path.read_text()))


def edit_output(root: Path, page: str = PAGE) -> bytes:
    data = (root / page).read_bytes().replace(b"\n  name: search\n", b"\n  name: by-hand\n", 1)
    put(root, page, data)
    return data


@pytest.mark.parametrize("name", ["build", "check"])
def test_a_hand_edit_is_refused(root: Path, name: str) -> None:
    edited = edit_output(root)
    got = inside(root, name)
    assert (got.status, got.out) == (1, "")
    assert got.err.startswith(f"error[FLT601 hand_edited]: {PAGE}: edited by hand since fleetc made it")
    assert " |   name: by-hand\n" in got.err
    edit_spec(root)
    assert inside(root, name).err.startswith("error[FLT601 hand_edited]")
    assert (root / PAGE).read_bytes() == edited


@pytest.mark.parametrize("changed", [slow(False), True])
def test_discarded_edits_are_in_a_patch_that_git_takes(root: Path, tmp_path: Path, changed: bool) -> None:
    edited = edit_output(root)
    if changed:
        edit_spec(root)
    assert inside(root, "check", "--output", "json").status == 1
    got = inside(root, "build", "--discard-edits")
    assert got.status == 0
    assert "edits  saved in fleetc-edits-1.patch" in got.out
    assert clean(root, tmp_path / "clean").status == 0
    assert output(root) == output(tmp_path / "clean")
    git(root, "init", "-q")
    git(root, "apply", "fleetc-edits-1.patch")
    assert b"name: by-hand" in (root / PAGE).read_bytes()
    if not changed:
        assert (root / PAGE).read_bytes() == edited
    assert inside(root, "build").status == 1
    assert "fleetc-edits-2.patch" in inside(root, "build", "--discard-edits").out
    assert inside(root, "build", "--discard-edits").status == 0
    assert not (root / "fleetc-edits-3.patch").exists()


def test_foreign_files_stay_and_only_own_files_are_pruned(root: Path) -> None:
    foreign = {
        "golden/README.md": b"# read me\n",
        "golden/hub/kustomization.yaml": b"resources: [cluster.yaml]\n",
        "golden/kind-dev/teams/mine/team.yaml": b"# Made by hand\n",
        "golden/empty": b"",
    }
    for path, data in foreign.items():
        put(root, path, data)
    (root / "golden/hub/link").symlink_to("cluster.yaml")
    for spec in ("clusters/kind-dev", "pools/kind-dev", "manifests/search-api"):
        (root / f"specs/{spec}.yaml").unlink()
    models = root / "specs/models/search.yaml"
    put(root, "specs/models/search.yaml", models.read_bytes().rpartition(b"---\n")[0])  # The last one is on kind-dev.
    assert inside(root, "build").status == 1  # search-monitoring selects search-api's Service.
    (root / "specs/manifests/search-monitoring.yaml").unlink()
    got = inside(root, "build", "--output", "json")
    assert got.status == 0, got.out
    assert foreign.items() <= content(root).items()
    assert (root / "golden/hub/link").is_symlink()
    assert sorted(os.listdir(root / "golden/kind-dev")) == ["teams"]
    assert sorted(os.listdir(root / "golden/kind-dev/teams")) == ["mine"]
    assert not any("search-api" in path for path in output(root))
    lock = "specs/models/all-minilm-l6-v2.model.lock"
    assert all(path.startswith(("golden/", "stacks/")) or path == lock for path in got.data()["deleted"])


def test_a_foreign_file_in_the_way(root: Path) -> None:
    put(root, PAGE, b"mine\n")
    got = inside(root, "build", "--discard-edits")
    assert got.status == 1
    assert f"error[FLT603 foreign_file]: {PAGE}" in got.err
    assert (root / PAGE).read_bytes() == b"mine\n"


def test_two_runs_at_once(root: Path) -> None:
    with locked(Place(str(root), "golden", str(root / ".fleetc"))):
        got = inside(root, "build")
        assert (got.status, got.out) == (2, "")
        assert got.err.startswith("error[FLT602 run_in_progress]: another fleetc run is in progress")
        assert inside(root, "check").status == 0
    assert inside(root, "build").status == 0


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a megabyte."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("only who may mount has a file system that gets full")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("jobs", [slow("1"), "2"])
def test_a_full_disk(tmpfs: Path, jobs: str) -> None:
    root = synthetic(tmpfs, clusters=2, objects=60)
    assert inside(root, "build").status == 0
    before = content(root)
    put(root, "ballast", b"x" * (os.statvfs(tmpfs).f_bavail * os.statvfs(tmpfs).f_bsize - 40_000))
    path = root / "specs/fleet.yaml"
    path.write_text(path.read_text().replace("organisation: bench", "organisation: other"))
    got = inside(root, "build", "--jobs", jobs)
    assert (got.status, got.out) == (2, "")
    assert got.err.startswith("error[FLT605 disk_full]: the disk is full; nothing was changed")
    assert output(root) == {p: d for p, d in before.items() if p.startswith("golden/")}
    assert state(root) == LEFT
    (root / "ballast").unlink()
    assert inside(root, "build").status == 0
    assert output(root).keys() == {p for p in before if p.startswith("golden/")}
    assert output(root).items() != before.items()


def fill(path: Path) -> NoReturn:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def test_a_disk_that_was_full_from_the_start(tmpfs: Path) -> None:
    root = synthetic(tmpfs, clusters=2, objects=60)
    with pytest.raises(OSError, match="No space"):
        fill(root / "ballast")
    got = inside(root, "build")
    assert got.status == 2
    assert "error[FLT605 disk_full]" in got.err
    assert "FLT999" not in got.err
    assert not (root / "golden").exists()


def test_a_read_only_disk(tmpfs: Path) -> None:
    root = synthetic(tmpfs, clusters=2, objects=60)
    assert inside(root, "build").status == 0
    before = content(root)
    subprocess.run(["mount", "-o", "remount,ro", tmpfs], check=True)
    got = inside(root, "build")
    assert (got.status, got.out) == (2, "")
    assert got.err.startswith("error[FLT604 cannot_write]:")
    assert "Read-only file system (EROFS)" in got.err
    assert inside(root, "check").status == 0
    assert content(root) == before


def without_privileges(root: Path) -> Run:
    """A build by root without root's capabilities: permissions count for it as for anybody."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            header, none = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
            assert ctypes.CDLL(None).capset(header, none) == 0
            os.write(writing, json.dumps(inside(root, "build")).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    return Run(*json.loads(told))


def test_a_folder_of_somebody_else(root: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    os.chown(root / "golden/kind-dev/teams/search", NOBODY, NOBODY)
    edit_spec(root)
    before = content(root)
    got = without_privileges(root)
    assert (got.status, got.out) == (2, "")
    message = "golden/kind-dev/teams/search: cannot be written: Permission denied (EACCES)"
    assert got.err.startswith(f"error[FLT604 cannot_write]: {message}")
    assert got.err.count("error[") == 1
    assert content(root) == before
    os.chown(root / "golden/kind-dev/teams/search", 0, 0)
    assert without_privileges(root).status == 0
    assert content(root) != before


def interrupted(root: Path, after: float) -> Run:
    """The program, with Ctrl-C that many seconds after it took the lock."""
    (root / ".fleetc/lock").unlink(missing_ok=True)
    words = command("build", "--root", str(root), "--jobs", "2")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()) as run:
        while not (root / ".fleetc/lock").exists() and run.poll() is None:
            time.sleep(0.002)
        time.sleep(after)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    return Run(run.returncode, out, err)


def test_ctrl_c(tmp_path: Path) -> None:
    """The tree is that of before or that of after, whenever it comes."""
    root = tmp_path / "fleet"
    chance = random.Random(5)
    trees: list[dict[str, bytes]] = []
    for n in (0, 1):
        wide(root, f"wide{n}")
        started = time.perf_counter()
        assert inside(root, "build").status == 0
        took = time.perf_counter() - started
        trees.append(output(root))
    seen: list[int] = []
    for n in (0, 1, 0, 1):
        wide(root, f"wide{n}")
        before = output(root)
        got = interrupted(root, chance.random() * took)
        seen.append(got.status)
        assert (got.status, got.out, got.err) == (130, "", "interrupted\n") or got.status == 0
        assert output(root) in (before, trees[n])
        assert not {"stage", "journal", "undo"} & {*state(root)}
        assert inside(root, "build").status == 0
        assert output(root) == trees[n]
    assert 130 in seen
