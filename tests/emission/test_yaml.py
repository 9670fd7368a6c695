"""The writer: its exact texts, and that every reader gets back the exact value."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.source.readers import same, yaml_1_1, yaml_1_2

from fleetc.emission.yaml import emit, is_literal, scalar
from fleetc.source.yaml import parse

OBJECT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "chat",
        "labels": {"app.kubernetes.io/name": "chat", "on": "y", "1": "1"},
        "annotations": {},
        "creationTimestamp": None,
    },
    "spec": {
        "replicas": 2,
        "paused": False,
        "ratio": 0.5,
        "empty": "",
        "args": ["--model=a b", "--port", "8000", "-c", "a: b", "a #b", "[x]", " x", "x ", "x:"],
        "containers": [
            {"name": "a", "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 443}], "env": []},
            {"name": "b", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}},
        ],
        "matrix": [[1, 2], [], [[3]], {}, [{"a": 1, "b": 2}]],
        "script": "set -e\n\n  echo a\n",
        "scripts": ["a\nb", "a\n\n\n", "\na\n", " a\nb", "a \nb", "\ta\nb", "a\r\nb", "\n"],
        "last": True,
    },
}

TEXT = r"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: chat
  labels:
    app.kubernetes.io/name: chat
    "on": "y"
    "1": "1"
  annotations: {}
  creationTimestamp: null
spec:
  replicas: 2
  paused: false
  ratio: 0.5
  empty: ""
  args:
  - "--model=a b"
  - "--port"
  - "8000"
  - "-c"
  - "a: b"
  - "a #b"
  - "[x]"
  - " x"
  - "x "
  - "x:"
  containers:
  - name: a
    ports:
    - containerPort: 80
      name: http
    - containerPort: 443
    env: []
  - name: b
    resources:
      limits:
        cpu: "1"
        memory: "1Gi"
  matrix:
  - - 1
    - 2
  - []
  - - - 3
  - {}
  - - a: 1
      b: 2
  script: |
    set -e

      echo a
  scripts:
  - |-
    a
    b
  - |+
    a


  - |

    a
  - " a\nb"
  - "a \nb"
  - "\ta\nb"
  - "a\r\nb"
  - "\n"
  last: true
"""


def test_golden() -> None:
    assert emit(OBJECT) == TEXT


def test_nothing() -> None:
    assert emit({}) == "{}\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (-(2**63), "-9223372036854775808"),
        (2**64, "18446744073709551616"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e22, "1.0e+22"),
        (1e-7, "1.0e-07"),
        (1.5e300, "1.5e+300"),
        (5e-324, "5.0e-324"),
        ("a", "a"),
        ("/a", "/a"),
        ("a/b:c@d", "a/b:c@d"),
        ("a:b", "a:b"),
        ("a#b", "a#b"),
        ("it's", "it's"),
        ('say "a"', 'say "a"'),
        ("back\\slash", "back\\slash"),
        ("nvidia.com/gpu", "nvidia.com/gpu"),
        ("no-op", "no-op"),
        ("None", "None"),
        ("_a", "_a"),
        (".a", ".a"),
        ("", '""'),
        ("1a", '"1a"'),
        ("_1", '"_1"'),
        ("._1", '"._1"'),
        (".5", '".5"'),
        ("-", '"-"'),
        ("---", '"---"'),
        ("*a", '"*a"'),
        ("{{ a }}", '"{{ a }}"'),
        ("a, b", '"a, b"'),
        ("a,b", '"a,b"'),
        ("a\tb", '"a\\tb"'),
        ("é", '"é"'),
        ("😀", '"😀"'),
        ("a\0\x1b\x7f\x85\xa0\xad", '"a\\0\\x1b\\x7f\\x85\\xa0\\xad"'),
        ("\u2028\u200b\ufeff\ufffe", '"\\u2028\\u200b\\ufeff\\ufffe"'),
        ('a"\\\r\nb', '"a\\"\\\\\\r\\nb"'),
    ],
)
def test_leaves(value: object, text: str) -> None:
    assert emit({"k": value}) == f"k: {text}\n"


WORDS = re.findall(
    r"\S+",
    """
y Y n N yes Yes YES no No NO on On ON off Off OFF true True TRUE false False FALSE null Null NULL ~ .inf .Inf .INF -.inf
+.inf .nan .NaN .NAN = << 0 1 -1 +1 007 0o7 0x1F 0X1F 0b1 1_000 1e3 1.5 1. .5 +.5 1:30 190:20:30 2001-01-01 2001-1-1
2001-01-01T00:00:00Z - -- --- ... ? : -a ?a :a | > ! & * @ % ` # , [ ] { } ' " 1e400 _ ._ -_ 0b_ 12e03 685_230.15
""",
)


