"""Edits of a spec file's text: values are replaced where they stand, and everything else stays to the byte.

What is added or taken away moves lines: then the file is written in the layout of `fleetc fmt`, comments with it.
Either way the text is read again: it says what is meant, with every comment that was there, or nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import yaml as pyyaml

from fleetc.driver.edits import REMOVED, Edit, replaced
from fleetc.driver.layout import NotKept, comments_of, lay_out, mean_the_same, same, says_nothing
from fleetc.source import yaml
from fleetc.source.concrete.comments import Unplaced, place
from fleetc.source.concrete.nodes import Alias, Collection, Document, Entry, Node, Scalar
from fleetc.source.concrete.read import parse
from fleetc.source.concrete.scalars import block, one_line
from fleetc.source.concrete.write import write
from fleetc.source.span import Path
from fleetc.source.text import BREAK, decode

_STEP: Final = "  "


def patched(data: bytes, edits: Sequence[tuple[int, Edit]]) -> bytes:
    """The bytes of a file with edits made, each with the index of its document. Raises NotKept: why not."""
    decoded = decode(data, yaml.MAX_BYTES)
    if not isinstance(decoded, str):
        raise NotKept("the file is not UTF-8")
    text = BREAK.sub("\n", decoded)
    documents = yaml.parse(text.encode(), marks=True).documents
    wanted = [d.value for d in documents]
    for number, edit in edits:
        wanted[number] = replaced(wanted[number], edit.at, edit.value)
    places: list[tuple[tuple[int, int], Any]] = []
    others: list[tuple[int, Edit]] = []
    for number, edit in edits:
        mark = (documents[number].marks or {}).get(edit.at)
        if mark is not None and not isinstance(edit.value, dict | list) and edit.value is not REMOVED:
            places.append(((mark.line - 1, mark.column - 1), edit.value))
        else:
            others.append((number, edit))
    made = _spliced(text, places)
    if others:
        made = _moved(made, others, len(documents))
    _prove(text, made, wanted)
    return made.encode()


def _prove(text: str, made: str, wanted: Sequence[Any]) -> None:
    """Raise NotKept unless a text says what is wanted, with all comments of another."""
    again = yaml.parse(made.encode())
    if again.problems or len(again.documents) != len(wanted):
        raise NotKept("what would be written is not read back as it is meant")
    pairs = zip(wanted, (document.value for document in again.documents), strict=True)
    if not all(same(one, two) or mean_the_same(one, two) for one, two in pairs):
        raise NotKept("what would be written is not read back as it is meant")
    before, after = comments_of(text), comments_of(made)
    if before != after:
        raise NotKept(f"the comment `{next(iter((before - after) or (after - before)))}` would not be kept")


def _spliced(text: str, places: Sequence[tuple[tuple[int, int], Any]]) -> str:
    """A text with other scalars at some places (line and column from 0)."""
    wanted = dict(places)
    found: list[tuple[int, int, str]] = []
    for event, flow in _events(text):
        at = (event.start_mark.line, event.start_mark.column)
        if at in wanted and type(event) is pyyaml.ScalarEvent:
            scalar: Any = event
            if scalar.anchor is not None:
                raise NotKept(f"line {at[0] + 1}: an anchor stands there, which other places use")
            shown = _shown(text, scalar, wanted.pop(at), flow=flow)
            found.append((scalar.start_mark.index, scalar.end_mark.index, shown))
    if wanted:
        raise NotKept(f"line {min(wanted)[0] + 1}: it is no plain value")
    for start, end, shown in sorted(found, reverse=True):
        text = text[:start] + shown + text[end:]
    return text


def _events(text: str) -> Iterator[tuple[Any, bool]]:
    """The events of a text, and whether each stands in brackets."""
    loader = pyyaml.CSafeLoader(text.encode())
    inside: list[bool] = []
    for event in iter(loader.get_event, None):
        yield event, any(inside)
        if isinstance(event, pyyaml.CollectionStartEvent):
            inside.append(bool(event.flow_style))
        elif isinstance(event, pyyaml.CollectionEndEvent):
            inside.pop()


def _shown(text: str, event: Any, value: Any, *, flow: bool) -> str:
    """A scalar as it is written in the place of another."""
    if event.style in ("|", ">") and not isinstance(value, str):
        return one_line(_scalar(value)) + "\n"  # a block holds the end of its last line
    if event.style in ("|", ">"):
        start = event.start_mark.index
        line = text[text.rfind("\n", 0, start) + 1 : start]
        lead = " " * (len(line) - len(line.lstrip(" ")))
        made = block(Scalar(value, "|"), lead + _STEP)
        if made is None:
            return one_line(_scalar(value)) + "\n"
        return "\n".join([made[0], *made[1]]) + "\n"
    return one_line(_scalar(value), flow=flow)


def _scalar(value: Any) -> Scalar:
    if isinstance(value, str):
        return Scalar(value, '"')
    return Scalar("null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value))


def _moved(text: str, edits: Sequence[tuple[int, Edit]], count: int) -> str:
    """A text with something added or taken away, in the layout of `fmt`."""
    parsed = parse(text)
    try:
        rest = place(text, parsed)
    except Unplaced as error:
        raise NotKept(f"`{error}` is neither a value nor a comment") from None
    documents = [document for document in parsed.documents if not says_nothing(document)]
    if len(documents) != count:
        raise NotKept("a document of it says nothing")
    for number, edit in edits:
        _put(documents[number], edit)
    return lay_out(write(parsed.documents, rest).encode()).decode()


def _put(document: Document, edit: Edit) -> None:
    here: Node = document.root
    for n, step in enumerate(edit.at):
        entry = _entry(here, step)
        last = n == len(edit.at) - 1
        if entry is None:
            _add(here, step, edit.at[n + 1 :], edit.value)
            return
        if last and edit.value is REMOVED:
            assert isinstance(here, Collection)
            if entry.commented:
                raise NotKept("a comment belongs to what would be taken away")
            here.entries.remove(entry)
            return
        if last:
            entry.value = _node(edit.value)
            return
        here = entry.value


def _entry(here: Node, step: str | int) -> Entry | None:
    if isinstance(here, Alias):
        raise NotKept("an alias stands there, of what stands elsewhere")
    if not isinstance(here, Collection):
        raise NotKept("it is written in another form")
    if isinstance(step, int):
        return here.entries[step] if step < len(here.entries) else None
    return next((entry for entry in here.entries if entry.name == step), None)


def _add(here: Node, step: str | int, below: Path, value: Any) -> None:
    assert isinstance(here, Collection)
    for name in reversed(below):
        value = {name: value}
    key = Scalar(str(step), '"') if here.is_map else None
    here.entries.append(Entry(key, _node(value), here.column))


def _node(value: Any) -> Node:
    """A value as it is written anew: in brackets where it is short."""
    if not isinstance(value, dict | list):
        return _scalar(value)
    made = Collection(isinstance(value, dict), flow=True)
    if isinstance(value, dict):
        made.entries = [Entry(Scalar(str(name), '"'), _node(item)) for name, item in value.items()]
    else:
        made.entries = [Entry(None, _node(item)) for item in value]
    return made
