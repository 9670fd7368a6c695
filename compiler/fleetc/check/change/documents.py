"""Emitted files taken apart at the level of text: what is equal on both sides is dropped before anything is parsed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fleetc.check.change.model import STACK, Identity
from fleetc.check.rules.access import at
from fleetc.source import yaml
from fleetc.tuples import NamedTuple

_BETWEEN: Final = b"\n---\n"
UNREADABLE: Final = "unreadable document"


class Document(NamedTuple):
    """One object: its text, and what it says; None where that is not one object."""

    text: bytes
    identity: Identity
    object: dict[str, Any] | None


class Pair(NamedTuple):
    """The same object on both sides; None where it is not there."""

    before: Document | None
    after: Document | None

    @property
    def identity(self) -> Identity:
        """What it is."""
        there = self.after or self.before
        assert there is not None
        return there.identity


class Documents:
    """Reads documents, each once."""

    def __init__(self) -> None:
        self._read: dict[bytes, Document] = {}

    def read(self, text: bytes) -> Document:
        """The object in a text."""
        got = self._read.get(text)
        if got is None:
            got = self._read[text] = _document(text)
        return got

    def differing(self, before: bytes, after: bytes) -> tuple[list[Document], list[Document]]:
        """The documents of two bodies that are in one of them only, in their order."""
        ours, theirs = split(before), split(after)
        return (
            [self.read(text) for text in _without(ours, Counter(theirs))],
            [self.read(text) for text in _without(theirs, Counter(ours))],
        )


def body(data: bytes) -> bytes:
    """An emitted file without its header."""
    return data[data.find(b"\n") + 1 :]


def split(body: bytes) -> list[bytes]:
    """The texts of the documents of a body: none is indented, so that a line `---` stands between two of them."""
    if not body.strip():
        return []
    *first, last = body.split(_BETWEEN)
    return [*(text + b"\n" for text in first), last]


def paired(before: Sequence[Document], after: Sequence[Document]) -> Iterator[Pair]:
    """Documents paired by identity: those that stay or come in their new order, then those that go."""
    left: dict[Identity, list[Document]] = {}
    for document in before:
        left.setdefault(document.identity, []).append(document)
    for document in after:
        same = left.get(document.identity)
        was = same.pop(0) if same else None
        if was is None or was.text != document.text:
            yield Pair(was, document)
    for documents in left.values():
        for document in documents:
            yield Pair(document, None)


def _without(texts: list[bytes], others: Counter[bytes]) -> Iterator[bytes]:
    for text in texts:
        if others[text] > 0:
            others[text] -= 1
        else:
            yield text


def _document(text: bytes) -> Document:
    parsed = yaml.parse(text)
    value = parsed.documents[0].value if len(parsed.documents) == 1 and not parsed.problems else None
    if isinstance(value, dict) and "kind" not in value and {"cluster", "delivery"} <= value.keys():
        return Document(text, STACK, value)
    meta = at(value, "metadata")
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str) or not isinstance(meta.get("name"), str):
        # A hand made it: it is told as it stands, and is like no other.
        return Document(text, Identity("", UNREADABLE, "", text[:60].decode(errors="replace")), None)
    group = str(value.get("apiVersion")).rpartition("/")[0]
    return Document(text, Identity(group, value["kind"], str(meta.get("namespace") or ""), meta["name"]), value)
