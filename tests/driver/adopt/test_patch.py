"""A spec file's text with edits: all else stays, to the byte where no line moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.driver.fleets import CHECKOUT

from fleetc.driver.adopt.patch import patched
from fleetc.driver.edits import REMOVED, Edit, inside, replaced
from fleetc.driver.explain import value_at
from fleetc.driver.layout import NotKept, comments_of
from fleetc.source import yaml

FILES = sorted((CHECKOUT / "specs").rglob("*.yaml"))
TEXT = """\
# top
apiVersion: fleetc/v1alpha1
kind: Team   # kind
metadata: {name: a}
spec:
  contact: 'ada@acme.example' # who
  note: |
    one
    two
  # share of it
  quota: {cpu: "4",  memory: 8Gi}
  list: &x [a, b]
  other: *x
"""


def edit(*edits: tuple[tuple[Any, ...], Any]) -> str:
    return patched(TEXT.encode(), [(0, Edit(at, value)) for at, value in edits]).decode()


@pytest.mark.parametrize(
    ("at", "value", "old", "new"),
    [
        (("spec", "contact"), "bob@acme.example", "'ada@acme.example'", "bob@acme.example"),
        (("spec", "contact"), "no: x", "'ada@acme.example'", '"no: x"'),
        (("spec", "quota", "cpu"), "8", '"4"', '"8"'),
        (("spec", "quota", "cpu"), 8, '"4"', "8"),
        (("spec", "quota", "memory"), "a, b", "8Gi", '"a, b"'),
        (("spec", "contact"), None, "'ada@acme.example'", "null"),
        (("spec", "contact"), False, "'ada@acme.example'", "false"),
        (("spec", "note"), "one\nthree\n", "two", "three"),
    ],
)
def test_a_value_is_replaced_where_it_stands(at: tuple[Any, ...], value: Any, old: str, new: str) -> None:
    assert edit((at, value)) == TEXT.replace(old, new)


def test_what_is_added_comes_with_the_layout() -> None:
    made = edit((("spec", "overrides"), [{"match": {"clusters": "x"}, "set": {"contact": "c"}}]))
    assert "overrides:" in made
    assert comments_of(made) == comments_of(TEXT)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("spec", "list"), "x"),
        (("spec", "other", 0), "x"),
        (("spec", "contact"), REMOVED),
    ],
)
def test_what_would_be_lost_is_refused(at: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(NotKept):
        edit((at, value))


@pytest.mark.parametrize("value", [0, True, "x"])
def test_a_block_becomes_a_plain_value(value: Any) -> None:
    made = patched(b"a: |\n  one\n  two\nb: 1\n", [(0, Edit(("a",), value))])
    assert yaml.parse(made).documents[0].value == {"a": value, "b": 1}


@settings(deadline=None)
@given(st.sampled_from(FILES), st.data(), st.one_of(st.text(max_size=20), st.integers(), st.booleans()))
def test_any_scalar_of_the_example_fleet(file: Path, data: st.DataObject, value: Any) -> None:
    read = file.read_bytes()
    documents = [d.value for d in yaml.parse(read).documents]
    number = data.draw(st.integers(0, len(documents) - 1))
    scalars = [
        at for at in inside(documents[number], ()) if not isinstance(value_at(documents[number], at), dict | list)
    ]
    at = data.draw(st.sampled_from(scalars))
    try:
        made = patched(read, [(number, Edit(at, value))])
    except NotKept:
        assert isinstance(value, str), "only texts that YAML cannot hold are refused"
        return
    documents[number] = replaced(documents[number], at, value)
    assert [d.value for d in yaml.parse(made).documents] == documents
    assert comments_of(made.decode()) == comments_of(read.decode())
