"""What moves what: another value is put where one was read, the lowering runs again, and the results are compared.

Every claim is an executed experiment. What no single change moves, but random joint changes do, is told apart: it
depends on several reads together, and on none of them alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fleetc.emission.alternatives import changes
from fleetc.emission.compare import How, Moved, compare_lists, item_key, leaves, note
from fleetc.emission.recorder import Read, traced
from fleetc.emission.site import Lowering, Object, Site
from fleetc.language.schema import Schema
from fleetc.source.span import Path

Experiment = Mapping[Read, Any]


class Unit(NamedTuple):
    """One source of influence: a read, and where within the value that it gave (an item of a list, a key of a
    mapping)."""

    root: str
    path: tuple[str, ...]
    inner: Path = ()


@dataclass
class Influence:
    """What a lowering does at one site, and why. Paths start with the object's position."""

    objects: list[Object]
    reads: dict[Read, Any]
    moves: dict[Path, dict[Unit, How]] = field(default_factory=dict)
    jointly: dict[Path, tuple[Unit, ...]] = field(default_factory=dict)
    """Leaves that no single change moves; the reads that do so together."""
    quiet: set[Unit] = field(default_factory=set)
    """Units that were read and moved nothing."""
    runs: int = 0


class Known(NamedTuple):
    """What is known of a read's field: its schema, whether it may be left out, and what it holds elsewhere in the
    fleet."""

    schema: Schema | None
    optional: bool
    values: tuple[Any, ...]


Observed = Callable[[Read], Known]

_JOINT_ROUNDS = 24


def influence(lowering: Lowering[Any], site: Site, observed: Observed) -> Influence:
    """Every experiment on every read of a lowering at a site."""
    objects, reads = traced(lowering.lower, site)
    out = Influence(objects, reads)
    trials: dict[Unit, list[Experiment]] = {}
    for unit, experiment in experiments(reads, observed):
        trials.setdefault(unit, []).append(experiment)
        moved = _try(lowering, site, experiment, out)
        for path, how in moved.items():
            note_unit(out.moves.setdefault(path, {}), unit, how)
    moving = {unit for units in out.moves.values() for unit in units}
    out.quiet = trials.keys() - moving
    _joint(lowering, site, out, trials)
    return out


def note_unit(units: dict[Unit, How], unit: Unit, how: How) -> None:
    """Note how a unit moves a leaf; a changed value says more than a presence, and that more than an order."""
    was: Moved = {(): units[unit]} if unit in units else {}
    note(was, (), how)
    units[unit] = was[()]


def experiments(reads: Mapping[Read, Any], observed: Observed) -> Iterator[tuple[Unit, Experiment]]:
    """Every single change of a read value."""
    strings, numbers = _colliding(reads.values())
    for read, value in reads.items():
        known = observed(read)
        others = (*known.values, *(numbers if type(value) is int else strings))
        for change in changes(known.schema, value, others, optional=known.optional):
            yield Unit(*read, change.unit), {read: change.value}


def _colliding(values: Iterable[Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Values that other reads gave: two that come to be equal may merge, or flip a guard."""
    flat = [x for v in values for x in (v if isinstance(v, tuple) else (v,))]
    strings = dict.fromkeys(x for x in flat if type(x) is str)
    numbers = dict.fromkeys(x for x in flat if type(x) is int)
    return tuple(strings), tuple(numbers)


def _try(lowering: Lowering[Any], site: Site, experiment: Experiment, out: Influence) -> Moved:
    out.runs += 1
    moved: Moved = {}
    try:
        again, _ = traced(lowering.lower, site, experiment)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError, ZeroDivisionError):
        return moved  # Not a value that this field can have.
    compare_lists(out.objects, again, (), moved, key_of=item_key)
    return moved


def _joint(lowering: Lowering[Any], site: Site, out: Influence, trials: Mapping[Unit, Sequence[Experiment]]) -> None:
    """Leaves that nothing moves alone: does anything move them together? Then the smallest such set that is found."""
    still = [path for path, _ in leaves(out.objects) if path not in out.moves]
    if not still or len(trials) < 2:
        return
    dice = random.Random(len(trials))  # noqa: S311 - not for secrets; the same every time
    units = sorted(trials)
    for _ in range(_JOINT_ROUNDS):
        chosen = {unit: dice.choice(trials[unit]) for unit in units if dice.random() < 0.7}
        moved = _try(lowering, site, _combine(chosen), out)
        for path in [p for p in still if p in moved]:
            out.jointly[path] = _shrink(lowering, site, out, chosen, path)
            still.remove(path)


def _combine(chosen: Mapping[Unit, Experiment]) -> Experiment:
    return {read: value for experiment in chosen.values() for read, value in experiment.items()}


def _shrink(
    lowering: Lowering[Any], site: Site, out: Influence, chosen: Mapping[Unit, Experiment], path: Path
) -> tuple[Unit, ...]:
    keep = dict(chosen)
    for unit in sorted(chosen):
        less = {u: e for u, e in keep.items() if u != unit}
        if less and path in _try(lowering, site, _combine(less), out):
            keep = less
    return tuple(keep)
