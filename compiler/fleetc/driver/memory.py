"""What a run remembers of itself: the next one then does only what changed. Losing it costs time, never truth."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import marshal
import os
import sys
import time
from typing import Any, Final, NamedTuple

from fleetc.driver.tree.model import RACY_NS, Known, Signature, signature_of

FILE: Final = "memory"
_SEAL: Final = 32
"""The file starts with the sha256 of the rest: marshal must not read what something else wrote."""

Counts = dict[str, dict[str, dict[str, int]]]
"""Rule, state, reason, number of checks: as `check.findings.Counts`, which a run with nothing to do does not import."""


class ClusterMemory(NamedTuple):
    """What a cluster came to. `shapes` are the first eight bytes of each object's digest, joined; `counts` of its
    checks."""

    files: dict[str, str]
    """Path below the root to the digest of the sealed file."""
    shapes: bytes
    counts: Counts


class Memory(NamedTuple):
    """Plain data, for marshal."""

    tool: str
    inputs: dict[str, Signature]
    documents: dict[str, list[Any]]
    """For each spec file: its documents in canonical form (`Doc`, as tuples)."""
    listed: dict[str, list[str]]
    """For each spec file: the files that it includes."""
    table: Any
    output: str
    clusters: dict[str, ClusterMemory]
    placed: dict[str, list[str]]
    """For each subject: the clusters that it is on."""
    crossing: bool
    """Some lowering read a node of another cluster: no cluster can be compiled on its own."""
    known: Known

    def listed_files(self) -> set[str]:
        """Every file that some spec includes."""
        return {name for names in self.listed.values() for name in names}


def tool_digest() -> str:
    """What tells one version of this program from another: its files' sizes and times, and Python's version.

    The same for the same installed code; a changed file, or another Python, forgets everything.
    """
    parts = [sys.version]
    for package in ("fleetc", "fleetc_kubernetes"):
        folder = _package_folder(package)
        if folder:
            parts += _stamps(folder)
    return "\n".join(parts)


def _package_folder(package: str) -> str | None:
    spec = importlib.util.find_spec(package)
    return os.path.dirname(spec.origin) if spec and spec.origin else None


def _stamps(folder: str) -> list[str]:
    out: list[str] = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    out += _stamps(entry.path)
            elif not entry.name.endswith(".pyc"):
                stat = entry.stat()
                out.append(f"{entry.path} {stat.st_size} {stat.st_mtime_ns}")
    return out


def load(state: str, tool: str) -> Memory | None:
    """What the last run of this very program remembered, if anything."""
    try:
        with open(f"{state}/{FILE}", "rb") as file:
            data = file.read()
        if hashlib.sha256(data[_SEAL:]).digest() != data[:_SEAL]:
            return None
        values = marshal.loads(data[_SEAL:])  # noqa: S302 - our own file, whole as we wrote it
        memory = Memory(*values)
        clusters = {name: ClusterMemory(*c) for name, c in memory.clusters.items()}
        return memory._replace(clusters=clusters) if memory.tool == tool else None
    except (OSError, ValueError, EOFError, TypeError, AttributeError):
        return None


def save(state: str, memory: Memory) -> None:
    """Remember; a full disk or a read-only folder is no reason to fail."""
    plain = tuple(memory._replace(clusters={name: tuple(c) for name, c in memory.clusters.items()}))  # type: ignore[misc]
    new = f"{state}/{FILE}.new"
    with contextlib.suppress(OSError):
        with open(new, "wb") as file:
            data = marshal.dumps(plain)
            file.write(hashlib.sha256(data).digest() + data)
        os.replace(new, f"{state}/{FILE}")


def forget(state: str) -> None:
    """Remember nothing."""
    with contextlib.suppress(OSError):
        os.unlink(f"{state}/{FILE}")


def settled(inputs: dict[str, Signature]) -> dict[str, Signature]:
    """The inputs that cannot have changed unseen: those whose times lie far enough back."""
    limit = time.time_ns() - RACY_NS
    return {path: s for path, s in inputs.items() if max(s[1], s[2]) < limit}


def stamp(path: os.PathLike[str]) -> Signature | None:
    """The signature of a file, if there is one."""
    try:
        return signature_of(os.stat(path))
    except OSError:
        return None
