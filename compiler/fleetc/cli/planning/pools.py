"""The drawing of the pools' use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fleetc.cli.planning.draw import Mark, Piece, bar, glyph, painted
from fleetc.cli.planning.table import GAP, Column, Screen, line, total, widths
from fleetc.cli.planning.units import cores, count, span
from fleetc.cli.planning.use import Use, short_name, unit_of
from fleetc.cli.planning.words import CLASSES
from fleetc.tuples import NamedTuple

MOST_ROWS: Final = 24
FULLEST: Final = 12
"""Rows of a fleet that is too large to draw whole; the rest is drawn in sums."""
_WIDEST: Final = 32
_NARROWEST: Final = 8

LEGEND: Final[tuple[tuple[Mark, str], ...]] = (
    ("promised", "promised"),
    ("promised apart", "promised, kept apart"),
    ("burst", "burst"),
    ("apart", "kept apart for large pods, free"),
    ("free", "free"),
    ("more", "not guaranteed"),
)

_LEFT: Final = (
    Column("cluster"), Column("pool"), Column("offers"), Column("class"), Column("nodes", right=True),
)  # fmt: skip
_RIGHT: Final = tuple(Column(title, right=True) for title in ("promised", "burst", "free", "kept apart"))


class _Row(NamedTuple):
    """Pools that are drawn as one."""

    uses: tuple[Use, ...]

    def total(self, what: str) -> int:
        """The sum of one of the numbers."""
        return sum(int(getattr(use, what)) for use in self.uses)

    def fullness(self) -> tuple[int, int, str]:
        """The fullest first, the larger first."""
        guaranteed = self.total("guaranteed")
        taken = guaranteed - self.total("free")
        return (-(taken * 1000 // guaranteed) if guaranteed else 1, -guaranteed, self.uses[0].pool.id)


def drawing(found: Sequence[Use], screen: Screen, *, folded: bool) -> Iterator[str]:
    """A line for each pool, or for pools alike; then what the characters mean."""
    rows = _folded(found) if folded and len(found) > MOST_ROWS else [_Row((use,)) for use in found]
    if not rows:
        return
    left, right = [_left(row) for row in rows], [_right(row) for row in rows]
    sizes = widths(_LEFT, left), widths(_RIGHT, right)
    room = screen.width - total(sizes[0]) - total(sizes[1]) - 2 * len(GAP) - len("[]")
    if room < _NARROWEST:
        # Clusters as headings leave as much room as they take.
        room += sizes[0][0]
        headings, indent = [of[0] for of in left], GAP
        sizes[0][0] = 0
    else:
        headings, indent = [""] * len(rows), ""
    size = max(_NARROWEST, min(_WIDEST, room))
    titles = line(_LEFT, sizes[0], [c.title for c in _LEFT], indent).ljust(total(sizes[0]) + len(indent))
    use = f"{GAP}{'use'.ljust(size + len('[]'))}{GAP}"
    yield screen.style.bold((titles + use + line(_RIGHT, sizes[1], [c.title for c in _RIGHT])).rstrip())
    above = ""
    for row, heading, before, after in zip(rows, headings, left, right, strict=True):
        if heading != above:
            yield heading
        above = heading
        head = line(_LEFT, sizes[0], before, indent).ljust(total(sizes[0]) + len(indent))
        resting = all(u.pool.maintenance for u in row.uses)
        drawn = "in maintenance" if resting else bar(pieces(row.uses), size, screen)
        yield f"{head}{GAP}{drawn}{'' if resting else GAP + line(_RIGHT, sizes[1], after)}"
    yield _legend(found, screen)


def pieces(found: Iterable[Use]) -> tuple[Piece, ...]:
    """What a bar is made of: burst takes free room first, then nodes that may come."""
    order: tuple[Mark, ...] = ("promised", "promised apart", "burst", "apart", "free", "more")
    sums = dict.fromkeys(order, 0)
    for use in found:
        room = max(0, use.most - use.promised - use.apart)
        burst = min(use.burst, room)
        free = max(0, use.free - burst)
        sums["promised"] += use.promised - use.aside
        sums["promised apart"] += use.aside
        sums["burst"] += burst
        sums["apart"] += use.apart
        sums["free"] += free
        sums["more"] += room - burst - free
    return tuple(Piece(mark, sums[mark]) for mark in order)


def _legend(found: Sequence[Use], screen: Screen) -> str:
    """Only what is drawn."""
    drawn = {piece.mark for piece in pieces(found) if piece.amount}
    shown = [f"{painted(mark, glyph(mark, screen), screen.style)} {words}" for mark, words in LEGEND if mark in drawn]
    return f"{screen.style.dim('legend')}  {GAP.join(shown)}" if shown else ""


def _folded(found: Sequence[Use]) -> list[_Row]:
    """Pools alike as one; of too many still, the fullest, and the others by what they offer."""
    alike: dict[tuple[object, ...], list[Use]] = {}
    for use in found:
        alike.setdefault((*_kind(use), use.pool.nodes, use[2:]), []).append(use)
    rows = sorted((_Row(tuple(group)) for group in alike.values()), key=_Row.fullness)
    if len(rows) <= MOST_ROWS:
        return rows
    rest: dict[tuple[object, ...], list[Use]] = {}
    for row in rows[FULLEST:]:
        for use in row.uses:
            rest.setdefault(_kind(use)[1:], []).append(use)
    return [*rows[:FULLEST], *(_Row(tuple(group)) for _, group in sorted(rest.items(), key=lambda i: str(i[0])))]


def _kind(use: Use) -> tuple[object, ...]:
    return short_name(use.pool), unit_of(use.pool), use.pool.capacity, use.pool.maintenance


def _left(row: _Row) -> tuple[str, ...]:
    pool = row.uses[0].pool
    clusters = sorted({u.pool.cluster for u in row.uses})
    names = sorted({short_name(u.pool) for u in row.uses})
    least, most = (sum(u.pool.nodes[n] for u in row.uses) for n in (0, 1))
    reserved = pool.capacity in {"reserved", "static"}
    return (
        clusters[0] if len(clusters) == 1 else count(len(clusters), "cluster"),
        names[0] if len(names) == 1 else count(len(names), "pool"),
        unit_of(pool),
        CLASSES[pool.capacity],
        # All nodes of reserved and static pools are there for promises.
        f"{most:,}" if reserved else span(least, most),
    )


def _right(row: _Row) -> tuple[str, ...]:
    if all(u.pool.maintenance for u in row.uses):
        return ("",) * len(_RIGHT)
    shown = "{:,}".format if row.uses[0].pool.accelerator else cores
    promised, burst, free, apart = (row.total(what) for what in ("promised", "burst", "free", "set_aside"))
    return (
        f"{shown(promised)} of {shown(row.total('guaranteed'))}",
        f"+{shown(burst)}" if burst else "",
        shown(free),
        count(apart, "node") if apart else "",
    )
