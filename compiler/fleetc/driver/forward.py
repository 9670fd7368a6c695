"""`explain`, forwards: a spec value is changed, the pipeline runs on what it reaches, and what moves is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from fleetc.driver.compile import lower
from fleetc.driver.explain import Explainer, Page
from fleetc.emission.alternatives import changes, scalars
from fleetc.emission.compare import APPEARS, How, Moved, compare_lists, item_key
from fleetc.emission.emission import Emission
from fleetc.emission.shapes import Shape
from fleetc.language.document import Doc, Tree, lookup
from fleetc.language.kinds import KINDS
from fleetc.language.schema import Items, Keyed, Scalar, Schema, Struct, schema_at
from fleetc.plan import plan
from fleetc.resolve import check_references, resolve
from fleetc.source.span import Path

REMOVED: Final = object()
"""An edit that takes the value away."""


class Target(NamedTuple):
    """A value in a spec, at its canonical path in the document's tree."""

    doc: Doc
    path: Path
    value: Any


class Move(NamedTuple):
    """An emitted line that a spec value moves. `path` ends in `+` where something appears."""

    file: str
    line: int
    path: Path
    how: How


@dataclass
class Forward:
    """Experiments on the specs of a fleet, compared with what it emits now."""

    explainer: Explainer
    _base: Emission | None = None
    _pages: dict[tuple[str, int], Page | None] = field(default_factory=dict)

    @property
    def base(self) -> Emission:
        """What the fleet emits now."""
        if self._base is None:
            self._base = lower(self.explainer.plan).emission
        return self._base

    def targets(self, file: str, line: int) -> list[Target]:
        """The values that stand on a line of a spec file; of a container, everything in it."""
        found: list[Target] = []
        for doc in self.explainer.front.docs.values():
            for path in _value_paths(doc):
                span_file, index, source = doc.place(path)
                if span_file != file:
                    continue
                mark = self.explainer.sources.marks(file)[index].get(source)
                if mark is not None and min(mark.key_line, mark.line) <= line <= max(mark.end_line, mark.line):
                    found.append(Target(doc, path, lookup(doc.tree, path)[1]))
        if not found:
            return []
        # The innermost ones: what starts on this very line, else what encloses it most closely.
        starts = [t for t in found if self._starts(t, file) == line]
        return starts or [max(found, key=lambda t: self._starts(t, file))]

    def _starts(self, target: Target, file: str) -> int:
        _, index, source = target.doc.place(target.path)
        mark = self.explainer.sources.marks(file)[index][source]
        return min(mark.key_line, mark.line)

    def edits(self, target: Target) -> Iterator[dict[str, Doc]]:
        """The fleet's documents with another valid value at the target; invalid fleets are left out."""
        for value in self.alternatives(target):
            docs = self.edited(target, value)
            if docs is not None:
                yield docs

    def alternatives(self, target: Target) -> Iterator[Any]:
        """Other values for the target: of its type, and names of what it may refer to."""
        schema = schema_of(target.doc, target.path)
        if target.path[0] != "metadata":
            yield REMOVED
        match schema:
            case Scalar() | None:
                yield from scalars(schema, target.value, self._others(target))
            case Keyed() | Struct():
                for key in target.value:
                    yield {k: v for k, v in target.value.items() if k != key}
                if isinstance(schema, Keyed) and len(target.value) > 1:
                    yield dict(reversed(target.value.items()))
            case Items():
                for change in changes(schema, tuple(target.value), self._others(target)):
                    yield list(change.value)
            case _:
                for change in changes(schema, target.value, self._others(target)):
                    yield change.value

    def _others(self, target: Target) -> tuple[Any, ...]:
        """Names of the fleet, and what the same field holds in other documents."""
        docs = self.explainer.front.docs.values()
        names = [doc.name for doc in docs]
        environments: list[Any] = self.explainer.plan.world.fleet_doc.tree["spec"].get("environments", [])
        same = [lookup(doc.tree, target.path) for doc in docs if doc.kind == target.doc.kind]
        flat = [x for found, v in same if found for x in (v if isinstance(v, list) else [v])]
        labels = [x for doc in docs for x in doc.tree["metadata"].get("labels", {}).values()]
        return tuple(dict.fromkeys(x for x in (*flat, *names, *environments, *labels) if isinstance(x, str | int)))

    def edited(self, target: Target, value: Any) -> dict[str, Doc] | None:
        """The fleet's documents with `value` at the target; None when that is no valid fleet."""
        docs = self.explainer.front.docs
        doc = target.doc._replace(tree=replaced(target.doc.tree, target.path, value))
        if target.path == ("metadata", "name"):
            doc = doc._replace(name=value)
        changed = {i: d for i, d in docs.items() if i != target.doc.id}
        if doc.id in changed:
            return None
        changed[doc.id] = doc
        return changed if self._valid(changed) else None

    def _valid(self, docs: dict[str, Doc]) -> bool:
        known: dict[str, set[str]] = {}
        for doc in docs.values():
            known.setdefault(doc.kind, set()).add(doc.name)
        locate = self.explainer.sources.locate
        return not list(check_references(docs, known, locate))

    def emission(self, docs: dict[str, Doc]) -> Emission | None:
        """What other documents emit; None when they are no valid fleet."""
        locate = self.explainer.sources.locate
        world, problems = resolve(docs, self.explainer.front.table, locate)
        if problems:
            return None
        planned, problems = plan(world, locate)
        return None if problems else lower(planned).emission

    def moves(self, target: Target) -> dict[Move, None]:
        """Every emitted line that some edit of the target moves."""
        out: dict[Move, None] = {}
        for docs in self.edits(target):
            other = self.emission(docs)
            if other is not None:
                out.update(dict.fromkeys(self.difference(other)))
        return out

    def difference(self, other: Emission) -> Iterator[Move]:
        """The lines of the base that are otherwise in `other`."""
        theirs = {
            (name, row.path): row.cells.get(n, ())
            for n, name in enumerate(other.clusters)
            for row in other.rows.values()
        }
        for n, name in enumerate(self.base.clusters):
            for row in self.base.rows.values():
                shapes = row.cells.get(n, ())
                again = theirs.get((name, row.path), ())
                if shapes and [s.text for s in shapes] != [s.text for s in again]:
                    yield from self._moved(row.subject, n, shapes, again)
        ours = {
            (name, row.path)
            for n, name in enumerate(self.base.clusters)
            for row in self.base.rows.values()
            if n in row.cells
        }
        for cluster, path in theirs.keys() - ours:
            if theirs[cluster, path]:
                yield Move(f"{self.explainer.output}/{cluster}/{path}", 1, (APPEARS,), "value")

    def _moved(self, subject: str, cluster: int, ours: tuple[Shape, ...], theirs: tuple[Shape, ...]) -> Iterator[Move]:
        moved: Moved = {}
        compare_lists([s.object for s in ours], [s.object for s in theirs], (), moved, key_of=item_key)
        page = self._page(subject, cluster)
        if page is None:
            return
        for path, how in moved.items():
            yield Move(page.file, line_of(page, path), path, how)

    def _page(self, subject: str, cluster: int) -> Page | None:
        key = (subject, cluster)
        if key not in self._pages:
            self._pages[key] = self.explainer.page(self.explainer.plan.subjects[subject], cluster)
        return self._pages[key]


