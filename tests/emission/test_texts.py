"""Documents in texts: what is one, how it is written, where its values stand, and what moves in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetc.emission.compare import Base
from fleetc.emission.lines import lines_of
from fleetc.emission.texts import document, opened, parsed
from fleetc.emission.yaml import emit
from fleetc.source.span import Path

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
documents = st.dictionaries(st.text(), plain, min_size=1, max_size=4)


@given(documents)
def test_a_document_says_what_it_was_made_of(value: dict[str, Any]) -> None:
    text = document(value)
    assert parsed(text) == value
    assert opened({"a": [text]}) == {"a": [value]}


@pytest.mark.parametrize(
    "text",
    ["", "{}", "{}\n", '{"a": 1}\n', '{\n  "a": 1\n}', '{\n  "a":1\n}\n', '{\n  "a": 1,\n  "a": 1\n}\n', "{\n",
     "[\n  1\n]\n", '{\n  "a": 1e0\n}\n', '{\n "a": 1\n}\n', '{\n  "a": ' + "[" * 100_000],
)  # fmt: skip
def test_what_is_written_in_another_way_is_a_text(text: str) -> None:
    assert parsed(text) is None
    value = {"a": text}
    assert opened(value) is value


@given(documents, st.booleans())
def test_lines_are_those_of_the_values(value: dict[str, Any], in_list: bool) -> None:
    text = document(value)
    made: dict[str, Any] = {"kind": "X", "data": [text, "last"] if in_list else {"x.json": text, "last": "y"}}
    base: Path = ("data", 0) if in_list else ("data", "x.json")
    lines, found = emit(made).splitlines(), lines_of(made)
    for path, here in found.items():
        inner = path[len(base) :]
        if path[: len(base)] != base or not inner:
            continue
        there: Any = value
        for step in inner:
            there = there[step]
        shown = "\n".join(line.strip() for line in lines[here.start : here.stop]).removesuffix(",")
        if isinstance(inner[-1], str):
            key = f"{json.dumps(inner[-1], ensure_ascii=False)}: "
            escaped = f"{json.dumps(inner[-1])}: "
            assert shown.startswith((key, escaped))
            shown = shown.removeprefix(key) if shown.startswith(key) else shown.removeprefix(escaped)
        assert json.loads(shown) == there


def test_what_moves_in_a_document() -> None:
    def obj(panels: list[Any]) -> dict[str, Any]:
        return {"kind": "X", "metadata": {"name": "a"}, "json": document({"panels": panels})}

    base = Base([obj([{"id": 1, "expr": "a"}, {"id": 2, "expr": "b"}])])
    moved = base.moved([obj([{"id": 1, "expr": "a"}, {"id": 2, "expr": "c"}])])
    assert moved == {(0, "json", "panels", 1, "expr"): "value"}
    gone = base.moved([obj([{"id": 1, "expr": "a"}])])
    assert gone[0, "json", "panels", 1, "expr"] == "presence"
    assert (0, "json", "panels", 0, "expr") not in gone
    text = base.moved([{**obj([]), "json": "no document"}])
    assert text[0, "json"] == "value"
    assert text[0, "json", "panels", 0, "id"] == "presence"
    assert base.moved([obj([{"id": 1, "expr": "a"}, {"id": 2, "expr": "b"}])]) == {}
