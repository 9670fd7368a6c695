"""Bars of characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from fleetc.cli.planning.table import Screen
from fleetc.cli.style import Style
from fleetc.tuples import NamedTuple

Mark = Literal["promised", "promised apart", "burst", "apart", "free", "more", "weights", "cache", "runtime", "left"]

_GLYPHS: Final[dict[Mark, tuple[str, str]]] = {
    "promised": ("\N{FULL BLOCK}", "#"),
    "promised apart": ("\N{DARK SHADE}", "%"),
    "burst": ("\N{LIGHT SHADE}", "+"),
    "apart": ("\N{BOX DRAWINGS LIGHT DIAGONAL UPPER RIGHT TO LOWER LEFT}", "/"),
    "free": ("\N{MIDDLE DOT}", "."),
    "more": ("\N{BOX DRAWINGS LIGHT QUADRUPLE DASH HORIZONTAL}", "-"),
    "weights": ("\N{FULL BLOCK}", "#"),
    "cache": ("\N{DARK SHADE}", "="),
    "runtime": ("\N{LIGHT SHADE}", "+"),
    "left": ("\N{MIDDLE DOT}", "."),
}
"""For screens that show more than ASCII, and for those that do not."""


class Piece(NamedTuple):
    """A piece of a bar, and how much it stands for."""

    mark: Mark
    amount: int


def glyph(mark: Mark, screen: Screen) -> str:
    """The character of a piece."""
    return _GLYPHS[mark][0 if screen.unicode else 1]


def painted(mark: Mark, text: str, style: Style) -> str:
    """In the colour of a piece."""
    match mark:
        case "promised" | "weights":
            return style.green(text)
        case "apart" | "promised apart" | "runtime":
            return style.blue(text)
        case "burst" | "cache":
            return style.yellow(text)
        case "free" | "more" | "left":
            return style.dim(text)


def bar(pieces: Sequence[Piece], width: int, screen: Screen) -> str:
    """`[###++..]` of `width` characters between the brackets; each piece that is not empty has one at least."""
    cells = _cells([max(0, p.amount) for p in pieces], width)
    shown = [painted(p.mark, glyph(p.mark, screen) * n, screen.style) for p, n in zip(pieces, cells, strict=True)]
    return f"[{''.join(shown)}{' ' * (width - sum(cells))}]"


def _cells(amounts: Sequence[int], width: int) -> list[int]:
    whole = sum(amounts)
    if not whole:
        return [0] * len(amounts)
    cells = [max(1, amount * width // whole) if amount else 0 for amount in amounts]
    # The largest remainder gets what is missing; what is too much is taken from the longest.
    order = sorted(range(len(amounts)), key=lambda n: (-(amounts[n] * width % whole), n))
    missing = width - sum(cells)
    for n in [n for n in order if amounts[n]][: max(0, missing)]:
        cells[n] += 1
    for _ in range(sum(cells) - width):
        cells[max(range(len(cells)), key=lambda n: (cells[n], -n))] -= 1
    return cells
