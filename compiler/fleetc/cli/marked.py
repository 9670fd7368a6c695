"""Explanations in Markdown, for comments on pull requests: what text has, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fleetc.cli.decided import Told, moved_in_plan
from fleetc.cli.explained import between, causes, placed, short, source_line, standing, words_of
from fleetc.cli.moved import rows_of
from fleetc.cli.style import Style
from fleetc.driver.decided import Consequence
from fleetc.driver.edits import Target
from fleetc.driver.explain import Entry, Explainer, Page, holds_more
from fleetc.driver.forward import Forward, Move
from fleetc.source.span import render_path

_PLAIN: Final = Style(False)
_LONGEST: Final = 60_000
"""Characters: forges refuse comments of 65,536."""
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~!@&])")


def fitted(lines: Iterable[str]) -> str:
    """The text, cut between lines where a forge would not take it."""
    out: list[str] = []
    length = 0
    for line in lines:
        length += len(line.encode()) + 1
        if length > _LONGEST:
            out += ["", "_More than fits here: `fleetc explain` has all of it._"]
            break
        out.append(line)
    return "\n".join(out).rstrip("\n") + "\n"


def prose(text: str) -> str:
    """Text that is shown as it is, on one line, and that mentions nobody."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("\\@", "@\N{WORD JOINER}")


def code(text: str) -> str:
    """Text as a code span; nothing for nothing."""
    text = " ".join(text.split())
    if not text:
        return ""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def cell(text: str) -> str:
    """A code span in a table."""
    return code(text).replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table, with an empty line before it; nothing where it has no rows. Cells are Markdown."""
    listed = [f"| {' | '.join(row)} |" for row in rows]
    if listed:
        yield from ("", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *listed)


def backward(fleet: Explainer, page: Page, line: int, entries: Sequence[Entry]) -> Iterator[str]:
    """An emitted line: its values, and what they come from."""
    note = standing(fleet, page, _PLAIN)
    if note:
        yield from (f"> {prose(note)}", "")
    for entry in entries:
        yield from _entry(fleet, entry)
        yield ""
    if not entries:
        yield from (prose(between(page, line)), "")
    yield f"<sub>{prose(placed(fleet, page, _PLAIN))}</sub>"


def _entry(fleet: Explainer, entry: Entry) -> Iterator[str]:
    why, holds = entry.why, holds_more(entry.value)
    value = "" if holds else f" = {code(short(entry.value))}"
    yield f"**{code(f'{entry.file}:{entry.line}')}** {code(render_path(entry.path[1:]))}{value} ({prose(why.lowering)})"
    found = causes(entry)
    if why.constant and not holds:
        more = "; it is there because of" if found.shown else ""
        yield from ("", f"It is a constant of {prose(why.lowering)}{more}")
    elif not why.exact:
        yield from ("", "No single change moves its value; these do together:")
    rows = [(cell(str(o.span)), prose(words_of(o)), cell(source_line(fleet, o.span))) for o in found.rows]
    yield from table(("where", "what", "line"), rows)
    if found.order and found.shown:
        yield from ("", f"Its place among others: {', '.join(code(str(o.span)) for o in found.order)}")


def forward(moving: Forward, found: Sequence[tuple[Target, Sequence[Move], Sequence[Consequence]]]) -> Iterator[str]:
    """A line of a spec: what its values move."""
    for target, moves, planned in found:
        value = code(short(target.value))
        yield f"**{code(f'{target.doc.id} {render_path(target.at)}')}** = {value}"
        files = len({move.file for move in moves})
        if files:
            yield from ("", f"It moves something in {files} file{'s' if files > 1 else ''}:")
        else:
            yield from ("", "It moves nothing: no other valid value changes what is emitted.")
        rows = [(prose(how), cell(where), cell(what), prose(more)) for how, where, what, more in rows_of(moving, moves)]
        yield from table(("how", "first", "what", "also"), rows)
        lines = [*moved_in_plan(planned)]
        if lines:
            yield from ("", f"It {prose(lines[0])}:", "", *(f"- {prose(line)}" for line in lines[1:]))
        yield ""


def lock(told: Told, line: int) -> Iterator[str]:
    """A lock file: what is promised where, why, and what decided it."""
    for head in told.placements(line):
        yield f"- {prose(head)}"
    for id in told.workloads(line):
        yield from ("", f"### {prose(id)}", "")
        yield from (f"- {prose(reason)}" for reason in told.reasons(id))
        rows = [
            (cell(where), prose(change), prose(then), cell(source)) for where, change, then, source in told.decided(id)
        ]
        yield from table(("decided by", "otherwise", "then it is", "line"), rows)
        beaten = told.beaten(id)
        if beaten:
            yield from ("", "It beat:", "", *(f"- {prose(row)}" for row in beaten))


def everything(entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Counts by file of what emitted values are: `traced`, `joint` or `constant`."""
    kinds = ("traced", "joint", "constant")
    counted: dict[str, dict[str, int]] = {}
    for file, kind in entries:
        row = counted.setdefault(file, dict.fromkeys(kinds, 0))
        row[kind] += 1
    total = [f"**{sum(row[kind] for row in counted.values()):,}**" for kind in kinds]
    rows = [(cell(file), *(f"{row[kind]:,}" for kind in kinds)) for file, row in counted.items()]
    head = ("file", "from specs and tables", "from several together", "constants")
    yield f"**{len(entries):,} emitted values** in {len(counted):,} file{'s' if len(counted) != 1 else ''}"
    yield from table(head, [*rows, ("all", *total)])
