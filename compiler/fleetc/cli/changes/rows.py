"""A diff in the order in which people read it: by edit, then by what changes in one way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from fleetc.check.change.model import ORDER, Effect, Meaning, Value
from fleetc.driver.diff.cause import Cause
from fleetc.driver.diff.diff import Caused, Diff
from fleetc.driver.diff.git import Hunk
from fleetc.tuples import NamedTuple

NOT_TOLD: Final = (Effect.ADDS, Effect.REMOVES, Effect.CHANGES)
"""Effects that say nothing beside others of the same change."""


class Row(NamedTuple):
    """Objects of one kind that change in one way, on the same clusters. `shapes`: how many distinct documents;
    `whys`: reasons that are of no place."""

    effects: tuple[Effect, ...]
    kind: str
    names: tuple[str, ...]
    clusters: tuple[str, ...]
    shapes: int
    values: tuple[Value, ...]
    meanings: tuple[Meaning, ...]
    outlier: bool


class Section(NamedTuple):
    """What comes from one edit: its causes, the changed lines of these, and what changes."""

    causes: tuple[Cause, ...]
    hunks: tuple[tuple[str, Hunk], ...]
    rows: tuple[Row, ...]


def sections(diff: Diff) -> list[Section]:
    """All of it, what is found surest first; clusters that come or go whole are left out: see `whole`."""
    by_line: dict[tuple[Cause, ...], tuple[tuple[Cause, ...], list[Caused]]] = {}
    for caused in diff.changes:
        # Two places of a line are one edit to who reads it.
        line = tuple([cause._replace(column=0) for cause in caused.causes])
        by_line.setdefault(line, (caused.causes, []))[1].append(caused)
    out: list[Section] = []
    for causes, found in sorted(by_line.values(), key=lambda item: _order(item[0])):
        rows = tuple(sorted(_rows(diff, found), key=lambda r: (ORDER[r.effects[0]], r.kind, r.names, r.clusters)))
        if rows:
            out.append(Section(causes, tuple(_hunks(diff, causes)), rows))
    return out


def whole(diff: Diff) -> dict[str, tuple[Effect, int]]:
    """The clusters that come or go, with the number of their objects."""
    counts = Counter(name for found in diff.changes if not found.change.of_stack for name in found.change.files)
    gone = {name: (Effect.REMOVES, counts[name]) for name in diff.gone}
    return {**gone, **{name: (Effect.ADDS, counts[name]) for name in diff.new}}


def totals(diff: Diff) -> dict[Effect, int]:
    """How many objects, over all clusters, each effect concerns."""
    out = Counter[Effect]()
    for change, _ in diff.changes:
        for effect in {meaning.effect for meaning in change.meanings}:
            out[effect] += len(change.files)
    return {effect: out[effect] for effect in Effect if out[effect]}


def edits(diff: Diff) -> int:
    """How many places of specs changed."""
    return sum(map(len, diff.edits.values()))


def _order(causes: tuple[Cause, ...]) -> tuple[int, tuple[Cause, ...]]:
    return ("line", "in", "removed", "among", "tool").index(causes[0].how), causes


def _hunks(diff: Diff, causes: Sequence[Cause]) -> Iterator[tuple[str, Hunk]]:
    """The changed lines at the causes, each once."""
    said: set[tuple[str, int]] = set()
    for cause in causes:
        for hunk in diff.edits.get(cause.file, ()):
            here = hunk.new_start - 1 <= cause.line <= hunk.new_start + max(len(hunk.new), 1)
            if cause.how in ("line", "in") and here and (cause.file, hunk.new_start) not in said:
                said.add((cause.file, hunk.new_start))
                yield cause.file, hunk


def _rows(diff: Diff, found: Sequence[Caused]) -> Iterator[Row]:
    apart, odd = {*diff.gone, *diff.new}, {id(diff.changes[n]) for n in diff.odd}
    alike: dict[object, tuple[Caused, tuple[str, ...], dict[str, None], list[int]]] = {}
    for caused in found:
        change = caused.change
        clusters = tuple(name for name in change.clusters if name not in apart)
        if not clusters:
            continue
        key = (change.identity.kind, clusters, repr(change.values), change.meanings, id(caused) in odd)
        first = alike.setdefault(key, (caused, clusters, {}, []))
        first[2][str(change.identity).partition(" ")[2]] = None
        first[3].append(1)
    merged: dict[object, Row] = {}
    for caused, clusters, names, shapes in alike.values():
        change = caused.change
        row = Row(
            tuple(told(change.meanings)), change.identity.kind, tuple(names), clusters, len(shapes), change.values,
            change.meanings, id(caused) in odd,
        )  # fmt: skip
        same = (row.effects, row.kind, row.names, repr(row.values), row.meanings, row.outlier)
        other = merged.get(same)
        if other is not None:  # the same on other clusters, in another document
            row = row._replace(
                clusters=tuple(sorted({*row.clusters, *other.clusters})), shapes=row.shapes + other.shapes
            )
        merged[same] = row
    yield from merged.values()


def told(meanings: Sequence[Meaning]) -> list[Effect]:
    """The effects that say something."""
    every: list[Effect] = list(dict.fromkeys(meaning.effect for meaning in meanings))
    more: list[Effect] = [effect for effect in every if effect is not Effect.CHANGES]
    return more or every
