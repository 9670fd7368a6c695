"""The values that expressions compute with, beside plain data: what is equal, what is less, what type each has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fleetc.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    listing,
    mapping,
    optional,
    type_of,
)

LOWEST: Final = -(2**63)
HIGHEST: Final = 2**63 - 1


class EvaluationError(Exception):
    """An error at run time, as the server words it."""


class UndecidedError(Exception):
    """What this library does not compute."""


class Uint(int):
    """An unsigned integer, which is another type than `int`."""


@dataclass(frozen=True, order=True)
class Timestamp:
    """A point in time, in nanoseconds since 1970. `offset`: the minutes by which it was written ahead of UTC."""

    nanoseconds: int
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, order=True)
class Duration:
    """A span of time."""

    nanoseconds: int


@dataclass(frozen=True)
class Optional:
    """A value that may not be there."""

    value: Any = None
    there: bool = True


ABSENT: Final = Optional(there=False)


@dataclass(frozen=True)
class Unknown:
    """A value that is there, of which this library knows nothing. Whoever looks at it gets UndecidedError."""

    reason: str


class Keyed(list[Any]):
    """A list whose items have keys, or are a set: two are equal in whatever order, and added as maps are."""


@dataclass(frozen=True)
class Opaque:
    """A value that only functions look into, such as a quantity. `value` compares as the type does."""

    type: Type
    value: Any


@dataclass(frozen=True)
class _Truth:
    """A boolean as the key of a map: Python takes it for a number."""

    value: bool


def key_of(value: Any) -> Any:
    """A value as the key of a map. Raises EvaluationError for what is none."""
    if isinstance(value, bool):
        return _Truth(value)
    if isinstance(value, (int, str)) or (isinstance(value, float) and not math.isnan(value)):
        return value
    raise EvaluationError(f"unsupported key type: {name_of(value)}")


def keys(of: Mapping[Any, Any]) -> Iterator[Any]:
    """The keys of a map as values, in an order that is always the same."""
    for key in of:
        yield key.value if isinstance(key, _Truth) else key


def runtime_type(value: Any) -> Type:
    """The type of a value; what a list or map holds is not looked at."""
    for kind, found in _TYPES:
        if isinstance(value, kind):
            return found
    if isinstance(value, Opaque):
        return value.type
    if isinstance(value, Unknown):
        raise UndecidedError(value.reason)
    raise TypeError(f"no value of CEL: {type(value).__name__}")


_TYPES: Final[tuple[tuple[type | tuple[type, ...], Type], ...]] = (
    (type(None), NULL),
    (str, STRING),
    (bool, BOOL),
    (Uint, UINT),
    (int, INT),
    (float, DOUBLE),
    (Mapping, mapping(DYN, DYN)),
    (bytes, BYTES),
    (Timestamp, TIMESTAMP),
    (Duration, DURATION),
    (Type, type_of(DYN)),
    (Optional, optional(DYN)),
    (Sequence, listing(DYN)),
)


def name_of(value: Any) -> str:
    """The name of a value's type."""
    return runtime_type(value).name


def is_number(value: Any) -> bool:
    """Whether a value is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(a: Any, b: Any) -> bool:
    """Whether two values are equal: numbers are by their value, else values of two types are not."""
    if is_number(a) and is_number(b):
        return bool(a == b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return len(a) == len(b) and all(key in b and equal(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        if isinstance(a, Keyed) or isinstance(b, Keyed):
            raise UndecidedError("lists whose items have keys are not compared here")
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, Optional) and isinstance(b, Optional):
        return a.there == b.there and (not a.there or equal(a.value, b.value))
    if runtime_type(a) != runtime_type(b):
        return False
    return a.name == b.name if isinstance(a, Type) else bool(a == b)


def order(a: Any, b: Any) -> int:
    """-1, 0 or 1. Raises EvaluationError where two values have no order."""
    if is_number(a) and is_number(b):
        if math.isnan(a) or math.isnan(b):
            raise EvaluationError("NaN values cannot be ordered")
    elif type(a) is not type(b) or not isinstance(a, (str, bool, bytes, Timestamp, Duration)):
        raise EvaluationError("no such overload")
    return int(a > b) - int(a < b)


def whole(value: int) -> int:
    """A sum or the like that is an int. Raises EvaluationError."""
    if not LOWEST <= value <= HIGHEST:
        raise EvaluationError("integer overflow")
    return value


def natural(value: int) -> Uint:
    """A sum or the like that is a uint. Raises EvaluationError."""
    if not 0 <= value < 2**64:
        raise EvaluationError("unsigned integer overflow")
    return Uint(value)


def is_zero(value: Any) -> bool:
    """Whether a value is that which its type has where nothing is set."""
    if isinstance(value, Optional):
        return not value.there or is_zero(value.value)
    if isinstance(value, (Timestamp, Duration)):
        return value.nanoseconds == 0
    return not isinstance(value, (Opaque, Type)) and not value