def line_of(page: Page, path: Path) -> int:
    """The line of a path of a page's objects; of what appears, the line of the container that it appears in."""
    if not path or not isinstance(path[0], int):
        return 1
    position, rest = path[0], path[1:]
    marks = page.documents[position].marks or {}
    while rest and rest not in marks:
        rest = rest[:-1]
    return page.lines(position, marks[rest]).start if rest else page.starts[position] + 1


def schema_of(doc: Doc, path: Path) -> Schema | None:
    """The schema of what stands at a canonical path of a document's tree."""
    struct = KINDS[doc.kind].struct
    match path:
        case ("spec", *rest):
            return schema_at(struct, tuple(rest))
        case ("overrides", _, "set", *rest):
            return schema_at(struct, tuple(rest))
        case ("overrides", _, "match", *rest):
            return schema_at(schema_at(KINDS["Team"].struct, ("placement",)), tuple(rest))
        case ("defaults", kind, *rest):
            return schema_at(KINDS[str(kind)].struct, tuple(rest))
        case ("metadata", "name"):
            from_cluster = schema_at(KINDS["Cluster"].struct, ("environment",))
            return from_cluster
        case _:
            return None


def replaced(tree: Any, path: Path, value: Any) -> Any:
    """A copy of canonical data with another value at a path, or without it; everything else is shared."""
    if not path:
        return value
    if isinstance(tree, list):
        n = int(path[0])
        there = [] if value is REMOVED and len(path) == 1 else [replaced(tree[n], path[1:], value)]
        return [*tree[:n], *there, *tree[n + 1 :]]
    if value is REMOVED and len(path) == 1:
        return {k: v for k, v in tree.items() if k != path[0]}
    return {k: replaced(v, path[1:], value) if k == path[0] else v for k, v in tree.items()}


def _value_paths(doc: Doc) -> Iterator[Path]:
    """The canonical paths of everything that a document's author wrote."""
    yield ("metadata", "name")
    for key in doc.tree["metadata"].get("labels", {}):
        yield ("metadata", "labels", key)
    for section in ("spec", "overrides", "defaults"):
        yield from _below(doc.tree[section], (section,))


def _below(value: Tree | list[Any] | Any, path: Path) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        here = (*path, step)
        yield here
        yield from _below(item, here)
