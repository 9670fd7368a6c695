"""Which lines of a spec file changed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from fleetc.driver.diff.git import Hunk


def hunks(before: bytes, after: bytes) -> Iterator[Hunk]:
    """The changed lines of a file, neighbours together."""
    if before == after:
        return
    # Imported here: only where a spec changed is anything compared.
    difflib = importlib.import_module("difflib")
    old, new = (data.decode(errors="replace").splitlines() for data in (before, after))
    # What is equal at both ends is not searched: a spec may have ten thousand lines.
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    ours, theirs = old[start : len(old) - end], new[start : len(new) - end]
    for tag, a, b, c, d in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Hunk(start + a + 1, tuple(ours[a:b]), start + c + 1, tuple(theirs[c:d]))
