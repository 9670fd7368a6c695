"""Fleets to build in temporary folders, the program in this process and outside of it, and what a run came to."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from benchmarks.fleet import write_fleet
from tests.driver.tree.trees import content, put

from fleetc.cli.main import main
from fleetc.driver import rebuild
from fleetc.driver.compile import Compiled, compile_planned
from fleetc.driver.scope import WHOLE, Scope

CHECKOUT = Path(__file__).parents[2]
STATE = ".fleetc"
LEFT = [".gitignore", "lock", "memory"]
"""What a run leaves in the state folder."""


def slow(*values: Any) -> Any:
    """Parameters of a test that only `make accept` runs."""
    return pytest.param(*values, marks=pytest.mark.accept)


ODD = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: odd}
spec:
  files: [../../extra/odd.txt]
  objects:
  - apiVersion: odd.example/v1
    kind: Odd
    metadata: {name: inline, namespace: team0}
    spec: {flag: 1, ratio: 1.0, yes: true, text: "1", nothing: {}, list: [1, true, 1.0], order: {b: 1, a: 2}}
  - apiVersion: v1
    kind: Service
    metadata: {name: app, namespace: team0}
    spec:
      selector: {app.kubernetes.io/name: app0-4}
      ports: [{name: http, port: 80, targetPort: http, protocol: TCP}]
  - apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: app, namespace: team0}
    spec: {maxUnavailable: 1, selector: {matchLabels: {app.kubernetes.io/name: app0-5}}}
  overrides:
  - match: {environments: [dev]}
    set:
      objects:
      - apiVersion: odd.example/v1
        kind: Odd
        metadata: {name: inline, namespace: team0}
        spec: {flag: 0}
"""
INCLUDED = """\
apiVersion: odd.example/v1
kind: Odd
metadata: {name: included, namespace: team1}
spec: {flag: 0, on: [false, 0, 0.0]}
"""


class Run(NamedTuple):
    """What a run of the program printed, and its exit status."""

    status: int
    out: str
    err: str

    def data(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)


def acme(root: Path) -> Path:
    """The example fleet."""
    shutil.copytree(CHECKOUT / "specs", root / "specs")
    return root


def synthetic(root: Path, clusters: int = 5, objects: int = 60) -> Path:
    """The benchmark's fleet, and a Manifest whose values YAML tells apart and Python does not."""
    write_fleet(root, clusters, objects)
    put(root, "specs/manifests/odd.yaml", ODD.encode())
    put(root, "extra/odd.txt", INCLUDED.encode())
    return root


def wide(root: Path, name: str = "wide", clusters: int = 70, pages: int = 2) -> Path:
    """Many files that cost little: all clusters share all objects, and each object has its name in it."""
    fleet = f"spec: {{organisation: {name}, environments: [dev]}}"
    put(root, "specs/fleet.yaml", _spec("Fleet", name, fleet))
    for n in range(clusters):
        text = 'spec: {kubernetes: "1.35", provider: kind, environment: dev}'
        put(root, f"specs/clusters/c{n:04}.yaml", _spec("Cluster", f"c{n:04}", text))
    for n in range(pages):
        item = f"apiVersion: v1, kind: ConfigMap, metadata: {{name: page{n}, namespace: default}}"
        put(root, f"specs/manifests/page{n}.yaml", _spec("Manifest", f"page{n}", f"spec: {{objects: [{{{item}}}]}}"))
    return root


def _spec(kind: str, name: str, spec: str) -> bytes:
    return f"apiVersion: fleetc/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\n{spec}\n".encode()


def inside(root: Path, *words: str) -> Run:
    """The program, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([words[0], "--root", str(root), *words[1:]])
    return Run(status, out.getvalue(), err.getvalue())


def environment(**changes: str | None) -> dict[str, str]:
    """The environment of a process that runs this checkout's program."""
    paths = os.pathsep.join(str(CHECKOUT / folder) for folder in ("compiler", "backends"))
    merged: Mapping[str, str | None] = {**os.environ, "PYTHONPATH": paths, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def command(*words: str) -> list[str]:
    """The program's command line."""
    return [sys.executable, "-m", "fleetc", *words]


def program(*words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Run:
    """The program, in a process of its own."""
    done = subprocess.run(command(*words), capture_output=True, check=False, cwd=cwd, env=env or environment())
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def output(root: Path, folder: str = "golden") -> dict[str, bytes]:
    """The files of the output folders."""
    return {path: data for path, data in content(root).items() if path.startswith((f"{folder}/", "stacks/"))}


def clean(root: Path, at: Path, *words: str) -> Run:
    """A cold build of a root's specs, and of the files that they include, in the new folder `at`."""
    for folder in ("specs", "extra"):
        if (root / folder).is_dir():
            shutil.copytree(root / folder, at / folder, symlinks=True)
    return inside(at, "build", *words)


def state(root: Path) -> list[str]:
    """What lies in the state folder, but for what changed since the memory was written, which only some edits leave."""
    return sorted(p.name for p in (root / STATE).iterdir() if p.name != "memory.since")


def scopes_taken(monkeypatch: pytest.MonkeyPatch) -> list[Scope]:
    """The scopes in which fleets are compiled from now on, from first to last."""
    taken: list[Scope] = []

    def spy(name: str, compiling: Callable[..., Compiled]) -> None:
        def spied(*words: Any, **named: Any) -> Compiled:
            taken.append(words[2] if len(words) > 2 else WHOLE)
            return compiling(*words, **named)

        monkeypatch.setattr(rebuild, name, spied)

    spy("compile_planned", compile_planned)
    return taken
