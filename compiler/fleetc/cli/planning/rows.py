"""The table of workloads: where each is, what it takes there, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final

from fleetc.cli.planning.reasons import binds, explained, why
from fleetc.cli.planning.table import GAP, Column, Screen, line, total, widths, wrapped
from fleetc.cli.planning.units import count, money, percent, span, to_point
from fleetc.cli.planning.use import short_name, taken
from fleetc.cli.planning.words import Fleet, remedied, takes
from fleetc.language.wording import gib
from fleetc.plan.placement.model import Alternative, Pool, Workload
from fleetc.plan.placement.result import Placed, Placement, Unplaced
from fleetc.plan.view import PlanView
from fleetc.tuples import NamedTuple

MOST_PARTS: Final = 6
"""Places of one workload that are listed; of more, those of one choice are one row."""


_LEAST_WHY: Final = 20
"""Characters for the reason, below which it does not stand in the table."""


class _Part(NamedTuple):
    """A row: one place, or several where they are too many to list."""

    cluster: str
    pool: str
    cells: tuple[str, ...]
    """What it takes, from `_TAKES`; prices last."""


class _Told(NamedTuple):
    """A workload that has a place."""

    workload: Workload
    parts: tuple[_Part, ...]
    why: str


_TAKES: Final = (
    Column("each"),
    Column("replicas", right=True),
    Column("devices", right=True),
    Column("memory left", right=True),
)


def workloads(view: PlanView, screen: Screen, *, folded: bool) -> Iterator[str]:
    """All workloads with a place, by team and id; as one table if that is narrow enough, else in blocks."""
    told = list(_told(view, folded=folded))
    if not told:
        return
    _align_prices(told)
    columns = (*_TAKES, Column(_price_title(view), right=True), Column("up to", right=True))
    rows = [(part.cluster, part.pool, *part.cells) for one in told for part in one.parts]
    size = widths((Column("cluster"), Column("pool"), *columns), rows)
    names = [max(len(one.workload.id) for one in told), max(len(one.workload.team) for one in told)]
    whole = [max(names[0], len("workload")), max(names[1], len("team")), *size]
    longest = max(len(one.why) for one in told)
    if total(whole) + len(GAP) + min(longest, _LEAST_WHY) <= screen.width:
        yield from _wide(told, (Column("cluster"), Column("pool"), *columns), whole, screen)
    else:
        yield from _blocks(told, (Column("cluster"), Column("pool"), *columns), size, screen)


def unplaced(view: PlanView, screen: Screen, *, folded: bool) -> Iterator[str]:
    """The workloads without a place: what keeps them from one, and what would work soonest."""
    fleet = Fleet.of(view.result.problem, view.currency)
    told = explained(view) if folded else frozenset(u.workload for u in view.result.unplaced)
    for one in sorted(view.result.unplaced, key=lambda u: (fleet.workloads[u.workload].team, u.workload)):
        yield _head(fleet.workloads[one.workload], screen)
        if one.workload in told:
            yield from _without(view, fleet, one, screen)
        else:
            yield f"    because  {screen.style.dim(f'fleetc plan {one.workload}')}"


def _head(workload: Workload, screen: Screen) -> str:
    style, mark = screen.style, "\N{BALLOT X}" if screen.unicode else "x"
    asks = f"{count(workload.replicas.least, 'replica')} of {' or '.join(takes(a) for a in workload.alternatives)}"
    return f"{style.red(mark)} {style.bold(workload.id)}  {style.dim(workload.team)}  {style.red('no place')}: {asks}"


def _without(view: PlanView, fleet: Fleet, one: Unplaced, screen: Screen) -> Iterator[str]:
    workload, style = fleet.workloads[one.workload], screen.style
    found = view.explanation(one.workload)
    yield from wrapped(binds(found, fleet, workload), screen.width, "    because  ", "             ")
    better = view.better.get(one.workload, ())
    works = [remedied(r, workload) for r in found.remedies]
    for words in works[:1]:
        yield from wrapped(words, screen.width, "    works    ", "             ")
    if len(works) > 1:
        others = count(len(works) - 1, "other remedy", "other remedies")
        yield f"             {style.dim(f'or {others}: fleetc plan {workload.id}')}"
    if not works:
        yield f"    works    {style.dim('no single change that was tried')}"
    for words in better:
        yield from wrapped(words, screen.width, "    better   ", "             ")


def _told(view: PlanView, *, folded: bool) -> Iterator[_Told]:
    fleet = Fleet.of(view.result.problem, view.currency)
    workloads, pools = fleet.workloads, fleet.pools
    told = explained(view) if folded else workloads.keys()
    for placed in sorted(view.result.placed, key=lambda p: (workloads[p.workload].team, p.workload)):
        workload = workloads[placed.workload]
        ways = {a.name: a for a in workload.alternatives}
        many = folded and len(placed.parts) > MOST_PARTS
        groups = _alike(placed, pools) if many else [(p,) for p in placed.parts]
        parts = tuple(_part(view, placed.workload, group, pools, ways) for group in groups)
        yield _Told(workload, parts, why(view, fleet, workload, placed, told=workload.id in told))


def _alike(placed: Placed, pools: Mapping[str, Pool]) -> list[tuple[Placement, ...]]:
    """Places by choice and by what pools are called in their clusters; by choice only, if that leaves too many."""
    by_name: dict[tuple[str, str], list[Placement]] = {}
    by_choice: dict[str, list[Placement]] = {}
    for part in placed.parts:
        by_name.setdefault((part.alternative, short_name(pools[part.pool])), []).append(part)
        by_choice.setdefault(part.alternative, []).append(part)
    groups = by_name.values() if len(by_name) <= MOST_PARTS else by_choice.values()
    return [tuple(group) for group in groups]


def _part(
    view: PlanView, id: str, group: Sequence[Placement], pools: Mapping[str, Pool], ways: dict[str, Alternative]
) -> _Part:
    first, way = group[0], ways[group[0].alternative]
    clusters = sorted({p.cluster for p in group})
    names = sorted({short_name(pools[p.pool]) for p in group})
    least, most = sum(p.least for p in group), sum(p.most for p in group)
    devices = span(sum(taken(p, p.least) for p in group), sum(taken(p, p.most) for p in group)) if way.devices else ""
    fit = view.fits.get((id, first.alternative))
    left = f"{gib(fit.margin)} {percent(fit.margin, fit.usable).rjust(3)}" if fit else ""
    return _Part(
        clusters[0] if len(clusters) == 1 else count(len(clusters), "cluster"),
        names[0] if len(names) == 1 else count(len(names), "pool"),
        # Of pods without devices memory is left to the details: the column would be the widest.
        (takes(way).partition(", ")[0], span(least, most), devices, left, *_prices(group)),
    )


def _prices(group: Sequence[Placement]) -> tuple[str, str]:
    least = [p.price_least for p in group if p.price_least is not None]
    most = [p.price_most for p in group if p.price_most is not None]
    if len(least) < len(group):
        return "unknown", ""
    return money(sum(least)), "" if sum(least) == sum(most) else money(sum(most))


def _align_prices(told: list[_Told]) -> None:
    """Decimal points below each other."""
    parts = [part for one in told for part in one.parts]
    columns = [to_point([part.cells[n] for part in parts]) for n in (-2, -1)]
    cells = iter(zip(*columns, strict=True))
    for n, one in enumerate(told):
        parts_now = tuple(part._replace(cells=(*part.cells[:-2], *next(cells))) for part in one.parts)
        told[n] = one._replace(parts=parts_now)


def _price_title(view: PlanView) -> str:
    return f"{view.currency}/h" if view.currency else "price/h"


def _wide(told: list[_Told], columns: Sequence[Column], size: list[int], screen: Screen) -> Iterator[str]:
    """One table. A long why goes on beside the other places of its workload, and below."""
    style, every = screen.style, (Column("workload"), Column("team"), *columns)
    before = total(size)
    why = "why" if any(one.why for one in told) else ""
    yield style.bold(f"{line(every, size, [c.title for c in every]).ljust(before)}{GAP}{why}".rstrip())
    for one in told:
        words = list(wrapped(one.why, screen.width - before - len(GAP), "", "")) if one.why else []
        for n, (part, said) in enumerate(zip_longest(one.parts, words, fillvalue=None)):
            names = (one.workload.id, one.workload.team) if n == 0 else ("", "")
            cells = (*names, part.cluster, part.pool, *part.cells) if part else ("",) * len(every)
            shown = line(every, size, cells)
            yield f"{shown.ljust(before)}{GAP}{style.dim(said)}" if said else shown


def _blocks(told: list[_Told], columns: Sequence[Column], size: list[int], screen: Screen) -> Iterator[str]:
    """A line with name, team and why, and its places below: a line each, or two where that is too wide."""
    style = screen.style
    deep = len(GAP) + total(size) > screen.width
    cells = slice(2, None) if deep else slice(None)
    indent = "    " if deep else GAP
    yield style.bold(line(columns[cells], size[cells], [c.title for c in columns[cells]], indent))
    for one in told:
        head = f"{one.workload.id}  {one.workload.team}"
        coloured = f"{style.bold(one.workload.id)}  {one.workload.team}"
        if one.why and len(head) + len(GAP) + len(one.why) > screen.width:
            yield coloured
            yield from (style.dim(words) for words in wrapped(one.why, screen.width, "    ", "    "))
        else:
            yield f"{coloured}  {style.dim(one.why)}" if one.why else coloured
        for part in one.parts:
            if deep:
                yield f"{GAP}{part.cluster}{GAP}{part.pool}"
            yield line(columns[cells], size[cells], (part.cluster, part.pool, *part.cells)[cells], indent)
