"""Tiny repositories with a Rollout: three clusters, three waves, and commits in which folders come and go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.driver.fleets import Run, inside
from tests.driver.tree.trees import git, put

FILE: Final = "specs/rollout.yaml"
WAVES: Final = """\
# How what is generated goes out.
apiVersion: fleetc/v1alpha1
kind: Rollout
metadata: {name: all}
spec:
  waves:
    # a laptop
    one:
      match: {clusters: c1}  # the first
    two:
      match:
        clusters:
        - c2  # the second
    # whoever is left
    three: {}
"""
HEAD: Final = "apiVersion: fleetc/v1alpha1\nkind: {}\nmetadata: {{name: {}}}\nspec: {}\n"


def repository(root: Path, waves: str = WAVES, clusters: int = 3) -> Path:
    """A repository with one commit, in which every cluster has one folder."""
    put(root, "specs/fleet.yaml", HEAD.format("Fleet", "f", "{organisation: acme, environments: [dev]}").encode())
    for n in range(1, clusters + 1):
        text = HEAD.format("Cluster", f"c{n}", '{kubernetes: "1.35", provider: kind, environment: dev}')
        put(root, f"specs/clusters/c{n}.yaml", text.encode())
        put(root, f"golden/c{n}/platform/notes.yaml", b"a: 1\n")
    put(root, FILE, waves.encode())
    git(root, "init", "-q")
    commit(root)
    return root


def commit(root: Path) -> str:
    """Commit everything, and something more; the id of the commit."""
    put(root, "marker", f"{len(git(root, 'rev-list', '--all').split())}".encode())
    git(root, "add", "-A", "--", ".", ":!.fleetc")
    git(root, "commit", "-qm", "more")
    return git(root, "rev-parse", "HEAD").strip()


def evidence(root: Path, revision: str, wave: str | None, values: str) -> str:
    """A file of evidence; `values` as JSON."""
    text = f'{{"revision": "{revision}", "wave": {json.dumps(wave)}, "values": {values}}}'
    put(root, "seen.json", text.encode())
    return str(root / "seen.json")


def promote(root: Path, *words: str) -> Run:
    """The command, in this process."""
    return inside(root, "promote", *words)


def told(root: Path, *words: str) -> Any:
    """What it prints for programs."""
    got = promote(root, *words, "--output", "json")
    assert got.err == ""
    return got.data()


def codes(root: Path, *words: str) -> list[str]:
    """The codes of what it finds wrong."""
    return [d["code"] for d in told(root, *words)["diagnostics"]]
