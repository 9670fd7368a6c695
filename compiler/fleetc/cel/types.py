"""The types of CEL expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple


class Type(NamedTuple):
    """A type: its name and its parameters, such as those of a list or a map.

    `kind` is "message" for a type with fields, "opaque" for one that only functions look into, else "".
    """

    name: str
    parameters: tuple[Type, ...] = ()
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.parameters))})" if self.parameters else self.name


DYN: Final = Type("dyn")
NULL: Final = Type("null")
BOOL: Final = Type("bool")
INT: Final = Type("int")
UINT: Final = Type("uint")
DOUBLE: Final = Type("double")
STRING: Final = Type("string")
BYTES: Final = Type("bytes")
TIMESTAMP: Final = Type("timestamp")
DURATION: Final = Type("duration")


def listing(item: Type) -> Type:
    """A list of one type."""
    return Type("list", (item,))


def mapping(key: Type, value: Type) -> Type:
    """A map."""
    return Type("map", (key, value))


Fields = Mapping[str, Type]
Provider = Callable[[str], Fields | None]
