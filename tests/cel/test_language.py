"""The language itself: beside the C++ implementation where the two mean the same, and against hostile expressions."""

from __future__ import annotations

import re
import time
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.cel import (
    DYN,
    CompileError,
    Failure,
    Problem,
    Unsupported,
    UnsupportedError,
    Value,
    compile,  # noqa: A004 - the name of what it does
)
from fleetc.cel.lexer import tokens
from fleetc.cel.regex import compiled
from fleetc.cel.values import EvaluationError, UndecidedError

NAMES = {"object": DYN}
DATA: dict[str, Any] = {"a": 1, "b": {"c": [1, 2, 3]}, "s": "text", "t": True, "n": None}


def ours(expression: str) -> str:
    """`refused`, `error`, or the value."""
    try:
        program = compile(expression, NAMES, "1.36")
    except CompileError:
        return "refused"
    match program.evaluate({"object": DATA}):
        case Failure():
            return "error"
        case Unsupported(reason):
            raise AssertionError(reason)
        case Value(value):
            return repr(value)


@cache
def _environment() -> Any:
    cel = pytest.importorskip("cel_expr_python.cel")
    return cel.NewEnv(variables={"object": cel.Type.DYN})


def theirs(expression: str) -> str:
    """The same by cel-expr-python."""
    try:
        program = _environment().compile(expression)
    except RuntimeError:
        return "refused"
    result = program.eval(data={"object": DATA})
    return "error" if result.type().name() == "ERROR" else repr(result.plain_value())


LEAVES = st.sampled_from(
    [
        *("1", "0", "-7", "2", "true", "false", "'a'", "'text'", "object.a", "object.s", "object.t", "object.none"),
        *("object.b.c", "[1, 2]", "[3]", "object.b.c[1]", "object.b.c[7]", "9223372036854775807", "size(object.s)"),
    ]
)
OPERATORS = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "&&", "||", "in"])


def _combined(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda a, o, b: f"({a} {o} {b})", below, OPERATORS, below),
        st.builds(lambda a, b, c: f"({a} ? {b} : {c})", below, below, below),
        st.builds(lambda a: f"!({a})", below),
        st.builds(lambda a, b: f"{a}.exists(x, x == {b})", below, below),
        st.builds(lambda a, b: f"{a}.all(x, x != {b})", below, below),
        st.builds(lambda a: f"{a}.map(x, x + 1)", below),
        st.builds(lambda a, b: f"[{a}, {b}]", below, below),
    )


def _strict(expression: str) -> bool:
    """Whether the API server's stricter constants have a say: its lists are of one type."""
    return "[" not in re.sub(r"object\.b\.c\[\d\]|\[1, 2\]|\[3\]", "", expression)


@settings(max_examples=400, deadline=None)
@given(st.recursive(LEAVES, _combined, max_leaves=8))
def test_as_the_other_implementation(expression: str) -> None:
    if _strict(expression):
        assert ours(expression) == theirs(expression)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1.()[]{}'\"\\?:+-*/%!&|<>=, \n\u00e9`_", max_size=30))
def test_any_text_compiles_or_says_where(text: str) -> None:
    for problem in _problems(text):
        lines = text.split("\n")
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


def _problems(text: str) -> tuple[Problem, ...]:
    try:
        compile(text, NAMES, "1.36").evaluate({"object": DATA})
    except UnsupportedError:
        return ()
    except CompileError as error:
        return error.problems
    return ()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_text_is_read_as_it_was_written(text: str) -> None:
    quoted = "'" + "".join(f"\\U{ord(c):08x}" for c in text if not 0xD800 <= ord(c) < 0xE000) + "'"
    (token, _) = tokens(quoted)
    assert token.value == "".join(c for c in text if not 0xD800 <= ord(c) < 0xE000)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=r"ab\dwsz[](){}|*+?^$.-1,:P<>i", max_size=15))
def test_any_regular_expression_is_read_or_refused(pattern: str) -> None:
    try:
        found = compiled(pattern)
    except (EvaluationError, UndecidedError):
        return
    found.search("")


def test_no_text_makes_matching_slow() -> None:
    start = time.monotonic()
    assert ours("'" + "a" * 50_000 + "!'.matches('(a+)+$')") == "False"
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 2000 + "1" + ")" * 2000,
        "[" * 500 + "]" * 500,
        "!" * 10_000 + "true",
        " && ".join(["true"] * 3000),
        "1" + " + 1" * 3000,
        "object" + ".a" * 3000,
        "true ? " * 300 + "1" + " : 2" * 300,
    ],
)
def test_what_is_nested_deep_ends_well(expression: str) -> None:
    start = time.monotonic()
    try:
        outcome = compile(expression, NAMES, "1.36").evaluate({"object": DATA})
    except (CompileError, UnsupportedError):
        pass
    else:
        assert isinstance(outcome, (Value, Failure, Unsupported))
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "expression",
    [
        "optional.of('aaaaaaaaaa')" + ".optMap(x, x + x)" * 40,
        "optional.of([1])" + ".optMap(x, x + x)" * 40,
        "'a'.replace('', 'b'.replace('', 'c'.replace('', 'd')))" + ".replace('', 'aaaaaaaaaaaaaaaaaaaaa')" * 9,
        "9" * 6000,
        "0x" + "f" * 6000,
        "1." + "9" * 6000,
        f"quantity('{'9' * 6000}').isInteger()",
        f"isSemver('{'9' * 6000}.1.1')",
        f"int('{'9' * 6000}')",
        f"duration('{'9' * 6000}h')",
        f"'a'.matches('a{{{'9' * 6000}}}')",
        f"'%.{'9' * 6000}f'.format([1.5])",
        "'%.30f'.format([1.5])",
        "timestamp('0001-01-01T00:00:00Z').getHours('-05:00')",
        "string(timestamp('9999-12-31T23:59:59Z') + duration('0s'))",
        "timestamp('2026-01-01T00:00:00Z').getHours('../../x')",
        "lists.range(1000000000)",
        "isIP('" + ":" * 6000 + "')",
        "url('http://" + "[" * 6000 + "').getHost()",
        "{1.5: 2}",
        "{null: 2}",
        "{[1]: 2}.size()",
        "dyn({'a': 1})[[1]]",
        "[1][9223372036854775807]",
        "b'\\xff'.size() == 1 && string(b'\\xff') == ''",
    ],
)
def test_hostile_values_end_well(expression: str) -> None:
    start = time.monotonic()
    for minor in ("1.33", "1.36"):
        try:
            compile(expression, NAMES, minor).evaluate({"object": DATA})
        except (CompileError, UnsupportedError):
            continue
    assert time.monotonic() - start < 20


def test_what_takes_too_long_is_not_decided() -> None:
    lists = "[1,2,3,4,5,6,7,8,9,10]"
    nested = f"{lists}.all(a, {lists}.all(b, {lists}.all(c, {lists}.all(d, {lists}.all(e, a + b + c + d + e > 0)))))"
    outcome = compile(nested, {}, "1.36").evaluate({})
    assert isinstance(outcome, Unsupported)


def test_problems_are_in_the_order_of_the_text() -> None:
    with pytest.raises(CompileError) as caught:
        compile("foo(bar) &&\n  baz", {}, "1.36")
    assert [(p.line, p.column) for p in caught.value.problems] == [(1, 4), (1, 5), (2, 3)]
