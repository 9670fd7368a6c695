"""Properties of the functions that Kubernetes adds."""

from __future__ import annotations

import ipaddress
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.cel import DYN, Value, compile  # noqa: A004 - the name of what it does

SUFFIXES: dict[str, Fraction] = {
    **{"": Fraction(1), "m": Fraction(1, 1000), "k": Fraction(1000), "M": Fraction(10**6), "G": Fraction(10**9)},
    **{"Ki": Fraction(2**10), "Mi": Fraction(2**20), "Gi": Fraction(2**30)},
    **{"e3": Fraction(1000), "E-2": Fraction(1, 100)},
}
QUANTITIES = st.tuples(
    st.sampled_from(["", "-", "+"]), st.integers(0, 10**6), st.integers(0, 999), st.sampled_from(sorted(SUFFIXES))
)


def run(expression: str, **values: Any) -> Any:
    outcome = compile(expression, dict.fromkeys(values, DYN), "1.36").evaluate(values)
    assert isinstance(outcome, Value), outcome
    return outcome.value


def number(given: tuple[str, int, int, str]) -> Fraction:
    sign, whole, rest, suffix = given
    value = (whole + Fraction(rest, 1000)) * SUFFIXES[suffix]
    return -value if sign == "-" else value


def text(given: tuple[str, int, int, str]) -> str:
    sign, whole, rest, suffix = given
    return f"{sign}{whole}.{rest:03d}{suffix}"


@settings(deadline=None)
@given(QUANTITIES, QUANTITIES)
def test_quantities_are_ordered_and_added_as_numbers(a: Any, b: Any) -> None:
    values = {"a": text(a), "b": text(b), "sum": number(a) + number(b)}
    assert run("quantity(a).compareTo(quantity(b))", a=text(a), b=text(b)) == (number(a) > number(b)) - (
        number(a) < number(b)
    )
    made = run("quantity(a).add(quantity(b)).sub(quantity(b)) == quantity(a)", a=values["a"], b=values["b"])
    assert made is True
    assert run("quantity(a).isInteger()", a=f"{a[1]}") is True
    assert run("quantity(a).asInteger()", a=f"{a[1]}k") == a[1] * 1000


@settings(deadline=None)
@given(st.ip_addresses(), st.integers(0, 32), st.ip_addresses(v=4))
def test_ranges_hold_what_they_hold(address: Any, bits: int, other: Any) -> None:
    mapped = address.version == 6 and address.ipv4_mapped is not None
    assert run("isIP(a)", a=str(address)) is not mapped
    network = ipaddress.ip_network(f"{other}/{bits}", strict=False)
    inside = address.version == 4 and address in network
    if not mapped:
        assert run("cidr(n).containsIP(a)", n=f"{other}/{bits}", a=str(address)) is inside
        assert run("string(ip(a))", a=str(address)) == str(address)
    assert run("string(cidr(n).masked())", n=f"{other}/{bits}") == str(network)


VERSIONS = st.builds(
    lambda numbers, before: ".".join(map(str, numbers)) + (f"-{before}" if before else ""),
    st.tuples(*[st.integers(0, 20)] * 3),
    st.sampled_from(["", "1", "2", "10", "alpha", "alpha.1", "alpha.beta", "beta", "rc.1"]),
)


@settings(deadline=None)
@given(st.lists(VERSIONS, min_size=3, max_size=3))
def test_versions_have_one_order(three: list[str]) -> None:
    def compare(a: str, b: str) -> int:
        found = run("semver(a).compareTo(semver(b))", a=a, b=b)
        assert isinstance(found, int)
        return found

    a, b, c = three
    assert compare(a, b) == -compare(b, a)
    assert (compare(a, b) == 0) is (a == b)
    if compare(a, b) <= 0 and compare(b, c) <= 0:
        assert compare(a, c) <= 0


@settings(deadline=None)
@given(st.lists(st.integers(-5, 5), max_size=8))
def test_lists(items: list[int]) -> None:
    assert run("dyn(l).sort()", l=items) == sorted(items)
    assert run("dyn(l).distinct()", l=items) == list(dict.fromkeys(items))
    assert run("dyn(l).isSorted()", l=items) is (sorted(items) == items)
    assert run("dyn(l).reverse()", l=items) == items[::-1]
    assert run("dyn(l).transformList(i, x, i * 10 + x)", l=items) == [n * 10 + x for n, x in enumerate(items)]
    assert run("sets.equivalent(l, dyn(l).distinct())", l=items) is True


@settings(deadline=None)
@given(st.text(max_size=8), st.text(max_size=3))
def test_texts_come_apart_and_together(whole: str, part: str) -> None:
    assert run("s.split(p).join(p) == s", s=whole, p=part) is True
    assert run("s.contains(p) == (s.indexOf(p) >= 0)", s=whole, p=part) is True
    assert run("s.substring(0, size(s)) == s && s.replace(p, p) == s", s=whole, p=part) is True
