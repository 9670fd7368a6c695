"""A diff for the description of a pull request, or a comment on one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fleetc.check.change.model import Effect
from fleetc.cli.changes.rows import Row, Section, sections, totals, whole
from fleetc.cli.changes.words import because, clusters, effects, headline, listed, plans, printable, reasons
from fleetc.driver.diff.diff import Diff

_MOST_ROWS: Final = 40
_MOST_VALUES: Final = 5
_MOST_LINES: Final = 20
_LONGEST: Final = 60_000
"""Characters: forges refuse comments of 65,536."""
_BAD: Final = (
    Effect.DATA, Effect.IMMUTABLE, Effect.WIDENS_RBAC, Effect.WIDENS_NETWORK, Effect.LOOSENS,
)  # fmt: skip
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<#|~!@])")


def markdown(diff: Diff) -> str:
    """The text; cut where a forge would not take it."""
    lines: list[str] = []
    length = 0
    for line in _lines(diff):
        length += len(line) + 1
        if length > _LONGEST:
            # A table or a fence that is open ends with an empty line, or is closed.
            fences = sum(known.startswith("```") for known in lines)
            lines += [*(["```"] if fences % 2 else []), "", "_More than fits here: run `fleetc diff`._"]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _lines(diff: Diff) -> Iterator[str]:
    if not diff.changes and diff.planned is None:
        yield f"**fleetc**: nothing that is emitted changes from `{_code(diff.revision.name)}`."
        return
    yield f"**fleetc**: {headline(diff)} (from `{_code(diff.revision.name)}`)"
    yield ""
    grave = [f"**{effect}** {number:,}" for effect, number in totals(diff).items() if effect in _BAD]
    if grave:
        yield f"Look at: {', '.join(grave)}"
        yield ""
    if diff.changes:
        yield f"{effects(diff)}."
    for note in diff.notes:
        yield from ("", f"> {escaped(note)}")
    if diff.gone or diff.new:
        yield ""
    for name, (effect, number) in whole(diff).items():
        yield f"- **{effect} cluster {escaped(name)}** with {number:,} objects"
    for section in sections(diff):
        yield from _section(section, diff)
    lines = [*plans(diff.planned)] if diff.planned is not None else []
    if lines:
        yield ""
        yield "### Plan"
        yield ""
        yield from (f"- {escaped(line)}" for line in lines)


def _section(section: Section, diff: Diff) -> Iterator[str]:
    yield ""
    yield f"### {escaped('; '.join(because(section.causes, diff.revision.name)))}"
    if section.hunks:
        lines = [f"{sign} {line}" for _, h in section.hunks for sign, ls in (("-", h.old), ("+", h.new)) for line in ls]
        fence = "`" * max(3, *(len(run) + 1 for line in lines for run in re.findall("`+", line)), 3)
        yield ""
        yield f"{fence}diff"
        yield from map(printable, lines[:_MOST_LINES])
        if len(lines) > _MOST_LINES:
            yield f"# and {len(lines) - _MOST_LINES} more lines"
        yield fence
    yield ""
    yield "| effect | object | where | what |"
    yield "|---|---|---|---|"
    for row in section.rows[:_MOST_ROWS]:
        yield _row(row)
    if len(section.rows) > _MOST_ROWS:
        yield f"| | and {len(section.rows) - _MOST_ROWS} more | | |"


def _row(row: Row) -> str:
    words = ", ".join(f"**{effect}**" if effect in _BAD else str(effect) for effect in row.effects)
    told = [f"{_span(what)}{': ' if what and why else ''}{escaped(why)}" for what, why in reasons(row)]
    more = [f"and {len(told) - _MOST_VALUES} more"] if len(told) > _MOST_VALUES else []
    cells = (words, f"{row.kind} {escaped(listed(row.names))}", escaped(clusters(row)))
    return f"| {' | '.join(cells)} | {'<br>'.join([*told[:_MOST_VALUES], *more])} |"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, and that mentions nobody."""
    return _SPECIAL.sub(r"\\\1", text).replace("\\@", "@\N{WORD JOINER}").replace("\n", " ")


def _span(text: str) -> str:
    """A code span in a table."""
    if not text:
        return ""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text.replace('|', chr(92) + '|')}{pad}{fence}"


def _code(text: str) -> str:
    return text.replace("`", "'")
