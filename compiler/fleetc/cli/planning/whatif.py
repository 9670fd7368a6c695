"""What a loss or a drain does, in text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fleetc.cli.planning.pools import drawing
from fleetc.cli.planning.reasons import binds
from fleetc.cli.planning.table import Column, Screen, line, total, widths, wrapped
from fleetc.cli.planning.units import count, some
from fleetc.cli.planning.use import uses
from fleetc.cli.planning.words import Fleet, moved
from fleetc.plan.placement import explain
from fleetc.plan.placement.result import Placed, Placement
from fleetc.plan.placement.whatif import Shift, WhatIf
from fleetc.tuples import NamedTuple


class Question(NamedTuple):
    """What is asked: its title (`without cluster west`), and the currency of prices."""

    title: str
    currency: str | None


def whatif(found: WhatIf, question: Question, screen: Screen, *, folded: bool) -> Iterator[str]:
    """The count, then what breaks, what moves and what is narrowed."""
    style, fleet = screen.style, Fleet.of(found.after.problem, question.currency)
    yield f"{style.bold(question.title)}: {_counted(found, screen)}"
    if found.broken:
        yield f"\n{style.red('Promises that break')}"
        for id in found.broken:
            yield from _broken(found, id, fleet, screen)
    moving = [s for s in found.shifts if s.target is not None]
    if moving:
        yield f"\n{style.bold('Moves')}"
        yield from _moves(moving, fleet, screen)
    if found.narrowed:
        yield f"\n{style.bold('Kept, on fewer clusters or zones than asked for')}"
        for id in found.narrowed:
            yield f"  {id}  {_clusters(found, id)}"
    if not folded and found.unmoved:
        yield f"\n{style.bold('Stay as they are')}"
        yield from wrapped(", ".join(found.unmoved), screen.width, "  ", "  ")
    left = list(drawing(uses(found.after), screen, folded=folded))
    if left:
        yield from (f"\n{style.bold('Pools then')}", *left)
    out = tuple(u.workload for u in found.before.unplaced)
    if out:
        yield ""
        yield from wrapped(f"without a place before, and left out here: {some(out)}", screen.width, "note  ", "      ")


def _counted(found: WhatIf, screen: Screen) -> str:
    style = screen.style
    parts = [f"{count(len(found.unmoved), 'workload stays', 'workloads stay')}"]
    parts += [f"{len(found.moved):,} move{'s' if len(found.moved) == 1 else ''}"] if found.moved else []
    if found.narrowed:
        parts.append(style.yellow(f"{len(found.narrowed):,} of them on less spread than asked for"))
    broken = len(found.broken)
    parts.append(
        style.red(f"{count(broken, 'promise breaks', 'promises break')}")
        if broken
        else style.green("no promise breaks")
    )
    return ", ".join(parts)


def _broken(found: WhatIf, id: str, fleet: Fleet, screen: Screen) -> Iterator[str]:
    before = found.before.of(id)
    at = f"was {_where(before.parts)}" if before else ""
    yield f"  {screen.style.red(id)}  {screen.style.dim(fleet.workloads[id].team)}  {at}"
    told = explain(found.after, id)
    yield from wrapped(binds(told, fleet, fleet.workloads[id]), screen.width, "    because  ", "             ")


def _where(parts: Sequence[Placement]) -> str:
    return some([f"{p.least:,} on {p.pool} as {p.alternative}" for p in parts])


def _moves(moving: Sequence[Shift], fleet: Fleet, screen: Screen) -> Iterator[str]:
    arrow = "\N{RIGHTWARDS ARROW}" if screen.unicode else "->"
    columns = (Column("workload"), Column("replicas", right=True), Column("from"), Column(""), Column("to"))
    rows = [
        (s.workload, f"{s.replicas:,}", _place(s.source, s.target), arrow, _place(s.target, s.source)) for s in moving
    ]
    size = widths(columns, rows)
    whys = [moved(s.why, fleet) for s in moving]
    beside = total(size) + 4 + max(map(len, [*whys, "why"])) <= screen.width
    title = f"  {line(columns, size, [c.title for c in columns]).ljust(total(size))}"
    yield screen.style.bold(f"{title}  why" if beside else title.rstrip())
    for row, why in zip(rows, whys, strict=True):
        shown = f"  {line(columns, size, row).ljust(total(size))}"
        if beside:
            yield f"{shown}  {screen.style.dim(why)}"
        else:
            yield shown.rstrip()
            yield from (screen.style.dim(words) for words in wrapped(why, screen.width, "      ", "      "))


def _place(place: tuple[str, str] | None, other: tuple[str, str] | None) -> str:
    """A pool; with the choice, if that changes."""
    if place is None:
        return ""
    return place[0] if other is None or other[1] == place[1] else f"{place[0]} ({place[1]})"


def _clusters(found: WhatIf, id: str) -> str:
    before, after = found.before.of(id), found.after.of(id)
    return f"now on {_names(after)}, was on {_names(before)}"


def _names(placed: Placed | None) -> str:
    return some(sorted({p.cluster for p in placed.parts})) if placed else "none"
