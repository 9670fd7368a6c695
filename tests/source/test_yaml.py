"""What files hold and where, and what is said of those that are refused, word by word."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.source.readers import same

from fleetc.source.span import Mark, Path
from fleetc.source.yaml import BROKEN, MAX_ALIASED, MAX_BYTES, MAX_DEPTH, PROBLEM_NAMES, Problem, parse


def values(text: str | bytes) -> list[Any]:
    parsed = parse(text if isinstance(text, bytes) else text.encode())
    assert parsed.problems == []
    return [document.value for document in parsed.documents]


def problems(text: str | bytes) -> list[Problem]:
    data = text if isinstance(text, bytes) else text.encode()
    found = parse(data).problems
    assert parse(data, marks=True).problems == found
    return found


def said(text: str | bytes) -> list[tuple[str, int, int, str]]:
    return [(p.name, p.line, p.column, p.message) for p in problems(text)]


VALUES: list[tuple[str, list[Any]]] = [
    ("", []),
    ("# nothing\n", []),
    ("---\n", []),
    ("---\n---\n...\n", []),
    ("null\n", []),
    ("a: 1\n", [{"a": 1}]),
    ("a: 1", [{"a": 1}]),
    ("{}", [{}]),
    ("[]", [[]]),
    ("a\n", ["a"]),
    ("false\n", [False]),
    ("a:\nb: ~\nc: null\n", [{"a": None, "b": None, "c": None}]),
    ("a: [1, -2.5, true, x, 'true', \"1\", ]\n", [{"a": [1, -2.5, True, "x", "true", "1"]}]),
    ("a: {b: {c: d}, e: , f}\n", [{"a": {"b": {"c": "d"}, "e": None, "f": None}}]),
    ("a:\n- b\n- - c\n  - d\n- e: f\n  g: h\n-\n", [{"a": ["b", ["c", "d"], {"e": "f", "g": "h"}, None]}]),
    ("a: |\n  x\n\n   y\n\n\nb: |-\n  x\n\nc: |+\n  x\n\n", [{"a": "x\n\n y\n", "b": "x", "c": "x\n\n"}]),
    ("a: |\n  x", [{"a": "x"}]),
    ("a: |2\n    x\n", [{"a": "  x\n"}]),
    ("a: >\n  x\n  y\n\n  z\n    w\n", [{"a": "x y\nz\n  w\n"}]),
    ("a: x\n  y\n\n  z\n", [{"a": "x y\nz"}]),
    ("a: 'it''s\n  b'\nc: \"\\t\\x41\\u00e9\\U0001f600 \\\n  d\"\n", [{"a": "it's b", "c": "\tAé😀 d"}]),
    ("a: &x {b: 1}\nc: *x\nd: [*x, &y 2, *y]\n", [{"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, 2, 2]}]),
    ("&k a: *k\n", [{"a": "a"}]),
    ("a: &x 1\nb: &x 2\nc: *x\n", [{"a": 1, "b": 2, "c": 2}]),
    ("a: 1\n---\n---\n--- b\n...\n---\n- c\n", [{"a": 1}, "b", ["c"]]),
    ("\ufeffa: 1\n", [{"a": 1}]),
    ("a: 1\r\nb: |\r\n  x\r\n  y\r\n", [{"a": 1, "b": "x\ny\n"}]),
    ("a: 1\rb: 2\r", [{"a": 1, "b": 2}]),
    ("a:\tx\t# c\nb: {c:\td}\n", [{"a": "x", "b": {"c": "d"}}]),
    ("? a\n: 1\n? b\n", [{"a": 1, "b": None}]),
    ("on: 1\nNo: 2\ny: 3\n'1': 4\n'<<': 5\n'null': 6\n", [{"on": 1, "No": 2, "y": 3, "1": 4, "<<": 5, "null": 6}]),
    ("{on: [], y: {}}\n", [{"on": [], "y": {}}]),
    ("a: 'on'\nb: \"1_000\"\nc: '<<'\n", [{"a": "on", "b": "1_000", "c": "<<"}]),
    ("'': 1\n", [{"": 1}]),
    ("a: \x7e\u00a0\ud7ff\ue000\ufffd\U0010ffff\n", [{"a": "~\u00a0\ud7ff\ue000\ufffd\U0010ffff"}]),
    ('a: "\\N\\L\\P\\uFEFF"\n', [{"a": "\x85\u2028\u2029\ufeff"}]),
    ("a: http://b:80/c#d\nb: c?d\n", [{"a": "http://b:80/c#d", "b": "c?d"}]),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_values(text: str, expected: list[Any]) -> None:
    assert same(values(text), expected)


def test_aliases_share_their_value() -> None:
    [value] = values("a: &x {b: 1}\nc: *x\n")
    assert value["a"] is value["c"]


def test_the_largest_file_is_read() -> None:
    assert values(b"a: " + b"x" * (MAX_BYTES - 3)) == [{"a": "x" * (MAX_BYTES - 3)}]


@pytest.mark.parametrize("marks", [False, True])
def test_marks_are_there_on_demand(marks: bool) -> None:
    parsed = parse(b"a: 1\n---\nb: 1\n", marks=marks)
    assert [document.marks is not None for document in parsed.documents] == [marks, marks]


# Line and column of the key, line and column of the value, its last line.
MARKS: list[tuple[str, dict[Path, tuple[int, int, int, int, int]]]] = [
    (
        "a: 1\nb:\n  c: x\n\n# x\n",
        {(): (1, 1, 1, 1, 3), ("a",): (1, 1, 1, 4, 1), ("b",): (2, 1, 3, 3, 3), ("b", "c"): (3, 3, 3, 6, 3)},
    ),
    (
        "- a\n- - b\n  - c\n-\n  d\n",
        {
            (): (1, 1, 1, 1, 5),
            (0,): (1, 3, 1, 3, 1),
            (1,): (2, 3, 2, 3, 3),
            (1, 0): (2, 5, 2, 5, 2),
            (1, 1): (3, 5, 3, 5, 3),
            (2,): (5, 3, 5, 3, 5),
        },
    ),
    (
        "a:\n- b: 1\n  c:\n  - 2\n\n\n- d\n",
        {
            (): (1, 1, 1, 1, 7),
            ("a",): (1, 1, 2, 1, 7),
            ("a", 0): (2, 3, 2, 3, 4),
            ("a", 0, "b"): (2, 3, 2, 6, 2),
            ("a", 0, "c"): (3, 3, 4, 3, 4),
            ("a", 0, "c", 0): (4, 5, 4, 5, 4),
            ("a", 1): (7, 3, 7, 3, 7),
        },
    ),
    (
        "a: {b: 1, c: [x,\n  z\n  ], \"d\": 'e'}\nf: []\n",
        {
            (): (1, 1, 1, 1, 4),
            ("a",): (1, 1, 1, 4, 3),
            ("a", "b"): (1, 5, 1, 8, 1),
            ("a", "c"): (1, 11, 1, 14, 3),
            ("a", "c", 0): (1, 15, 1, 15, 1),
            ("a", "c", 1): (2, 3, 2, 3, 2),
            ("a", "d"): (3, 6, 3, 11, 3),
            ("f",): (4, 1, 4, 4, 4),
        },
    ),
    (  # block scalars: blank lines and comments after them are not theirs, even where a blank line counts
        "a: |\n  x\n\n  y\n\n\nb: >-\n  z\n\n# c\nc: |+\n  w\n\nd: |\nlast: |2\n    v",
        {
            (): (1, 1, 1, 1, 16),
            ("a",): (1, 1, 1, 4, 4),
            ("b",): (7, 1, 7, 4, 8),
            ("c",): (11, 1, 11, 4, 12),
            ("d",): (14, 1, 14, 4, 14),
            ("last",): (15, 1, 15, 7, 16),
        },
    ),
    (
        "a: x\n  y\n\n  z\nb: 'p\n  q'\nc: \"r\\\n  s\"\nd:\n\n  e\n",
        {
            (): (1, 1, 1, 1, 11),
            ("a",): (1, 1, 1, 4, 4),
            ("b",): (5, 1, 5, 4, 6),
            ("c",): (7, 1, 7, 4, 8),
            ("d",): (9, 1, 11, 3, 11),
        },
    ),
    (  # what an alias holds is written where its anchor is
        "a: &x {b: [1]}\nc: *x\nd:\n- *x\ne: &y z\nf: *y\n",
        {
            (): (1, 1, 1, 1, 6),
            ("a",): (1, 1, 1, 4, 1),
            ("a", "b"): (1, 8, 1, 11, 1),
            ("a", "b", 0): (1, 12, 1, 12, 1),
            ("c",): (2, 1, 2, 4, 2),
            ("c", "b"): (1, 8, 1, 11, 1),
            ("c", "b", 0): (1, 12, 1, 12, 1),
            ("d",): (3, 1, 4, 1, 4),
            ("d", 0): (4, 3, 4, 3, 4),
            ("d", 0, "b"): (1, 8, 1, 11, 1),
            ("d", 0, "b", 0): (1, 12, 1, 12, 1),
            ("e",): (5, 1, 5, 4, 5),
            ("f",): (6, 1, 6, 4, 6),
        },
    ),
    (
        "a:\nb: # c\n  c:\n  d: &x\n",
        {
            (): (1, 1, 1, 1, 4),
            ("a",): (1, 1, 1, 3, 1),
            ("b",): (2, 1, 3, 3, 4),
            ("b", "c"): (3, 3, 3, 5, 3),
            ("b", "d"): (4, 3, 4, 6, 4),
        },
    ),
    (  # a key without a value: libyaml would mark what follows it, here the line after the last
        "? a\n: 1\n? b\n? c",
        {(): (1, 1, 1, 1, 4), ("a",): (1, 3, 2, 3, 2), ("b",): (3, 3, 3, 3, 3), ("c",): (4, 3, 4, 3, 4)},
    ),
    (
        "\ufeffa: 1\r\nb:\r\n- |\r\n  x\r\n\r\n- {😀: é}\r\n",
        {
            (): (1, 1, 1, 1, 6),
            ("a",): (1, 1, 1, 4, 1),
            ("b",): (2, 1, 3, 1, 6),
            ("b", 0): (3, 3, 3, 3, 4),
            ("b", 1): (6, 3, 6, 3, 6),
            ("b", 1, "😀"): (6, 4, 6, 7, 6),
        },
    ),
    ("a: 1\rb: |\r  x\r", {(): (1, 1, 1, 1, 3), ("a",): (1, 1, 1, 4, 1), ("b",): (2, 1, 2, 4, 3)}),
    ("\n\n   # c\n  a\n", {(): (4, 3, 4, 3, 4)}),
]


@pytest.mark.parametrize(("text", "expected"), MARKS)
def test_marks(text: str, expected: dict[Path, tuple[int, int, int, int, int]]) -> None:
    parsed = parse(text.encode(), marks=True)
    assert parsed.problems == []
    assert parsed.documents[0].marks == {path: Mark(*mark) for path, mark in expected.items()}


def test_marks_of_several_documents() -> None:
    found = parse(b"a: 1\n---\n# nothing\n---\nb: 1\n--- c\n", marks=True).documents
    assert [document.marks for document in found] == [
        {(): Mark(1, 1, 1, 1, 1), ("a",): Mark(1, 1, 1, 4, 1)},
        {(): Mark(5, 1, 5, 1, 5), ("b",): Mark(5, 1, 5, 4, 5)},
        {(): Mark(6, 5, 6, 5, 6)},
    ]


def test_marks_below_refused_keys() -> None:
    text = "1: {a: [b]}\nc: &x {d: 1}\n'c': &y {e: f}\n? [&z {g: h}]\n: 2\ni: [*x, *y, *z]\n"
    [document] = parse(text.encode(), marks=True).documents
    assert document.value == {"c": {"d": 1}, "i": [{"d": 1}, {"e": "f"}, {"g": "h"}]}
    assert document.marks == {
        (): Mark(1, 1, 1, 1, 6),
        ("c",): Mark(2, 1, 2, 4, 2),
        ("c", "d"): Mark(2, 8, 2, 11, 2),
        ("i",): Mark(6, 1, 6, 4, 6),
        ("i", 0): Mark(6, 5, 6, 5, 6),
        ("i", 0, "d"): Mark(2, 8, 2, 11, 2),
        ("i", 1): Mark(6, 9, 6, 9, 6),
        ("i", 1, "e"): Mark(3, 10, 3, 13, 3),
        ("i", 2): Mark(6, 13, 6, 13, 6),
        ("i", 2, "g"): Mark(4, 8, 4, 11, 4),
    }


TAB = "a tab may not be used as indentation"
KEY = "a key must be a string"
COMPLEX = "a mapping or list cannot be a key"
TWICE = "the key `{}` stands here twice"
DIRECTIVE = "specs take no YAML directives"
TAG = "specs take no tags such as {}"
UNKNOWN = "the alias *{} names nothing in this document"
RECURSIVE = "the alias *{} stands inside of the value it names"
REFUSED = "the character U+{} may not stand in YAML: readers refuse it, or disagree on it"
TO_1_1 = "`{}` is {} to YAML 1.1 readers and a string to others"
NUMBER = "`{}` is a number to some readers and a string to others"
NO_START = "not YAML: while scanning for the next token, found character that cannot start any token"

PROBLEMS: list[tuple[str | bytes, list[tuple[str, int, int, str]]]] = [
    ("a: 1\na: 2\n", [("duplicate_key", 2, 1, TWICE.format("a"))]),
    ("a: {b: 1, \"b\": 2, 'b': 3}\n", [("duplicate_key", 1, c, TWICE.format("b")) for c in (11, 19)]),
    (
        'a: 1\nb:\n- {c: 1, c: 2}\n"a": 3\nb:\n  d: 1\n  d: 2\n',
        [
            ("duplicate_key", 3, 10, TWICE.format("c")),
            ("duplicate_key", 4, 1, TWICE.format("a")),
            ("duplicate_key", 5, 1, TWICE.format("b")),
            ("duplicate_key", 7, 3, TWICE.format("d")),
        ],
    ),
    ("&x a: 1\n*x : 2\n", [("duplicate_key", 2, 1, TWICE.format("a"))]),
    ("on: 1\n'on': 2\n", [("duplicate_key", 2, 1, TWICE.format("on"))]),
    (
        "a: yes\nb: [N, Off]\nc: {d: y}\n",
        [
            ("ambiguous_scalar", 1, 4, TO_1_1.format("yes", "true")),
            ("ambiguous_scalar", 2, 5, TO_1_1.format("N", "false")),
            ("ambiguous_scalar", 2, 8, TO_1_1.format("Off", "false")),
            ("ambiguous_scalar", 3, 8, TO_1_1.format("y", "true")),
        ],
    ),
    (
        "- 010\n- 0o7\n- 0b1\n- 1_0\n- 1e3\n- +.5\n- 1:30\n- 2001-01-01\n- .inf\n- =\n- <<\n- 0X1F\n- -_\n",
        [
            ("ambiguous_scalar", 1, 3, "`010` is octal to some readers and decimal to others"),
            ("ambiguous_scalar", 2, 3, "`0o7` is octal to some readers and a string to others"),
            ("ambiguous_scalar", 3, 3, "`0b1` is binary to some readers and a string to others"),
            ("ambiguous_scalar", 4, 3, NUMBER.format("1_0")),
            ("ambiguous_scalar", 5, 3, NUMBER.format("1e3")),
            ("ambiguous_scalar", 6, 3, NUMBER.format("+.5")),
            ("ambiguous_scalar", 7, 3, "`1:30` is a number in base 60 to some readers"),
            ("ambiguous_scalar", 8, 3, "`2001-01-01` is a date to some readers and a string to others"),
            ("ambiguous_scalar", 9, 3, "`.inf` is no number that JSON has"),
            ("ambiguous_scalar", 10, 3, "`=` is a special value to YAML 1.1 readers"),
            ("ambiguous_scalar", 11, 3, "`<<` is a special value to YAML 1.1 readers"),
            ("ambiguous_scalar", 12, 3, NUMBER.format("0X1F")),
            ("ambiguous_scalar", 13, 3, "`-_` is a broken number to some readers"),
        ],
    ),
    ("a: 1.0e+999\n", [("ambiguous_scalar", 1, 4, "the number is too large")]),
    ("a: " + "1" * 5000, [("ambiguous_scalar", 1, 4, "the number is too long")]),
    ("a: &x on\nb: *x\n", [("ambiguous_scalar", 1, 4, TO_1_1.format("on", "true"))]),
    (
        "1: a\n1.5: b\ntrue: c\nnull: d\n~: e\n2001-01-01: f\n.inf: g\n-1_0: h\n+.5: i\n<<: {}\n=: j\n0x1: k\n",
        [("ambiguous_scalar", line, 1, KEY) for line in range(1, 13)],
    ),
    (": a\n", [("invalid_yaml", 1, 1, "not YAML: while parsing a block mapping, did not find expected key")]),
    ("? ", [("ambiguous_scalar", 1, 2, KEY)]),
    ("{a: b, 1: c, ? : d}\n", [("ambiguous_scalar", 1, 8, KEY), ("ambiguous_scalar", 1, 16, KEY)]),
    ("a: &x 1\n*x : b\n", [("ambiguous_scalar", 2, 1, KEY)]),
    # YAML 1.1 would see a boolean where the alias stands, so that this key may not be text.
    ("&x on: 1\nb: *x\n", [("ambiguous_scalar", 1, 1, KEY)]),
    ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", [("ambiguous_scalar", 3, 3, KEY)]),
    (
        "? [a, b]\n: 1\n? {c: d}\n: 2\ne: {[f]: g, {h: i} : j}\n",
        [("unsupported_yaml", line, column, COMPLEX) for line, column in ((1, 3), (3, 3), (5, 5), (5, 13))],
    ),
    ("a: &x [b]\n*x : c\n", [("unsupported_yaml", 2, 1, COMPLEX)]),
    ("a:\n\tb: 1\n", [("tab_indentation", 2, 1, TAB)]),
    ("a:\n  b: 1\n\tc: 2\n", [("tab_indentation", 3, 1, TAB)]),
    ("\ta: 1\n", [("tab_indentation", 1, 1, TAB)]),
    ("- a\n-\tb: 1\n", [("tab_indentation", 2, 2, TAB)]),
    ("a: |\n\tx\n", [("tab_indentation", 2, 1, TAB)]),
    ("a: |\n  x\n\ty\n", [("tab_indentation", 3, 1, TAB)]),
    ("é: 1\r\n\tb: 1\r\n", [("tab_indentation", 2, 1, TAB)]),
    ("a: &a [*a]\n", [("alias_bomb", 1, 8, RECURSIVE.format("a"))]),
    (
        "&a\nb: {c: [*a]}\nd: *a\n",
        [("alias_bomb", 2, 9, RECURSIVE.format("a")), ("alias_bomb", 3, 4, RECURSIVE.format("a"))],
    ),
    ("a: &x 1\n---\nb: *x\n", [("invalid_yaml", 3, 4, UNKNOWN.format("x"))]),
    (
        "- *x\n- &x 1\n- *y\n",
        [("invalid_yaml", 1, 3, UNKNOWN.format("x")), ("invalid_yaml", 3, 3, UNKNOWN.format("y"))],
    ),
    ("*x : 1\n", [("invalid_yaml", 1, 1, UNKNOWN.format("x"))]),
    ("%YAML 1.2\n---\na: 1\n", [("unsupported_yaml", 1, 1, DIRECTIVE)]),
    ("a: 1\n...\n%TAG !e! tag:e,2000:\n---\na: 1\n", [("unsupported_yaml", 3, 1, DIRECTIVE)]),
    ("%YAML 1.3\n---\na: 1\n", [("invalid_yaml", 1, 1, "not YAML: found incompatible YAML document")]),
    (
        "a: !!str 1\nb: !foo {}\nc: ! x\nd: !<x> []\n!e f: 1\n",
        [
            ("unsupported_yaml", 1, 4, TAG.format("tag:yaml.org,2002:str")),
            ("unsupported_yaml", 2, 4, TAG.format("!foo")),
            ("unsupported_yaml", 3, 4, TAG.format("!")),
            ("unsupported_yaml", 4, 4, TAG.format("x")),
            ("unsupported_yaml", 5, 1, TAG.format("!e")),
        ],
    ),
    ("a: b\nc: !x%c0%80 d\n", [("invalid_yaml", 2, 6, "not YAML: a tag's escapes are not UTF-8")]),
    ("a: x\ny: \x07\n", [("invalid_yaml", 2, 4, REFUSED.format("0007"))]),
    ("é: \x7f", [("invalid_yaml", 1, 4, REFUSED.format("007F"))]),
    ("a\0", [("invalid_yaml", 1, 2, REFUSED.format("0000"))]),
    ("a: \ufffe", [("invalid_yaml", 1, 4, REFUSED.format("FFFE"))]),
    ("a: x\x85y\n", [("invalid_yaml", 1, 5, REFUSED.format("0085"))]),
    ("a: |\n  x\u2028  y\n", [("invalid_yaml", 2, 4, REFUSED.format("2028"))]),
    ("a\r\nb # \u2029\n", [("invalid_yaml", 2, 5, REFUSED.format("2029"))]),
    ("\ufeffa: 1\n---\n\ufeffb: 1\n", [("invalid_yaml", 3, 1, REFUSED.format("FEFF"))]),
    (b"a: 1\nb: \xe9\n", [("not_utf8", 2, 4, "byte 0xe9 is not UTF-8")]),
    ("é\r\nü: ".encode() + b"\xff", [("not_utf8", 2, 4, "byte 0xff is not UTF-8")]),
    (b"\xef\xbb\xbfa: \x80", [("not_utf8", 1, 4, "byte 0x80 is not UTF-8")]),
    (b"a: \xed\xa0\x80", [("not_utf8", 1, 4, "byte 0xed is not UTF-8")]),
    (b"a: \xe2\x82", [("not_utf8", 1, 4, "byte 0xe2 is not UTF-8")]),
    ("a: 1\n".encode("utf-16"), [("not_utf8", 1, 1, "the file is UTF-16")]),
    ("\ufeffa: 1\n".encode("utf-16-be"), [("not_utf8", 1, 1, "the file is UTF-16")]),
    ("a: 1\n".encode("utf-16-be"), [("invalid_yaml", 1, 1, REFUSED.format("0000"))]),
    (b"a: " + b"x" * (MAX_BYTES - 2), [("too_large", 1, 1, "the file is larger than 16 MiB")]),
    (b"\xff" * (MAX_BYTES + 1), [("too_large", 1, 1, "the file is larger than 16 MiB")]),
    ("a: b: c\n", [("invalid_yaml", 1, 5, "not YAML: mapping values are not allowed in this context")]),
    ("a: @x\n", [("invalid_yaml", 1, 4, NO_START)]),
    ("{{ a }}: b\n", [("unsupported_yaml", 1, 2, COMPLEX), ("unsupported_yaml", 1, 1, COMPLEX)]),
    (
        "a: 'x\nb: 1\n",
        [("invalid_yaml", 3, 1, "not YAML: while scanning a quoted scalar, found unexpected end of stream")],
    ),
    # libyaml speaks of a line after the last one.
    ("a:\n- [b", [("invalid_yaml", 2, 5, "not YAML: while parsing a flow sequence, did not find expected ',' or ']'")]),
    ("a: [", [("invalid_yaml", 1, 5, "not YAML: while parsing a flow node, did not find expected node content")]),
    ('a: "\\q"\n', [("invalid_yaml", 1, 5, "not YAML: while parsing a quoted scalar, found unknown escape character")]),
]


@pytest.mark.parametrize(("text", "expected"), PROBLEMS, ids=lambda value: repr(value)[:60])
def test_problems(text: str | bytes, expected: list[tuple[str, int, int, str]]) -> None:
    assert said(text) == sorted(expected, key=lambda problem: problem[1:3])


def test_every_name_is_shown_here() -> None:
    assert {name for _, expected in PROBLEMS for name, *_ in expected} == set(PROBLEM_NAMES) - {"too_deep"}


def test_hints_and_related_places() -> None:
    assert problems("a: 1\nb: {a: 1}\n'a': 2\n") == [
        Problem("duplicate_key", "the key `a` stands here twice", 3, 1, "remove one of them", ((1, 1, "first here"),))
    ]
    assert problems("a: [1,\n  2\nb: 3\n") == [
        Problem(
            "invalid_yaml",
            "not YAML: while parsing a flow sequence, did not find expected ',' or ']'",
            3,
            2,
            "check indentation, quotes and brackets here and just above",
            ((1, 4, "it starts here"),),
        )
    ]
    assert {p.hint for p in problems("a: no\nb: 1_0\nc: *x\nd: !x y\n1: 2\n? []\n: 3\n")} == {
        'write false or "no" in quotes',
        'write "1_0" in quotes, or as a plain number',
        "anchors do not reach across documents; define it above, or write the value out",
        "remove the tag; quote the value when it is a string",
        "write it in quotes; merge keys (<<) are not supported",
        "use a string",
    }


def test_reading_goes_on_and_everything_is_said() -> None:
    text = "%YAML 1.1\n---\na: on\na: 2\n1: !x y\n---\nb: *a\n? [c]\n: &d [*d]\n<<: 1_0\ne: {f: g}\n---\nh: 'i\n"
    parsed = parse(text.encode())
    assert [(p.name, p.line) for p in parsed.problems] == [
        ("unsupported_yaml", 1),
        ("ambiguous_scalar", 3),
        ("duplicate_key", 4),
        ("ambiguous_scalar", 5),
        ("unsupported_yaml", 5),
        ("invalid_yaml", 7),
        ("unsupported_yaml", 8),
        ("alias_bomb", 9),
        ("ambiguous_scalar", 10),
        ("ambiguous_scalar", 10),
        ("invalid_yaml", 14),
    ]
    assert [document.value for document in parsed.documents] == [{"a": BROKEN}, {"b": BROKEN, "e": {"f": "g"}}]


NESTED: dict[str, Callable[[int], str]] = {
    "flow sequences": lambda depth: "[" * depth + "]" * depth,
    "flow mappings": lambda depth: "{a: " * depth + "}" * depth,
    "open": lambda depth: "[" * depth,
    "block sequences": lambda depth: "- " * depth + "a",
    # 20,000 levels would be a file of 200 MB.
    "block mappings": lambda depth: "".join(f"{' ' * level}a:\n" for level in range(depth // 4)),
    "keys": lambda depth: "? " * depth + "a",
    "mixed": lambda depth: "- ? " * (depth // 2) + "a",
}


@pytest.mark.parametrize("shape", NESTED)
def test_deep_nesting(shape: str) -> None:
    text = NESTED[shape](20_000)
    start = time.process_time()
    [problem] = problems(text)
    assert time.process_time() - start < 2
    assert problem[:2] == ("too_deep", f"values are nested more than {MAX_DEPTH} deep")
    assert parse(text.encode()).documents == []


def test_as_deep_as_may_be() -> None:
    assert len(values("[" * MAX_DEPTH + "]" * MAX_DEPTH)) == 1
    assert said("[" * (MAX_DEPTH + 1)) == [("too_deep", 1, MAX_DEPTH + 1, "values are nested more than 100 deep")]


BOMB = "aliases expand to more than 100,000 values, or too deep"


@pytest.mark.parametrize("flow", [True, False])
def test_billion_laughs(flow: bool) -> None:
    lines = ["a0: &a0 lol"]
    for level in range(1, 10):
        alias = f"*a{level - 1}"
        items = f" [{', '.join([alias] * 9)}]" if flow else f"\n- {alias}" * 9
        lines.append(f"a{level}: &a{level}{items}")
    start = time.process_time()
    assert [name for name, *_ in said("\n".join(lines))] == ["alias_bomb"]
    assert time.process_time() - start < 1


def test_aliases_may_add_so_much() -> None:
    assert len(values("- &x [" + "a, " * 9 + "]\n" + "- *x\n" * (MAX_ALIASED // 10))[0]) == MAX_ALIASED // 10 + 1
    line = MAX_ALIASED // 10 + 2
    text = "- &x [" + "a, " * 9 + "]\n" + "- *x\n" * (MAX_ALIASED // 10 + 5)
    assert said(text) == [("alias_bomb", line, 3, BOMB)]
    assert said(f"{text}---\n- a\n---\n{text}") == [
        ("alias_bomb", line, 3, BOMB),
        ("alias_bomb", 2 * line + 7, 3, BOMB),
    ]


def test_aliases_do_not_add_depth() -> None:
    text = "- &a0 [x]\n" + "".join(f"- &a{i} [*a{i - 1}]\n" for i in range(1, MAX_DEPTH + 1))
    assert [(name, message) for name, _, _, message in said(text)] == [("alias_bomb", BOMB)]
    assert len(values(text[: text.index("- &a97 ")])[0]) == 97


@pytest.mark.parametrize("marks", [False, True])
def test_many_aliases_take_no_time_to_speak_of(marks: bool) -> None:
    text = "a: &x {b: c}\nd:\n" + "- *x\n" * 30_000
    start = time.process_time()
    parsed = parse(text.encode(), marks=marks)
    assert time.process_time() - start < 3
    assert parsed.problems == []
    assert len(parsed.documents[0].value["d"]) == 30_000


def test_broken_says_so() -> None:
    assert repr(BROKEN) == "<broken>"
