"""Columns, and the screen that they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fleetc.cli.style import Style
from fleetc.tuples import NamedTuple

GAP: Final = "  "


class Screen(NamedTuple):
    """What is printed on: colours or not, its width in characters, and whether it shows more than ASCII."""

    style: Style
    width: int
    unicode: bool


class Column(NamedTuple):
    """A column's title, and whether its cells (numbers, mostly) stand at the right."""

    title: str
    right: bool = False


def widths(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> list[int]:
    """The width of each column; 0 for one that is empty."""
    found = [0] * len(columns)
    for row in rows:
        for n, cell in enumerate(row):
            found[n] = max(found[n], len(cell))
    return [max(width, len(column.title)) if width else 0 for column, width in zip(columns, found, strict=True)]


def line(columns: Sequence[Column], size: Sequence[int], cells: Sequence[str], indent: str = "") -> str:
    """One line of a table; columns of width 0 are left out."""
    shown = [
        cell.rjust(width) if column.right else cell.ljust(width)
        for column, width, cell in zip(columns, size, cells, strict=True)
        if width
    ]
    return f"{indent}{GAP.join(shown)}".rstrip()


def total(size: Sequence[int]) -> int:
    """The width of a table."""
    return sum(size) + len(GAP) * (sum(1 for width in size if width) - 1)


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], style: Style, indent: str = "") -> Iterator[str]:
    """The title line and all rows."""
    size = widths(columns, rows)
    yield style.bold(line(columns, size, [c.title for c in columns], indent))
    for row in rows:
        yield line(columns, size, row, indent)


def wrapped(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    """Words in lines of at most `width`, as far as words allow, after an indent for the first line and the others."""
    out, bare = first, True
    for word in text.split(" "):
        if not bare and len(out) + 1 + len(word) > width:
            yield out
            out, bare = rest, True
        out += word if bare else f" {word}"
        bare = False
    yield out
