"""What a run remembers of itself: the next one then does only what changed. Losing it costs time, never truth."""

from __future__ import annotations

import contextlib
import importlib.util
import marshal
import os
import sys
import time
from binascii import crc32
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

from fleetc.driver.outputs import Outputs
from fleetc.driver.tree.model import RACY_NS, Known, Signature, signature_of
from fleetc.tuples import NamedTuple

FILE: Final = "memory"
_SEAL: Final = 4
"""The file starts with the checksums of the head and of the body: marshal must not read what is damaged."""
_LENGTH: Final = 8
"""Then comes the length of the head, the head, and the body."""

_BACKENDS: Final = ("fleetc_argocd", "fleetc_kubernetes", "fleetc_pulumi")
_THEIRS: Final = ("grafana_foundation_sdk", "jsonschema_rs", "promql_parser", "yaml")
"""Packages of others on which results depend."""

FOR_EVER: Final = "9999-12-31"
Counts = dict[str, dict[str, dict[str, int]]]
"""Rule, state, reason, number of checks: as `check.findings.Counts`, which a run with nothing to do does not import."""


class CellMemory(NamedTuple):
    """What a subject emitted on a cluster: its file in the cluster's folder, the digest of that file as sealed, the
    keys of its shapes (joined), how the rules on its objects ended, and what those on whole clusters see of it (as
    `check.run.Face`)."""

    file: str
    digest: str
    shapes: bytes
    counts: Counts
    face: tuple[bytes, str, bytes, str, bytes, bytes]
    owned: tuple[tuple[Any, ...], ...]
    """What controllers own of its objects (as `emission.owned.Owned`); nothing where nothing is delivered."""


class ClusterMemory(NamedTuple):
    """A cluster's Kubernetes minor, its components where CRDs were given, the number of its cell by subject (see
    `Body.cells`), and how the rules on the whole cluster ended."""

    minor: str
    has: tuple[tuple[str, str], ...]
    cells: dict[str, int]
    counts: Counts
    delivered: bytes
    """A digest of all that delivery reads of it."""


class Head(NamedTuple):
    """What a run with nothing to do needs. Plain data, for marshal; so is the rest."""

    tool: str
    inputs: dict[str, Signature]
    specs: list[str]
    """The spec files that were read."""
    locks: list[str]
    """The lock files that stand beside them."""
    constraints: list[str]
    """The files of constraints that stand beside them."""
    cue: str
    """Which cue they were checked with, where there are any: see `constraints.program.Program.identity`."""
    listed: dict[str, list[str]]
    """For each spec file: the files that it includes."""
    output: str
    stacks: str
    """The output folders: of manifests, and of the data of stacks."""
    files: int
    """The number of files of the output tree."""
    signatures: dict[str, Signature]
    """Of the files in the output folder that are known to be as they were left."""
    digests: dict[str, str]
    """Of the same files; "" for those that are not ours."""
    summary: Any
    until: str = FOR_EVER
    """The last day on which the same is found: after it an exception of some policy has expired."""

    @property
    def outputs(self) -> Outputs:
        """The output folders."""
        return Outputs(self.output, self.stacks)

    def known(self, paths: Iterable[str]) -> Known:
        """What is known of these files, as the writer of the tree takes it."""
        return {path: (self.digests[path], self.signatures[path]) for path in paths if path in self.digests}

    def listed_files(self) -> set[str]:
        """Every file that some spec includes."""
        return {name for names in self.listed.values() for name in names}


class Body(NamedTuple):
    """What a run with something to do starts from."""

    documents: dict[str, bytes]
    """For each spec file: its documents in canonical form (see `recall.sealed`), so that those which stay are not
    written anew."""
    table: Any
    cells: dict[int, CellMemory]
    """The distinct cells, by numbers with gaps: almost all are those of many clusters."""
    clusters: dict[str, ClusterMemory]
    placed: dict[str, list[str]]
    """For each subject: the clusters that it is on."""
    depends: dict[str, list[str]]
    """For each subject: the documents that its objects follow from, beside those of the Fleet and the clusters."""
    servings: dict[str, dict[str, Any]]
    """What is planned, by model and cluster, as data (see `language.serving`)."""
    reads: list[tuple[str, ...]]
    """What delivery reads of clusters, by path; nothing where nothing is delivered."""
    crossing: bool
    """Some lowering read a node of another cluster: no cluster can be compiled on its own."""
    witnesses: dict[tuple[str, str], tuple[str, str]]
    """What shows of rules of policies that they can be broken: see `check.policy.usage`."""


