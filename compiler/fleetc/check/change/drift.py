"""What git wants and what is live: only what is emitted counts, in the way the API server takes it.

Defaults that the server fills in, status, and what others add beside (labels, containers of a keyed list) are no drift.
A list that is replaced as one is the emitter's whole: what somebody else put into it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from fleetc.check.change.compare import same
from fleetc.check.change.model import Place
from fleetc.check.change.normal import is_quantity, is_set, same_quantity
from fleetc.check.change.owners import Manager, Owners, keys_of
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

How = Literal["changed", "missing", "extra"]
"""`missing`: live has it not. `extra`: live has it in a list that is emitted whole."""
_MARK: Final[Path] = ("metadata", "labels", "app.kubernetes.io/managed-by")
"""What every emitted object has, and nobody sets by hand: its owner is who applies what git has."""
_NOT_COMPARED: Final = ("apiVersion", "kind", "status")
_TOLD_APART: Final = ("name", "mountPath", "containerPort", "port", "key", "type", "topologyKey")


class Drifted(NamedTuple):
    """One place that is not as git wants it: its path in the emitted object (of what is `extra`, of the thing around it
    there and then as live has it), both values (None where there is none), and who set it last, where that is known."""

    path: Path
    how: How
    wanted: Any
    live: Any
    changed: Manager | None


def drift(emitted: Mapping[str, Any], live: Mapping[str, Any]) -> list[Drifted]:
    """Every leaf of an emitted object that is not so in its live state, which the server gave at the same version."""
    return [*_Comparison(emitted, live).all()]


class _Comparison:
    def __init__(self, emitted: Mapping[str, Any], live: Mapping[str, Any]) -> None:
        self._emitted, self._live = emitted, live
        self._group = str(emitted.get("apiVersion", "")).rpartition("/")[0]
        self._kind = str(emitted.get("kind"))
        self._builtin = "." not in self._group or self._group.endswith(".k8s.io")
        self._owners = Owners(live)
        self._applier = self._owners.of(_MARK)

    def all(self) -> Iterator[Drifted]:
        for name, value in self._emitted.items():
            if name not in _NOT_COMPARED:
                yield from self._field(self._live, name, value, (), (), whole=False)

    def _field(self, live: Mapping[str, Any], name: str, value: Any, at: Path, there: Path, *, whole: bool) -> Any:
        if name in live:
            yield from self._values(value, live[name], (*at, name), (*there, name), whole=whole)
        elif not self._left_out(value):
            yield Drifted((*at, name), "missing", value, None, None)

    def _left_out(self, value: Any) -> bool:
        """Whether the server leaves out a value when it writes an object: it says nothing. Of custom objects it keeps
        what is not empty."""
        return value in ({}, [], None, "") or (self._builtin and value in (0, False))

    def _values(self, wanted: Any, live: Any, at: Path, there: Path, *, whole: bool) -> Iterator[Drifted]:
        if isinstance(wanted, dict) and isinstance(live, dict):
            for name, value in wanted.items():
                yield from self._field(live, name, value, at, there, whole=whole)
            for name in live if whole else ():
                if name not in wanted:
                    yield Drifted((*at, name), "extra", None, live[name], self._owners.of((*there, name)))
        elif isinstance(wanted, list | tuple) and isinstance(live, list):
            yield from self._lists(wanted, live, at, there, whole=whole)
        elif not self._same(wanted, live, at):
            yield Drifted(at, "changed", wanted, live, self._owners.of(there))

    def _same(self, wanted: Any, live: Any, at: Place) -> bool:
        if same(wanted, live) or (is_quantity(self._group, at) and same_quantity(wanted, live)):
            return True
        numbers = [isinstance(v, int | float) and not isinstance(v, bool) for v in (wanted, live)]
        return all(numbers) and bool(wanted == live)  # JSON knows one sort of them

    def _lists(self, wanted: Sequence[Any], live: Sequence[Any], at: Path, there: Path, *, whole: bool) -> Any:
        shape, keys = self._owners.shape(there)
        by = self._owners.of(there)
        if shape == "set":
            yield from (
                Drifted((*at, n), "missing", item, None, None) for n, item in enumerate(wanted) if item not in live
            )
            return
        named = _told_apart(wanted, live) if shape == "unknown" else None
        if shape == "map" or named is not None:
            pairs = [_partner(item, live, keys, named) for item in wanted]
        elif is_set(self._kind, at):
            pairs = _members(wanted, live)
        else:
            pairs = [*range(len(wanted))]
        if shape != "map" and named is None and (len(wanted) != len(live) or None in pairs):
            yield Drifted(at, "changed", [*wanted], [*live], by)
            return
        whole = whole or (shape == "atomic" and by is not None and self._applier is not None and by != self._applier)
        for n, (item, m) in enumerate(zip(wanted, pairs, strict=True)):
            if m is None:
                yield Drifted((*at, n), "missing", item, None, None)
            else:
                yield from self._values(item, live[m], (*at, n), (*there, m), whole=whole)


def _partner(item: Any, live: Sequence[Any], keys: Sequence[Mapping[str, Any]], named: str | None) -> int | None:
    """The position of the live item that has the keys of an emitted one."""
    found = [{named: item[named]}] if named is not None else [*keys_of(item, keys)]
    return next(
        (n for n, other in enumerate(live) for key in found if all(other.get(k) == v for k, v in key.items())), None
    )


def _told_apart(wanted: Sequence[Any], live: Sequence[Any]) -> str | None:
    """The field that tells the items of both lists apart; None where there is none."""
    if not wanted or not all(isinstance(item, dict) for item in (*wanted, *live)):
        return None
    for name in _TOLD_APART:
        values = [[item.get(name) for item in items] for items in (wanted, live)]
        if all(None not in found and len({*map(repr, found)}) == len(found) for found in values):
            return name
    return None


def _members(wanted: Sequence[Any], live: Sequence[Any]) -> list[int | None]:
    """The partners of the items of a set, in whatever order; of what differs, in the order that is left."""
    free = dict.fromkeys(range(len(live)))
    out: list[int | None] = []
    for item in wanted:
        found = next((n for n in free if _covers(item, live[n])), None)
        out.append(found)
        if found is not None:
            del free[found]
    left = iter(free)
    return [next(left, None) if n is None else n for n in out]


def _covers(item: Any, live: Any) -> bool:
    """Whether all of an item is in a live one."""
    if isinstance(item, dict) and isinstance(live, dict):
        return all(name in live and _covers(value, live[name]) for name, value in item.items())
    if isinstance(item, list) and isinstance(live, list):
        return len(item) == len(live) and all(any(_covers(i, other) for other in live) for i in item)
    return same(item, live)
