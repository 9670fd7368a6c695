"""Comments: where they are, and what each belongs to.

One on the line of an entry belongs to that entry. One on a line of its own belongs to the entry that follows, unless it
is indented deeper: then it belongs to the end of what it is indented like. The first ones belong to the document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise
from typing import Final

from fleetc.source.concrete.nodes import Collection, Comment, Entry, Scalar
from fleetc.source.concrete.read import Parsed, Point
from fleetc.tuples import NamedTuple

_OUTSIDE: Final = re.compile(r"[\s\-?:,\[\]{}]*")
_COMMENTS: Final = re.compile(r"(?m)(?:^|\s)#.*")
ITEM: Final = re.compile(r"#+ *- ")
"""How an item begins that is commented out."""


class Found(NamedTuple):
    """A comment in a text: its place, and whether nothing but blanks stands before it on its line."""

    at: int
    comment: Comment
    alone: bool


class Unplaced(Exception):  # noqa: N818 - it says that a text is not understood
    """A text holds something that is neither value nor comment."""


def find(text: str, parsed: Parsed) -> list[Found]:
    """All comments of a text. Raises Unplaced for what nothing accounts for."""
    out: list[Found] = []
    at = 0
    names = [(p.start, p.end) for p in parsed.points if p.closes is None]
    for start, end in [*sorted({*parsed.spans, *names}), (len(text), len(text))]:
        while at < start:
            outside = _OUTSIDE.match(text, at, start)
            assert outside  # it matches nothing, too
            at = outside.end()
            if at >= start:
                break
            if text[at] != "#":
                raise Unplaced(text[at : at + 20])
            line = text.find("\n", at)
            stop = len(text) if line < 0 else line
            out.append(_found(text, at, stop))
            at = stop
        at = max(at, end)
    return out


def _found(text: str, at: int, stop: int) -> Found:
    start = text.rfind("\n", 0, at) + 1
    above = text[text.rfind("\n", 0, start - 1) + 1 : start - 1] if start > 1 else "-"
    alone = not text[start:at].strip(" \t")
    comment = Comment(text[at:stop].rstrip(" \t"), at - start, alone and not above.strip(" \t"))
    return Found(at, comment, alone)


def place(text: str, parsed: Parsed) -> list[Comment]:
    """Give every comment to what it belongs to; returns those that no document has. Raises Unplaced."""
    points = sorted(parsed.points, key=lambda p: (p.start, p.end))
    starts = [p.start for p in points]
    placing = _Placing(text)
    rest: list[Comment] = []
    for found in find(text, parsed):
        n = bisect_right(starts, found.at)
        if not placing.one(found, points[n - 1] if n else None, points[n] if n < len(points) else None):
            rest.append(found.comment)
    for point in points:
        inside = point.closes
        if inside is not None and not inside.entries and point.entry is not None:
            point.entry.lead += inside.tail  # an empty collection has no inside
            inside.tail = []
    return rest


class _Placing:
    """Comments of a text, from first to last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last: Point | None = None
        self._level = 0
        """Where the last comment behind the same point went: further ones never go further inside."""

    def one(self, found: Found, before: Point | None, behind: Point | None) -> bool:
        """Place a comment between two points; False when no document has it."""
        if before is not self._last:
            self._last, self._level = before, 0
        if before is None or found.alone or "\n" in self._text[before.end : found.at]:
            return self._alone(found, before, behind)
        if before.document is not None:
            before.document.marker = found.comment
        elif before.entry is None:
            return self._alone(found, None, behind)
        elif before.entry.trail is None:
            before.entry.trail = found.comment
        else:
            before.entry.lead.append(found.comment)
        return True

    def _alone(self, found: Found, before: Point | None, behind: Point | None) -> bool:
        if behind is not None and behind.closes is not None:
            behind.closes.tail.append(found.comment)
        elif before is not None and not before.inside and self._ends(found, before, behind):
            pass
        elif behind is None:
            return False
        elif behind.document is not None:
            behind.document.top.lead.append(found.comment)
        else:
            entry = behind.opens or behind.entry
            if entry is None:
                return False
            entry.lead.append(found.comment)
        return True

    def _ends(self, found: Found, before: Point, behind: Point | None) -> bool:
        """Give it to what ends before it, where it is indented like that."""
        between = _COMMENTS.sub("", self._text[before.end : found.at])
        if before.entry is None or between.strip():  # behind the mark of the next entry
            return False
        here = behind.inner if behind is not None else ()
        least = behind.opens.column if behind is not None and behind.opens is not None else -1
        closed = [c for c in reversed(before.inner) if c not in here]
        ways: list[Entry | Collection] = [before.entry, *closed]
        beside = [inner for outer, inner in pairwise(before.inner) if inner.column == outer.column]
        for level, way in enumerate(ways[self._level :], self._level):
            if _holds(way, least, found.comment, beside=way in beside):
                self._level = level
                (way.after if isinstance(way, Entry) else way.tail).append(found.comment)
                return True
        self._level = len(ways)
        return False


def _holds(way: Entry | Collection, least: int, comment: Comment, *, beside: bool) -> bool:
    """Whether a comment belongs to the end of an entry or a collection; what follows is indented by `least`. `beside`:
    a list that is indented like its name, so that only an item that is commented out is told from what follows."""
    column = comment.column
    if isinstance(way, Entry):
        block = isinstance(way.value, Scalar) and way.value.is_block  # it would be taken for a line of the text
        return column > max(way.column, least) and not block
    if beside and column == way.column:
        goes_on = bool(way.tail) and way.tail[-1].column == column
        return not comment.blank and (goes_on or ITEM.match(comment.text) is not None)
    return column >= way.column and column > least
