"""A diff for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.check.change.model import Effect
from fleetc.cli.changes.rows import Row, Section, sections, whole
from fleetc.cli.changes.words import because, clusters, effects, headline, listed, plans, printable, reasons
from fleetc.cli.style import Style
from fleetc.driver.diff.diff import Diff

_MOST_VALUES: Final = 8
_MOST_LINES: Final = 6
_BAD: Final = (
    Effect.DATA, Effect.IMMUTABLE, Effect.WIDENS_RBAC, Effect.WIDENS_NETWORK, Effect.LOOSENS, Effect.REMOVES,
)  # fmt: skip
_NOTABLE: Final = (Effect.RESTARTS, Effect.SCALES)


def text(diff: Diff, style: Style, *, every: bool) -> Iterator[str]:
    """The lines. `every`: all values of each change, else the first of them."""
    against = diff.revision.name
    if not diff.changes and diff.planned is None:
        same = "" if not diff.edits else f"; specs changed in {len(diff.edits)} file{'s' * (len(diff.edits) > 1)}"
        yield f"nothing that is emitted changes from {against}{same}"
    else:
        yield f"{style.bold(headline(diff))}  {style.dim(f'from {against} to a build of the working tree')}"
    if diff.changes:
        yield f"  {effects(diff)}"
    for note in diff.notes:
        yield f"{style.yellow('note')}  {note}"
    for name, (effect, number) in whole(diff).items():
        yield ""
        word = style.red(str(effect)) if effect is Effect.REMOVES else style.green(str(effect))
        yield f"  {word}  {style.bold(f'cluster {name}')} with {number:,} objects"
    for section in sections(diff):
        yield ""
        yield from _section(section, diff, style, every=every)
    if diff.planned is not None:
        lines = [*plans(diff.planned)]
        if lines:
            yield from ("", style.bold("plan"), *(f"  {line}" for line in lines))


def _section(section: Section, diff: Diff, style: Style, *, every: bool) -> Iterator[str]:
    yield from map(style.bold, because(section.causes, diff.revision.name))
    for _, hunk in section.hunks:
        for sign, lines, paint in (("-", hunk.old, style.red), ("+", hunk.new, style.green)):
            shown = lines if every else lines[:_MOST_LINES]
            for line in shown:
                yield paint(f"{sign} {printable(line)}")
            if len(shown) < len(lines):
                yield style.dim(f"{sign} and {len(lines) - len(shown)} more lines")
    for row in section.rows:
        yield from _row(row, style, every=every)


def _row(row: Row, style: Style, *, every: bool) -> Iterator[str]:
    words = ", ".join(_painted(effect, style) for effect in row.effects)
    names = ", ".join(row.names) if every else listed(row.names)
    shapes = f", {row.shapes:,} shapes" if row.shapes > len(row.names) else ""
    yield f"  {words}  {style.bold(row.kind)} {names}  {style.dim(f'on {clusters(row)}{shapes}')}"
    told = [*reasons(row)]
    shown = told if every else told[:_MOST_VALUES]
    for what, why in shown:
        yield f"      {what}{'  ' if what and why else ''}{style.dim(why)}".rstrip()
    if len(shown) < len(told):
        yield style.dim(f"      and {len(told) - len(shown)} more; --verbose shows all")


def _painted(effect: Effect, style: Style) -> str:
    if effect in _BAD:
        return style.red(str(effect))
    if effect in _NOTABLE:
        return style.yellow(str(effect))
    return style.green(str(effect)) if effect is Effect.ADDS else style.dim(str(effect))
