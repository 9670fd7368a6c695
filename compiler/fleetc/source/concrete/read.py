"""From a file's text to its documents as written. The text is one that `source.yaml` finds nothing wrong with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from fleetc.source.concrete.nodes import Alias, Collection, Document, Entry, Node, Scalar, is_nothing
from fleetc.tuples import NamedTuple

_ANCHOR: Final = re.compile(r"&\S+")
_BETWEEN: Final = re.compile(r"(?:\s+|(?<=\s)#.*)*")
"""What may stand between an anchor and what it names."""
_HEADER: Final = re.compile(r"[|>][-+0-9]*")


class Point(NamedTuple):
    """A token that comments are placed by: where it starts and ends, and the entry on whose line it stands.

    `opens`: the entry that begins with it, the outermost where several do. `closes`: the flow collection that ends with
    it; `inside`: it stands in one. `inner`: the block collections that are open there, outermost first.
    """

    start: int
    end: int
    entry: Entry | None
    """None for the marks of documents."""
    document: Document | None = None
    opens: Entry | None = None
    closes: Collection | None = None
    inside: bool = False
    inner: tuple[Collection, ...] = ()


class Parsed(NamedTuple):
    """The documents, the points by their place, and the spans of scalars, which hold no comments."""

    documents: list[Document]
    points: list[Point]
    spans: list[tuple[int, int]]


def parse(text: str) -> Parsed:
    """The documents of a text whose lines end in line feeds, without their comments."""
    reader = _Reader(text)
    return Parsed([*reader.documents()], reader.points, reader.spans)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        parser = yaml.CSafeLoader(text.encode())
        self._events: Iterator[Any] = iter(parser.get_event, None)
        self.points: list[Point] = []
        self.spans: list[tuple[int, int]] = []
        self._open: list[Collection] = []
        self._flow = 0

    def documents(self) -> Iterator[Document]:
        for event in self._events:
            cls = type(event)
            if cls is yaml.DocumentStartEvent:
                document = Document()
                if event.explicit:
                    self.points.append(Point(event.start_mark.index, event.end_mark.index, None, document))
                document.top.value = self._node(next(self._events), document.top, document.top)
                end = next(self._events)
                if end.explicit:
                    self.points.append(Point(end.start_mark.index, end.end_mark.index, None))
                yield document
            elif cls is yaml.StreamEndEvent:
                return

    def _point(self, start: int, end: int, entry: Entry | None, **more: Any) -> None:
        inside = self._flow > 0
        self.points.append(Point(start, end, entry, inside=inside, inner=tuple(self._open), **more))

    def _node(self, event: Any, entry: Entry | None, opens: Entry | None = None) -> Node:
        cls = type(event)
        if cls is yaml.AliasEvent:
            self._point(event.start_mark.index, event.end_mark.index, entry, opens=opens)
            return Alias(event.anchor)
        if cls is yaml.ScalarEvent:
            return self._scalar(event, entry, opens)
        return self._collection(event, entry, opens)

    def _scalar(self, event: Any, entry: Entry | None, opens: Entry | None) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor is not None:
            self._point(start, start + len(event.anchor) + 1, entry, opens=opens)
            opens = None
            start = self._behind_anchor(start, end)
        scalar = self._as_written(event, start, end)
        scalar.anchor = event.anchor
        if scalar.is_block:
            header = _HEADER.match(self._text, start)
            assert header
            self._point(start, header.end(), entry, opens=opens)
            broken = self._text.find("\n", start)
            self.spans.append((start, header.end()))
            start = len(self._text) if broken < 0 else broken
            end = max(end, start)
        self.spans.append((start, end))
        self._point(start, end, entry, opens=opens)
        return scalar

    def _behind_anchor(self, start: int, end: int) -> int:
        found = _ANCHOR.match(self._text, start)
        between = _BETWEEN.match(self._text, found.end() if found else start)
        return min(between.end(), end) if between else start

    def _as_written(self, event: Any, start: int, end: int) -> Scalar:
        style = event.style if event.style in ("'", '"', "|", ">") else None
        if style in ("|", ">"):
            header = _HEADER.match(self._text, start)
            keep = "+" in header[0] if header else False
            explicit = header is not None and any(c.isdigit() for c in header[0])
            lines = () if style == "|" or explicit else self._folded(start, end)
            return Scalar(event.value, style, lines, keep)
        raw = self._text[start:end]
        lines = tuple(_stripped(raw.split("\n"))) if "\n" in raw else ()
        return Scalar(event.value, style, lines)

    def _folded(self, start: int, end: int) -> tuple[str, ...]:
        lines = self._text[start:end].split("\n")[1:]
        first = next((line for line in lines if line.strip(" ")), "")
        indent = len(first) - len(first.lstrip(" "))
        lines = [line[indent:] for line in lines]
        while lines and not lines[-1]:
            lines.pop()
        return tuple(lines)

    def _collection(self, event: Any, entry: Entry | None, opens: Entry | None) -> Collection:
        flow: bool = event.flow_style
        start, column = event.start_mark.index, event.start_mark.column
        node = Collection(isinstance(event, yaml.MappingStartEvent), flow, column)
        node.anchor = event.anchor
        if event.anchor is not None:
            self._point(start, start + len(event.anchor) + 1, entry, opens=opens)
            opens = None
            start = self._behind_anchor(start, event.end_mark.index)
        bracket = flow and self._text[start : start + 1] in ("[", "{")  # a pair in brackets has none of its own
        if bracket:
            self._point(start, start + 1, entry, opens=opens)
            opens = None
        self._flow += flow
        if not flow:
            self._open.append(node)
        end = self._entries(node, opens)
        if not flow:
            self._open.pop()
        self._flow -= flow
        if bracket:
            self._point(end.start_mark.index, end.end_mark.index, entry, closes=node)
        return node

    def _entries(self, node: Collection, opens: Entry | None) -> Any:
        """Read the entries; returns the event that ends the collection. `opens`: with the first begins an outer one."""
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                return event
            entry = Entry(None, Scalar(""), event.start_mark.column, self._after_blank(event.start_mark.index))
            if not node.entries and node.is_map:
                node.column = event.start_mark.column  # behind the anchor of the mapping itself
            first = opens if opens is not None and not node.entries else entry
            node.entries.append(entry)
            if node.is_map:
                key = self._node(event, entry, first)
                assert not isinstance(key, Collection)
                entry.key = key
                entry.value = self._node(next(self._events), entry)
            else:
                entry.column = node.column
                entry.value = self._node(event, entry, first)
        raise AssertionError("a collection that is not closed")

    def _after_blank(self, index: int) -> bool:
        line = self._text.rfind("\n", 0, index)
        return line > 0 and not self._text[self._text.rfind("\n", 0, line) + 1 : line].strip(" \t")


def _stripped(lines: list[str]) -> Iterator[str]:
    """The lines of a text in quotes, or of a plain one, as they may be indented anew."""
    for n, line in enumerate(lines):
        bare = line if n == 0 else line.lstrip(" \t")
        # A blank that is escaped is part of the text.
        yield bare if n == len(lines) - 1 or bare.rstrip(" \t").endswith("\\") else bare.rstrip(" \t")


def has_value(document: Document) -> bool:
    """Whether a document is more than nothing."""
    return not is_nothing(document.root)
