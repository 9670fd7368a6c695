"""Any bytes: reading them never fails, always ends, and what it says is in the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml.error import YAMLError
from tests.source.readers import same, yaml_1_1, yaml_1_2
from yaml import YAMLError as PyYAMLError

from fleetc.source.span import Path
from fleetc.source.text import BREAK
from fleetc.source.yaml import PROBLEM_NAMES, parse

SPECS = File(__file__).parent.parent.parent / "specs"
FILES = [path.read_bytes() for path in sorted(SPECS.rglob("*.yaml"))]

TOKENS = [
    *(
        "a",
        "b",
        "a: ",
        "b: ",
        "c:",
        "'d': ",
        '"e": ',
        "- ",
        "-",
        "? ",
        "?",
        ": ",
        ":",
        "\n",
        "\n  ",
        "\n    ",
        "\n ",
        " ",
    ),
    *("[", "]", "{", "}", ", ", ",", "'", '"', "'f'", '"g"', "|", "|-\n", ">+\n  ", ">", "|2\n", "#", " # x\n", "\t"),
    *(
        "&a ",
        "&b ",
        "*a",
        "*b",
        "*a : ",
        "!",
        "!!str ",
        "!<",
        "%",
        "%YAML 1.2\n",
        "%c0",
        "@",
        "---",
        "\n---\n",
        "...\n",
    ),
    *("1", "1.5", "null", "~", "true", "on", "010", "<<: ", "=", "x y", "é", "😀", "\xa0", "\\", "\\n", "\\x", "\\\n"),
    *("\r\n", "\r", "\x85", "\u2028", "\ufeff", "\0", "\x1b"),
]
SOUP = st.lists(st.sampled_from(TOKENS), max_size=16).map("".join)
BODIES = st.one_of(
    st.sampled_from(
        ["a:", "b:", "- ", "- - ", "? a", ": ", "", "# x", "a: |", "b: >-", "- |+", "a: &x", "- &y", "? [a]", "1:"]
    ),
    st.sampled_from(
        ["a: b", "c: *x", "- *y", "- c", "- a: 1", "d: {e: f, g: [h, ~]}", "'i': \"j\"", "k: on", "---", "b: [x,"]
    ),
    st.sampled_from(
        ["x", "y: z", "'p", "q'", "l: m # n", "a: b", "*x : d", "<<: *x", "e: !t f", "]", "z: &x {a: {b: c}}"]
    ),
)
LINES = st.lists(st.tuples(st.sampled_from([0, 0, 0, 2, 2, 4, 1, 3]), BODIES), max_size=10).map(
    lambda lines: "\n".join(" " * indent + body for indent, body in lines)
)
TEXTS = st.tuples(st.one_of(SOUP, LINES), st.sampled_from(["", "\n"])).map("".join)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 40, len(data))))
        new = draw(
            st.one_of(
                st.just(b""),
                st.sampled_from(TOKENS).map(str.encode),
                st.binary(max_size=2),
                st.just(data[start:end] * 2),
            )
        )
        data = data[:start] + new + data[end:]
    return data


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))


def check(data: bytes) -> None:
    plain, marked = parse(data), parse(data, marks=True)
    lines = BREAK.split(data.decode("utf-8", "replace").removeprefix("\ufeff"))

    def in_file(line: int, column: int) -> bool:
        return 1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1

    assert plain.problems == marked.problems
    for problem in plain.problems:
        assert problem.name in PROBLEM_NAMES
        assert problem.message
        assert problem.hint
        assert in_file(problem.line, problem.column), problem
        assert all(in_file(line, column) for line, column, _ in problem.related), problem
    assert same([document.value for document in plain.documents], [document.value for document in marked.documents])
    assert all(document.marks is None for document in plain.documents)
    for document in marked.documents:
        assert document.marks is not None
        assert set(paths(document.value)) == set(document.marks)
        for path, mark in document.marks.items():
            assert in_file(mark.key_line, mark.key_column), (path, mark)
            assert in_file(mark.line, mark.column), (path, mark)
            assert (mark.key_line, mark.key_column) <= (mark.line, mark.column), (path, mark)
            assert mark.line <= mark.end_line <= len(lines), (path, mark)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes(data: bytes) -> None:
    check(data)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("? a")
@example("? ")
@example("[\n[")
@example("a: !%c0%80")
@example("%TAG ! %c0%80\n---\na: 1")
@example("a: x\x85y")
@example("a: x\u2028y\nb:\n - *c")
@example("a:\rx\r y: &")
@example("{1: &a {b: c}, d: *a}")
@example("{? [a] : &a {b: c}, d: *a, e: &b [*a], f: *b}")
@example("a: b\n? {c: d, e: [f]}\na: {c: d}")
@example("&a a: &a {b: *a, c: &a x, d: *a}")
def test_what_looks_like_yaml(text: str) -> None:
    check(text.encode())


@settings(max_examples=150, deadline=None)
@given(mutated())
def test_damaged_files(data: bytes) -> None:
    check(data)


@pytest.mark.parametrize("data", FILES)
def test_our_own_files_are_right(data: bytes) -> None:
    check(data)
    assert parse(data).problems == []


@pytest.mark.filterwarnings("ignore::ruamel.yaml.error.ReusedAnchorWarning")
@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_what_is_read_is_what_every_reader_reads(text: str) -> None:
    parsed = parse(text.encode())
    # ruamel.yaml alone reads `---` as the text of a block scalar that is a whole document.
    if parsed.problems or len(parsed.documents) != 1 or not isinstance(parsed.documents[0].value, dict | list):
        return
    for reader in (yaml_1_1, yaml_1_2):
        try:
            value = reader(text.removeprefix("\ufeff"))
        except (PyYAMLError, YAMLError):  # one that refuses a text does not read it differently
            continue
        assert same(parsed.documents[0].value, value)
