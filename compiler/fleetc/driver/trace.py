"""From emitted lines back to spec lines: influence, joined with the origins of what was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from fleetc.diagnostics import Diagnostic, Related
from fleetc.driver.delivered_origins import delivered_origins
from fleetc.driver.written import written, written_query
from fleetc.emission.alternatives import Known
from fleetc.emission.compare import RANK, How
from fleetc.emission.influence import Influence, Observed, Unit, influence
from fleetc.emission.owned import Owned, evidence
from fleetc.emission.recorder import ABSENT, CLUSTER, NAMES, PRESENT, Read, run, settle, traced
from fleetc.emission.shapes import Columns
from fleetc.emission.site import Lowering, Object
from fleetc.language.delivered import Folder, Holding, Installed
from fleetc.language.document import Doc, Locate, lookup
from fleetc.language.kinds import KINDS
from fleetc.language.schema import Items, Keyed, Scalar, Schema, Struct, Table, schema_at, struct_of
from fleetc.language.serving import Division, Serving
from fleetc.language.table import TABLE_FILE
from fleetc.language.types import LABEL_KEY, LABEL_VALUE, NAME
from fleetc.plan import CLUSTER_SUBJECT, Plan, Subject
from fleetc.plan.delivery import SEEN
from fleetc.plan.origins import Sources, divided, sources
from fleetc.registry import lowerings
from fleetc.source.span import Path, Span, Word
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.check.findings import Finding, Place
    from fleetc.check.run import Report

Role = Literal["value", "beaten", "unmatched", "selector", "placement", "unset"]
_MOST_OBSERVED: Final = 8
_MOST_COMING: Final = 2
_UNKNOWN: Final = "unknown field"
"""What messages about a key say, where others are about its value."""
_METADATA: Final[dict[str, Known]] = {
    "id": Known(None),
    "name": Known(Scalar(str, text=NAME)),
    "labels": Known(Table(LABEL_KEY, Scalar(str, text=LABEL_VALUE))),
}


class Origin(NamedTuple):
    """One place that takes part, and how: the layer it belongs to, its role there, and what it does to the line.

    The role `unset`: the value that was read is set nowhere, and the place is that of the nearest thing around it.
    """

    span: Span
    via: str
    role: Role
    how: How
    path: Path
    """The canonical path in its document."""


class Line(NamedTuple):
    """Why a leaf of an emitted object is as it is. A `constant` has the value that the lowering gives it, whatever the
    specs say; its origins are why it is there. Not `exact`: its value moves only when several of its origins do."""

    lowering: str
    origins: tuple[Origin, ...]
    exact: bool
    constant: bool


class Made(NamedTuple):
    """What one lowering made at a site."""

    lowering: Lowering[Any]
    objects: list[Object]


@dataclass
class Tracer:
    """Explains sites; results are shared between sites that read equal values."""

    plan: Plan
    locate: Locate
    _made: dict[tuple[str, int], list[Made]] = field(default_factory=dict)
    _found: dict[tuple[str, str, int, int | None], Influence] = field(default_factory=dict)
    _shared: dict[Any, Influence] = field(default_factory=dict)
    _origins: dict[tuple[Unit, int], tuple[Origin, ...]] = field(default_factory=dict)
    _known: dict[Read, Known] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.plan.delivery is None:
            self.plan = self.plan.delivered(self.owned)
        self._columns = Columns(self.plan)

    def owned(self, subject: Subject, cluster: int) -> Sequence[Owned]:
        """What controllers own of what a subject makes on a cluster."""
        objects = [obj for made in self.made(subject, cluster) for obj in made.objects]
        return [found.owned for found in evidence(objects)]

    def made(self, subject: Subject, cluster: int) -> list[Made]:
        """What each lowering of a subject makes on a cluster."""
        got = self._made.get((subject.id, cluster))
        if got is None:
            site = self.plan.site(subject, cluster)
            got = [Made(lowering, run(lowering, site)) for lowering in lowerings(subject.kind)]
            self._made[subject.id, cluster] = got
        return got

    def influence(self, lowering: Lowering[Any], subject: Subject, cluster: int, only: int | None = None) -> Influence:
        """The influence of a lowering of a subject on a cluster: all that it does, or what it does to the object of a
        position, which takes less time."""
        place = (lowering.name, subject.id, cluster, only)
        found = self._found.get(place)
        if found is None:
            site = self.plan.site(subject, cluster)
            _, reads = traced(lowering.lower, site)
            key = (lowering.name, subject.id, only, tuple([(read, repr(value)) for read, value in reads.items()]))
            found = self._shared.get(key)
            if found is None:
                found = self._shared[key] = influence(lowering, site, self._observed(cluster), only)
            self._found[place] = found
        return found

    def line(self, subject: Subject, cluster: int, position: int, path: Path, *, alone: bool = False) -> Line:
        """Why the leaf or container at `path` of a subject's n-th object is as it is; `alone` when nothing else will be
        asked of other objects."""
        lowering, at = self._maker(subject, cluster, position)
        found = self.influence(lowering, subject, cluster, at if alone else None)
        units = found.moves.get((at, *path), {})
        joint = found.jointly.get((at, *path), ())
        out: list[Origin] = []
        for unit in (*units, *(u for u in joint if u not in units)):
            how = "value" if unit in joint else units[unit]
            out += [o._replace(how=how) for o in self.origins(cluster, unit)]
        constant = not joint and "value" not in units.values()
        return Line(lowering.name, tuple(dict.fromkeys(out)), exact=not joint, constant=constant)

    def beside(self, subject: Subject, cluster: int, position: int, path: Path) -> set[Span]:
        """The places that move what stands beside a leaf, too."""
        lowering, at = self._maker(subject, cluster, position)
        found, parent = self.influence(lowering, subject, cluster), (at, *path[:-1])
        there = [p for moves in (found.moves, found.jointly) for p in moves if p[:-1] == parent and p != (at, *path)]
        units = {unit for p in there for moves in (found.moves, found.jointly) for unit in moves.get(p, ())}
        return {origin.span for unit in units for origin in self.origins(cluster, unit)}

    def carried(
        self, subject: Subject, cluster: int, position: int, path: Path, *, key: bool = False, word: str = ""
    ) -> Span | None:
        """The place of a path of a Manifest's object, which is emitted as it is written: no experiments are needed, of
        which an object with a thousand leaves takes a million. And of an expression of a Dashboard's own."""
        found = written(self.plan, subject, cluster, position, path)
        if found is None and subject.kind == "Dashboard":
            objects = [obj for made in self.made(subject, cluster) for obj in made.objects]
            query = written_query(self.plan, subject, cluster, objects[position], path)
            found = (*query, False) if query is not None else None
        if found is None:
            return None
        doc, at, whole = found
        return doc.span(self.locate, (*at, Word(word)) if word else at, key and whole)

    def _maker(self, subject: Subject, cluster: int, position: int) -> tuple[Lowering[Any], int]:
        """The lowering that made a subject's n-th object, and the object's position in what it made."""
        for lowering, objects in self.made(subject, cluster):
            if position < len(objects):
                return lowering, position
            position -= len(objects)
        raise IndexError(position)

    def placement(self, subject: Subject, cluster: int) -> tuple[Origin, ...]:
        """What put the subject on the cluster: without it, none of its lines would be there."""
        places = self.plan.reasons(subject, cluster)
        found = [Origin(self._span(doc, at), _via(doc, at), "placement", "presence", at) for doc, at in places]
        return tuple(dict.fromkeys(found))

    def _span(self, doc: Doc, path: Path) -> Span:
        """Where a value stands; of one that holds others, its key."""
        return doc.span(self.locate, path, key=isinstance(lookup(doc.tree, path)[1], dict | list))

    def origins(self, cluster: int, unit: Unit) -> tuple[Origin, ...]:
        """The places in specs and tables that a unit's value comes from."""
        got = self._origins.get((unit, cluster))
        if got is None:
            got = self._origins[unit, cluster] = tuple(dict.fromkeys(self._find_origins(cluster, unit)))
        return got

    def _find_origins(self, cluster: int, unit: Unit) -> Iterator[Origin]:
        if unit.path in ((NAMES,), (PRESENT,)):
            kind, _, name = unit.root.removeprefix("@").partition("/")
            if kind == "Division":
                yield from self._from(divided(self.plan, name or str(unit.inner[0]), cluster), cluster)
            kind = "Model" if kind == "Serving" else kind
            subject = self.plan.subjects.get(f"{kind}/{name or unit.inner[0]}")
            if subject is not None:
                yield from self.placement(subject, cluster)
            return
        node = self.plan.world.cluster_docs[cluster].id if unit.root == CLUSTER else unit.root
        path = canonical(struct_for(node), unit.path) + unit.inner
        name = node.partition("/")[2]
        if node.startswith("Division/"):
            yield from self._from(divided(self.plan, name, cluster), cluster)
        elif node.startswith(SEEN):
            yield from delivered_origins(self, node, cluster, path)
        elif node.startswith("Serving/"):
            found = sources(self.plan, name, cluster, path)
            yield from self._from(found, cluster)
            for at in found.spec:
                yield from self.spec_origins(f"Model/{name}", cluster, at)
        else:
            yield from self.spec_origins(node, cluster, ("name",) if path == ("id",) else path)

    def _from(self, found: Sources, cluster: int) -> Iterator[Origin]:
        """The lines of lock files, and the number of a pool's nodes, that something planned comes from."""
        for doc, at in found.lines:
            yield Origin(self._span(doc, at), _via(doc, at), "value", "value", at)
        if found.pool:
            yield from self.spec_origins(f"GPUPool/{found.pool}", cluster, ("nodes",))

    def spec_origins(self, node: str, cluster: int, path: Path) -> Iterator[Origin]:
        """The places in specs and tables that a value of a node comes from."""
        is_set = False
        for found in self.plan.world.origins(node, cluster, path):
            is_set = is_set or found.role == "value"
            yield Origin(self._span(found.doc, found.path), found.via, found.role, "value", found.path)
        if not is_set:
            yield self._unset(node, cluster, path)

    def _unset(self, node: str, cluster: int, path: Path) -> Origin:
        """Where a value could be set that nothing sets: in the nearest thing around it that its own spec has."""
        doc = self.plan.world.doc(node, cluster)
        base: Path = ("metadata",) if path[0] == "labels" else ("spec",)
        there = next(length for length in range(len(path) - 1, -1, -1) if lookup(doc.tree, (*base, *path[:length]))[0])
        span = doc.span(self.locate, (*base, *path[:there]), key=True)
        return Origin(span, "spec", "unset", "value", (*base, *path))

    def _observed(self, cluster: int) -> Observed:
        def observed(read: Read) -> Known:
            if read[1] in ((NAMES,), (PRESENT,)):
                return Known(None, values=tuple(self._coming(read[0], cluster)))
            if read[0].startswith("Serving/") and read[1][-1] == "pool":
                # Any other pool of the cluster could have been chosen.
                return Known(Scalar(str, text=NAME), values=self.plan.names_on("GPUPool", cluster))
            if read not in self._known:
                self._known[read] = self._know(read)
            return self._known[read]

        return observed

    def _coming(self, root: str, cluster: int) -> Iterator[Any]:
        """Nodes that are not on a cluster, and could be."""
        kind, _, name = root.removeprefix("@").partition("/")
        here = self.plan.names_on(kind, cluster)
        wanted = "Model" if kind == "Serving" else kind
        subjects = [s for s in self.plan.subjects.values() if s.kind == wanted and s.id != CLUSTER_SUBJECT]
        others = [s for s in subjects if s.name not in here and name in ("", s.name)][:_MOST_COMING]
        if kind in ("Team", "Manifest", "Telemetry"):
            return (self.plan.world.variant(s.id, cluster) for s in others)
        # As they are somewhere else: they are of one cluster.
        found = (self.plan.find(f"{kind}/{s.name}", s.placed[0]) for s in others if s.placed)
        return (node for node in found if node is not None)

    def _know(self, read: Read) -> Known:
        root, path = read
        if path[0] in _METADATA:
            return _METADATA[path[0]]
        struct = struct_for("Cluster/" if root == CLUSTER else root)
        at = canonical(struct, path)
        schema, parent = schema_at(struct, at), schema_at(struct, at[:-1])
        field = parent.fields.get(str(at[-1])) if isinstance(parent, Struct) else None
        optional = field is not None and field.optional
        seen = {repr(settle(v)): settle(v) for v in self._columns.values(read) or () if v is not ABSENT}
        flat = [x for v in seen.values() for x in (v if isinstance(schema, Items | Keyed) else (v,))]
        values = tuple(dict.fromkeys(x for x in flat if isinstance(x, str | int)))[:_MOST_OBSERVED]
        return Known(schema, optional, values)


