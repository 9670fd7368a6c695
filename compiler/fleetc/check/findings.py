"""What the checks of a fleet say: findings at places in emitted objects, and how many checks ended how."""

from __future__ import annotations

from collections.abc import Iterable

from fleetc.check.states import State
from fleetc.diagnostics import Code
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple


class Place(NamedTuple):
    """A path in a subject's n-th object on a cluster (by index)."""

    subject: str
    cluster: int
    object: int
    path: Path


class Local(NamedTuple):
    """A finding in an object (by position) of a cell, before it is known where the cell is. `about` names the
    object."""

    code: Code
    object: int
    path: Path
    about: str
    message: str
    hint: str


class Finding(NamedTuple):
    """One finding. `about` names the object; `related` are other places that take part, `said` places of the specs of
    subjects (by id) that do; `clusters` counts those where it is the same."""

    code: Code
    place: Place
    about: str
    message: str
    hint: str = ""
    related: tuple[tuple[Place, str], ...] = ()
    clusters: int = 1
    said: tuple[tuple[str, Path, str], ...] = ()
    word: str = ""
    """What of a text at the place is meant, where that is not all of it."""


Reasons = dict[str, int]
"""How many checks ended in a state, by the reason that was given ("" for none)."""

Counts = dict[str, dict[str, Reasons]]
"""Rule, state, reason, number."""


class Tally:
    """Counts checks."""

    def __init__(self) -> None:
        self.counts: Counts = {}

    def add(self, rule: str, state: State, number: int = 1, reason: str = "") -> None:
        """Note that `number` checks of a rule ended in a state."""
        if number:
            reasons = self.counts.setdefault(rule, {}).setdefault(state.value, {})
            reasons[reason] = reasons.get(reason, 0) + number

    def join(self, counts: Counts) -> None:
        """Add what was counted before."""
        for rule, states in counts.items():
            for state, reasons in states.items():
                mine = self.counts.setdefault(rule, {}).setdefault(state, {})
                for reason, number in reasons.items():
                    mine[reason] = mine.get(reason, 0) + number


def folded(findings: Iterable[Finding]) -> list[Finding]:
    """Findings that say the same of several clusters are one; the first cluster's places stand for all."""
    first: dict[tuple[object, ...], Finding] = {}
    for found in findings:
        key = (found.code.code, *found.place._replace(cluster=0), found.about, found.message)
        seen = first.get(key)
        first[key] = found if seen is None else seen._replace(clusters=seen.clusters + 1)
    return list(first.values())


def total(counts: Iterable[Counts]) -> Counts:
    """The sums of several counts."""
    tally = Tally()
    for each in counts:
        tally.join(each)
    return tally.counts
