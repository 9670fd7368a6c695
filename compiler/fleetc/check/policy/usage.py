"""What policies came to over a fleet: in each cell, which exceptions and rules were needed, and what they looked at.

What of it says something of other cells is packed, and remembered: see `Ruling.packed`.
"""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from fleetc.check.findings import Counts
from fleetc.check.policy.judge import Judged, Ready, Ruled, named
from fleetc.check.rules.access import Map
from fleetc.tuples import NamedTuple

FORMAT: Final = 2
"""Of `marshal`: later ones write equal values differently, as they are shared with others or not."""

Use = tuple[str, str, str]
"""`rule` or `exception`, the Policy's name, and its own: a rule that some object does not meet, or would not but for an
exception; an exception that some object needs."""


Witnesses = dict[tuple[str, str], tuple[str, str]]
"""For rules, by Policy and name, that no object breaks: of which subject one could, were it damaged, on which
cluster."""


class Seen(NamedTuple):
    """An object that a policy looked at; of a subject, on a cluster."""

    ready: Ready
    obj: Map
    space: Map | None
    subject: str
    cluster: str


class Broken(NamedTuple):
    """A rule that the n-th object of a cell does not meet."""

    object: int
    ready: Ready
    ruled: Ruled
    space: Map | None


class Told(NamedTuple):
    """What is remembered of a ruling: how the rules ended, what was used, and what rules of the cluster could see of
    the Namespaces that the cell holds."""

    counts: Counts
    used: frozenset[Use]
    spaces: tuple[Map, ...]


class Ends:
    """How many objects came to what: those that a policy (by name) is for, by kind; how each of its rules ended for
    them, by state; those that need an exception."""

    def __init__(self) -> None:
        self.objects: Counter[tuple[str, str]] = Counter()
        self.rules: Counter[tuple[str, str, str]] = Counter()
        self.needs: Counter[tuple[str, str]] = Counter()


class Ruling:
    """What the policies of a cluster came to for a cell."""

    def __init__(
        self, counts: Counts, broken: tuple[Broken, ...], used: frozenset[Use], spaces: tuple[Map, ...], ends: Ends
    ) -> None:
        self.counts = counts
        self.broken = broken
        self.used = used
        self.spaces = spaces
        self.ends = ends

    @cached_property
    def packed(self) -> bytes:
        """What other cells, and the policies themselves, can see of it."""
        return marshal.dumps((_plain(self.counts), sorted(self.used), _plain(self.spaces)), FORMAT)


def told(packed: bytes) -> Told:
    """A packed ruling; nothing was told where there are no policies."""
    counts, used, spaces = marshal.loads(packed) if packed else ({}, (), ())  # noqa: S302 - our own, see `packed`
    return Told(counts, frozenset(used), tuple(spaces))


class Usage:
    """Filled while clusters are judged."""

    def __init__(self) -> None:
        self.used: set[Use] = set()
        self.seen: dict[str, list[Seen]] = {}
        self.witnesses: Witnesses = {}
        self.of: dict[tuple[int, str], Ruling] = {}
        """By cluster and subject."""
        self.rulings: dict[Any, Ruling] = {}
        self.ready: dict[Any, Ready] = {}
        self.judged: dict[Any, Judged] = {}
        self.objects: Counter[tuple[str, int, str]] = Counter()
        """Those that a policy is for, by cluster (by index) and kind."""
        self.ends = Ends()
        self._spaces: dict[Any, Map] = {}
        self._told: dict[bytes, Told] = {}

    def told(self, packed: bytes) -> Told:
        """A packed ruling, unpacked once."""
        return self._told.get(packed) or self._told.setdefault(packed, told(packed))

    def space(self, key: object, obj: Map) -> Map:
        """A Namespace as the server will hold it: one object for each `key`."""
        return self._spaces.get(key) or self._spaces.setdefault(key, named(obj))

    def count(self, cluster: int, ruling: Ruling) -> None:
        """Count what a cell on a cluster came to."""
        for (policy, kind), number in ruling.ends.objects.items():
            self.objects[policy, cluster, kind] += number
        self.ends.objects.update(ruling.ends.objects)
        self.ends.rules.update(ruling.ends.rules)
        self.ends.needs.update(ruling.ends.needs)

    def note(self, seen: Seen) -> None:
        """Note an object that a policy looked at."""
        self.seen.setdefault(seen.ready.policy.name, []).append(seen)


def used_by(policy: str, judged: Judged) -> Iterator[Use]:
    """What an object's ending uses."""
    for ruled in judged.rules:
        if (not ruled.holds and not ruled.unsure) or ruled.excepted:
            yield ("rule", policy, ruled.rule.name)
        yield from (("exception", policy, exception) for exception in ruled.excepted)


def _plain(value: Any) -> Any:
    """A value as `marshal` takes it: of nothing but the built-in types."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