def struct_for(node_id: str) -> Struct:
    """The schema of a node, by its id."""
    kind = node_id.partition("/")[0]
    planned = {
        "Serving": Serving,
        "Division": Division,
        "Folder": Folder,
        "Holding": Holding,
        "Installed": Installed,
    }.get(kind)
    return struct_of(planned) if planned is not None else KINDS[kind].struct


def canonical(struct: Struct, path: tuple[str, ...]) -> Path:
    """A read path in the names of the spec: attributes as they are written in YAML, keys of items as they are."""
    out: list[str] = []
    here: Schema | None = struct
    for step in path:
        name = step
        if isinstance(here, Struct):
            name = next((n for n, f in here.fields.items() if f.attribute == step), step)
        here = schema_at(here, (name,))
        out.append(name)
    return tuple(out)


def _via(doc: Doc, path: Path) -> str:
    if doc.kind in ("Table", "Lock"):
        return doc.kind.lower()
    return "default" if path[:1] == ("defaults",) else "spec"


def locate_findings(plan: Plan, report: Report, locate: Locate) -> Iterator[Diagnostic]:
    """What the checks found in emitted objects, at the spec lines that it comes from; what is the same of several
    objects, said once."""
    tracer = Tracer(plan, locate)
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for found in report.findings:
        span = spec_span(tracer, found.place, key=_UNKNOWN in found.message, word=found.word)
        groups.setdefault((span, found.code.code, found.message, found.hint), []).append(found)
    for (place, *_), group in groups.items():
        span, found = place, group[0]
        related = tuple(Related(own_span(tracer, other), text) for other, text in found.related)
        related += tuple(_said(tracer, found.place.cluster, *said) for said in found.said)
        if span.file == TABLE_FILE:  # nobody can mend it there: the spec is what a default does not fit
            related = (*related, Related(span, "the built-in default"))
            span = _of_subject(tracer, found.place)
        about = list(dict.fromkeys(f.about for f in group))
        what = about[0] if len(about) == 1 else f"{about[0]} and {len(about) - 1} more"
        name = plan.world.cluster_docs[found.place.cluster].name
        most = max(f.clusters for f in group)
        where = name if most == 1 else f"{name} and {most - 1} more cluster{'s' if most > 2 else ''}"
        message = f"{what}: {found.message} (on {where})"
        yield Diagnostic(found.code, message, span, found.hint, found.place.path, related)


