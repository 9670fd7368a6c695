"""Who decides on colours: the command line, the environment, the terminal; each stream for itself."""

from __future__ import annotations

import io
import sys
from itertools import product

import pytest

from fleetc.cli.style import style_for, style_for_errors

VARIABLES = ("NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "TERM")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("said", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"CLICOLOR_FORCE": "0"}, True, False),
        ({"CLICOLOR_FORCE": ""}, True, False),
        ({"CLICOLOR_FORCE": "1", "CLICOLOR": "0", "TERM": "dumb"}, True, True),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False, False),
        ({"CLICOLOR": "0"}, False, False),
        ({"CLICOLOR": "1"}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "xterm-256color"}, True, False),
    ],
)
def test_auto(said: dict[str, str], on_terminal: bool, elsewhere: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert (style_for("auto").on, style_for_errors("auto").on) == (on_terminal, elsewhere)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert (style_for("auto").on, style_for_errors("auto").on) == (elsewhere, on_terminal)


def test_the_command_line_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, (no, force) in product((Terminal(), io.StringIO()), product(("", "1"), repeat=2)):
        monkeypatch.setenv("NO_COLOR", no)
        monkeypatch.setenv("CLICOLOR_FORCE", force)
        monkeypatch.setattr(sys, "stdout", stream)
        assert style_for("always").on
        assert not style_for("never").on
