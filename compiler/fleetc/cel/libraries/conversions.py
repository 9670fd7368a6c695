"""The conversions of CEL between types, and what it reads of times (cel-go, common/types)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fleetc.cel.functions import Library
from fleetc.cel.times import duration, duration_text, local, moment, timestamp, timestamp_text
from fleetc.cel.types import Type
from fleetc.cel.values import (
    Duration,
    EvaluationError,
    Timestamp,
    Uint,
    UndecidedError,
    name_of,
    natural,
    runtime_type,
    whole,
)

CONVERSIONS: Final = Library()
NAMES: Final = frozenset({"bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"})
"""The functions that a server runs at once where what they are given is a constant."""
_SECOND: Final = 10**9
_DIGITS: Final = 100
_PLAIN: Final = 6
"""How many digits before the point are written without an exponent: `%g` of Go."""
_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_FLOAT: Final = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE)


def _unconverted(given: str, asked: str) -> EvaluationError:
    return EvaluationError(f"type conversion error from '{given}' to '{asked}'")


@CONVERSIONS("dyn", "(A) -> dyn")
def _dyn(a: Any) -> Any:
    return a


@CONVERSIONS("type", "(A) -> type(A)")
def _type(a: Any) -> Type:
    return runtime_type(a)


@CONVERSIONS("bool", "(bool) -> bool", "(string) -> bool")
def _bool(a: bool | str) -> bool:
    if isinstance(a, bool):
        return a
    if a in _TRUE or a in _FALSE:
        return a in _TRUE
    raise _unconverted("string", "bool")


@CONVERSIONS("bytes", "(bytes) -> bytes", "(string) -> bytes")
def _bytes(a: bytes | str) -> bytes:
    return a.encode() if isinstance(a, str) else a


@CONVERSIONS("double", "(double) -> double", "(int) -> double", "(string) -> double", "(uint) -> double")
def _double(a: float | str) -> float:
    if isinstance(a, str):
        if re.fullmatch(r"[+-]?\d[0-9a-fA-F_xXpP.+-]*", a) and not _FLOAT.fullmatch(a):
            raise UndecidedError("numbers in base 16, or with underscores, are not read here")
        if not _FLOAT.fullmatch(a):
            raise _unconverted("string", "double")
        value = float(a)
        if math.isinf(value) and "inf" not in a.lower():
            raise _unconverted("string", "double")
        return value
    return float(a)


@CONVERSIONS("duration", "(duration) -> duration", "(int) -> duration", "(string) -> duration")
def _duration(a: Duration | int | str) -> Duration:
    if isinstance(a, Duration):
        return a
    if isinstance(a, str) and (found := duration(a)) is not None:
        return found
    raise _unconverted(name_of(a), "google.protobuf.Duration")


@CONVERSIONS("int", *[f"({t}) -> int" for t in ("int", "double", "duration", "string", "timestamp", "uint")])
def _int(a: Any) -> int:
    match a:
        case str():
            return _parsed(a, "int", r"[+-]?\d+", lambda n: -(2**63) <= n < 2**63)
        case Timestamp():
            return a.nanoseconds // _SECOND
        case Duration():
            return a.nanoseconds
        case float() if math.isnan(a) or math.isinf(a) or abs(a) >= 2**63:
            raise EvaluationError("integer overflow")
        case _:
            return whole(int(a))


@CONVERSIONS("uint", *[f"({t}) -> uint" for t in ("uint", "double", "int", "string")])
def _uint(a: Any) -> Uint:
    if isinstance(a, str):
        return Uint(_parsed(a, "uint", r"\d+", lambda n: n < 2**64))
    if isinstance(a, float) and (math.isnan(a) or math.isinf(a)):
        raise EvaluationError("unsigned integer overflow")
    return natural(int(a) if a >= 0 else -1)


def _parsed(text: str, name: str, pattern: str, fits: Callable[[int], bool]) -> int:
    if not re.fullmatch(pattern, text, re.ASCII) or len(text) > _DIGITS or not fits(int(text)):
        raise _unconverted("string", name)
    return int(text)


@CONVERSIONS("string", *[f"({t}) -> string" for t in ("string", "bool", "bytes", "double", "duration", "int")])
@CONVERSIONS("string", "(timestamp) -> string", "(uint) -> string")
def text_of(a: Any) -> str:
    """A value as text."""
    match a:
        case str():
            return a
        case bool():
            return "true" if a else "false"
        case bytes():
            try:
                return a.decode()
            except UnicodeDecodeError:
                raise EvaluationError("invalid UTF-8 in bytes, cannot convert to string") from None
        case float():
            return float_text(a)
        case Duration():
            return duration_text(a)
        case Timestamp():
            return timestamp_text(a)
        case _:
            return str(int(a))


def float_text(value: float) -> str:
    """A number as Go writes it: the fewest digits that tell it, with an exponent where there are many."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    mantissa, exponent = _decimal(value)
    sign = "-" if math.copysign(1, value) < 0 else ""
    if not -4 <= exponent < _PLAIN:
        rest = f".{mantissa[1:]}" if mantissa[1:] else ""
        return f"{sign}{mantissa[0]}{rest}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{mantissa}"
    padded = mantissa.ljust(exponent + 1, "0")
    fraction = padded[exponent + 1 :]
    return f"{sign}{padded[: exponent + 1]}{f'.{fraction}' if fraction else ''}"


def _decimal(value: float) -> tuple[str, int]:
    """The fewest digits that tell a number, and the power of ten of the first."""
    _, digits, exponent = Decimal(repr(value)).as_tuple()
    said = "".join(map(str, digits)).lstrip("0")
    if not said:
        return "0", 0
    return said.rstrip("0"), int(exponent) + len(said) - 1


@CONVERSIONS("timestamp", "(timestamp) -> timestamp", "(int) -> timestamp", "(string) -> timestamp")
def _timestamp(a: Any) -> Timestamp:
    if isinstance(a, Timestamp):
        return a
    if not isinstance(a, str):
        return moment(a * _SECOND)
    found = timestamp(a)
    if found is None:
        raise _unconverted("string", "google.protobuf.Timestamp")
    return found


def _getter(name: str, read: Callable[[datetime], int]) -> None:
    def run(time: Timestamp, zone: str = "UTC") -> int:
        return read(local(time, zone))

    CONVERSIONS.declare(name, "timestamp.() -> int", "timestamp.(string) -> int", run=run)


_getter("getFullYear", lambda t: t.year)
_getter("getMonth", lambda t: t.month - 1)
_getter("getDayOfYear", lambda t: t.timetuple().tm_yday - 1)
_getter("getDayOfMonth", lambda t: t.day - 1)
_getter("getDate", lambda t: t.day)
_getter("getDayOfWeek", lambda t: t.isoweekday() % 7)
_getter("getHours", lambda t: t.hour)
_getter("getMinutes", lambda t: t.minute)
_getter("getSeconds", lambda t: t.second)


@CONVERSIONS("getMilliseconds", "timestamp.() -> int", "timestamp.(string) -> int")
def _milliseconds(time: Timestamp, _zone: str = "UTC") -> int:
    return time.nanoseconds % _SECOND // 10**6


def _part(name: str, unit: int) -> None:
    def run(time: Duration) -> int:
        return int(math.copysign(1, time.nanoseconds)) * (abs(time.nanoseconds) // unit)

    CONVERSIONS.declare(name, "duration.() -> int", run=run)


_part("getHours", 3600 * _SECOND)
_part("getMinutes", 60 * _SECOND)
_part("getSeconds", _SECOND)
_part("getMilliseconds", 10**6)
