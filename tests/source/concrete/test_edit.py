"""Fields of a mapping get other values; everything else of the text stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.source import yaml
from fleetc.source.concrete.edit import NotEditable, put

VALUES: Mapping[str, str | Sequence[str]] = {"revision": "ff", "paths": ["g/a", "g/b"]}

EXAMPLES = {
    "behind what is there, above what is said of the next": (
        "w:\n  one:\n    # why\n    match: {clusters: x}  # this\n\n  # the second\n  two: {}\n",
        "w:\n  one:\n    # why\n    match: {clusters: x}  # this\n    revision: ff\n    paths:\n    - g/a\n"
        "    - g/b\n\n  # the second\n  two: {}\n",
    ),
    "in braces": ("w:\n  one: {match: {}}  # x\n", "w:\n  one: {revision: ff, paths: [g/a, g/b], match: {}}  # x\n"),
    "in empty braces": ("w: {one: {}}\n", "w: {one: {revision: ff, paths: [g/a, g/b]}}\n"),
    "a value for another": (
        "w:\n  one:\n    revision: ee  # then\n    paths: g/c  # these\n    match: {}\n",
        "w:\n  one:\n    revision: ff  # then\n    paths:  # these\n    - g/a\n    - g/b\n    match: {}\n",
    ),
    "items come and go, and what is said of them stays": (
        "w:\n  one:\n    paths:\n    # first\n    - g/0  # zero\n    - g/b  # bee\n    revision: ee\n",
        "w:\n  one:\n    paths:\n    # first\n    - g/a\n    # zero\n    - g/b  # bee\n    revision: ff\n",
    ),
    "without a line's end": ("w:\n  one:\n    match: {}", "w:\n  one:\n    match: {}\n    revision: ff\n    paths:\n"
                             "    - g/a\n    - g/b"),
    "one of two": (
        "w:\n  one:\n    revision: ee\n    match: {}\n",
        "w:\n  one:\n    revision: ff\n    paths:\n    - g/a\n    - g/b\n    match: {}\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str) -> None:
    before, after = EXAMPLES[name]
    made = put(before, 0, ("w", "one"), VALUES, "name")
    if name == "one of two":  # the list goes behind the last of the others
        assert yaml.parse(made.encode()).documents[0].value["w"]["one"] == {**VALUES, "match": {}}
    else:
        assert made == after
    found = yaml.parse(made.encode()).documents[0].value["w"]["one"]
    assert {name: found[name] for name in VALUES} == VALUES


def test_an_item_that_is_its_key() -> None:
    made = put("a: 1\n---\n---\nw:\n- one # x\n- {name: two}\n", 1, ("w", 0), VALUES, "name")
    assert made == "a: 1\n---\n---\nw:\n- {name: one, revision: ff, paths: [g/a, g/b]} # x\n- {name: two}\n"


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {}\nw: {one: *x}\n",
        "a: &x ee\nw:\n  one:\n    revision: *x\n",
        "a: &x ee\nw:\n  one:\n    paths:\n    - *x\n",
        "w:\n  one: []\n",
        "w:\n  one:\n    paths:\n    - a\n      b\n",
    ],
)
def test_what_would_change_more_is_refused(text: str) -> None:
    with pytest.raises(NotEditable):
        put(text, 0, ("w", "one"), VALUES, "name")


def test_what_reads_as_a_number_is_quoted() -> None:
    made = put("w: {one: {}}\n", 0, ("w", "one"), {"revision": "1234", "paths": ["1.5"]}, "name")
    assert made == 'w: {one: {revision: "1234", paths: ["1.5"]}}\n'


WORDS = st.text("abc019/-", min_size=1, max_size=8).map(lambda text: f"g{text}")


@given(st.lists(WORDS, unique=True, max_size=5), st.lists(WORDS, unique=True, min_size=1, max_size=5), st.data())
def test_lists_of_lines(old: list[str], new: list[str], data: st.DataObject) -> None:
    """Whatever stood there and is said of it: the items are the new ones, and every comment is there once."""
    lines, comments = ["w:", "  one:", "    paths:" if old else "    x: 1"], 0
    for item in old:
        above, beside = data.draw(st.booleans()), data.draw(st.booleans())
        if above:
            lines.append(f"    # c{comments}")
            comments += 1
        lines.append(f"    - {item}" + (f"  # c{comments}" if beside else ""))
        comments += beside
    made = put("\n".join([*lines, "z: 1", ""]), 0, ("w", "one"), {"paths": sorted(new)}, "name")
    value = yaml.parse(made.encode()).documents[0].value
    assert value["w"]["one"]["paths"] == sorted(new)
    assert value["z"] == 1
    assert sorted(part.strip() for part in made.split("#")[1:] for part in [part.split("\n")[0]]) == sorted(
        f"c{n}" for n in range(comments)
    )
