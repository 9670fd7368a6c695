"""`python -m benchmarks.diff`: `fleetc diff` on a synthetic fleet under git. Nothing here passes or fails."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.fleet import write_fleet
from benchmarks.run import ROUNDS, fleetc, pace

EDITS = {
    "nothing": ("specs/fleet.yaml", "kind: Fleet", "kind: Fleet"),
    "one cluster": ("specs/clusters/c0003.yaml", "provisioner: rook-ceph", "provisioner: edited"),
    "one team's contact": ("specs/teams/team1.yaml", "contact: team1@", "contact: other@"),
    "one team's network": ("specs/teams/team1.yaml", "10.1.0.0/16:443", "10.1.0.0/16:444"),
    "one team's quota": ("specs/teams/team1.yaml", 'memory: "1Ti"', 'memory: "2Ti"'),
}
"""By name: a file, and what is put for what."""


class Timed(NamedTuple):
    """Whole processes: seconds by the clock, median and least; the least CPU seconds, git's included; the times of the
    last by stage."""

    median: float
    best: float
    cpu: float
    stages: dict[str, float]


def write_repository(root: Path, clusters: int, objects: int) -> None:
    """A fleet, built and committed."""
    write_fleet(root, clusters, objects)
    (root / ".gitignore").write_text(".fleetc\n", encoding="utf-8")
    fleetc("build", "--root", str(root))
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "b"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    time.sleep(0.05)
    fleetc("build", "--root", str(root))  # What was written a moment before is remembered now.


def measured(root: Path, rounds: int) -> Timed:
    """The diff, several times."""
    seconds: list[float] = []
    cpu: list[float] = []
    stats: dict[str, Any] = {}
    for _ in range(rounds):
        before, started = os.times(), time.perf_counter()
        command = [sys.executable, "-m", "fleetc", "diff", "--root", str(root), "--stats", "json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - started)
        after = os.times()
        cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)
        stats = json.loads(done.stderr.strip().splitlines()[-1])
    return Timed(statistics.median(seconds), min(seconds), min(cpu), stats["stages"])


def edited(root: Path, name: str, then: Callable[[], Timed]) -> Timed:
    """Do something with an edit made, and take it back."""
    file, old, new = EDITS[name]
    path = root / file
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise SystemExit(f"there is no `{old}` in {file}")
    if old == new:
        return then()
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        return then()
    finally:
        path.write_text(text, encoding="utf-8")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--objects", type=int, default=100, help="objects a cluster (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each case (default: %(default)s)")
    options = parser.parse_args()
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=base) as folder:
        root = Path(folder)
        write_repository(root, options.clusters, options.objects)
        print(f"{options.clusters:,} clusters of {options.objects} objects, load {os.getloadavg()[0]:.1f}")
        print(f"  {'edited':22}{'ms':>7}{'best':>7}{'CPU':>7}   ms by stage")
        for name in EDITS:
            found = edited(root, name, lambda: measured(root, options.rounds))
            stages = sorted(found.stages.items(), key=lambda stage: -stage[1])[:5]
            shown = ", ".join(f"{stage} {1000 * seconds:.0f}" for stage, seconds in stages)
            times = "".join(f"{1000 * value:7,.0f}" for value in (found.median, found.best, found.cpu))
            print(f"  {name:22}{times}   {shown}", flush=True)
        print(f"  a million steps of a loop took {1000 * pace():.0f} ms")


if __name__ == "__main__":
    main()
