"""Kubernetes quantities, exactly: parsed, split, and written as the API server writes them back.

The grammar and the canonical form are those of k8s.io/apimachinery/pkg/api/resource/quantity.go.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final

from fleetc.tuples import NamedTuple

_TEXT: Final = re.compile(r"([0-9]*\.?[0-9]*)([A-Za-z]*)")
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX: Final = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX: Final = {0: "", **{exponent: suffix for suffix, exponent in _BINARY.items()}}

Units = tuple[Fraction, ...]
"""What a total is split in: the first unit that it is a whole number of."""

MILLICORES: Final[Units] = (Fraction(1, 1000),)
BYTES: Final[Units] = (Fraction(2**20), Fraction(1))
"""Whole mebibytes where the total is in such, since they read better; else bytes."""
COUNTS: Final[Units] = (Fraction(1),)
_NOTHING: Final = Fraction(0)


class Quantity(NamedTuple):
    """An amount in base units (cores, bytes, pieces), and whether it was written with a binary suffix."""

    value: Fraction
    binary: bool


@lru_cache(maxsize=4096)
def parse(text: str) -> Quantity:
    """The amount that a quantity stands for. `text` is one: the language has checked it."""
    match = _TEXT.fullmatch(text)
    assert match, text
    number, suffix = Fraction(match[1].removesuffix(".")), match[2]
    if suffix in _BINARY:
        return Quantity(number * 2 ** _BINARY[suffix], True)
    return Quantity(number * Fraction(10) ** _DECIMAL[suffix], False)


def write(quantity: Quantity) -> str:
    """The canonical text: no fraction, the largest suffix that keeps it exact.

    As in the API server, amounts below 1 nano are rounded up; binary amounts below 1024, and those with a fraction of
    a byte, are written with decimal suffixes.
    """
    value, binary = quantity
    if binary and value >= 1024 and value.denominator == 1:
        return _scaled(int(value), 0, 1024, 10, _BINARY_SUFFIX)
    return _scaled(math.ceil(value * 10**9), -9, 1000, 3, _DECIMAL_SUFFIX)


def _scaled(number: int, exponent: int, factor: int, step: int, suffixes: dict[int, str]) -> str:
    if number == 0:
        return "0"
    while number % factor == 0 and exponent + step in suffixes:
        number //= factor
        exponent += step
    return f"{number}{suffixes[exponent]}"


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """A quantity as the API server writes it back: 1000m as 1, 1024Mi as 1Gi, 0.5 as 500m."""
    return write(parse(text))


def split(total: str, weights: Sequence[int], units: Units, first: Fraction = _NOTHING) -> list[str]:
    """Canonical quantities, one for each weight, that sum to `total`; less than the smallest unit is not given. `first`
    of it go to the first one before the rest is split."""
    value, binary = parse(total)
    ahead = min(value, first)
    unit = next((u for u in units if (value / u).denominator == (ahead / u).denominator == 1), units[-1])
    whole = int(value / unit)
    kept = min(whole, math.ceil(ahead / unit))
    parts = largest_remainder(whole - kept, weights)
    if parts:
        parts[0] += kept
    return [write(Quantity(unit * part, binary)) for part in parts]


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Whole numbers in proportion to `weights` that sum to `total`.

    What is left over goes to the largest remainders, the first of equal ones first. Without any weight parts are equal.
    """
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: -(total * weights[n] % whole))
    for n in by_remainder[: total - sum(parts)]:
        parts[n] += 1
    return parts