def spec_span(tracer: Tracer, place: Place, *, key: bool = False, word: str = "") -> Span:
    """The best place to show for a path of an emitted object: its own value's (or its key), else its nearest parent's,
    else the spec. `word`: of a text that is emitted as it is written, where in it that stands."""
    subject_id, cluster, position, path = place
    subject = tracer.plan.subjects[subject_id]
    carried = tracer.carried(subject, cluster, position, path, key=key, word=word)
    if carried is not None:
        return carried
    for length in range(len(path), -1, -1):
        found = [o for o in tracer.line(subject, cluster, position, path[:length]).origins if o.role == "value"]
        if found:
            # What its parent or a sibling comes from, too, is less particular; what only moves it is not what it comes
            # from.
            above = tracer.line(subject, cluster, position, path[: length - 1]).origins if length else ()
            beside = tracer.beside(subject, cluster, position, path[:length]) if length else set[Span]()
            return min(found, key=lambda o: (RANK[o.how], o in above, o.span in beside, o.via == "table")).span
    return _of_subject(tracer, place)


def _said(tracer: Tracer, cluster: int, id: str, path: Path, text: str) -> Related:
    """A place of a subject's spec, or of what overrides it on a cluster."""
    found = [o for o in tracer.plan.world.origins(id, cluster, path) if o.role == "value"]
    doc, at = (found[-1].doc, found[-1].path) if found else (tracer.plan.world.docs[id], ("metadata", "name"))
    return Related(doc.span(tracer.locate, at), text)


def own_span(tracer: Tracer, place: Place) -> Span:
    """The place in a spec: of what the built-in table says, which nobody can mend there, the spec it is emitted for."""
    span = spec_span(tracer, place)
    return _of_subject(tracer, place) if span.file == TABLE_FILE else span


def _of_subject(tracer: Tracer, place: Place) -> Span:
    """The spec that an object is emitted for."""
    doc = tracer.plan.doc(tracer.plan.subjects[place.subject], place.cluster)
    return doc.span(tracer.locate, ("metadata", "name"))
