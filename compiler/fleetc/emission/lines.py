"""Where the canonical writer puts what: the lines of every value of an object, without reading its text back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleetc.emission.texts import lines_in, parsed
from fleetc.emission.yaml import emit, is_literal
from fleetc.source.span import Path

Lines = dict[Path, range]
"""For each value, the lines that it takes with its key, counted from the object's first."""


def lines_of(value: Mapping[str, Any]) -> Lines:
    """The lines of an object as `emit` writes it; `()` is the whole of it."""
    out: Lines = {}
    end = _mapping(value, (), 0, out) if value else 1
    return {(): range(end), **out}


def _entry(value: Any, path: Path, start: int, out: Lines, head: int) -> int:
    """A value whose key or dash is on line `start`, and what is below it `head` lines further; returns its end."""
    if isinstance(value, Mapping) and value:
        end = _mapping(value, path, start + head, out)
    elif isinstance(value, list | tuple) and value:
        end = _sequence(value, path, start + head, out)
    else:
        end = start + max(head, 1) - 1 + _height({"": value})
        inside = parsed(value) if type(value) is str and value.startswith("{\n") and is_literal(value) else None
        if inside is not None:
            # A document begins below the key, or the dash, with what says that it is a literal block.
            lines_in(inside, path, start + max(head, 1), out)
    out[path] = range(start, end)
    return end


def _mapping(value: Mapping[str, Any], path: Path, start: int, out: Lines) -> int:
    for key, item in value.items():
        start = _entry(item, (*path, key), start, out, _height({key: {}}))
    return start


def _sequence(value: list[Any] | tuple[Any, ...], path: Path, start: int, out: Lines) -> int:
    for n, item in enumerate(value):
        start = _entry(item, (*path, n), start, out, 0)
    return start


def _height(entry: dict[str, Any]) -> int:
    """How many lines an entry takes: long keys and texts of several lines take more than one."""
    ((key, value),) = entry.items()
    return emit(entry).count("\n") if len(key) > 100 or (isinstance(value, str) and "\n" in value) else 1
