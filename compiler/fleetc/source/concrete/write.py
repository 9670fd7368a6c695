"""The one layout of YAML: block style, two spaces, and brackets only where what is in them is short."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fleetc.source.concrete.comments import ITEM
from fleetc.source.concrete.nodes import Alias, Collection, Comment, Document, Entry, Node, Scalar, is_empty, is_nothing
from fleetc.source.concrete.scalars import block, one_line

WIDTH: Final = 120
"""Brackets that do not fit into so many columns are written as blocks."""
DEPTH: Final = 2
"""Brackets stay brackets with one more level in them."""
_STEP: Final = "  "
_LONGEST_KEY: Final = 900
"""A longer one is written with `? `: readers look ahead 1,024 characters for its colon."""


def write(documents: Iterable[Document], rest: Iterable[Comment] = ()) -> str:
    """The text of documents; `rest` are comments that none of them has."""
    writer = _Writer()
    for document in documents:
        writer.document(document)
    writer.comments(rest, "")
    return "".join(f"{line}\n" for line in writer.lines)


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._kept = False
        """The last line belongs to a text that keeps its blank lines: another one would be part of it."""
        self._fresh = True
        """Nothing stands before in this document."""

    def document(self, document: Document) -> None:
        top = document.top
        if self.lines:
            self._line("---" + _beside(document.marker))
        elif document.marker is not None:
            top.lead.insert(0, document.marker)
        self._fresh = True
        self.comments(top.lead, "")
        root = top.value
        if top.trail is not None:
            self.comments([top.trail], "")
        if isinstance(root, Collection) and root.entries:
            if root.anchor is not None:
                self._line(f"&{root.anchor}")
            short = self._flow(root) if root.flow and not root.is_map else None
            if short is not None:
                self._line(short)
            else:
                self._block(root, "", "", gap=bool(top.lead))
        else:
            self._scalar("", root, "", None)
        self.comments(top.after, "")

    def _line(self, text: str) -> None:
        self.lines.append(text)
        self._kept = False
        self._fresh = False

    def _gap(self) -> None:
        if not self._kept and not self._fresh and self.lines and self.lines[-1]:
            self.lines.append("")

    def comments(self, comments: Iterable[Comment], indent: str, *, first: bool = False) -> None:
        """Comments on lines of their own."""
        for n, comment in enumerate(comments):
            if comment.blank and not (first and n == 0):
                self._gap()
            self._line(indent + comment.text)

    def _block(self, node: Collection, lead: str, indent: str, *, gap: bool = False, beside: bool = False) -> None:
        """The entries of a collection: the first behind `lead`, the others indented. `gap`: a blank line may stand
        before the first. `beside`: they are indented like what follows the collection."""
        for n, entry in enumerate(node.entries):
            before = lead if n == 0 else indent
            if n > 0 or lead == indent:
                above = self._above(entry, before)
                self.comments(above, indent, first=n == 0 and not gap)
                if entry.blank and (n > 0 or above or gap):
                    self._gap()
            if node.is_map:
                self._pair(entry, before, indent)
            else:
                self._item(entry, f"{before}- ", f"{indent}{_STEP}")
        item = False
        for comment in node.tail:
            # In line with the name of the list it would belong to what follows, and in line with a text to that.
            item = not comment.blank and (item or ITEM.match(comment.text) is not None)
            deeper = " " if _is_block(node.entries[-1].value) else _STEP
            self.comments([comment], indent + deeper if beside and not item else indent)

    def _above(self, entry: Entry, before: str) -> list[Comment]:
        """The comments on the lines above an entry: its own, and those of what begins on its line."""
        value = entry.value
        if entry.key is not None or not isinstance(value, Collection) or value.anchor is not None:
            return entry.lead
        lead = f"{before}- "
        if self._short(value, len(lead)) is not None:
            return entry.lead
        return [*entry.lead, *([entry.trail] if entry.trail else []), *self._above(value.entries[0], lead)]

    def _pair(self, entry: Entry, lead: str, indent: str) -> None:
        head, value = lead + _key(entry), entry.value
        if len(head) > _LONGEST_KEY:
            self._line(f"{lead}? {_key(entry)[:-1]}")
            head = f"{indent}:"
        inner = indent + _STEP
        short = self._short(value, len(head) + 1)
        if short is not None:
            self._scalar(head + (" " + short if short else ""), None, inner, entry)
        elif isinstance(value, Collection):
            anchor = f" &{value.anchor}" if value.anchor is not None else ""
            self._head(head + anchor, entry)
            below = inner if value.is_map else indent
            self._block(value, below, below, beside=not value.is_map)
            self.comments(entry.after, below)
        else:
            self._scalar(f"{head} ", value, inner, entry)

    def _item(self, entry: Entry, lead: str, inner: str) -> None:
        value = entry.value
        short = self._short(value, len(lead))
        if short is not None:
            self._scalar((lead + short).rstrip(), None, inner, entry)
        elif isinstance(value, Collection):
            if value.anchor is not None:
                self._head(f"{lead}&{value.anchor}", entry)
                self._block(value, inner, inner)
            else:
                self._block(value, lead, inner)
            self.comments(entry.after, inner)
        else:
            self._scalar(lead, value, inner, entry)

    def _head(self, text: str, entry: Entry) -> None:
        self._line(text + _beside(entry.trail))

    def _scalar(self, lead: str, value: Node | None, inner: str, entry: Entry | None) -> None:
        """What ends on its line, or goes over several: a text."""
        trail = entry.trail if entry is not None else None
        if isinstance(value, Scalar):
            anchor = f"&{value.anchor} " if value.anchor is not None else ""
            made = block(value, inner or _STEP) if value.is_block else None
            if made is not None:
                self._line(f"{lead}{anchor}{made[0]}{_beside(trail)}")
                self.lines += made[1]
                self._kept = made[0].endswith("+")
                return
            lines = value.lines if value.style != ">" else ()
            if len(lines) > 1:
                self._line(f"{lead}{anchor}{lines[0]}")
                self.lines += [inner + line if line else "" for line in lines[1:-1]]
                self._line(f"{inner}{lines[-1]}{_beside(trail)}")
            else:
                self._line(f"{lead}{anchor}{one_line(value)}".rstrip(" ") + _beside(trail))
        else:
            self._line(lead + (self._short(value, 0) or "" if value is not None else "") + _beside(trail))
        if entry is not None:
            self._after(entry, inner)

    def _after(self, entry: Entry, inner: str) -> None:
        """Further comments of an entry, in line with the one beside it where they were."""
        line = self.lines[-1]
        for comment in entry.after:
            trail = entry.trail
            if trail is not None and comment.column == trail.column and not comment.blank:
                self._line(" " * (len(line) - len(trail.text)) + comment.text)
            else:
                self.comments([comment], inner)

    def _short(self, node: Node, before: int) -> str | None:
        """A value on the rest of a line, where that is how it is written. None: it takes lines of its own."""
        if isinstance(node, Scalar):
            return None if not is_nothing(node) else ""
        if isinstance(node, Alias):
            return f"*{node.name}"
        if is_empty(node):
            return _anchored(node, "{}" if node.is_map else "[]")
        text = self._flow(node) if node.flow else None
        return text if text is not None and before + len(text) <= WIDTH else None

    def _flow(self, node: Node, left: int = DEPTH) -> str | None:
        """A value in brackets. None when it is too deep, when comments stand in it, or texts of several lines."""
        if isinstance(node, Alias):
            return f"*{node.name}"
        if isinstance(node, Scalar):
            fits = "\n" not in node.value and not node.is_block
            return _anchored(node, one_line(node, flow=True)) if fits else None
        if not node.entries:
            return _anchored(node, "{}" if node.is_map else "[]")
        if node.tail or left == 0 or not node.flow:
            return None
        parts: list[str] = []
        for entry in node.entries:
            value = self._flow(entry.value, left - 1)
            if value is None or entry.commented:
                return None
            name = _key(entry, flow=True) if entry.key is not None else ""
            if len(name) > _LONGEST_KEY:
                return None
            parts.append(f"{name} {value}".rstrip(" ") if name else value)
        inside = ", ".join(parts)
        return _anchored(node, f"{{{inside}}}" if node.is_map else f"[{inside}]")


def _is_block(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_block and block(node, _STEP) is not None


def _key(entry: Entry, *, flow: bool = False) -> str:
    key = entry.key
    if isinstance(key, Alias):
        return f"*{key.name} :"
    assert isinstance(key, Scalar)
    text = _anchored(key, one_line(key, flow=flow, key=True))
    return f"{text}:"


def _anchored(node: Scalar | Collection, text: str) -> str:
    return text if node.anchor is None else f"&{node.anchor} {text}".rstrip(" ")


def _beside(comment: Comment | None) -> str:
    return "" if comment is None else f"  {comment.text}"
