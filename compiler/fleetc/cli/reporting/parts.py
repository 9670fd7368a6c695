"""What the sections of the page are made of: tables that are lists on phones, bars, names that are many, places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from fleetc.cli.planning.units import count
from fleetc.cli.reporting.html import Content, Html, el, join
from fleetc.tuples import NamedTuple

MOST_NAMES: Final = 4
_WHOLE: Final = 10_000


class Column(NamedTuple):
    """A column of a table; numbers stand at the right."""

    title: str
    number: bool = False


def section(id: str, title: str, *content: Content, about: str = "") -> Html:
    """A section of the page with its heading, and a line on what is in it."""
    lead = el("p", ticked(about), class_="about") if about else None
    return el("section", el("h2", title, id=id), lead, content, aria_labelledby=id)


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Content]], *, kind: str = "") -> Html:
    """A table; the first cell of a row is its heading. Roles are told, for where the style makes a list of it."""
    heads = [el("th", c.title, scope="col", role="columnheader", class_=_class(c)) for c in columns]
    body = [el("tr", [_cell(n, columns[n], cell) for n, cell in enumerate(row)], role="row") for row in rows]
    return el(
        "table",
        el("caption", caption),
        el("thead", el("tr", heads, role="row"), role="rowgroup"),
        el("tbody", body, role="rowgroup"),
        role="table",
        class_=kind or None,
    )


def _class(column: Column) -> str | None:
    return "n" if column.number else None


def _cell(number: int, column: Column, content: Content) -> Html:
    if number == 0:
        return el("th", content, scope="row", role="rowheader")
    inner = el("span", content, class_="v")
    empty = content in (None, "")
    return el("td", inner, role="cell", class_=_class(column), data_label=column.title, data_empty=empty)


class Piece(NamedTuple):
    """A part of a bar: what it is, which is its class in the style, and how much."""

    kind: str
    words: str
    amount: int


def bar(id: str, title: str, pieces: Sequence[Piece]) -> Html:
    """A bar of some width, in parts; all of it is told in words, too."""
    total = sum(piece.amount for piece in pieces)
    said = ", ".join(f"{piece.words} {piece.amount:,}" for piece in pieces if piece.amount)
    rects: list[Html] = []
    at = before = 0
    for piece in pieces:
        at += piece.amount
        after = at * _WHOLE // total if total else 0
        if after > before:
            rects.append(el("rect", class_=piece.kind, x=before, y="0", width=after - before, height="10"))
        before = after
    ids = f"{id}-t {id}-d"
    return el(
        "svg", el("title", title, id=f"{id}-t"), el("desc", said or "nothing", id=f"{id}-d"), rects,
        class_="bar", role="img", aria_labelledby=ids, viewBox=f"0 0 {_WHOLE} 10", preserveAspectRatio="none",
    )  # fmt: skip


def legend(pieces: Iterable[tuple[str, str]]) -> Html:
    """What the parts of bars mean."""
    return el("ul", [el("li", el("i", class_=f"key {kind}"), words) for kind, words in pieces], class_="legend")


def place(span: dict[str, Any]) -> Html:
    """Where something stands in the specs."""
    return path(f"{span['file']}:{span['line']}")


def path(text: str) -> Html:
    """The path of a file, which is broken behind its folders where there is no room for it."""
    folders = text.split("/")
    return el("code", [[f"{folder}/", el("wbr")] for folder in folders[:-1]], folders[-1], class_="at")


def ticked(text: str) -> Html:
    """A message, in which what stands between backticks is code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return join(text)
    return join([el("code", piece) if n % 2 else piece for n, piece in enumerate(pieces)])


def names(found: Sequence[str], thing: str = "cluster") -> Content:
    """Names, or how many there are with all of them folded away."""
    if len(found) <= MOST_NAMES:
        return ", ".join(found)
    return el("details", el("summary", count(len(found), thing)), el("div", ", ".join(found)))


def tag(words: str, kind: str = "") -> Html:
    """A word in a frame."""
    return el("span", words, class_=f"tag {kind}".strip())


def nothing(words: str) -> Html:
    """What is said where there is nothing to show."""
    return el("p", words, class_="none")


def spread(amounts: dict[str, int]) -> str:
    """`2..8`, or one number, of what is promised and at most."""
    least, most = amounts["promised"], amounts["atMost"]
    return f"{least:,}" if least == most else f"{least:,}..{most:,}"


def lines(*content: Content) -> Html:
    """A first line, and what is less important below it."""
    first, *rest = content
    return join(first, [el("small", more) for more in rest if more])
