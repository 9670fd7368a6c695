"""What an expression consists of. An `offset` is where the server says that a part is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False, slots=True)
class Literal:
    """A constant."""

    offset: int
    value: Any


@dataclass(frozen=True, eq=False, slots=True)
class Name:
    """A variable, or a type."""

    offset: int
    name: str


@dataclass(frozen=True, eq=False, slots=True)
class Select:
    """A field of something; with `test`, whether it is there; with `lenient`, an optional."""

    offset: int
    operand: Expression
    field: str
    test: bool = False
    lenient: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """A function or an operator."""

    offset: int
    target: Expression | None
    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, eq=False, slots=True)
class ListOf:
    """A list. `optional`: which items are left out where they are none."""

    offset: int
    items: tuple[Expression, ...]
    optional: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False, slots=True)
class Entry:
    """An entry of a map, or a field of a message."""

    offset: int
    key: Expression
    value: Expression
    optional: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class MapOf:
    """A map; with a `message`, an object of that type."""

    offset: int
    entries: tuple[Entry, ...]
    message: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Fold:
    """What a macro means: a loop over `over` that carries `result`."""

    offset: int
    over: Expression
    first: str
    second: str
    carried: str
    start: Expression
    condition: Expression
    step: Expression
    result: Expression


Expression = Literal | Name | Select | Call | ListOf | MapOf | Fold


def parts(node: Expression) -> Iterator[tuple[Expression, bool]]:
    """All parts, and whether each is within what `format` writes. What a macro uses twice is one part."""
    seen: set[tuple[Expression, bool]] = set()
    left = [(node, False)]
    while left:
        part, formatted = left.pop()
        if (part, formatted) in seen:
            continue
        seen.add((part, formatted))
        yield part, formatted
        inside = formatted or (isinstance(part, Call) and part.function == "format")
        left += [(child, inside) for child in reversed(_children(part))]


def _children(node: Expression) -> list[Expression]:
    match node:
        case Select():
            return [node.operand]
        case Call():
            return [*([node.target] if node.target is not None else []), *node.arguments]
        case ListOf():
            return list(node.items)
        case MapOf():
            return [part for entry in node.entries for part in (entry.key, entry.value)]
        case Fold():
            return [node.over, node.start, node.condition, node.step, node.result]
        case Literal() | Name():
            return []
