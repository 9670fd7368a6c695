"""Colours, on a terminal only; nothing is imported for them."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from fleetc.tuples import NamedTuple


class Style(NamedTuple):
    """Whether to colour."""

    on: bool

    def paint(self, text: str, *codes: int) -> str:
        """`text` in colours by ANSI code."""
        return f"\033[{';'.join(map(str, codes))}m{text}\033[0m" if self.on and text else text

    def bold(self, text: str) -> str:
        """Bold."""
        return self.paint(text, 1)

    def dim(self, text: str) -> str:
        """Dim."""
        return self.paint(text, 2)

    def red(self, text: str) -> str:
        """Bold red."""
        return self.paint(text, 1, 31)

    def yellow(self, text: str) -> str:
        """Bold yellow."""
        return self.paint(text, 1, 33)

    def green(self, text: str) -> str:
        """Green."""
        return self.paint(text, 32)

    def blue(self, text: str) -> str:
        """Bold blue."""
        return self.paint(text, 1, 34)


def style_for(choice: str) -> Style:
    """The style of the standard output for `--color`."""
    return _style(choice, sys.stdout)


def style_for_errors(choice: str) -> Style:
    """The style of the standard error: one of the two may be a terminal, and the other a file."""
    return _style(choice, sys.stderr)


def _style(choice: str, stream: TextIO) -> Style:
    """What the command line says counts first, then NO_COLOR, then CLICOLOR_FORCE, then CLICOLOR and the terminal."""
    if choice != "auto":
        return Style(choice == "always")
    said = os.environ.get
    if said("NO_COLOR"):
        return Style(False)
    if said("CLICOLOR_FORCE", "0") not in ("", "0"):
        return Style(True)
    return Style(said("CLICOLOR") != "0" and said("TERM") != "dumb" and stream.isatty())
