"""Small trees for the tests of the writer."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path

from fleetc.diagnostics import Diagnostic
from fleetc.driver.tree.api import Place, Wanted, Written, apply, locked, plan_writes, seal


def place(root: Path) -> Place:
    return Place(str(root), "golden", str(root / ".fleetc"))


def own(body: str, source: str = "specs/x.yaml") -> bytes:
    return seal(body.encode(), source)


def want(files: Mapping[str, bytes]) -> dict[str, Wanted]:
    return {path: Wanted(hashlib.sha256(data).hexdigest(), data) for path, data in files.items()}


def build(root: Path, files: Mapping[str, bytes], jobs: int = 1, *, discard_edits: bool = False) -> Written:
    with locked(place(root)) as lock:
        return apply(plan_writes(place(root), want(files), {}, discard_edits=discard_edits), lock, jobs)


def diagnose(root: Path, files: Mapping[str, bytes]) -> list[str]:
    return [shown(d) for d in plan_writes(place(root), want(files), {}).diagnostics]


def shown(d: Diagnostic) -> str:
    return f"{d.code.code} {d.span or '-'} {d.message} ({d.hint})"


def put(root: Path, path: str, data: bytes) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def content(root: Path) -> dict[str, bytes]:
    """Every file but those of git and of the state folder."""
    found = (p for p in root.rglob("*") if p.is_file() and not p.is_symlink())
    names = {str(p.relative_to(root)): p for p in found}
    return {n: p.read_bytes() for n, p in names.items() if not n.startswith((".git/", ".fleetc/"))}


def state_files(root: Path) -> list[str]:
    return sorted(p.name for p in (root / ".fleetc").iterdir())


def git(root: Path, *words: str, check: bool = True) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", str(root), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout
