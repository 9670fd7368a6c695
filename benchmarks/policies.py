"""`python -m benchmarks.policies`: `fleetc check --cold` on the example fleet without policies, with its own, and with
all packs beside them, in turns: the rules that it meets, and all. Nothing here passes or fails."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, get_args

from benchmarks.run import ROUNDS, pace
from fleetc.language.policy import Pack

SPECS = Path(__file__).resolve().parents[1] / "specs"
KINDS = ("none", "its own", "packs, as met", "packs, whole")

HEAD = "apiVersion: fleetc/v1alpha1\nkind: Policy\n"
BROKEN = re.compile(r"\(Policy all-([a-z-]+), rule ([a-z-]+)\)")


class Checked(NamedTuple):
    """One run: seconds of CPU time, how many errors it told, and the packs and rules that are broken."""

    cpu: float
    errors: int
    broken: frozenset[tuple[str, str]]


def write_fleet(root: Path, kind: str) -> None:
    """The example fleet with one of the kinds of policies."""
    shutil.copytree(SPECS, root / "specs")
    # Constraints are another program's.
    for page in (root / "specs").rglob("*.cue"):
        page.unlink()
    if kind == "none":
        shutil.rmtree(root / "specs/policies")
    if kind.startswith("packs"):
        write_packs(root, frozenset())
    if kind == "packs, as met":
        write_packs(root, checked(root).broken)


def write_packs(root: Path, without: frozenset[tuple[str, str]]) -> None:
    """All packs, but for some rules."""
    pages = list[str]()
    for pack in get_args(Pack):
        exclude = ", ".join(sorted(rule for of, rule in without if of == pack))
        pages.append(f"{HEAD}metadata: {{name: all-{pack}}}\nspec: {{pack: {pack}, exclude: [{exclude}]}}\n")
    (root / "specs/policies/all.yaml").write_text("---\n".join(pages), encoding="utf-8")


def checked(root: Path) -> Checked:
    """One whole process, which compiles everything."""
    before = os.times()
    command = [sys.executable, "-m", "fleetc", "check", "--cold", "--root", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "CUE_EXE": ""})
    after = os.times()
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    errors = [line for line in done.stderr.splitlines() if line.startswith("error[")]
    return Checked(cpu, len(errors), frozenset(BROKEN.findall("\n".join(errors))))


def measured(rounds: int) -> dict[str, list[Checked]]:
    """Every kind, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        roots = {kind: Path(folder, str(n)) for n, kind in enumerate(KINDS)}
        for kind, root in roots.items():
            root.mkdir()
            write_fleet(root, kind)
        turns = [{kind: checked(root) for kind, root in roots.items()} for _ in range(rounds)]
    return {kind: [turn[kind] for turn in turns] for kind in KINDS}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each kind (default: %(default)s)")
    found = measured(parser.parse_args().rounds)
    print(f"policies of the example fleet, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")
    print(f"  {'policies':20}{'errors':>8}{'CPU ms, median':>16}{'least':>8}{'times':>8}")
    base = min(one.cpu for one in found["none"])
    for kind, runs in found.items():
        median, least = statistics.median(one.cpu for one in runs), min(one.cpu for one in runs)
        print(f"  {kind:20}{runs[0].errors:8}{1000 * median:16,.0f}{1000 * least:8,.0f}{least / base:8.2f}")
    print(f"  a million steps of a loop took {1000 * pace():.0f} ms")


if __name__ == "__main__":
    main()
