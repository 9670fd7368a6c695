"""What expressions read, and what is no PromQL."""

from __future__ import annotations

import pytest

from fleetc.check import promql
from fleetc.check.promql import Group, NotInstalledError, NotPromQLError, Read, query

pytest.importorskip("promql_parser")


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("up", [Read("up", ())]),
        ('rate(a_bucket{le="1", x=~"y"}[5m] offset 1w)', [Read("a_bucket", ("le", "x"))]),
        ("a / on (x) group_left (y) b:c:sum > 0.5 and absent(d)", [Read("a", ()), Read("b:c:sum", ()), Read("d", ())]),
        ('{__name__="a", x="1"}', [Read("a", ("x",))]),
        ('{__name__=~"a.*"}', [Read("", ())]),
        ("max_over_time(sum(rate(a[5m]))[1h:5m])", [Read("a", ())]),
        ('a{b="1" or c="2"}', [Read("a", ("b", "c"))]),
        ("topk(scalar(k), x)", [Read("k", ()), Read("x", ())]),
        ("vector(1)", []),
    ],
)
def test_what_is_read(text: str, reads: list[Read]) -> None:
    assert list(query(text).reads) == reads


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("sum by (x, y) (a)", [Group(("x", "y"), ("a",))]),
        ("sum without (x) (a)", []),
        ('sum by (x) (label_replace(a, "x", "$1", "y", "(.*)"))', []),
        ("sum by (x) (a * on (z) group_left (x) b)", []),
        ('count by (v) (count_values("v", a))', []),
        ("sum(a) by (x) + max(b) by (y)", [Group(("x",), ("a",)), Group(("y",), ("b",))]),
    ],
)
def test_by_what_is_grouped(text: str, groups: list[Group]) -> None:
    assert list(query(text).groups) == groups


@pytest.mark.parametrize(
    ("text", "said", "word"),
    [
        ("rate(up)", "expected type matrix in call to function 'rate', got vector", "rate"),
        ("nothing(up)", "unknown function with name 'nothing'", "nothing"),
        ("sum(", "unclosed left parenthesis", ""),
        ("a{b=c}", "unexpected identifier 'c' in label matching, expected string", "c"),
        ("", "no expression found in input", ""),
    ],
)
def test_what_is_no_promql(text: str, said: str, word: str) -> None:
    with pytest.raises(NotPromQLError) as found:
        query(text)
    assert (str(found.value), found.value.word) == (said, word)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promql, "_library", lambda: None)
    query.cache_clear()
    with pytest.raises(NotInstalledError, match="promql-parser"):
        query("up")
    query.cache_clear()
