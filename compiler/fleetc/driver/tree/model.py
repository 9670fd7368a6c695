"""What the writer works on: the place, what is wanted in it, what is known of it, the plan, and what was done."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from fleetc.diagnostics import Diagnostic
from fleetc.tuples import NamedTuple

Signature = tuple[int, int, int, int]
"""Size, mtime_ns, ctime_ns and inode of a regular file: while they are equal, so are its bytes (see RACY_NS)."""

Entry = tuple[str, Signature]
"""What is known of a file: the hex sha256 of its bytes, or "" for a file that is not ours; and its signature then."""

Known = Mapping[str, Entry]
"""By path. Plain tuples, for `marshal`. Holds own files whose header fits and foreign files, no edited ones."""

RACY_NS = 20_000_000
"""A file that changed this shortly before it was read can change again under the same time stamp: it is not remembered.

File times come from a clock that ticks every 1 to 10 ms, so two changes within a tick look like one.
"""

Content = bytes | Callable[[], bytes]
"""The bytes of a sealed file, or how to get them, perhaps in a forked child; many paths may share one object."""


class Place(NamedTuple):
    """Where the tree lives.

    `root` and `state` are folders (absolute, or from the working directory), `output` is relative to `root` with `/`
    ("." is the root itself), and so is `second`, another output folder, where there is one. All other paths of this
    package are relative to `root` with `/`, as in spans.
    """

    root: str
    output: str
    state: str
    second: str = ""

    def path(self, relative: str) -> str:
        """A path of ours as the system takes it."""
        return f"{self.root}/{relative}" if relative else self.root

    @property
    def folder(self) -> str:
        """`output` in its shortest form: "" is the root itself."""
        return _shortest(self.output)

    @property
    def folders(self) -> tuple[str, ...]:
        """All output folders, so. One within the other is not told apart."""
        folder, second = self.folder, _shortest(self.second) if self.second else ""
        return (folder, second) if second and folder and not f"{second}/".startswith(f"{folder}/") else (folder,)


def _shortest(path: str) -> str:
    normal = os.path.normpath(path)
    return "" if normal == "." else normal


class Wanted(NamedTuple):
    """One file of the finished tree: the hex sha256 of the sealed file, and its bytes."""

    digest: str
    content: Content


class Change(NamedTuple):
    """One file that is not as wanted.

    `old` and `signature` tell what stands there ("" and None: nothing). Without `wanted` it is to be deleted.
    """

    path: str
    old: str
    signature: Signature | None
    wanted: Wanted | None


class Edit(NamedTuple):
    """A hand-edited file that will be replaced by `wanted` or deleted, with the text that must not be lost."""

    path: str
    text: bytes
    wanted: Wanted | None


class Plan(NamedTuple):
    """What `apply` will do; nothing with diagnostics. Folders: `make` parents first, `drop` children first."""

    place: Place
    unchanged: tuple[str, ...] = ()
    writes: tuple[Change, ...] = ()
    deletes: tuple[Change, ...] = ()
    make: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    known: Known | None = None
    """What is known of the files that stay: to be stored when nothing is applied."""
    diagnostics: tuple[Diagnostic, ...] = ()


class Written(NamedTuple):
    """What `apply` did. `patch`: where discarded edits were saved, in the root. `known`: to store for the next run."""

    written: tuple[str, ...]
    deleted: tuple[str, ...]
    patch: str | None
    known: Known


def content_bytes(content: Content) -> bytes:
    """The bytes of a content."""
    return content if isinstance(content, bytes) else content()


def signature_of(stat: os.stat_result) -> Signature:
    """The signature in a stat."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def parents_of(path: str) -> list[str]:
    """The folders above a path, nearest first, without the root."""
    found: list[str] = []
    while (path := path.rpartition("/")[0]) != "":
        found.append(path)
    return found
