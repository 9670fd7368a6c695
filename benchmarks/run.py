"""`make bench`: whole processes on synthetic fleets. Nothing here passes or fails: machines differ, and are shared."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.fleet import write_fleet
from benchmarks.models import write_models
from fleetc import __version__

ROUNDS = 5
SHOWN = 4
"""How many stages are named, those that take longest first."""

Prepare = Callable[[int], None]
"""Makes something to do, before the n-th round."""


class Measured(NamedTuple):
    """A whole process: its wall-clock seconds, the statistics that it printed, and how many files it wrote. `best`: of
    several such runs, the seconds of the fastest, which other programs on the machine disturbed least."""

    seconds: float
    stats: dict[str, Any]
    written: int
    best: float = 0.0


def pace() -> float:
    """Seconds for a million steps of a plain loop: machines that are shared are now fast, now slow."""
    started = time.perf_counter()
    total = 0
    for n in range(1_000_000):
        total += n * n
    return time.perf_counter() - started


def room() -> float:
    """Seconds in which 64 MB of memory that is new to this process are filled: where a machine is virtual, that tells
    more of how long starts and large data take than the pace does."""
    started = time.perf_counter()
    _ = bytearray(b"x") * (1 << 26)
    return time.perf_counter() - started


def fleetc(*arguments: str) -> Measured:
    """One run of the program, from outside. Its modules are compiled once, as where it is installed."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "fleetc", *arguments], capture_output=True, text=True, check=False, env=env
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"fleetc {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    lines = done.stderr.strip().splitlines()
    written = len(json.loads(done.stdout)["written"]) if lines else 0
    return Measured(seconds, json.loads(lines[-1]) if lines else {}, written)


def measure(prepare: Prepare, rounds: int, *arguments: str) -> Measured:
    """The median of several runs, each after `prepare` made something to do."""
    runs: list[Measured] = []
    for n in range(rounds):
        prepare(n)
        time.sleep(0.05)  # What changed within one tick of the clock is read again, which is not what is measured.
        runs.append(fleetc(*arguments))
    runs.sort(key=lambda run: run.seconds)
    return runs[(len(runs) - 1) // 2]._replace(best=runs[0].seconds)


def cases(root: Path, models: int) -> dict[str, Prepare]:
    """What is done before each run, by the name of the case."""

    def cold(_: int) -> None:
        shutil.rmtree(root / "golden", ignore_errors=True)
        shutil.rmtree(root / "stacks", ignore_errors=True)
        shutil.rmtree(root / ".fleetc", ignore_errors=True)

    def nothing(_: int) -> None:
        return None

    def edit(file: str, old: str, new: str) -> Prepare:
        return lambda n: _replace(root / file, old, new.format(n=n))

    served: dict[str, Prepare] = {
        "one model's queue": edit("specs/models/m00.yaml", "    queue: ", "1{n}"),
        "one model's replicas": edit("specs/models/m01.yaml", '  replicas: "20..', '4{n}"'),
        "one pool's nodes": edit("specs/pools/c0003.yaml", "  nodes: ", "2{n}"),
    }
    return {
        "cold": cold,
        "nothing to do": nothing,
        "one cluster": edit("specs/clusters/c0003.yaml", "provisioner: ", "edited{n}.example"),
        "one object of one cluster": edit("specs/manifests/specific.yaml", "endpoint: https://c0003", ".n{n}.example"),
        "one team's contact": edit("specs/teams/team1.yaml", "  contact: ", "edited{n}@bench.example"),
        "one team's network": edit("specs/teams/team1.yaml", "10.1.0.0/16:", '44{n}"'),
        "one team's quota": edit("specs/teams/team1.yaml", "    memory: ", "1{n}Ti"),
        **(served if models else {}),
    }


def _replace(path: Path, start: str, rest: str) -> None:
    """Put other text behind the first `start`, up to the end of its line."""
    before, found, after = path.read_text(encoding="utf-8").partition(start)
    if not found:
        raise SystemExit(f"there is no `{start}` in {path}")
    path.write_text(before + found + rest + after[after.index("\n") :], encoding="utf-8")


def rows(root: Path, rounds: int, jobs: int, models: int = 0) -> Iterator[tuple[str, Measured]]:
    """Each case, measured."""
    words = ["build", "--root", str(root), "--stats", "json", "--output", "json", "--jobs", str(jobs)]
    for name, prepare in cases(root, models).items():
        if name != "cold":
            fleetc(*words)  # All that the last case wrote is now remembered, as it is in daily life.
        yield name, measure(prepare, rounds, *words)


def table(found: Iterator[tuple[str, Measured]]) -> Iterator[str]:
    """The rows as text; the first says how large the fleet is."""
    for n, (name, run) in enumerate(found):
        stats = run.stats
        if n == 0:
            yield (
                f"{stats['clusters']:,} clusters, {stats['objects']:,} objects ({stats['shapes']:,} distinct) "
                f"in {stats['files']:,} files"
            )
            yield f"  {'edited':26}{'ms':>7}{'best':>7}{'files':>8}{'MB':>6}   ms by stage"
        numbers = f"{1000 * run.seconds:7,.0f}{1000 * run.best:7,.0f}{run.written:8,}{stats['peak_bytes'] / 1e6:6,.0f}"
        speed = f"; {stats['objects'] / run.seconds:,.0f} objects/s" if name == "cold" else ""
        yield f"  {name:26}{numbers}   {_stages(run)}{speed}"


def _stages(run: Measured) -> str:
    stages = {**run.stats["stages"], "start and imports": run.seconds - sum(run.stats["stages"].values())}
    longest = sorted(stages.items(), key=lambda s: -s[1])[:SHOWN]
    return ", ".join(f"{stage} {1000 * seconds:.0f}" for stage, seconds in longest)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--objects", type=int, default=100, help="objects a cluster (default: %(default)s)")
    parser.add_argument("--models", type=int, default=0, help="models on pools of the clusters (default: none)")
    parser.add_argument("--delivery", choices=("argocd", "pulumi"), help="what brings objects to clusters")
    parser.add_argument("--jobs", type=int, default=2, help="processes that write (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each case (default: %(default)s)")
    options = parser.parse_args()
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0]
    machine = f"{platform.machine()}, {cores} cores, load {load:.1f}"
    print(f"fleetc {__version__}, Python {platform.python_version()}, {machine}")
    print(f"medians of {options.rounds} whole processes, files {'in memory' if base else 'on disk'}")
    starts = sorted(fleetc("--help").seconds for _ in range(options.rounds))
    print(f"fleetc --help: {1000 * statistics.median(starts):.0f} ms, best {1000 * starts[0]:.0f}\n")
    for clusters in options.clusters:
        with tempfile.TemporaryDirectory(dir=base) as folder:
            platform_of = "serving" if options.models else None
            write_fleet(Path(folder), clusters, options.objects, platform=platform_of, delivery=options.delivery)
            if options.models:
                write_models(Path(folder), clusters, options.models)
            before = pace(), room()
            for line in table(rows(Path(folder), options.rounds, options.jobs, options.models)):
                print(line, flush=True)
            steps, filled = (
                f"{1000 * one:.0f} ms before, {1000 * other:.0f} after"
                for one, other in zip(before, (pace(), room()), strict=True)
            )
            print(f"  a million steps of a loop took {steps}; 64 MB of new memory {filled}\n")


if __name__ == "__main__":
    main()
