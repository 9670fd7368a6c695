"""The program is killed at random moments, and started again: the tree is that of a clean build, and nobody's files and
no process is lost or left."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.driver.fleets import LEFT, clean, command, environment, inside, output, state, wide
from tests.driver.tree.trees import content, put

FOREIGN = {"golden/README.md": b"mine\n", "golden/c0003/notes/mine.yaml": b"# Made by hand\n"}
SIZES = ((72, 2), (64, 3))
"""Clusters, and files that each has beside its own: together some more than the 200 from which children write."""
MOMENTS = ("any", "stage", "journal", "memory.new")


class Flip:
    """A fleet whose specs are those of one version or of another, in which most files differ, and some are not."""

    def __init__(self, base: Path) -> None:
        self.root = base / "fleet"
        self.root.mkdir()
        self.versions: list[Path] = []
        self.trees: list[dict[str, bytes]] = []
        for n, (clusters, pages) in enumerate(SIZES):
            made = wide(base / f"version{n}", f"wide{n}", clusters, pages)
            started = time.perf_counter()
            assert clean(made, base / f"tree{n}").status == 0
            self.took = time.perf_counter() - started
            self.versions.append(made)
            self.trees.append(output(base / f"tree{n}"))

    def to(self, version: int) -> None:
        shutil.rmtree(self.root / "specs", ignore_errors=True)
        shutil.copytree(self.versions[version] / "specs", self.root / "specs")


@pytest.fixture(scope="module")
def flip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flip]:
    base = tmp_path_factory.mktemp("kill")
    yield Flip(base)
    shutil.rmtree(base)


def processes(root: Path) -> list[int]:
    """The processes, zombies not among them, that were started on a root."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and os.fsencode(root) in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def kill_at(run: subprocess.Popen[bytes], root: Path, moment: str, chance: random.Random, took: float) -> None:
    """Kill the run some time after it started, or after the file that begins a stage appeared."""
    if moment != "any":
        while run.poll() is None and not (root / ".fleetc" / moment).exists():
            time.sleep(0.0005)
    time.sleep(chance.random() * (took if moment == "any" else 0.03))
    run.send_signal(signal.SIGKILL)
    run.wait()


def edit_by_hand(root: Path, chance: random.Random) -> str:
    path = chance.choice(sorted(output(root).keys() - FOREIGN.keys()))
    put(root, path, content(root)[path] + b"# by hand\n")
    return path


def check_restart(flip: Flip, version: int, chance: random.Random) -> None:
    """Started again, it ends as a clean build; what was edited in between is refused, and stays."""
    root = flip.root
    if chance.random() < 0.3 and output(root).keys() - FOREIGN.keys():
        path = edit_by_hand(root, chance)
        edited = (root / path).read_bytes()
        got = inside(root, "build")
        assert (got.status, "FLT601" in got.err) == (1, True), got
        assert (root / path).read_bytes() == edited
        (root / path).unlink()
    got = inside(root, "build")
    assert got.status == 0, got.err
    assert output(root) == {**flip.trees[version], **FOREIGN}
    assert state(root) == LEFT
    assert (root / ".fleetc/.gitignore").read_bytes() == b"*\n"


def run_and_kill(flip: Flip, times: int, seed: int) -> Counter[str]:
    chance = random.Random(seed)
    root, seen = flip.root, Counter[str]()
    for path, data in FOREIGN.items():
        put(root, path, data)
    for n in range(times):
        version = n % 2
        flip.to(version)
        if chance.random() < 0.1:
            shutil.rmtree(root / ".fleetc", ignore_errors=True)
        moment = chance.choice(MOMENTS)
        words = command("build", "--root", str(root), "--jobs", chance.choice("124"))
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as run:
            kill_at(run, root, moment, chance, flip.took)
            assert run.returncode in (0, -signal.SIGKILL), run.communicate()
        here = [*state(root)] if (root / ".fleetc").exists() else []
        seen.update(f"killed with {name}" for name in here if name not in LEFT)
        seen[f"ended with {run.returncode}"] += 1
        deadline = time.monotonic() + 10
        while processes(root) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert processes(root) == []
        check_restart(flip, version, chance)
    return seen


def test_killed_some_times(flip: Flip) -> None:
    seen = run_and_kill(flip, 20, seed=1)
    assert seen[f"ended with {-signal.SIGKILL}"] >= 5
    assert seen["killed with stage"] >= 1


@pytest.mark.accept
def test_killed_often(flip: Flip) -> None:
    seen = run_and_kill(flip, 200, seed=2)
    assert seen[f"ended with {-signal.SIGKILL}"] >= 100
    assert min(seen["killed with stage"], seen["killed with journal"]) >= 5
