"""What a plain scalar means: both readers agree with us, or it is refused."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml.parser import ParserError
from ruamel.yaml.scanner import ScannerError
from tests.source.readers import same, yaml_1_1, yaml_1_2

from fleetc.source.scalars import Ambiguous, resolve
from fleetc.source.yaml import parse

ALPHABET = "0123456789-+_:.eExobnNyYafilstruTZ~= "
PARTS = [
    " ",
    *re.findall(
        r"\S+", "0 1 7 9 12 + - _ : . e E ~ = 0x 0o 0b 1e 1.5 .5 T Z t inf Inf nan NaN y n N yes Yes YES no on off"
    ),
    *re.findall(r"\S+", "true True TRUE tRue false null Null nUll 2001-01-01 2001-1-1 12:30 12:30:45 <<"),
]

# Both readers agree on these, and they are refused all the same: what else disagrees.
STRICTER: Final[dict[str, str]] = {
    r"[yYnN]": "booleans in YAML 1.1 and to go-yaml v2, so to kubectl; PyYAML never took them",
    r"[-+]?0[0-9].*": "YAML 1.1 and go-yaml v2 read octal, and the digits decide which (`07`, `08`)",
    r"[-+.0-9].*_.*|[-+]_.*": "go-yaml drops every `_`, YAML 1.2's core schema has none, ruamel.yaml reads it in 1.2",
    r"[-+]?0b[-+]?[01]+": "a string in YAML 1.2's core schema, though ruamel.yaml reads binary",
    r"[-+]?0o[-+]?[0-7]+": "go-yaml v3 takes a sign after the 0o",
    r"[-+]?0[XOB].*": "Go's ParseInt, and so go-yaml, takes capital letters",
    r"[-+]?0x.*": "YAML 1.2's core schema has no sign; go-yaml has no more than 64 bits",
    r"[-+]?\.[0-9]+[eE][0-9]+": "a number in YAML 1.2's core schema and to go-yaml; both readers want a sign",
    r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?": "Ruby reads base 60 that starts with 0 as well",
    r"[-+]?\.inf|[-+]?\.Inf|[-+]?\.INF|\.nan|\.NaN|\.NAN": "JSON has none, and so no Kubernetes API",
    r"[-+]?[0-9.]+([eE]\+[0-9]+)": "too large for a float: all readers say infinity, and JSON has none",
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?": "dates are strings to YAML 1.2's core schema and to JSON",
}


class Fails:
    """Stands for the value of a reader that fails on a scalar."""


def read(text: str, reader: Callable[[str], Any]) -> Any:
    try:
        return reader(f"k: {text}")["k"]
    except (ScannerError, ParserError):
        raise
    except Exception:  # whatever it is: the reader has no value
        return Fails()


def is_plain(text: str) -> bool:
    if text != text.strip():
        return False
    try:
        events = [e for e in yaml.parse(f"k: {text}", Loader=yaml.CSafeLoader) if isinstance(e, yaml.ScalarEvent)]
    except yaml.YAMLError:
        return False
    return len(events) == 2 and events[1].value == text and not events[1].style


def check(text: str) -> bool:
    """Whether there was something to check."""
    try:
        one, two = read(text, yaml_1_1), read(text, yaml_1_2)
    except (ScannerError, ParserError):  # not one plain scalar to all
        return False
    ours = resolve(text)
    agreed = same(one, two) and not isinstance(one, Fails)
    if isinstance(ours, Ambiguous):
        assert not agreed or any(re.fullmatch(pattern, text) for pattern in STRICTER), (text, one)
        assert ours.why
        assert ours.hint
    else:
        assert agreed, (text, one, two, ours)
        assert same(one, ours), (text, one, ours)
    return True


def test_every_short_scalar() -> None:
    texts = map("".join, itertools.chain(ALPHABET, itertools.product(ALPHABET, repeat=2)))
    assert sum(map(check, filter(is_plain, texts))) > 1000


SCALARS = st.one_of(
    st.text(ALPHABET, min_size=3, max_size=8),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("".join),
    st.from_regex(r"[-+]?[0-9]{0,3}[._]?[0-9]{0,3}([eE][-+]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[-+]?0[xob][0-9a-f_]{1,4}", fullmatch=True),
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(SCALARS, min_size=5, max_size=20))
def test_both_readers_agree_or_it_is_refused(texts: list[str]) -> None:
    for text in filter(is_plain, texts):
        check(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(SCALARS, min_size=5, max_size=10))
def test_a_file_says_the_same(texts: list[str]) -> None:
    for text in filter(is_plain, texts):
        value = resolve(text)
        parsed = parse(f"k: {text}\n".encode())
        if isinstance(value, Ambiguous):
            assert [(p.name, p.message, p.hint) for p in parsed.problems] == [
                ("ambiguous_scalar", value.why, value.hint)
            ]
        else:
            assert parsed.problems == []
            assert same(parsed.documents[0].value, {"k": value})


VALUES: list[tuple[str, object]] = [
    ("", None),
    ("~", None),
    ("null", None),
    ("NULL", None),
    ("true", True),
    ("False", False),
    ("0", 0),
    ("-0", 0),
    ("+12", 12),
    ("9223372036854775807", 2**63 - 1),
    ("-9223372036854775808", -(2**63)),
    ("0x1F", 31),
    ("0xffffffffffffffff", 2**64 - 1),
    ("1.", 1.0),
    (".5", 0.5),
    ("-0.0", -0.0),
    ("1.5e+3", 1500.0),
    (".5e-3", 0.0005),
    ("nULL", "nULL"),
    ("tRue", "tRue"),
    ("1.2.3", "1.2.3"),
    ("v1", "v1"),
    ("10Gi", "10Gi"),
    ("100m", "100m"),
    ("0x", "0x"),
    ("0o8", "0o8"),
    ("1:99", "1:99"),
    (".", "."),
    ("-", "-"),
    ("+", "+"),
    ("..", ".."),
    ("-a", "-a"),
    ("_1", "_1"),
    ("a_1", "a_1"),
    ("1e", "1e"),
    ("e1", "e1"),
    ("inf", "inf"),
    ("-.nan", "-.nan"),
    ("2001-01", "2001-01"),
    ("2001-01-01x", "2001-01-01x"),
    ("10.0.0.0/8", "10.0.0.0/8"),
    ("1.2.3.4:80", "1.2.3.4:80"),
    ("\u0661", "\u0661"),  # a digit to Python's int()
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_values(text: str, value: object) -> None:
    assert same(resolve(text), value)


OCTAL = "octal to some readers and decimal to others"
OCTAL_OR_TEXT = "octal to some readers and a string to others"
BINARY = "binary to some readers and a string to others"
NUMBER = "a number to some readers and a string to others"
BASE_60 = "a number in base 60 to some readers"
DATE = "a date to some readers and a string to others"
BROKEN_NUMBER = "a broken number to some readers"
JSON = "no number that JSON has"
DISPUTED: list[tuple[str, str]] = [
    ("y", "true to YAML 1.1 readers and a string to others"),
    ("Off", "false to YAML 1.1 readers and a string to others"),
    ("=", "a special value to YAML 1.1 readers"),
    ("<<", "a special value to YAML 1.1 readers"),
    ("010", OCTAL),
    ("-08", OCTAL),
    ("0_7", OCTAL),
    ("0o17", OCTAL_OR_TEXT),
    ("0o_1", OCTAL_OR_TEXT),
    ("0o-1", OCTAL_OR_TEXT),
    ("0O17", OCTAL_OR_TEXT),
    ("0b11", BINARY),
    ("0B1", BINARY),
    ("-0x1F", NUMBER),
    ("0X1F", NUMBER),
    ("0_x1F", NUMBER),
    ("0x_1", NUMBER),
    ("1_000", NUMBER),
    ("+_7", NUMBER),
    ("-1_", NUMBER),
    ("1e3", NUMBER),
    ("1.5e3", NUMBER),
    ("12e03", NUMBER),
    ("1e_3", NUMBER),
    ("+.5", NUMBER),
    ("-.5", NUMBER),
    (".5e3", NUMBER),
    ("._5", NUMBER),
    (".1_", NUMBER),
    ("02.", NUMBER),
    ("01.5", NUMBER),
    ("1:30", BASE_60),
    ("190:20:30.15", BASE_60),
    ("2001-01-01", DATE),
    ("2001-1-1", DATE),
    ("2001-01-01T00:00:00Z", DATE),
    ("2001-01-01 00:00:00", DATE),
    ("-_", BROKEN_NUMBER),
    ("._", BROKEN_NUMBER),
    ("._e-1", BROKEN_NUMBER),
    ("0o_", BROKEN_NUMBER),
    (".inf", JSON),
    ("-.INF", JSON),
    (".NaN", JSON),
]


@pytest.mark.parametrize(("text", "why"), DISPUTED)
def test_disputed(text: str, why: str) -> None:
    got = resolve(text)
    assert isinstance(got, Ambiguous)
    assert got.why == f"`{text}` is {why}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("9" * 1001, "the number is too long"),
        ("1.0e+400", "the number is too large"),
        ("9" * 400 + ".0", "the number is too large"),
        ("0x1" + "0" * 16, "the number is too large"),
    ],
)
def test_too_large(text: str, why: str) -> None:
    got = resolve(text)
    assert isinstance(got, Ambiguous)
    assert got.why == why


@pytest.mark.parametrize("text", ["1" + "_" * 2**20 + "x", "1" + ":1" * 2**19 + "x", "1." + "1" * 2**20, "+" * 2**20])
def test_long_scalars_take_no_time_to_speak_of(text: str) -> None:
    resolve(text)