class Memory:
    """What the last run of this very program remembered. The body is read when it is asked for."""

    def __init__(self, head: Head, body: memoryview, seal: bytes) -> None:
        self.head = head
        self._body = body
        self._body_seal = seal

    def whole(self) -> bool:
        """Whether the body is as it was saved. It must not be asked for when it is not."""
        return _seal(self._body) == self._body_seal

    @cached_property
    def body(self) -> Body:
        """The rest."""
        body = Body(*marshal.loads(self._body))  # noqa: S302 - sealed, see `load`
        cells = {number: CellMemory(*cell) for number, cell in body.cells.items()}
        clusters = {name: ClusterMemory(*cluster) for name, cluster in body.clusters.items()}
        return body._replace(cells=cells, clusters=clusters)


def tool_digest(crds: Iterable[str] = ()) -> str:
    """What tells one version of this program from another: its files' sizes and times, and Python's version.

    The same for the same installed code; a changed file, another Python, or another version of what parses and checks,
    forgets everything. `crds`: folders of CRDs, which are as much a part of what checks. One that changed a moment ago
    can change again under the same times: what is remembered with it, no later run takes for its own.
    """
    parts = [sys.version]
    for package in ("fleetc", *_BACKENDS, *_THEIRS):
        folder = _package_folder(package)
        if folder:
            parts += _stamps(folder)
    for given in crds:
        parts += [f"crds {given}", *_signatures(given)]
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


def _signatures(folder: str) -> list[str]:
    """The files below a folder of CRDs, with their signatures."""
    out: list[str] = []
    now = time.time_ns()
    for above, below, names in os.walk(folder):
        below.sort()
        for path in [os.path.join(above, name) for name in sorted(names)]:
            found = stamp(path)
            young = found is not None and max(found[1], found[2]) > now - RACY_NS
            out.append(f"{path} {found} {now if young else ''}")
    return out


def _seal(data: bytes | memoryview) -> bytes:
    # Against accidents: who can write here can write whatever else a run reads. Five times as fast as BLAKE2.
    return crc32(data).to_bytes(_SEAL, "big")


def load(state: str, tool: str) -> Memory | None:
    """What the last run remembered, if anything, and if it was of this very program."""
    try:
        with open(f"{state}/{FILE}", "rb") as file:
            data = memoryview(file.read())
        start = 2 * _SEAL + _LENGTH
        end = start + int.from_bytes(data[start - _LENGTH : start], "big")
        if _seal(data[start:end]) != bytes(data[:_SEAL]):
            return None
        head = Head(*marshal.loads(data[start:end]))  # noqa: S302 - our own file, whole as we wrote it
        return Memory(head, data[end:], bytes(data[_SEAL : 2 * _SEAL])) if head.tool == tool else None
    except (OSError, ValueError, EOFError, TypeError):
        return None


def save(state: str, head: Head, body: Body) -> None:
    """Remember; a full disk or a read-only folder is no reason to fail."""
    cells = {number: tuple(cell) for number, cell in body.cells.items()}
    clusters = {name: tuple(cluster) for name, cluster in body.clusters.items()}
    first = marshal.dumps(tuple(head))
    second = marshal.dumps((*body[:2], cells, clusters, *body[4:]))
    new = f"{state}/{FILE}.new"
    try:
        with open(new, "wb") as file:
            file.writelines([_seal(first), _seal(second), len(first).to_bytes(_LENGTH, "big"), first, second])
        os.replace(new, f"{state}/{FILE}")
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(new)


def forget(state: str) -> None:
    """Remember nothing."""
    with contextlib.suppress(OSError):
        os.unlink(f"{state}/{FILE}")


def settled(inputs: dict[str, Signature], looked: int) -> dict[str, Signature]:
    """The inputs that cannot have changed unseen: those whose times lay far enough back when they were `looked` at."""
    limit = looked - RACY_NS
    return {path: s for path, s in inputs.items() if max(s[1], s[2]) < limit}


def stamp(path: str) -> Signature | None:
    """The signature of a file, if there is one."""
    try:
        return signature_of(os.stat(path))
    except OSError:
        return None
