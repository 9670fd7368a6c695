"""Other values in a file, and everything else as it is to the letter: for edits that a program makes in what people
wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import yaml

from fleetc.source.concrete.nodes import Scalar
from fleetc.source.concrete.scalars import one_line
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_NULLS: Final = ("", "~", "null", "Null", "NULL")

Value = str | Sequence[str]


class NotEditable(Exception):  # noqa: N818 - it says that a file is better edited by hand
    """Something stands where a value has to go that an edit could not keep: what."""


class _Edit(NamedTuple):
    """Other text from `start` up to `end`."""

    start: int
    end: int
    text: str


def put(text: str, number: int, at: Path, values: Mapping[str, Value], key: str) -> str:
    """A text with texts and lists of texts as fields of a mapping: that at a path of its n-th document that has a
    value. What was in their place goes; comments stay.

    Lines end in line feeds. An item of a list that is short for a mapping, by its field `key`, becomes one. Raises
    NotEditable.
    """
    node, after = _find(text, number, at)
    if isinstance(node, yaml.ScalarNode):
        edits = [_Edit(node.start_mark.index, node.end_mark.index, _long(text, node, values, key))]
    elif not isinstance(node, yaml.MappingNode):
        raise NotEditable("a list stands where a mapping has to be")
    elif node.flow_style:
        edits = [*_in_brackets(node, values)]
    else:
        edits = [*_in_block(text, node, values, after)]
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _find(text: str, number: int, at: Path) -> tuple[Any, int]:
    """The node at a path, and where what leads to it ends: its key."""
    loader = yaml.CSafeLoader(text)
    documents: list[Any] = []
    while loader.check_node():
        root = loader.get_node()
        if not (isinstance(root, yaml.ScalarNode) and not root.style and root.value in _NULLS):
            documents.append(root)
    node, after = documents[number], 0
    for step in at:
        before = node
        if isinstance(node, yaml.MappingNode):
            found = next((k, v) for k, v in node.value if k.value == step)
            after, node = found[0].end_mark.index, found[1]
        else:
            assert isinstance(step, int)
            node = node.value[step]
            after = node.start_mark.index
        _in_place(before, node)
    return node, after


def _in_place(outer: Any, inner: Any) -> None:
    """What an alias stands for is written somewhere else: it may be the value of others, too."""
    if not outer.start_mark.index <= inner.start_mark.index <= outer.end_mark.index:
        raise NotEditable("an alias stands there")


def _long(text: str, node: Any, values: Mapping[str, Value], key: str) -> str:
    own = text[node.start_mark.index : node.end_mark.index]
    return f"{{{key}: {own}, {_flow_fields(values)}}}"


def _flow_fields(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}: {_flow(value)}" for name, value in values.items())


def _flow(value: Value) -> str:
    return (
        _scalar(value, flow=True) if isinstance(value, str) else f"[{', '.join(_scalar(v, flow=True) for v in value)}]"
    )


def _scalar(value: str, *, flow: bool = False) -> str:
    return one_line(Scalar(value, '"'), flow=flow)


def _in_brackets(node: Any, values: Mapping[str, Value]) -> Iterator[_Edit]:
    """A mapping in braces: what is new stands first, where no comma is in the way."""
    there = {k.value: v for k, v in node.value}
    for name, value in values.items():
        if name in there:
            _in_place(node, there[name])
            yield _Edit(there[name].start_mark.index, there[name].end_mark.index, _flow(value))
    new = {name: value for name, value in values.items() if name not in there}
    if new:
        start = node.start_mark.index + 1
        yield _Edit(start, start, _flow_fields(new) + (", " if node.value else ""))


def _in_block(text: str, node: Any, values: Mapping[str, Value], after: int) -> Iterator[_Edit]:
    """A mapping of a line or more for each field: what is new stands behind the others."""
    there = {k.value: (k, v) for k, v in node.value}
    indent = " " * node.start_mark.column
    new: list[str] = []
    for name, value in values.items():
        if name not in there:
            new += [f"{indent}{line}" for line in _lines(name, value)]
            continue
        field, old = there[name]
        _in_place(node, old)
        if isinstance(value, str):
            yield _Edit(old.start_mark.index, old.end_mark.index, _scalar(value))
        elif isinstance(old, yaml.SequenceNode) and not old.flow_style:
            yield _items(text, old, value)
        else:
            # Written in one line, or short: a list that grows over the years is easier to follow line by line.
            colon = text.index(":", field.end_mark.index) + 1
            yield _Edit(colon, old.end_mark.index, "")
            yield _behind(text, old.end_mark.index, [f"{indent}{line}" for line in _lines(name, value)[1:]])
    if new:
        ends = [_end(v, k) for name, (k, v) in there.items() if name not in values or name == next(iter(values))]
        yield _behind(text, max(ends, default=after), new)


def _lines(name: str, value: Value) -> list[str]:
    if isinstance(value, str):
        return [f"{name}: {_scalar(value)}"]
    return [f"{name}:", *(f"- {_scalar(item)}" for item in value)]


def _behind(text: str, index: int, lines: Sequence[str]) -> _Edit:
    """Lines behind the one that a place is on."""
    broken = text.find("\n", index)
    if broken < 0:
        return _Edit(len(text), len(text), "".join(f"\n{line}" for line in lines))
    return _Edit(broken, broken, "".join(f"\n{line}" for line in lines))


def _end(node: Any, key: Any) -> int:
    """Where a value ends: what libyaml calls the end of a block is where the next token starts, behind comments."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        end: int = max(node.end_mark.index, key.end_mark.index)
        return end
    last = node.value[-1]
    return _end(last[1], last[0]) if isinstance(node, yaml.MappingNode) else _end(last, last)


def _items(text: str, node: Any, values: Sequence[str]) -> _Edit:
    """A list of a line for each item. The comments of an item that goes stay where it was."""
    indent = " " * node.start_mark.column
    first = text.rfind("\n", 0, node.start_mark.index) + 1
    end = text.find("\n", _end(node, node))
    end = len(text) if end < 0 else end
    kept: dict[str, list[str]] = {}
    loose: list[str] = []
    start = first
    for item in node.value:
        _in_place(node, item)
        broken = text.find("\n", item.end_mark.index)
        broken = len(text) if broken < 0 else broken
        *above, line = text[start:broken].split("\n")
        start = broken + 1
        if not isinstance(item, yaml.ScalarNode) or "\n" in text[item.start_mark.index : item.end_mark.index]:
            raise NotEditable("an item goes over several lines")
        if item.value in values and item.value not in kept:
            kept[item.value] = [*loose, *above, line]
            loose = []
        else:
            behind = text[item.end_mark.index : broken].strip()
            loose += [*above, *([f"{indent}{behind}"] if behind else [])]
    lines = [line for value in sorted(values) for line in kept.get(value, [f"{indent}- {_scalar(value)}"])]
    return _Edit(first, end, "\n".join([*lines, *loose]))
