"""Two objects of one identity, or two files of one path, would overwrite each other without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fleetc.check.findings import Finding, Tally
from fleetc.check.fleet.objects import name_of
from fleetc.check.fleet.targets import Target
from fleetc.check.fleet.view import View
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.emission.emission import Row


def identity(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `identity`: no two objects of a cluster have one group, kind, namespace and name."""
    total = sum(len(cell.items) for _, cell in view.rows)
    distinct: set[Target] = set()
    for _, cell in view.rows:
        distinct.update(cell.identities)
    if len(distinct) == total:
        tally.add("identity", State.VALID, total)
    else:
        yield from _twice(view, tally)


def _twice(view: View, tally: Tally) -> Iterator[Finding]:
    times = Counter(item.facts.identity for _, _, item in view.items())
    first: dict[Target, tuple[Row, int]] = {}
    for row, n, item in view.items():
        tally.add("identity", State.VALID if times[item.facts.identity] == 1 else State.INVALID)
        seen = first.setdefault(item.facts.identity, (row, n))
        if seen != (row, n):
            related = ((view.place(*seen, ("metadata", "name")), "the other one"),)
            message = f"emitted twice: by {seen[0].subject} and by {row.subject}"
            hint = "rename one of them, or place them on different clusters"
            place = view.place(row, n, ("metadata", "name"))
            yield Finding(codes.DUPLICATE_OBJECT, place, name_of(item), message, hint, related)


def path(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `path`: no two subjects write one file, on file systems that ignore case neither."""
    first: dict[str, Row] = {}
    times = Counter(row.path.casefold() for row, _ in view.rows)
    for row, _ in view.rows:
        tally.add("path", State.VALID if times[row.path.casefold()] == 1 else State.INVALID)
        seen = first.setdefault(row.path.casefold(), row)
        if seen is not row:
            message = f"written twice: by {seen.subject} and by {row.subject}"
            place = view.place(row, 0, ("metadata", "name"))
            related = ((view.place(seen, 0, ("metadata", "name")), "the other one"),)
            yield Finding(codes.DUPLICATE_PATH, place, row.path, message, "rename one of the two specs", related)
