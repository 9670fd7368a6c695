"""Both sides of a diff: the output folders at a revision, and as a build of the working tree leaves them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from fleetc.driver.build import Seen
from fleetc.driver.diff.git import Files, Revision
from fleetc.driver.outputs import STACK, Outputs
from fleetc.driver.tree.header import first_line, read_header
from fleetc.driver.tree.model import content_bytes
from fleetc.tuples import NamedTuple

_NOTHING: Final = b""
_STACK: Final = f"/{STACK}"


class File(NamedTuple):
    """A generated file: the cluster that it is of, and its path in that cluster's folder (or STACK)."""

    cluster: str
    path: str


class Same(NamedTuple):
    """Files that were equal, and are: their bytes before and after; None where they are not there."""

    before: bytes | None
    after: bytes | None
    files: tuple[File, ...]

    @property
    def source(self) -> str:
        """The spec file that the header names: of what stands after, else of what stood before."""
        header = read_header(first_line(self.after or self.before or b""))
        return header.source if header else ""


class Sides:
    """What differs, equal changes together; and all files of both sides by cluster and path (`CLUSTER/PATH`): their
    blobs before, and whether they are there after."""

    def __init__(self, groups: tuple[Same, ...], before: Mapping[str, bytes], after: Collection[str]) -> None:
        self.groups = groups
        self.before = before
        self.old_clusters, self.new_clusters = _clusters(before), _clusters(after)


def sides(revision: Revision, files: Files, seen: Seen, old_outputs: Outputs, *, stacks: bool) -> Sides:
    """The sides, with the data of `stacks` or without; `files` are those of the revision below the output folders of
    both."""
    before = _within(old_outputs, files.blobs, stacks=stacks)
    old = {inner: files.blobs[path] for inner, path in before.items()}
    after = _within(seen.outputs, seen.standing, stacks=stacks)
    keys = _differing(files, seen, before, after)
    gone = old.keys() - after.keys()
    contents = revision.contents(old[inner] for inner in (*keys, *gone) if inner in old)
    # What somebody put beside the outputs is not ours.
    foreign = {blob for blob, data in contents.items() if read_header(first_line(data)) is None}
    old = {inner: blob for inner, blob in old.items() if blob not in foreign} if foreign else old
    written = {change.path: change.wanted for change in seen.changes}
    texts: dict[str, bytes] = {}
    for inner, key in keys.items():
        if key not in texts:
            wanted = written.get(after[inner])
            texts[key] = content_bytes(wanted.content) if wanted else _read(f"{revision.root}/{after[inner]}")
    groups: dict[tuple[bytes, bytes], list[File]] = {}
    for inner in sorted({*keys, *(gone & old.keys())}):
        blob, data = old.get(inner, _NOTHING), texts[keys[inner]] if inner in keys else _NOTHING
        if not blob or contents[blob] != data:
            groups.setdefault((blob, data), []).append(File(*inner.split("/", 1)))
    same = [Same(contents[b] if b else None, d or None, tuple(where)) for (b, d), where in groups.items()]
    return Sides(tuple(same), old, after.keys())


def _differing(files: Files, seen: Seen, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """The files of the finished tree that may not be as before; those with one key have the same bytes."""
    written = {change.path: change.wanted for change in seen.changes}
    keys: dict[str, str] = {}
    for inner, path in after.items():
        wanted = written.get(path)
        if wanted is not None:
            keys[inner] = wanted.digest
        elif before.get(inner) != path or path in files.changed:
            keys[inner] = seen.digests.get(path) or path
    return keys


def _within(outputs: Outputs, paths: Iterable[str], *, stacks: bool) -> dict[str, str]:
    """Paths below the root by cluster and path, those of clusters alone."""
    found: dict[str, str] = {}
    start, folder, data = len(outputs.manifests) + 1, f"{outputs.manifests}/", f"{outputs.stacks}/"
    for path in paths:
        if path.startswith(folder):
            inner = path[start:]
            if "/" in inner and not inner.endswith(_STACK):
                found[inner] = path
        elif stacks and path.startswith(data):
            cluster, _ = outputs.place(path)
            if "/" not in cluster:
                found[f"{cluster}{_STACK}"] = path
    return found


def _clusters(inner: Iterable[str]) -> frozenset[str]:
    return frozenset([path[: path.index("/")] for path in inner])


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
