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

from fleetc.driver.delta import applied, delta
from fleetc.driver.outputs import Outputs
from fleetc.driver.tree.model import RACY_NS, Known, Signature, signature_of
from fleetc.tuples import NamedTuple

FILE: Final = "memory"
SINCE: Final = "memory.since"
"""What changed since the memory was written whole: most edits change little of it, and this is what they write."""
_SEAL: Final = 4
_LENGTH: Final = 8
"""Both files start with the seals of the whole that they belong to (zeros in the whole itself), their own, checksums
of two parts, for marshal must not read what is damaged, and the length of the first; then come the parts."""
_OF_NONE: Final = bytes(2 * _SEAL)
_SMALL: Final = 8
"""What changed is written alone while it is less than this part of the whole."""

_BACKENDS: Final = ("fleetc_argocd", "fleetc_kubernetes", "fleetc_pulumi")
_THEIRS: Final = ("grafana_foundation_sdk", "jsonschema_rs", "promql_parser", "yaml")
"""Packages of others on which results depend."""

FOR_EVER: Final = "9999-12-31"
Counts = dict[str, dict[str, dict[str, int]]]
"""Rule, state, reason, number of checks: as `check.findings.Counts`, which a run with nothing to do does not import."""


Sealed = tuple[str, str, tuple[tuple[str, int], ...], bytes, bytes, tuple[str, ...]]
"""A document: kind, name, sources, its tree and its moves (for marshal), and the kinds that it has defaults for."""


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

    documents: dict[str, list[Sealed]]
    """For each spec file: its documents in canonical form (see `recall.sealed`)."""
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


class _File(NamedTuple):
    """A file of the memory: the seals of the whole that it belongs to, its own, and its parts, for the head and the
    body."""

    of: bytes
    seals: bytes
    head: memoryview
    body: memoryview


class Memory:
    """What the last run of this very program remembered. The body is read when it is asked for."""

    def __init__(self, whole: _File, since: _File | None) -> None:
        self._whole = whole
        self._since = since
        self._head: tuple[Any, ...] = marshal.loads(whole.head)  # noqa: S302 - our own file, as we wrote it
        self.head = Head(*_now(self._head, since.head if since else None))

    def whole(self) -> bool:
        """Whether the body is as it was saved. It must not be asked for when it is not."""
        return all(_seal(file.body) == file.seals[_SEAL:] for file in (self._whole, self._since) if file)

    @cached_property
    def _body(self) -> tuple[Any, ...]:
        body: tuple[Any, ...] = marshal.loads(self._whole.body)  # noqa: S302 - sealed, see `whole`
        return body

    @cached_property
    def body(self) -> Body:
        """The rest."""
        body = Body(*_now(self._body, self._since.body if self._since else None))
        cells = {number: CellMemory(*cell) for number, cell in body.cells.items()}
        clusters = {name: ClusterMemory(*cluster) for name, cluster in body.clusters.items()}
        return body._replace(cells=cells, clusters=clusters)

    def since(self, head: Head, body: Body) -> list[bytes] | None:
        """The file that says what is otherwise now; None where that is not much less than all of it."""
        first, second = (marshal.dumps(delta(*pair)) for pair in ((self._head, head), (self._body, body)))
        small = _SMALL * (len(first) + len(second)) < len(self._whole.head) + len(self._whole.body)
        return _packed(self._whole.seals, first, second) if small else None


def _now(before: tuple[Any, ...], changes: memoryview | None) -> tuple[Any, ...]:
    return before if changes is None else applied(before, marshal.loads(changes))  # noqa: S302 - sealed, as the rest


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
        whole = _read(f"{state}/{FILE}")
        if whole is None or whole.of != _OF_NONE:
            return None
        memory = Memory(whole, _read_since(state, whole))
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return memory if memory.head.tool == tool else None


def _read_since(state: str, whole: _File) -> _File | None:
    """What belongs to another whole, or is damaged, is not looked at: the whole alone is what an earlier run knew."""
    try:
        since = _read(f"{state}/{SINCE}")
    except OSError:
        return None
    return since if since is not None and since.of == whole.seals else None


def _read(path: str) -> _File | None:
    """A file of the memory; None where its head is damaged."""
    with open(path, "rb") as file:
        data = memoryview(file.read())
    start = len(_OF_NONE) + 2 * _SEAL + _LENGTH
    end = start + int.from_bytes(data[start - _LENGTH : start], "big")
    of, seals = bytes(data[: 2 * _SEAL]), bytes(data[2 * _SEAL : 4 * _SEAL])
    return _File(of, seals, data[start:end], data[end:]) if _seal(data[start:end]) == seals[:_SEAL] else None


def _packed(of: bytes, first: bytes, second: bytes) -> list[bytes]:
    return [of, _seal(first), _seal(second), len(first).to_bytes(_LENGTH, "big"), first, second]


def save(state: str, head: Head, body: Body, memory: Memory | None = None) -> None:
    """Remember; a full disk or a read-only folder is no reason to fail. `memory`: what was remembered, where most of it
    still holds."""
    since = memory.since(head, body) if memory is not None else None
    if since is not None:
        _replace(state, SINCE, since)
        return
    cells = {number: tuple(cell) for number, cell in body.cells.items()}
    clusters = {name: tuple(cluster) for name, cluster in body.clusters.items()}
    parts = tuple(head), (*body[:2], cells, clusters, *body[4:])
    _replace(state, FILE, _packed(_OF_NONE, *map(marshal.dumps, parts)))
    with contextlib.suppress(OSError):
        os.unlink(f"{state}/{SINCE}")  # It belongs to another whole: who reads it sees that.


def _replace(state: str, name: str, data: list[bytes]) -> None:
    new = f"{state}/{FILE}.new"  # One name for both files: what a killed run left is written over by the next.
    try:
        with open(new, "wb") as file:
            file.writelines(data)
        os.replace(new, f"{state}/{name}")
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(new)


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
