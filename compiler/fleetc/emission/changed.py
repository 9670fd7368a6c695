"""Two emissions of one fleet compared: which objects come and go, and which of their values are otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from fleetc.emission.compare import leaves
from fleetc.emission.emission import Emission
from fleetc.emission.shapes import Shape
from fleetc.emission.site import Object
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

How = Literal["added", "removed", "changed"]
_NOTHING: Final = object()


class Change(NamedTuple):
    """One difference: of a whole object where the path is empty, else of one leaf of it. What is added has no `before`,
    what is removed no `after`: None."""

    subject: str
    cluster: str
    kind: str
    name: str
    """With its namespace: NAMESPACE/NAME."""
    path: Path
    how: How
    before: Any
    after: Any


def changed(before: Emission, after: Emission) -> Iterator[Change]:
    """Every difference, by subject and cluster. What clusters share is compared once. The clusters are the same."""
    known: dict[tuple[tuple[Shape, ...], tuple[Shape, ...]], list[Change]] = {}
    for subject in dict.fromkeys((*before.rows, *after.rows)):
        for index, cluster in enumerate(after.clusters):
            was, now = (_at(emission, subject, index) for emission in (before, after))
            if [shape.text for shape in was] != [shape.text for shape in now]:
                found = known.get((was, now))
                if found is None:
                    found = known[was, now] = [*_between([s.object for s in was], [s.object for s in now])]
                yield from (change._replace(subject=subject, cluster=cluster) for change in found)


def _at(emission: Emission, subject: str, cluster: int) -> tuple[Shape, ...]:
    row = emission.rows.get(subject)
    return row.cells.get(cluster, ()) if row is not None else ()


def _between(was: Sequence[Object], now: Sequence[Object]) -> Iterator[Change]:
    """The same object at another version of its API is the same object."""
    old, new = ({_identity(o): o for o in objects} for objects in (was, now))
    for identity in dict.fromkeys((*old, *new)):
        _, kind, name = identity
        here = Change("", "", kind, name, (), "changed", None, None)
        if identity not in new:
            yield here._replace(how="removed")
        elif identity not in old:
            yield here._replace(how="added")
        else:
            yield from _values(old[identity], new[identity], here)


def _identity(made: Object) -> tuple[str, str, str]:
    group = made["apiVersion"].rpartition("/")[0]
    meta = made["metadata"]
    namespace = meta.get("namespace")
    return group, made["kind"], f"{namespace}/{meta['name']}" if namespace else meta["name"]


def _values(was: Object, now: Object, here: Change) -> Iterator[Change]:
    old, new = dict(leaves(was)), dict(leaves(now))
    for path in dict.fromkeys((*old, *new)):
        before, after = old.get(path, _NOTHING), new.get(path, _NOTHING)
        if after is _NOTHING:
            yield here._replace(path=path, how="removed", before=before)
        elif before is _NOTHING:
            yield here._replace(path=path, how="added", after=after)
        # By repr: 1, True and 1.0 are equal to Python.
        elif repr(before) != repr(after):
            yield here._replace(path=path, before=before, after=after)
