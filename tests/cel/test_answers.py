"""The engine beside what real servers said: every verdict is theirs, or none."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.cel.corpus import MINORS, answers, cases, verdict

LEAST = 600


def agrees(mine: str, server: str) -> bool:
    """Whether a verdict is the server's: in kind, in value, and in the place of what does not compile.

    How ANTLR words what it did not expect is not repeated, nor what Go's parsers of addresses say; what is wrong with a
    constant has no place in the server's words.
    """
    if mine.startswith("refused ") and server.startswith("refused "):
        place, text = mine.split(" ", 2)[1:]
        there, said = server.split(" ", 2)[1:]
        if "Syntax error" in said:
            return place == there and "Syntax error" in text
        return "program instantiation failed" in said or (place, text) == (there, said)
    if mine.startswith("error: "):
        return server.startswith(mine)
    return mine == server


@pytest.mark.parametrize("minor", MINORS)
def test_every_verdict_is_that_of_the_server(minor: str) -> None:
    known = answers(minor)
    assert {*known} == {case.expression for case in cases()}, "run tests/live/test_cel.py with FLEETC_UPDATE=1"
    assert len(known) >= LEAST
    found = {expression: (verdict(expression, minor), server) for expression, server in known.items()}
    undecided = {e for e, (mine, _) in found.items() if mine.startswith("unsupported")}
    odd = [(e, *pair) for e, pair in found.items() if e not in undecided and not agrees(*pair)]
    assert odd == []
    assert len(undecided) <= 12


@pytest.mark.parametrize("minor", MINORS)
def test_the_corpus_has_all_sorts(minor: str) -> None:
    kinds = Counter(answer.partition(" ")[0].rstrip(":") for answer in answers(minor).values())
    assert all(kinds[kind] >= 50 for kind in ("true", "false", "error", "refused", "=")), kinds
    topics = Counter(case.topic for case in cases())
    assert min(topics.values()) >= 8, topics


def test_what_is_not_decided_says_why() -> None:
    for expression in ("authorizer.path('/').check('get').allowed()", "'%e'.format([1.5]) == ''"):
        assert verdict(expression, "1.36").startswith("unsupported: ")


def test_a_minor_lacks_what_came_later() -> None:
    known = {minor: answers(minor) for minor in MINORS}
    for expression in ("isSemver('1.2.3')", "[3, 1, 2].sort() == [1, 2, 3]"):
        assert known["1.33"][expression].startswith("refused ")
        assert known["1.35"][expression] == "true"
