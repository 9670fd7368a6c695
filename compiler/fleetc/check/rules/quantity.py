"""Kubernetes quantities as exact numbers."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

_SHAPE = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
_BINARY = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL = {
    letter: Decimal(10) ** power
    for letter, power in {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}.items()
}
_SUFFIXES = {**_BINARY, **_DECIMAL}


def parse(value: Any) -> Decimal | None:
    """The number that a quantity stands for, None when it is not one.

    Grammar: apimachinery/pkg/api/resource/quantity.go.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return _parse(str(value))


@lru_cache(maxsize=4096)
def _parse(text: str) -> Decimal | None:
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    number, suffix = shape.groups()
    if suffix is None or suffix in _SUFFIXES:
        return Decimal(number) * _SUFFIXES.get(suffix or "", Decimal(1))
    # Larger exponents overflow the server's 64 bits anyway, and would cost memory here.
    exponent = int(suffix[1:])
    return Decimal(number).scaleb(exponent) if abs(exponent) <= 64 else None


def text(amount: Decimal, *, binary: bool = False) -> str:
    """An amount as people write it: bytes with the largest suffix that is exact, others whole or in thousandths."""
    if amount == amount.to_integral_value():
        fitting = [(name, size) for name, size in _BINARY.items() if binary and amount and amount % size == 0]
        name, size = fitting[-1] if fitting else ("", Decimal(1))
        return f"{int(amount / size)}{name}"
    return f"{math.ceil(amount * 1000)}m"
