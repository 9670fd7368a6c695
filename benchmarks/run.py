"""`make bench`: whole processes on a synthetic fleet on tmpfs: cold, nothing to do, one cluster edited, one team
edited."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.fleet import write_fleet

ROUNDS = 5


class Measured(NamedTuple):
    """A whole process: the median of its wall-clock seconds, and the statistics of that run."""

    seconds: float
    stats: dict[str, Any]


def fleetc(*arguments: str) -> Measured:
    """One run of the program, from outside."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "fleetc", *arguments], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"fleetc {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    last = done.stderr.strip().splitlines()
    return Measured(seconds, json.loads(last[-1]) if last else {})


def measure(prepare: Callable[[int], None], *arguments: str) -> Measured:
    """The median of several runs, each after `prepare` made something to do."""
    runs: list[Measured] = []
    for n in range(ROUNDS):
        prepare(n)
        runs.append(fleetc(*arguments))
    middle = statistics.median(run.seconds for run in runs)
    return next(run for run in runs if run.seconds == middle)


def cases(root: Path) -> dict[str, Callable[[int], None]]:
    """What is done before each run."""

    def cold(_: int) -> None:
        shutil.rmtree(root / "golden", ignore_errors=True)
        shutil.rmtree(root / ".fleetc", ignore_errors=True)

    def cluster(n: int) -> None:
        _settle()
        _replace(root / "specs/clusters/c0003.yaml", "region:", f"region: edited{n}")

    def team(n: int) -> None:
        _settle()
        _replace(root / "specs/teams/team1.yaml", "  contact:", f"  contact: edited{n}@bench.example")

    return {"cold": cold, "nothing to do": lambda _: _settle(), "one cluster edited": cluster, "one team edited": team}


def _settle() -> None:
    """Time passes between runs: files changed within one tick of the clock are read again, which is not what is
    measured."""
    time.sleep(0.05)


def _replace(path: Path, start: str, line: str) -> None:
    lines = path.read_text().splitlines()
    indent = next(text for text in lines if text.strip().startswith(start.strip()))
    spaces = indent[: len(indent) - len(indent.lstrip())]
    path.write_text("\n".join(spaces + line.strip() if text is indent else text for text in lines) + "\n")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--objects", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    print(f"--help: {1000 * measure(lambda _: None, '--help').seconds:.0f} ms")
    for clusters in options.clusters:
        with tempfile.TemporaryDirectory(dir=base) as folder:
            root = Path(folder)
            write_fleet(root, clusters, options.objects)
            for name, prepare in cases(root).items():
                _report(
                    clusters,
                    name,
                    measure(prepare, "build", "--root", folder, "--stats", "json", "--jobs", str(options.jobs)),
                )


def _report(clusters: int, name: str, run: Measured) -> None:
    stats = run.stats
    stages = "  ".join(f"{stage} {1000 * seconds:.0f}" for stage, seconds in stats["stages"].items())
    print(
        f"{clusters:5} clusters, {stats['objects']:7,} objects, {stats['shapes']:6,} shapes, {stats['files']:6,} files  "
        f"{name:20} {1000 * run.seconds:6.0f} ms  {stats['peak_bytes'] / 1e6:4.0f} MB  "
        f"{stats['objects'] / run.seconds:9,.0f} objects/s   [ms: {stages}]"
    )


if __name__ == "__main__":
    main()
