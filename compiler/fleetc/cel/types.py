"""The types of CEL expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from fleetc.tuples import NamedTuple

Kind = Literal["", "message", "opaque", "parameter"]


class Type(NamedTuple):
    """A type: its name and its parameters, such as those of a list or a map.

    `kind` is "message" for a type with fields, "opaque" for one that only functions look into, "parameter" for what
    stands for any type in the declaration of a function, else "".
    """

    name: str
    parameters: tuple[Type, ...] = ()
    kind: Kind = ""

    def __str__(self) -> str:
        name = _WORDS.get(self.name, self.name)
        return f"{name}({', '.join(map(str, self.parameters))})" if self.parameters else name


_WORDS: Final = {
    "null_type": "null",
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
}

DYN: Final = Type("dyn")
ANY: Final = Type("any")
"""As `DYN`, by a name that selectors of devices may come to."""
ERROR: Final = Type("!error!")
NULL: Final = Type("null_type")
BOOL: Final = Type("bool")
INT: Final = Type("int")
UINT: Final = Type("uint")
DOUBLE: Final = Type("double")
STRING: Final = Type("string")
BYTES: Final = Type("bytes")
TIMESTAMP: Final = Type("google.protobuf.Timestamp")
DURATION: Final = Type("google.protobuf.Duration")

QUANTITY: Final = Type("kubernetes.Quantity", (), "opaque")
URL: Final = Type("kubernetes.URL", (), "opaque")
IP: Final = Type("net.IP", (), "opaque")
CIDR: Final = Type("net.CIDR", (), "opaque")
FORMAT: Final = Type("kubernetes.NamedFormat", (), "opaque")
SEMVER: Final = Type("kubernetes.Semver", (), "opaque")

PARAMETERS: Final = {name: Type(name, (), "parameter") for name in "ABKTUV"}
PRIMITIVES: Final = {t.name: t for t in (DYN, NULL, BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION)}


def listing(item: Type) -> Type:
    """A list of one type."""
    return Type("list", (item,))


def mapping(key: Type, value: Type) -> Type:
    """A map."""
    return Type("map", (key, value))


def optional(value: Type) -> Type:
    """A value that may not be there."""
    return Type("optional_type", (value,), "opaque")


def type_of(value: Type) -> Type:
    """The type of a type."""
    return Type("type", (value,))


def message(name: str) -> Type:
    """A type with fields, which a `Messages` tells."""
    return Type(name, (), "message")


Messages = Mapping[str, Mapping[str, Type]]
"""The fields of each message, by the name of its type. May be made when they are asked for."""


def is_open(found: Type) -> bool:
    """Whether a type says nothing: any, or that of something wrong, which is told elsewhere."""
    return found in (DYN, ANY, ERROR)
