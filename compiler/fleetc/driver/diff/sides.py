"""Both sides of a diff: the output folder at a revision, and as a build of the working tree leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from fleetc.driver.build import Seen
from fleetc.driver.diff.git import Files, Revision
from fleetc.driver.tree.header import first_line, read_header
from fleetc.driver.tree.model import content_bytes

_NOTHING: Final = b""


class File(NamedTuple):
    """A file of the output folder: the cluster that it is of, and its path in that cluster's folder."""

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


class Sides(NamedTuple):
    """What differs, equal changes together; and all files of both sides: blobs before, and after where they are still
    the same."""

    groups: tuple[Same, ...]
    before: Mapping[File, bytes]
    after: frozenset[File]

    def clusters(self) -> tuple[frozenset[str], frozenset[str]]:
        """The clusters that there were, and are."""
        return frozenset(f.cluster for f in self.before), frozenset(f.cluster for f in self.after)


def sides(revision: Revision, files: Files, seen: Seen, old_output: str) -> Sides:
    """The sides; `files` are those of the revision below both output folders."""
    before = _ours_before(files, old_output)
    after = {file: path for path in seen.standing if (file := _file(path, seen.output)) is not None}
    written = {change.path: change for change in seen.changes}
    keys: dict[File, str | bytes] = {}
    for file, path in after.items():
        change, blob = written.get(path), before.get(file)
        if change is not None and change.wanted is not None:
            keys[file] = change.wanted.digest
        elif blob is None or path in files.changed or old_output != seen.output:
            keys[file] = seen.digests.get(path) or path.encode()
    contents = revision.contents(before[file] for file in (*keys, *(before.keys() - after.keys())) if file in before)
    # What somebody put beside the outputs is not ours.
    foreign = {blob for blob, data in contents.items() if read_header(first_line(data)) is None}
    before = {file: blob for file, blob in before.items() if blob not in foreign}
    texts: dict[str | bytes, bytes] = {}
    for file, key in keys.items():
        if key not in texts:
            change = written.get(after[file])
            wanted = change.wanted if change is not None else None
            texts[key] = content_bytes(wanted.content) if wanted else _read(f"{revision.root}/{after[file]}")
    groups: dict[tuple[bytes, bytes], list[File]] = {}
    for file in sorted({*keys, *(before.keys() - after.keys())}):
        blob, data = before.get(file, _NOTHING), texts[keys[file]] if file in keys else _NOTHING
        if not blob or contents[blob] != data:
            groups.setdefault((blob, data), []).append(file)
    same = [Same(contents[b] if b else None, d or None, tuple(where)) for (b, d), where in groups.items()]
    return Sides(tuple(same), before, frozenset(after))


def _ours_before(files: Files, output: str) -> dict[File, bytes]:
    return {file: blob for path, blob in files.blobs.items() if (file := _file(path, output)) is not None}


def _file(path: str, output: str) -> File | None:
    """A path below the root; None for what lies in no cluster's folder."""
    if not path.startswith(f"{output}/"):
        return None
    cluster, slash, rest = path[len(output) + 1 :].partition("/")
    return File(cluster, rest) if slash else None


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
