"""Hand edits that are given up are kept as one patch for `git apply`."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator
from itertools import chain, count

from fleetc.driver.tree.header import Header, first_line, read_header
from fleetc.driver.tree.model import Edit, Place, Wanted, content_bytes

_NO_NEWLINE = b"\n\\ No newline at end of file\n"


def first_difference(data: bytes, header: Header, wanted: Wanted | None, versions: Iterable[bytes]) -> int:
    """The first line (from 1) where an edited file leaves the text that its header fits; 1 when nobody has that."""
    texts = chain([content_bytes(wanted.content)] if wanted else [], versions)
    for text in texts:
        made = read_header(first_line(text))
        if made and made.digest == header.digest:
            ours, theirs = text.split(b"\n"), data.split(b"\n")
            same = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), None)
            return min(len(ours), len(theirs)) if same is None else same + 1
    return 1


def save_patch(place: Place, edits: Iterable[Edit], stage: str) -> str | None:
    """Write the patch from what fleetc writes to the edited texts, and return its name in the root; None without edits.

    The file appears at once with all its bytes, under the first free number. Apply it after the run, in the root.
    """
    patch = b"".join(_patch(edit) for edit in edits)
    if not patch:
        return None
    with open(f"{stage}/patch", "xb") as file:
        file.write(patch)
    name = next(n for n in (f"fleetc-edits-{i}.patch" for i in count(1)) if not os.path.lexists(place.path(n)))
    os.rename(f"{stage}/patch", place.path(name))
    return name


def _patch(edit: Edit) -> bytes:
    """The part of one file: a change of the file as fleetc writes it, or a new file where fleetc deletes it."""
    old, new = _quoted(f"a/{edit.path}"), _quoted(f"b/{edit.path}")
    before = content_bytes(edit.wanted.content) if edit.wanted else b""
    head = b"diff --git %b %b\n" % (old, new)
    if edit.wanted is None:
        head += b"new file mode 100644\n"
    old = b"/dev/null" if edit.wanted is None else old
    return head + b"--- %b\n+++ %b\n" % (_padded(old), _padded(new)) + b"".join(_hunks(before, edit.text))


def _hunks(before: bytes, after: bytes) -> Iterator[bytes]:
    # Imported here: only a run that gives up edits pays for it.
    difflib = importlib.import_module("difflib")
    lines = difflib.unified_diff(_lines(before), _lines(after), n=3)
    for number, line in enumerate(lines):
        if number >= 2:  # after the two lines of names
            raw = str(line).encode("latin-1")
            yield raw if raw.endswith(b"\n") else raw + _NO_NEWLINE


def _lines(data: bytes) -> list[str]:
    """Lines with their ends, split only where git splits; latin-1 keeps every byte."""
    parts = data.decode("latin-1").split("\n")
    ended = [f"{part}\n" for part in parts[:-1]]
    return [*ended, parts[-1]] if parts[-1] else ended


def _quoted(name: str) -> bytes:
    """A name as git writes it in patches: quoted like in C where it has unusual bytes."""
    raw = os.fsencode(name)
    if all(32 <= c < 127 and c not in b'"\\' for c in raw):
        return raw
    shown = (b"\\" + bytes([c]) if c in b'"\\' else bytes([c]) if 32 <= c < 127 else b"\\%03o" % c for c in raw)
    return b'"%b"' % b"".join(shown)


def _padded(name: bytes) -> bytes:
    """A tab ends a name that has spaces, so that what follows is no part of it."""
    return name + b"\t" if b" " in name and not name.startswith(b'"') else name