@pytest.mark.parametrize("word", WORDS)
def test_a_string_that_looks_like_another_value_is_quoted(word: str) -> None:
    text = emit({word: word})
    assert text[0] == '"'
    reads_back({word: word})


def test_lists_of_every_shape_below_a_long_key() -> None:
    long = "k" * 2000
    assert emit({"a": {long: ["x"], "b": [{long: {"c": 1}}]}}) == (
        f"a:\n  ? {long}\n  :\n  - x\n  b:\n  - ? {long}\n    :\n      c: 1\n"
    )


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_json_lacks_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no number that JSON has"):
        emit({"k": value})


@pytest.mark.parametrize("value", [b"a", {1}, object()])
def test_what_kubernetes_lacks_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="has no place in a Kubernetes object"):
        emit({"k": [value]})


def test_tuples_are_lists() -> None:
    assert emit({"k": (1, ("a",), ())}) == emit({"k": [1, ["a"], []]})


def reads_back(value: dict[str, Any]) -> None:
    text = emit(value)
    parsed = parse(text.encode())
    assert parsed.problems == []
    assert same(parsed.documents[0].value, value), text
    assert same(yaml_1_1(text), value), text
    assert same(yaml_1_2(text), value), text


BITS = [
    *WORDS,
    *(" ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", "\x85", "\u2028", "\u2029", "\ufeff", "\xa0", "\xad", "\u200b"),
    *("\0", "\x07", "\x1b", "\x7f", "\x9f", "\ufffe", "\U0001fffe", "\U0010ffff", "\ue000", "\ufffd", "😀", "é", "\\"),
    *("a", "b c", "a: b", "a #b", "- a", ": ", " #", "x" * 90, "\\n", "\\u0041"),
]
STRINGS = st.one_of(
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(BITS), max_size=5).map("".join),
    st.lists(st.text("ab \t#-:|é'\"", max_size=4), max_size=5).map("\n".join),
    st.text(max_size=8),
)
KEYS = st.one_of(STRINGS, STRINGS.map(lambda text: (text or "k") * 400))
LEAVES = st.one_of(
    STRINGS,
    STRINGS,
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64),
    st.integers(-(2**80), 2**80),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1e22, 1e-7, -0.0, 1e16, 5e-324, 1.7976931348623157e308]),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
@example({"": "", " ": " ", "\n": "\n\n", "a\n": "a\n\n"})
@example({"a": ["a\n\n\n", {"b": "c\n\n"}, "d\n"], "e": "\n\n  f"})
def test_every_reader_reads_it_back(value: dict[str, Any]) -> None:
    reads_back(value)


@settings(max_examples=60, deadline=None)
@given(st.lists(STRINGS, max_size=12))
def test_strings_stay_strings(strings: list[str]) -> None:
    reads_back({"k": strings, "m": {text: text for text in strings}, "last": "\n".join(strings)})


@settings(max_examples=100, deadline=None)
@given(STRINGS)
def test_nothing_unseen_is_written(text: str) -> None:
    assert re.search("[\0-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\ufeff\ufffe\uffff]", scalar(text)) is None
    out = emit({text: text})
    # In a literal block blanks of other kinds, such as a no-break space, stand as they are.
    assert re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", out) is None
    assert re.search("[ \t]\n", out) is None
    assert out.endswith("\n")


@settings(max_examples=100, deadline=None)
@given(STRINGS)
def test_a_literal_block_shows_every_line(text: str) -> None:
    out = emit({"k": text})
    if "\n" in text and is_literal(text):
        assert out.startswith("k: |")
        assert [line.strip() for line in out.splitlines()[1:]] == [line.strip() for line in text.splitlines()]
    else:
        assert out == f"k: {scalar(text)}\n"
        assert out.count("\n") == 1


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_what_was_written_before_makes_no_difference(value: dict[str, Any]) -> None:
    first = emit(value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fleetc.emission.yaml._memo", {})
        assert emit(value) == first
    assert emit(value) == first


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    memory: dict[str, str] = {}
    monkeypatch.setattr("fleetc.emission.yaml._memo", memory)
    monkeypatch.setattr("fleetc.emission.yaml._MEMO_SIZE", 10)
    assert emit({f"k{i}": str(i) for i in range(50)}) == "".join(f'k{i}: "{i}"\n' for i in range(50))
    assert len(memory) <= 10
