"""Quantities as the server computes with them (apimachinery, pkg/api/resource), there since 1.28."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from fleetc.cel.functions import Library
from fleetc.cel.types import QUANTITY
from fleetc.cel.values import HIGHEST, LOWEST, EvaluationError, Opaque, UndecidedError

QUANTITIES: Final = Library(since=28, types=(QUANTITY,))
_BINARY: Final = {f"{letter}i": 10 * n for n, letter in enumerate("KMGTPE", 1)}
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_TEXT: Final = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*(?:[+-]?[0-9]*))")
_DIGITS: Final = 18
_EXPONENT: Final = 6
_LONGEST: Final = 1000
_NANO: Final = Fraction(1, 10**9)


@dataclass(frozen=True)
class Amount:
    """A number. `short`: what it is in 64 bits and a power of ten, which decides whether the server says that it is an
    integer; None where it holds it in more."""

    number: Fraction
    short: tuple[int, int] | None = field(compare=False)


def _fits(value: int) -> bool:
    return LOWEST <= value <= HIGHEST


def parse(text: str) -> Amount:
    """A quantity. Raises EvaluationError."""
    if len(text) > _LONGEST:
        raise UndecidedError("so long a quantity is not read here")
    found = _TEXT.fullmatch(text)
    if not text or found is None:
        raise EvaluationError(
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        )
    sign, digits, rest, suffix = -1 if found[1] == "-" else 1, found[2].lstrip("0") or "0", found[3] or "", found[4]
    base, power = _scale(suffix)
    value = Fraction(int(digits + rest), 10 ** len(rest)) * Fraction(base) ** power * sign
    if base == 10:
        factor, scale, room = 1, power, _DIGITS - len(digits) - len(rest)
    else:
        factor, scale = 1 << power, 0
        room = -1 if rest else 15 - len(digits) - int(power * 3 / 10) - 1
    scale -= len(rest)
    if room >= 0 and scale >= -9 and _fits(int(digits + rest) * factor):
        return Amount(value, (sign * int(digits + rest) * factor, scale))
    return Amount(_rounded(value, binary=base == 2), None)


def _scale(suffix: str) -> tuple[int, int]:
    if suffix in _DECIMAL:
        return 10, _DECIMAL[suffix]
    if suffix in _BINARY:
        return 2, _BINARY[suffix]
    if re.fullmatch(r"[eE][+-]?[0-9]+", suffix):
        if len(suffix) > _EXPONENT:
            raise UndecidedError("so large an exponent of a quantity is not read here")
        return 10, int(suffix[1:])
    raise EvaluationError("unable to parse quantity's suffix")


def _rounded(value: Fraction, *, binary: bool) -> Fraction:
    """In whole billionths, away from zero; and at most what 64 bits hold, where it is in powers of two."""
    size = math.ceil(abs(value) / _NANO) * _NANO
    if binary:
        size = min(size, Fraction(HIGHEST))
    return -size if value < 0 else size


def _sum(a: Amount, b: Amount) -> Amount:
    number = a.number + b.number
    if a.short is None or b.short is None:
        return Amount(number, None)
    if not b.short[0]:
        return Amount(number, a.short)
    if not a.short[0]:
        return Amount(number, b.short)
    scale = min(a.short[1], b.short[1])
    parts = [value * 10 ** (power - scale) for value, power in (a.short, b.short)]
    fits = all(map(_fits, parts)) and _fits(sum(parts))
    return Amount(number, (sum(parts), scale) if fits else None)


def _negated(a: Amount) -> Amount:
    return Amount(-a.number, None if a.short is None else (-a.short[0], a.short[1]))


def _of(given: Any) -> Amount:
    if isinstance(given, Opaque):
        assert isinstance(given.value, Amount)
        return given.value
    return Amount(Fraction(given), (given, 0))


def _integer(a: Amount) -> int | None:
    if a.short is None or a.short[1] < 0:
        return None
    value = int(a.short[0] * 10 ** a.short[1])
    return value if _fits(value) else None


def quantity(text: str) -> Opaque:
    """A quantity as a value. Raises EvaluationError."""
    return Opaque(QUANTITY, parse(text))


QUANTITIES.declare("quantity", "(string) -> quantity", run=quantity)


@QUANTITIES("isQuantity", "(string) -> bool")
def _is_quantity(text: str) -> bool:
    try:
        parse(text)
    except EvaluationError:
        return False
    return True


@QUANTITIES("sign", "(quantity) -> int")
def _sign(a: Opaque) -> int:
    number = _of(a).number
    return (number > 0) - (number < 0)


@QUANTITIES("isGreaterThan", "quantity.(quantity) -> bool")
def _is_greater(a: Opaque, b: Opaque) -> bool:
    return _of(a).number > _of(b).number


@QUANTITIES("isLessThan", "quantity.(quantity) -> bool")
def _is_less(a: Opaque, b: Opaque) -> bool:
    return _of(a).number < _of(b).number


@QUANTITIES("compareTo", "quantity.(quantity) -> int")
def _compare(a: Opaque, b: Opaque) -> int:
    return int(_is_greater(a, b)) - int(_is_less(a, b))


@QUANTITIES("isInteger", "quantity.() -> bool")
def _is_integer(a: Opaque) -> bool:
    return _integer(_of(a)) is not None


@QUANTITIES("asInteger", "quantity.() -> int")
def _as_integer(a: Opaque) -> int:
    value = _integer(_of(a))
    if value is None:
        raise EvaluationError("cannot convert value to integer")
    return value


@QUANTITIES("asApproximateFloat", "quantity.() -> double")
def _as_float(a: Opaque) -> float:
    amount = _of(a)
    if amount.short is not None:
        value, power = amount.short
        return float(value) if not power else float(value) * math.pow(10, power)
    return float(amount.number)


@QUANTITIES("add", "quantity.(quantity) -> quantity", "quantity.(int) -> quantity")
def _add(a: Opaque, b: Any) -> Opaque:
    return Opaque(QUANTITY, _sum(_of(a), _of(b)))


@QUANTITIES("sub", "quantity.(quantity) -> quantity", "quantity.(int) -> quantity")
def _sub(a: Opaque, b: Any) -> Opaque:
    return Opaque(QUANTITY, _sum(_of(a), _negated(_of(b))))
