"""Folders under git: fleets that are built and committed, and then edited."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.pages import BASE

from fleetc.driver.build import Options, run
from fleetc.driver.diff.diff import Diff, diff

REPOSITORY = Path(__file__).parents[3]
_ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "acme",
    "GIT_AUTHOR_EMAIL": "ci@acme.example",
    "GIT_COMMITTER_NAME": "acme",
    "GIT_COMMITTER_EMAIL": "ci@acme.example",
    "GIT_AUTHOR_DATE": "2026-11-27T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-11-27T00:00:00Z",
}


def git(folder: Path, *arguments: str) -> str:
    """A git command that succeeds."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=_ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(folder: Path) -> None:
    """Commit everything."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")


def base_fleet(folder: Path) -> Path:
    """The small fleet of the pages, built and committed."""
    shutil.copytree(BASE, folder)
    return committed(folder)


def acme_fleet(folder: Path) -> Path:
    """The example fleet, committed."""
    for name in ("specs", "golden"):
        shutil.copytree(REPOSITORY / name, folder / name)
    return committed(folder)


def committed(folder: Path) -> Path:
    """A fleet, built and committed."""
    build(folder)
    git(folder, "init", "-q", "-b", "main")
    commit(folder)
    return folder


def build(folder: Path) -> None:
    """Build; there is nothing wrong."""
    outcome = run(Options(str(folder)))
    assert [d.message for d in outcome.diagnostics] == []


def differs(folder: Path, revision: str = "HEAD", *, cold: bool = False) -> Diff:
    """The diff of a fleet that is in order."""
    outcome = run(Options(str(folder), write=False, discard_edits=True, cold=cold))
    assert outcome.summary is not None, outcome.diagnostics
    return diff(str(folder), revision, outcome)


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Put another text for one that is there once or more."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def told(found: Diff) -> list[str]:
    """What changes, in short: kind, namespace/name, effects, clusters."""
    return [
        f"{c.identity}: {', '.join(dict.fromkeys(str(m.effect) for m in c.meanings))} on {', '.join(c.clusters)}"
        for c, _ in found.changes
    ]


def causes(found: Diff) -> set[str]:
    """Where it comes from."""
    return {f"{cause.how} {cause.file}:{cause.line}" for _, all_ in found.changes for cause in all_}
