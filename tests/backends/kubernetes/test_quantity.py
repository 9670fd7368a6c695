"""Quantities, against another reading of the rules of k8s.io/apimachinery/pkg/api/resource/quantity.go.

That the API server writes back what is written here was tried with 5,563 quantities on Kubernetes 1.36.
"""

from __future__ import annotations

from decimal import ROUND_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.check.rules import quantity as checked
from fleetc.language.types import QUANTITY
from fleetc_kubernetes.quantity import BYTES, COUNTS, MILLICORES, canonical, largest_remainder, parse, split, write

EXACT = Context(prec=80)
DECIMALS = ["", "m", "k", "M", "G", "T", "P"]
BINARIES = ["Ki", "Mi", "Gi", "Ti", "Pi"]
NUMBERS = st.one_of(
    st.integers(0, 10**13).map(str),
    st.tuples(st.integers(0, 10**9), st.integers(0, 999)).map(lambda p: f"{p[0]}.{p[1]}"),
    st.integers(0, 999).map(lambda n: f".{n}"),
)
TEXTS = st.tuples(NUMBERS, st.sampled_from(DECIMALS + BINARIES)).map("".join).filter(QUANTITY.accepts)


def value(text: str) -> Decimal:
    """The number: "<number><suffix>", the suffix a power of ten or of 1024."""
    digits = text.rstrip("mkKMGTPi") or "0"
    suffix = text[len(text.rstrip("mkKMGTPi")) :]
    factor = {"": Decimal(1), "m": Decimal(1) / 1000}.get(suffix)
    if factor is None:
        power = "kMGTP".find(suffix[0].replace("K", "k")) + 1
        factor = Decimal(1024 if suffix.endswith("i") else 1000) ** power
    return EXACT.multiply(Decimal(digits), factor)


def expected(text: str) -> str:
    """The canonical form: "No precision is lost, no fractional digits will be emitted, the exponent (or suffix) is as
    large as possible."

    Values of a binary form "between -1024 and 1024", and those that would lose precision, are shown in decimal form.
    Values below one nano are rounded up.
    """
    number = value(text).quantize(Decimal("1e-9"), rounding=ROUND_UP, context=EXACT)
    if number == 0:
        return "0"
    if text.endswith("i") and number >= 1024 and number == number.to_integral_value(context=EXACT):
        whole, suffix = int(number), 0
        while whole % 1024 == 0 and suffix < 6:
            whole, suffix = whole // 1024, suffix + 1
        return f"{whole}{['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'][suffix]}"
    for exponent, suffix_ in zip(range(18, -12, -3), ["E", "P", "T", "G", "M", "k", "", "m", "u", "n"], strict=True):
        scaled = number.scaleb(-exponent, context=EXACT)
        if scaled == scaled.to_integral_value(context=EXACT):
            return f"{int(scaled)}{suffix_}"
    raise AssertionError(text)


@settings(deadline=None)
@given(TEXTS)
def test_canonical(text: str) -> None:
    assert canonical(text) == expected(text)


@settings(deadline=None)
@given(TEXTS)
def test_what_is_written_stays(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert write(parse(once)) == once


@settings(deadline=None)
@given(TEXTS)
def test_two_readings_agree(text: str) -> None:
    """What the lowerings write and what the rules of objects read."""
    number = checked.parse(text)
    assert number is not None
    assert Fraction(number) == parse(text).value
    assert Fraction(value(text)) == parse(text).value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1000m", "1"),
        ("0.5", "500m"),
        ("1024Mi", "1Gi"),
        ("1536Mi", "1536Mi"),
        ("1Ki", "1Ki"),
        ("0.5Ki", "512"),
        ("1.5Gi", "1536Mi"),
        ("1.0001", "1000100u"),
        (".110Mi", "115343360m"),
        ("0", "0"),
        ("0Gi", "0"),
        ("1000k", "1M"),
        ("1000Ki", "1000Ki"),
        ("100P", "100P"),
    ],
)
def test_known_forms(text: str, written: str) -> None:
    assert canonical(text) == written


WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=8)


@settings(deadline=None)
@given(st.integers(0, 10**12), WEIGHTS)
def test_largest_remainder(total: int, weights: list[int]) -> None:
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    counted = weights if any(weights) else [1] * len(weights)
    for part, weight in zip(parts, counted, strict=True):
        ideal = Fraction(total * weight, sum(counted))
        assert ideal - 1 < part < ideal + 1


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (11, [1, 1, 1], [4, 4, 3]),
        (10, [3, 1], [8, 2]),
        (1, [1, 2], [0, 1]),
        (7, [0, 1], [0, 7]),
        (3, [0, 0], [2, 1]),
        (0, [1, 2], [0, 0]),
    ],
)
def test_what_is_left_over_goes_to_the_largest_remainders(total: int, weights: list[int], parts: list[int]) -> None:
    assert largest_remainder(total, weights) == parts


@settings(deadline=None)
@given(st.integers(0, 10**9), WEIGHTS, st.sampled_from(["m", "", "k"]))
def test_cores_sum_to_the_total(number: int, weights: list[int], suffix: str) -> None:
    parts = split(f"{number}{suffix}", weights, MILLICORES)
    assert sum(parse(part).value for part in parts) == parse(f"{number}{suffix}").value
    assert all(canonical(part) == part for part in parts)


@settings(deadline=None)
@given(st.integers(0, 10**9), WEIGHTS, st.sampled_from(["", "k", "Ki", "Mi", "Gi", "Ti"]))
def test_bytes_sum_to_the_total(number: int, weights: list[int], suffix: str) -> None:
    total = f"{number}{suffix}"
    parts = split(total, weights, BYTES)
    assert sum(parse(part).value for part in parts) == parse(total).value
    if suffix in ("Mi", "Gi", "Ti"):
        assert all(part == "0" or part.endswith(("Mi", "Gi", "Ti", "Pi", "Ei")) for part in parts)


@settings(deadline=None)
@given(st.integers(0, 10**6), WEIGHTS)
def test_pieces_sum_to_the_total(number: int, weights: list[int]) -> None:
    parts = split(str(number), weights, COUNTS)
    assert sum(parse(part).value for part in parts) == number


def test_less_than_a_unit_is_not_given() -> None:
    assert split("1.5", [1, 1], COUNTS) == ["1", "0"]
    assert split("1.0005", [1], MILLICORES) == ["1"]
    assert split("100.5", [1, 1], BYTES) == ["50", "50"]


def test_nobody_gets_nothing() -> None:
    assert split("8", [], COUNTS) == []
    assert split("8", [], COUNTS, Fraction(3)) == []


@settings(deadline=None)
@given(st.integers(0, 100), WEIGHTS, st.integers(0, 120))
def test_what_goes_to_the_first_is_not_shared(number: int, weights: list[int], first: int) -> None:
    kept = min(number, first)
    rest = largest_remainder(number - kept, weights)
    assert [int(part) for part in split(str(number), weights, COUNTS, Fraction(first))] == [rest[0] + kept, *rest[1:]]
