"""What all policies came to over a fleet: which exceptions were needed, and some of the objects that each looked at."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, NamedTuple

from fleetc.check.policy.judge import Judged, Ready
from fleetc.check.rules.access import Map

_MOST: Final = 50
"""Objects that are kept of each policy: as many as one wants to try to damage."""


class Seen(NamedTuple):
    """An object that a policy looked at."""

    ready: Ready
    obj: Map
    space: Map | None


class Usage:
    """Filled while clusters are judged. `broken`: the rules that some object does not meet, or would not but for an
    exception; `excepted`: the exceptions that some object needs.

    `objects` counts those that a policy (by name) is for, by cluster (by index) and kind; `ends` how each of its rules
    ended for them, by state; `needs` those that need an exception.
    """

    def __init__(self) -> None:
        self.broken: set[tuple[str, str]] = set()
        self.excepted: set[tuple[str, str]] = set()
        self.seen: dict[str, list[Seen]] = {}
        self.ready: dict[Any, Ready] = {}
        self.judged: dict[Any, Judged] = {}
        self.objects: Counter[tuple[str, int, str]] = Counter()
        self.ends: Counter[tuple[str, str, str]] = Counter()
        self.needs: Counter[tuple[str, str]] = Counter()

    def note(self, ready: Ready, obj: Map, space: Map | None, judged: Judged) -> None:
        """Note how an object ended."""
        name = ready.policy.name
        for ruled in judged.rules:
            if (not ruled.holds and not ruled.unsure) or ruled.excepted:
                self.broken.add((name, ruled.rule.name))
            self.excepted |= {(name, exception) for exception in ruled.excepted}
        kept = self.seen.setdefault(name, [])
        if len(kept) < _MOST:
            kept.append(Seen(ready, obj, space))
