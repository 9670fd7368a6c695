"""What moves what: another value is put where one was read, the lowering runs again, and the results are compared.

Every claim is an executed experiment. What no single change moves, but joint changes do, is told apart: it depends on
several reads together, and on none of them alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fleetc.emission.alternatives import Known, changes
from fleetc.emission.compare import RANK, Base, How, Moved, leaves
from fleetc.emission.probe import Suggestions, suggestions
from fleetc.emission.recorder import NAMES, PRESENT, Read, run, traced
from fleetc.emission.site import Lowering, Object, Site
from fleetc.emission.vary import varied
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

Experiment = Mapping[Read, Any]
Observed = Callable[[Read], Known]


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
    """Leaves whose value no single change moves; the units that do so together."""
    quiet: set[Unit] = field(default_factory=set)
    """Units that were read and moved nothing."""
    runs: int = 0


class _Trial(NamedTuple):
    experiment: Experiment
    moved: Moved


_IDENTITY: Final = (("metadata", "name"), ("metadata", "namespace"))
_ROUNDS: Final = 16
_SHARES: Final = (1.0, 1.0, 0.6, 0.3)
"""How many of the units take part in a joint experiment."""


def influence(lowering: Lowering[Any], site: Site, observed: Observed, only: int | None = None) -> Influence:
    """Every experiment on every read of a lowering at a site; with `only`, what they do to the object of that
    position."""
    return _Laboratory(lowering, site, observed, only).results()


class _Laboratory:
    """Runs the experiments of one lowering at one site."""

    def __init__(self, lowering: Lowering[Any], site: Site, observed: Observed, only: int | None) -> None:
        objects, reads = traced(lowering.lower, site)
        self.lowering = lowering
        self.site = site
        self.observed = observed
        self.only = only
        self.base = Base(objects)
        self.out = Influence(objects, reads)

    def results(self) -> Influence:
        """All of them."""
        out = self.out
        trials: dict[Unit, list[_Trial]] = {}
        hints = suggestions(self.lowering, self.site)
        for unit, experiment in experiments(out.reads, self.observed, hints):
            moved = self.moved(experiment)
            if moved is None:
                continue
            trials.setdefault(unit, []).append(_Trial(experiment, moved))
            for path, how in moved.items():
                units = out.moves.setdefault(path, {})
                if unit not in units or RANK[how] < RANK[units[unit]]:
                    units[unit] = how
        moving = {unit for units in out.moves.values() for unit in units}
        out.quiet = trials.keys() - moving
        self.joint(trials)
        return out

    def moved(self, experiment: Experiment) -> Moved | None:
        """What an experiment moves; None when the lowering takes no such value."""
        self.out.runs += 1
        site = varied(self.site, experiment)
        try:
            again = run(self.lowering, site)
        except Exception:
            # Whatever it raises: it was written for values that pass the checks of the language, and this one may not.
            return None
        return self.base.moved(again, self.only)

    def joint(self, trials: Mapping[Unit, list[_Trial]]) -> None:
        """Leaves whose value nothing moves alone: does anything move it together? Then the smallest such set that is
        found."""
        out = self.out
        asked = (p for p, _ in leaves(self.base.objects) if self.only in (None, p[0]))
        still = {p for p in asked if "value" not in out.moves.get(p, {}).values()}
        kept = {unit: [t for t in ts if not _hides(t, still)] for unit, ts in trials.items()}
        units = sorted((unit for unit, ts in kept.items() if ts), key=repr)
        if not still:
            return
        dice = random.Random(len(units))  # noqa: S311 - not for secrets; the same every time
        for n in range(_ROUNDS if len(units) > 1 else 0):
            share = _SHARES[n % len(_SHARES)]
            self.together({u: _choose(kept[u], n, dice).experiment for u in units if dice.random() < share}, still)
        for unit in units:
            for chosen in self.behind(unit, kept[unit]):
                self.together(chosen, still)

    def together(self, chosen: Mapping[Unit, Experiment], still: set[Path]) -> None:
        """Note which of the leaves that are `still` unexplained some joint change moves."""
        moved = self.moved(_combined(chosen)) or {}
        for path in sorted((p for p in still if _counts(moved.get(p), p, self.out)), key=repr):
            found = self.shrunk(chosen, path)
            if len(found) > 1:
                self.out.jointly[path] = found
                still.discard(path)

    def behind(self, unit: Unit, trials: list[_Trial]) -> Iterator[Mapping[Unit, Experiment]]:
        """What is only read once a unit is otherwise, as after `or`: changes of that, together with the unit's."""
        before = self.out.reads[unit.root, unit.path]
        turned = next((t.experiment for t in trials if bool(*t.experiment.values()) != bool(before)), None)
        if turned is None:
            return
        site = varied(self.site, turned)
        try:
            _, reads = traced(self.lowering.lower, site)
        except Exception:
            return
        new = {read: value for read, value in reads.items() if read not in self.out.reads}
        for other, experiment in experiments(new, self.observed, {}):
            yield {unit: turned, other: experiment}

    def shrunk(self, chosen: Mapping[Unit, Experiment], path: Path) -> tuple[Unit, ...]:
        """The fewest of the chosen changes that still move the leaf."""
        keep = dict(chosen)
        for unit in sorted(chosen, key=repr):
            less = {u: e for u, e in keep.items() if u != unit}
            if less and _counts((self.moved(_combined(less)) or {}).get(path), path, self.out):
                keep = less
        return tuple(keep)


def _hides(trial: _Trial, still: set[Path]) -> bool:
    """Whether a change hides what else happens to leaves: it takes them away, or objects are no longer told apart."""
    return any(
        len(path) == 1 or path[1:] in _IDENTITY or (how == "presence" and path in still)
        for path, how in trial.moved.items()
    )


def _choose(trials: list[_Trial], n: int, dice: random.Random) -> _Trial:
    """In the first rounds the first or last change of each, which are the most different ones; then any."""
    return trials[0] if n == 0 else trials[-1] if n == 1 else dice.choice(trials)


def _counts(how: How | None, path: Path, out: Influence) -> bool:
    """Whether a joint change tells more of a leaf than the single ones do."""
    return how == "value" or (how is not None and path not in out.moves)


def _combined(chosen: Mapping[Unit, Experiment]) -> Experiment:
    return {read: value for experiment in chosen.values() for read, value in experiment.items()}


def experiments(reads: Mapping[Read, Any], observed: Observed, hints: Suggestions) -> Iterator[tuple[Unit, Experiment]]:
    """Every single change of a read value."""
    for read, value in reads.items():
        known = observed(read)
        if read[1] == (PRESENT,):
            for node in (None,) if value else known.values:
                yield Unit(*read), {read: node}
        elif read[1] == (NAMES,):
            for name in value:
                yield Unit(*read, (name,)), {read: tuple([n for n in value if n != name])}
            for node in known.values:
                yield Unit(*read, (node.name,)), {read: (*value, node)}
        else:
            taken = _taken(reads, read, value)
            for change in changes(known, value, hints.get(read, {})):
                if not taken or change.value not in taken:
                    yield Unit(*read, change.unit), {read: change.value}


def _taken(reads: Mapping[Read, Any], read: Read, value: Any) -> tuple[Any, ...]:
    """When a read is the name of a node, or of an item of a keyed list: the names that others have."""
    root, path = read
    if path == ("name",):
        names: tuple[Any, ...] = reads.get((f"@{root.partition('/')[0]}", (NAMES,)), ())
        return names
    keys = reads.get((root, path[:-2])) if len(path) > 1 and path[-2] == value else None
    return keys if isinstance(keys, tuple) else ()
