"""What an expression consists of. An `offset` is where the server says that a part is."""

from __future__ import annotations

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
