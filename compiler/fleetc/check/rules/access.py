"""Reading parts of objects that may be damaged: what has the wrong type reads as empty, for the schema reports it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fleetc.check.states import SchemaProblem
from fleetc.source.span import Path

Found = Iterator[SchemaProblem]
"""What a rule finds, in any order."""

Rule = Callable[[Mapping[str, Any]], Iterable[SchemaProblem]]
"""A rule on a whole object."""

Map = Mapping[str, Any]

_NOTHING: dict[str, Any] = {}


def at(value: Any, *steps: str) -> Map:
    """The mapping below some fields, empty when there is none."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else _NOTHING


def items(value: Any, name: str) -> Iterator[tuple[int, Map]]:
    """The mappings in a list field, with their indexes."""
    found = value.get(name)
    if isinstance(found, list):
        for index, item in enumerate(found):
            if isinstance(item, dict):
                yield index, item


def strings(value: Map, name: str) -> list[str]:
    """The strings in a list field."""
    found = value.get(name)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def whole(value: Map, name: str) -> int | None:
    """An integer field, None when it is missing or something else."""
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def problem(path: Path, message: str, hint: str = "") -> SchemaProblem:
    """One finding of a rule."""
    return SchemaProblem(path, message, hint)


def exactly_one(value: Map, names: Iterable[str], path: Path, what: str) -> Found:
    """Objects that are a choice between fields must make it."""
    chosen = [name for name in names if value.get(name) is not None]
    if not chosen:
        yield problem(path, f"{what} needs exactly one of {', '.join(f'`{name}`' for name in names)}")
    elif len(chosen) > 1:
        said = " and ".join(f"`{name}`" for name in chosen)
        yield problem((*path, chosen[1]), f"{what} takes only one of {said}")
