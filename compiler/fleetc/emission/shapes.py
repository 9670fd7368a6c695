"""Sharing: sites that hold equal values at every path read get the same objects, built and serialised once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Final, Protocol

from fleetc.emission.recorder import (
    NAMES,
    PRESENT,
    Read,
    run,
    settle,
    step_into,
    traced,
)
from fleetc.emission.site import Lowering, Object, Site
from fleetc.emission.yaml import emit
from fleetc.language.types import Node
from fleetc.tuples import NamedTuple

KEY_BYTES: Final = 16


class Shape:
    """One finished object, whatever the number of sites that share it. `text` is its canonical YAML, `number` the order
    of first appearance."""

    def __init__(self, object: Object, text: str, number: int) -> None:
        self.object = object
        self.text = text
        self.number = number

    @cached_property
    def key(self) -> bytes:
        """The start of the sha256 of its text, of KEY_BYTES: long enough that no two objects are taken for one."""
        return hashlib.sha256(self.text.encode()).digest()[:KEY_BYTES]


class Nodes(Protocol):
    """What columns are made of; the plan is one."""

    def column(self, root: str) -> Sequence[Any]:
        """For each cluster: the node with that id as it is there (None where it is not), or the names of `@Kind`."""
        ...


Code = Sequence[int]
Group = Sequence[int]


class Columns:
    """For each path that any lowering reads: one small number a cluster, equal where the values are. Made once, when
    first needed."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self._codes: dict[Read, Code | None] = {}
        self._values: dict[Read, Sequence[Any] | None] = {}
        self._splits: dict[Any, list[Group]] = {}
        self.touched: set[str] = set()

    def codes(self, read: Read) -> Code | None:
        """The column's numbers; None when all clusters hold one value."""
        if read not in self._codes:
            values = self.values(read)
            self._codes[read] = None if values is None else _number(values)
        return self._codes[read]

    def values(self, read: Read) -> Sequence[Any] | None:
        """The column's values; None when they are one object throughout."""
        if read in self._values:
            return self._values[read]
        root, path = read
        if not path or path == (NAMES,):
            values: Sequence[Any] = self.nodes.column(root)
        elif path == (PRESENT,):
            values = [v is not None for v in self.nodes.column(root)]
        else:
            parents = self.values((root, path[:-1]))
            if parents is None:
                self._values[read] = None
                return None
            step = path[-1]
            memo: dict[int, Any] = {}
            values = [memo[id(p)] if id(p) in memo else memo.setdefault(id(p), step_into(p, step)) for p in parents]
        first = values[0] if values else None
        self._values[read] = None if all(v is first for v in values) else values
        return self._values[read]

    def split(self, group: Group, name: Any, reads: Iterable[Read]) -> tuple[Any, list[Group]]:
        """The group in parts that agree on every read, the part of its first member first, and the name of the
        split."""
        keys = tuple(sorted(r for r in reads if self.codes(r) is not None))
        if not keys:
            return None, [group]
        got = self._splits.get((name, keys))
        if got is None:
            columns = [self.codes(k) or () for k in keys]
            parts: dict[Any, list[int]] = {}
            if len(columns) == 1:
                column = columns[0]
                for n in group:
                    parts.setdefault(column[n], []).append(n)
            else:
                rows = list(zip(*columns, strict=True))
                for n in group:
                    parts.setdefault(rows[n], []).append(n)
            got = self._splits[name, keys] = list(parts.values())
        return (name, keys), got


def _number(values: Sequence[Any]) -> Code | None:
    # By repr: 1, True and 1.0 are equal to Python, and different in YAML.
    seen: dict[str, int] = {}
    by_id: dict[int, int] = {}
    out: list[int] = []
    for value in values:
        code = by_id.get(id(value))
        if code is None:
            code = by_id[id(value)] = seen.setdefault(repr(settle(value)), len(seen))
        out.append(code)
    return out if len(seen) > 1 else None


class Shapes:
    """All shapes of a run; objects that come out with equal bytes are one."""

    def __init__(self, first: int = 0) -> None:
        """`first`: the number of the first one, behind those of an earlier stage."""
        self.first = first
        self.all: dict[str, Shape] = {}

    def intern(self, objects: Iterable[Object]) -> tuple[Shape, ...]:
        """The shapes of finished objects."""
        out: list[Shape] = []
        for item in objects:
            text = emit(item)
            shape = self.all.get(text)
            if shape is None:
                shape = self.all[text] = Shape(item, text, self.first + len(self.all))
            out.append(shape)
        return tuple(out)


Cells = dict[int, tuple[Shape, ...]]
"""For each cluster by index: what a subject emits there."""


class Lowered(NamedTuple):
    """What a subject's lowerings gave, and what they touched: the roots of their reads."""

    cells: Cells
    touched: set[str]


def lower_subject(
    lowerings: Sequence[Lowering[Any]],
    placed: Group,
    site_at: Callable[[int], Site],
    columns: Columns,
    shapes: Shapes,
) -> Lowered:
    """Every lowering of one subject, on all clusters where it is placed."""
    touched: set[str] = set()
    parts: list[dict[int, tuple[Shape, ...]]] = []
    for lowering in lowerings:
        got: dict[int, tuple[Shape, ...]] = {}
        todo: list[tuple[Any, Group]] = [(tuple(placed), placed)] if placed else []
        while todo:
            name, group = todo.pop()
            site = site_at(group[0])
            objects, reads = traced(lowering.lower, site)
            touched.update(root for root, _ in reads)
            split, (mine, *others) = columns.split(group, name, reads)
            made = shapes.intern(objects)
            got.update(dict.fromkeys(mine, made))
            todo += [((split, n), other) for n, other in enumerate(others)]
        parts.append(got)
    return Lowered({n: _join([part[n] for part in parts]) for n in placed}, touched)


def _join(parts: Sequence[tuple[Shape, ...]]) -> tuple[Shape, ...]:
    return tuple([shape for part in parts for shape in part])


def lower_naively(
    lowerings: Sequence[Lowering[Any]], placed: Group, site_at: Callable[[int], Site], shapes: Shapes
) -> Cells:
    """The same without recording: every lowering on every site. The oracle of tests."""
    return {n: shapes.intern(o for lowering in lowerings for o in run(lowering, site_at(n))) for n in placed}


def present(nodes: Sequence[Node | None]) -> list[int]:
    """The clusters on which a node is."""
    return [n for n, node in enumerate(nodes) if node is not None]
