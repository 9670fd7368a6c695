"""Colours, on a terminal only; nothing is imported for them."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple


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
    """The style for `--color`; NO_COLOR is respected."""
    if choice == "auto":
        return Style(sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    return Style(choice == "always")
