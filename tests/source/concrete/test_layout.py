"""Layouts keep every value and every comment, do nothing to what they made, and read the same to all readers."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import yaml
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.source.concrete.messy import Messy
from tests.source.readers import same

from fleetc.driver.layout import lay_out
from fleetc.source.yaml import parse

HARD = (
    "a", "b c", "x: y", "# no", "- k", "", "1", "true", "yes", "on", "a#b", "a: ", "  lead", "trail ", "multi\nline",
    "end\n", "two\n\n\npar\n", "keep\n\n", "üñí", "tab\there", "it's", 'q"q', "b\\s", "10.0.0.0/8", "8080:80",
    "x" * 130, "[a", "a]", "a,b", "{{t}}", "*x", "&x", "!t", "%d", "@a", "`b", "|", "key:", "?", "? q", "-", "--- x",
    "...", "null", "~", "0x1f", "1e3", "2026-01-01", "a\nb c d\n", "NO", "=", "<<", "word word word", "a :b", "::1",
    "arn:aws:iam::1", "\n", "\n\nx", "é\n# not\n", "\u200bz", "http://x/y?z=1#f", "C: \\d", "a\n---\nb", "x\n  y\n",
    "tail \nx\n", "\tq\n", "-----BEGIN CERTIFICATE-----\nMIIB+g==\n-----END CERTIFICATE-----\n", '{"a": [1,\n  2]}\n',
    "#!/bin/sh\nset -e\n",
)  # fmt: skip
TEXTS = st.sampled_from(HARD)
LEAVES = st.one_of(TEXTS, TEXTS, st.integers(-3, 3), st.sampled_from((1.5, -0.25)), st.booleans(), st.none())
VALUES = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXTS, below, max_size=4), max_leaves=12
)
DOCUMENTS = st.lists(VALUES.filter(lambda value: isinstance(value, dict | list)), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.randoms(use_true_random=False), st.sampled_from((0.0, 0.2, 0.5)), st.booleans())
def test_nothing_is_lost(values: list[Any], choices: Random, density: float, anchors: bool) -> None:
    messy = Messy(choices, density, anchors=anchors)
    for n, value in enumerate(values):
        messy.document(value, marked=n > 0 or choices.random() < 0.3)
    text = messy.text()
    read = parse(text.encode())
    # The writer of these texts does not know every rule of YAML: what it got wrong is no text to lay out.
    assume(not read.problems and len(read.documents) == len(values))
    assume(all(same(d.value, value) for d, value in zip(read.documents, values, strict=True)))
    made = lay_out(text.encode())
    event(f"{len(messy.comments) // 5 * 5} comments or more")
    assert lay_out(made) == made
    assert held(made.decode()) == Counter(messy.comments)
    check_readers(made.decode(), values)
    check_form(made.decode())


def held(text: str) -> Counter[str]:
    """The comments of a text, which a writer of these tests numbered: looked for without knowing YAML."""
    found: Counter[str] = Counter()
    for line in text.split("\n"):
        for n, char in enumerate(line):
            if char == "#" and (n == 0 or line[n - 1] in " \t") and any(c.isdigit() for c in line[n : n + 6]):
                found[line[n:]] += 1
                break
    return found


def check_readers(text: str, values: list[Any]) -> None:
    """Readers of YAML 1.1 and 1.2 see the same values, and so does ours."""
    for got in (
        [d.value for d in parse(text.encode()).documents],
        [*yaml.load_all(text, Loader=yaml.SafeLoader)],
        [*YAML(typ="safe", pure=True).load_all(text)],
    ):
        assert len(got) == len(values)
        assert all(same(one, value) for one, value in zip(got, values, strict=True))


def check_form(text: str) -> None:
    """One line feed at the end, no byte order mark, no carriage returns, no blanks at ends but in texts."""
    assert text.endswith("\n")
    assert not text.startswith(("\ufeff", "---", "\n"))
    assert "\r" not in text
    kept = {line.rstrip() for value in HARD for line in value.split("\n") if line != line.rstrip()}
    assert all(line == line.rstrip() or line.strip() in kept for line in text.split("\n"))
