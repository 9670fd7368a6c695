"""Everything that is emitted: what backends deliver, checks judge and the driver writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from fleetc.emission.shapes import Cells, Shape
from fleetc.tuples import NamedTuple


class Row(NamedTuple):
    """What one subject emits: its file's path within a cluster's folder, the spec it comes from by cluster, and its
    shapes."""

    subject: str
    path: str
    sources: Mapping[int, str]
    """For each cluster (by index) that the subject is on: the spec file that the header names."""
    cells: Cells
    data: bool = False
    """It holds data of stacks, not Kubernetes objects."""


class Emission:
    """The finished objects of the whole fleet; the names of the clusters and their Kubernetes minors, by index."""

    def __init__(self, clusters: Sequence[str], minors: Sequence[str], rows: Mapping[str, Row]) -> None:
        self.clusters = clusters
        self.minors = minors
        self.rows = rows

    def at(self, cluster: int) -> Iterator[tuple[Row, tuple[Shape, ...]]]:
        """The rows that are on a cluster, and their shapes there."""
        return iter(self._at.get(cluster, ()))

    @cached_property
    def _at(self) -> dict[int, list[tuple[Row, tuple[Shape, ...]]]]:
        """The rows that are on each cluster. Of a large fleet there are thousands that are on one."""
        out: dict[int, list[tuple[Row, tuple[Shape, ...]]]] = {}
        for row in self.rows.values():
            for cluster, shapes in row.cells.items():
                if shapes:
                    out.setdefault(cluster, []).append((row, shapes))
        return out

    def objects_at(self, cluster: int) -> Iterator[tuple[Row, tuple[Shape, ...]]]:
        """The same, of Kubernetes objects alone."""
        return ((row, shapes) for row, shapes in self.at(cluster) if not row.data)

    def count(self) -> int:
        """The number of Kubernetes objects over all clusters."""
        rows = [row for row in self.rows.values() if not row.data]
        return sum(len(shapes) for row in rows for shapes in row.cells.values())


SEPARATOR = "---\n"


def body_of(shapes: Sequence[Shape]) -> bytes:
    """The body of a file (its header not included)."""
    return SEPARATOR.join([shape.text for shape in shapes]).encode()
