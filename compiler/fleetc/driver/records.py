"""From what was compiled, and what was remembered of the rest, to the whole wanted tree and what to remember of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from fleetc.check.fleet.view import Cell
from fleetc.check.run import Report
from fleetc.diagnostics import Failure
from fleetc.driver.alone import NOTHING
from fleetc.driver.deliver import Keys, owned_of
from fleetc.driver.lower import Lowered
from fleetc.driver.memory import Body, CellMemory, ClusterMemory, Counts
from fleetc.driver.outputs import STACK, Outputs
from fleetc.driver.scope import Scope
from fleetc.driver.summary import shape_keys
from fleetc.driver.tree import messages
from fleetc.driver.tree.api import Wanted, seal
from fleetc.emission.emission import Row, body_of
from fleetc.emission.owned import Owned
from fleetc.emission.shapes import Shape
from fleetc.plan.delivery import is_delivered

if TYPE_CHECKING:
    from fleetc.check.crds import Components


class Records:
    """What is wanted by path below the root, each cluster's record by its name, and the cells by number.

    `same_paths`: no path is wanted that the last run did not want; `same_files`: nor the other way round.
    """

    def __init__(self, cells: Mapping[int, CellMemory], *, same_paths: bool) -> None:
        self.wanted: dict[str, Wanted] = {}
        self.clusters: dict[str, ClusterMemory] = {}
        self.cells = dict(cells)
        self.same_paths = self.same_files = same_paths


def records(lowered: Lowered, report: Report, outputs: Outputs, scope: Scope, body: Body | None, keys: Keys) -> Records:
    """The records of the fleet; what `scope` leaves out is as in `body`, and only wanted after `want_remembered`."""
    emission = lowered.emission
    out = Records(body.cells if body is not None else {}, same_paths=body is not None)
    maker = _Maker(report, out.cells)
    if body is not None and scope.clusters is not None:
        out.clusters = {name: c for name, c in body.clusters.items() if name not in scope.clusters}
    for n, name in enumerate(emission.clusters):
        cells, counts = dict[str, int](), report.by_cluster[n]
        if body is not None and scope.subjects is not None:
            cells = {s: cell for s, cell in body.clusters[name].cells.items() if s not in scope.subjects}
            counts = {**body.clusters[name].counts, **counts}
        elif body is not None and scope.clusters is not None and name in body.clusters:
            # What delivers is as it was, else the whole fleet would have been compiled.
            cells = {s: cell for s, cell in body.clusters[name].cells.items() if is_delivered(s)}
        before = body.clusters[name].cells if body is not None and name in body.clusters else {}
        for row, shapes in emission.at(n):
            number, want = maker.cell(row, n, emission.minors[n], shapes)
            cells[row.subject] = number
            out.wanted[outputs.file(name, row.path)] = want
            known = before.get(row.subject)
            out.same_paths = out.same_paths and known is not None and out.cells[known].file == row.path
        out.same_files = out.same_files and out.same_paths and cells.keys() == before.keys()
        owned = {s: out.cells[number].owned for s, number in cells.items() if out.cells[number].owned}
        key = keys.key(n, owned) if keys.delivers else b""
        out.clusters[name] = ClusterMemory(emission.minors[n], report.has[n], cells, maker.shared(counts), key)
    out.clusters = dict(sorted(out.clusters.items()))
    used = set().union(*[cluster.cells.values() for cluster in out.clusters.values()])
    out.cells = {number: cell for number, cell in out.cells.items() if number in used}
    return out


def want_remembered(out: Records, outputs: Outputs) -> None:
    """Want the files that were not compiled too."""
    memo: dict[str, Wanted] = {}
    not_at_hand = partial(_not_at_hand, outputs.manifests)
    wanted = out.wanted
    for name, cluster in out.clusters.items():
        folder = f"{outputs.manifests}/{name}/"
        for file, digest, *_ in map(out.cells.__getitem__, cluster.cells.values()):
            path = folder + file if file != STACK else outputs.file(name, file)
            if path not in wanted:
                want = memo.get(digest)
                if want is None:
                    want = memo[digest] = Wanted(digest, not_at_hand)
                wanted[path] = want


def _not_at_hand(output: str) -> NoReturn:
    """A file that stood as it should when this run began is to be written, and was not compiled."""
    raise Failure(messages.changed_meanwhile(output))


class _Maker:
    """Makes cells, each once for all clusters that share it."""

    def __init__(self, report: Report, cells: dict[int, CellMemory]) -> None:
        """New cells are added to `cells`, by numbers that none of them has."""
        self._report = report
        self._made = cells
        self._last = max(cells, default=-1)
        self._cells: dict[tuple[str, str, int, Cell], tuple[int, Wanted]] = {}
        self._counts: dict[str, Counts] = {}
        self._owned: dict[int, tuple[Owned, ...]] = {}

    def cell(self, row: Row, cluster: int, minor: str, shapes: tuple[Shape, ...]) -> tuple[int, Wanted]:
        """The number of a cell, and its file."""
        if row.data:
            return self._data(row, cluster, shapes)
        source, cell = row.sources[cluster], self._report.cell(cluster, minor, shapes)
        face = self._report.face(row.subject, cluster, cell)
        key = (row.path, source, id(face), cell)
        got = self._cells.get(key)
        if got is None:
            content = seal(body_of(shapes), source)
            want = Wanted(hashlib.sha256(content).hexdigest(), content)
            counts = self.shared(self._report.judged[cell].counts)
            keys = b"".join([shape.key for shape in shapes])
            number = self._number()
            owned = (
                tuple([tuple(one) for one in owned_of(shapes, self._owned)]) if not is_delivered(row.subject) else ()
            )
            self._made[number] = CellMemory(row.path, want.digest, keys, counts, face, owned)
            got = self._cells[key] = (number, want)
        return got

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _data(self, row: Row, cluster: int, shapes: tuple[Shape, ...]) -> tuple[int, Wanted]:
        """The same of a file that holds no Kubernetes objects; each is another."""
        content = seal(body_of(shapes), row.sources[cluster])
        want = Wanted(hashlib.sha256(content).hexdigest(), content)
        number = self._number()
        self._made[number] = CellMemory(row.path, want.digest, b"", {}, NOTHING, ())
        return number, want

    def shared(self, counts: Counts) -> Counts:
        """The one object for all equal counts."""
        return self._counts.setdefault(repr(counts), counts)


def known_valid(body: Body, minor: str, has: Components) -> set[bytes]:
    """The keys of shapes whose schemas were found to be met whole on clusters of a minor, with these components where
    CRDs are given."""
    there = [
        cluster.cells.values() for cluster in body.clusters.values() if (cluster.minor, cluster.has) == (minor, has)
    ]
    cells = map(body.cells.__getitem__, set().union(*there))
    met = [shape_keys(cell.shapes) for cell in cells if cell.counts.get("schema", {}).keys() == {"valid"}]
    return set().union(*met)


def dependencies(lowered: Lowered, sources: Mapping[str, list[str]], body: Body | None) -> dict[str, list[str]]:
    """For each subject the documents that its objects follow from: what was read, and where its values come from."""
    out = dict(body.depends) if body is not None else {}
    for subject, touched in lowered.touched.items():
        read = {root for root in touched if "/" in root}
        out[subject] = sorted(read.union(sources.get(subject, ()), out.get(subject, ())))
    return out
