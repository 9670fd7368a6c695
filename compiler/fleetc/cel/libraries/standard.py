"""The operators and functions of CEL itself (cel-go, common/stdlib)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from fleetc.cel import regex
from fleetc.cel.functions import Library
from fleetc.cel.times import moment, span
from fleetc.cel.values import (
    Duration,
    EvaluationError,
    Keyed,
    Timestamp,
    Uint,
    UndecidedError,
    equal,
    is_number,
    key_of,
    natural,
    order,
    whole,
)

STANDARD: Final = Library()
_NUMBERS: Final = ("int", "uint", "double")
_ORDERED: Final = ("bool", *_NUMBERS, "string", "bytes", "timestamp", "duration")


def _comparisons() -> None:
    tests: dict[str, Callable[[int], bool]] = {
        "_<_": lambda n: n < 0,
        "_<=_": lambda n: n <= 0,
        "_>_": lambda n: n > 0,
        "_>=_": lambda n: n >= 0,
    }
    pairs = [(t, t) for t in _ORDERED] + [(a, b) for a in _NUMBERS for b in _NUMBERS if a != b]

    def runs(test: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
        return lambda a, b: test(order(a, b))

    for name, test in tests.items():
        STANDARD.declare(name, *[f"({a}, {b}) -> bool" for a, b in pairs], run=runs(test))


_comparisons()


@STANDARD("_==_", "(A, A) -> bool")
def _equals(a: Any, b: Any) -> bool:
    return equal(a, b)


@STANDARD("_!=_", "(A, A) -> bool")
def _differs(a: Any, b: Any) -> bool:
    return not equal(a, b)


def _nothing(*_given: Any) -> Any:
    raise AssertionError("the evaluator does it itself")


STANDARD.declare("_?_:_", "(bool, A, A) -> A", run=_nothing)
STANDARD.declare("@not_strictly_false", "(bool) -> bool", run=_nothing)


@STANDARD("!_", "(bool) -> bool")
def _not(a: bool) -> bool:
    return not a


def _number(a: Any, value: Any) -> Any:
    """A result of the type that `a` has."""
    if isinstance(a, float):
        return float(value)
    return natural(value) if isinstance(a, Uint) else whole(value)


@STANDARD("_+_", *[f"({t}, {t}) -> {t}" for t in ("bytes", "double", "int", "list(A)", "string", "uint")])
def _add(a: Any, b: Any) -> Any:
    if isinstance(a, Keyed) or isinstance(b, Keyed):
        raise UndecidedError("lists whose items have keys are not added here")
    return _number(a, a + b) if is_number(a) else a + b


@STANDARD("_+_", "(duration, duration) -> duration", "(duration, timestamp) -> timestamp")
@STANDARD("_+_", "(timestamp, duration) -> timestamp")
def _later(a: Timestamp | Duration, b: Timestamp | Duration) -> Timestamp | Duration:
    total = a.nanoseconds + b.nanoseconds
    if isinstance(a, Duration) and isinstance(b, Duration):
        return span(total)
    return moment(total, a.offset if isinstance(a, Timestamp) else b.offset if isinstance(b, Timestamp) else 0)


@STANDARD("_-_", *[f"({t}, {t}) -> {t}" for t in _NUMBERS])
def _subtract(a: Any, b: Any) -> Any:
    return _number(a, a - b)


@STANDARD("_-_", "(duration, duration) -> duration", "(timestamp, duration) -> timestamp")
@STANDARD("_-_", "(timestamp, timestamp) -> duration")
def _earlier(a: Timestamp | Duration, b: Timestamp | Duration) -> Timestamp | Duration:
    rest = a.nanoseconds - b.nanoseconds
    return moment(rest, a.offset) if isinstance(a, Timestamp) and isinstance(b, Duration) else span(rest)


@STANDARD("_*_", *[f"({t}, {t}) -> {t}" for t in _NUMBERS])
def _multiply(a: Any, b: Any) -> Any:
    return _number(a, a * b)


@STANDARD("_/_", *[f"({t}, {t}) -> {t}" for t in _NUMBERS])
def _divide(a: Any, b: Any) -> Any:
    if isinstance(a, float):
        if b:
            return a / b
        return math.nan if not a or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)
    if not b:
        raise EvaluationError("division by zero")
    quotient = abs(a) // abs(b)
    return _number(a, quotient if (a < 0) == (b < 0) else -quotient)


@STANDARD("_%_", "(int, int) -> int", "(uint, uint) -> uint")
def _remainder(a: Any, b: Any) -> Any:
    if not b:
        raise EvaluationError("modulus by zero")
    rest = abs(a) % abs(b)
    return _number(a, -rest if a < 0 else rest)


@STANDARD("-_", "(int) -> int", "(double) -> double")
def _negative(a: Any) -> Any:
    return _number(a, -a)


STANDARD.declare("_[_]", "(list(A), int) -> A", "(map(A, B), A) -> B", run=_nothing)


@STANDARD("@in", "(A, list(A)) -> bool", "(A, map(A, B)) -> bool")
def _in(a: Any, of: Any) -> bool:
    if isinstance(of, Mapping):
        return key_of(a) in of
    return any(equal(a, item) for item in of)


@STANDARD("size", *[f"({t}) -> int" for t in ("bytes", "list(A)", "map(A, B)", "string")])
@STANDARD("size", *[f"{t}.() -> int" for t in ("bytes", "list(A)", "map(A, B)", "string")])
def _size(a: Any) -> int:
    return len(a)


@STANDARD("contains", "string.(string) -> bool")
def _contains(a: str, b: str) -> bool:
    return b in a


@STANDARD("startsWith", "string.(string) -> bool")
def _starts(a: str, b: str) -> bool:
    return a.startswith(b)


@STANDARD("endsWith", "string.(string) -> bool")
def _ends(a: str, b: str) -> bool:
    return a.endswith(b)


@STANDARD("matches", "string.(string) -> bool", "(string, string) -> bool")
def _matches(a: str, pattern: str) -> bool:
    return regex.matches(pattern, a)
