"""A process that writes trees in turns is killed at random moments and started again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.driver.tree.trees import build, content, own, put, state_files

FOREIGN = {"golden/README.md": b"mine\n", "golden/c1/notes.yaml": b"mine: 1\n", "golden/empty/x": b"# mine\n"}


def tree(turn: int) -> dict[str, bytes]:
    """Two trees of 300 files: 200 paths are in both, with other bytes; a file of one is a folder of the other."""
    files = {f"golden/c{i % 9}/{i}.yaml": own(f"turn: {turn}\nn: {i}\n") for i in range(turn * 100, turn * 100 + 300)}
    return {**files, ("golden/swap" if turn else "golden/swap/file"): own("swap")}


def write_in_turns(root: Path) -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for turn in range(10_000):
        build(root, tree(turn % 2), jobs=2)


@pytest.mark.parametrize("rounds", [20, pytest.param(200, marks=pytest.mark.accept)])
def test_killed_at_random_moments(tmp_path: Path, rounds: int) -> None:
    chance = random.Random(rounds)
    for path, data in FOREIGN.items():
        put(tmp_path, path, data)
    paths = os.pathsep.join(p for p in sys.path if p)
    code = (
        f"from pathlib import Path; from tests.driver.tree.test_kill import *; write_in_turns(Path({str(tmp_path)!r}))"
    )
    for turn in range(rounds):
        command = [sys.executable, "-c", code, str(tmp_path)]
        environment = {**os.environ, "PYTHONPATH": paths}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=Path.cwd()) as process:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            time.sleep(chance.random() * 0.12)
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
        if turn % 4 == 3:
            build(tmp_path, tree(turn // 4 % 2), jobs=2)
            assert content(tmp_path) == {**tree(turn // 4 % 2), **FOREIGN}
            assert state_files(tmp_path) == ["lock"]
    build(tmp_path, tree(0))
    assert content(tmp_path) == {**tree(0), **FOREIGN}
    assert state_files(tmp_path) == ["lock"]
