"""The place inside of a text is the place in the file, however YAML writes it."""

from __future__ import annotations

import pytest

from fleetc.driver.inside import inside
from fleetc.source import yaml
from fleetc.source.span import Span

TEXTS = [
    "key: plain value here\n",
    'key: "quoted value here"\n',
    "key: 'quoted value here'\n",
    'key: "a \\"quoted\\" value \\u0041 here"\n',
    "key: 'it''s a value here'\n",
    "key: |\n  first\n    value here\n",
    "key: |-\n\n    first\n    value here\n",
    "outer:\n- key: |+\n    value here\n\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_word_is_found(text: str) -> None:
    parsed = yaml.parse(text.encode(), marks=True).documents[0]
    path = ("outer", 0, "key") if text.startswith("outer") else ("key",)
    mark = (parsed.marks or {})[path]
    value = parsed.value["outer"][0]["key"] if text.startswith("outer") else parsed.value["key"]
    before = value[: value.index("here")]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    found = inside(text, Span("f", mark.line, mark.column), line, column)
    assert text.splitlines()[found.line - 1][found.column - 1 :].startswith("here")


def test_what_cannot_be_told_is_the_whole() -> None:
    span = Span("f", 1, 6)
    assert inside("key: >\n  folded\n  here\n", span, 1, 3) == span
    assert inside("key: plain\n  folded\n", span, 2, 1) == span
    assert inside("", Span("f", 3, 1), 1, 1) == Span("f", 3, 1)
