"""From emitted lines back to spec lines: influence, joined with the origins of what was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from fleetc.check.findings import Finding, Place
from fleetc.check.run import Report
from fleetc.diagnostics import Diagnostic, Related
from fleetc.emission.compare import How
from fleetc.emission.influence import Influence, Known, Unit, influence
from fleetc.emission.recorder import ABSENT, CLUSTER, NAMES, PRESENT, Read, settle, traced
from fleetc.emission.shapes import Columns
from fleetc.emission.site import Lowering
from fleetc.language.document import Doc, Locate, lookup
from fleetc.language.kinds import KINDS
from fleetc.language.manifest import Manifest
from fleetc.language.schema import Items, Keyed, Schema, Struct, schema_at
from fleetc.language.table import TABLE_FILE
from fleetc.plan import Plan, Subject
from fleetc.registry import lowerings
from fleetc.source.span import Path, Span

Role = Literal["value", "beaten", "unmatched", "selector", "placement"]
_MOST_OBSERVED = 8
_UNKNOWN: Final = "unknown field"
"""What messages about a key say, where others are about its value."""
_STRENGTH: Final[dict[How, int]] = {"value": 0, "presence": 1, "order": 2}


class Origin(NamedTuple):
    """One place that takes part, and how: the layer it belongs to, its role there, and what it does to the line."""

    span: Span
    via: str
    role: Role
    how: How


class Line(NamedTuple):
    """Why a leaf of an emitted object is as it is. Without origins it is a constant of the lowering."""

    lowering: str
    origins: tuple[Origin, ...]
    exact: bool


@dataclass
class Tracer:
    """Explains sites; results are shared between sites that read equal values."""

    plan: Plan
    locate: Locate
    _memo: dict[Any, Influence] = field(default_factory=dict)
    _origins: dict[Any, tuple[Origin, ...]] = field(default_factory=dict)
    _counts: dict[tuple[str, int], list[int]] = field(default_factory=dict[tuple[str, int], list[int]])
    """For each subject and cluster, the number of objects of each lowering."""

    def __post_init__(self) -> None:
        self._columns = Columns(self.plan)

    def influences(self, subject: Subject, cluster: int) -> Iterator[tuple[Lowering[Any], Influence]]:
        """Every lowering of a subject on a cluster, with its influence there."""
        for lowering in lowerings(subject.kind):
            yield lowering, self._influence(lowering, subject, cluster)

    def _influence(self, lowering: Lowering[Any], subject: Subject, cluster: int) -> Influence:
        here = (lowering.name, subject.id, cluster)
        got = self._memo.get(here)
        if got is None:
            site = self.plan.site(subject, cluster)
            _, reads = traced(lowering.lower, site)
            key = (*here[:2], tuple([(read, repr(value)) for read, value in reads.items()]))
            got = self._memo.get(key)
            if got is None:
                got = self._memo[key] = influence(lowering, site, self._observed)
            self._memo[here] = got
        return got

    def object_at(self, subject: Subject, cluster: int, position: int) -> tuple[Lowering[Any], Influence, int]:
        """The lowering that made a subject's n-th object, its influence, and the object's position in it."""
        here = (subject.id, cluster)
        if here not in self._counts:
            site = self.plan.site(subject, cluster)
            self._counts[here] = [len(list(lowering.lower(site))) for lowering in lowerings(subject.kind)]
        for lowering, count in zip(lowerings(subject.kind), self._counts[here], strict=True):
            if position < count:  # No experiments on the others: they take by far the longest.
                return lowering, self._influence(lowering, subject, cluster), position
            position -= count
        raise IndexError(position)

    def line(self, subject: Subject, cluster: int, position: int, path: Path) -> Line:
        """Why the leaf or container at `path` of a subject's n-th object is as it is."""
        lowering, found, at = self.object_at(subject, cluster, position)
        units = found.moves.get((at, *path), {})
        joint = found.jointly.get((at, *path), ())
        out: list[Origin] = []
        for unit, how in units.items():
            out += [o._replace(how=how) for o in self.origins(subject, cluster, unit)]
        for unit in joint:
            out += self.origins(subject, cluster, unit)
        return Line(lowering.name, tuple(_unique(out)), exact=bool(units) or not joint)

    def placement(self, subject: Subject, cluster: int) -> tuple[Origin, ...]:
        """What put the subject on the cluster: without it, none of its lines would be there."""
        places = self.plan.reasons(subject, cluster)
        spans = [Origin(doc.span(self.locate, path), _via(doc), "placement", "presence") for doc, path in places]
        return tuple(_unique(spans))

    def origins(self, subject: Subject, cluster: int, unit: Unit) -> tuple[Origin, ...]:
        """The places in specs and tables that a unit's value comes from."""
        key = (unit, cluster)
        got = self._origins.get(key)
        if got is None:
            got = self._origins[key] = tuple(_unique(list(self._find_origins(cluster, unit))))
        return got

    def _find_origins(self, cluster: int, unit: Unit) -> Iterator[Origin]:
        world = self.plan.world
        if unit.path == (NAMES,):
            names = unit.inner or self.plan.names_on(unit.root[1:], cluster)
            for name in names:
                yield from self.placement(self.plan.subjects[f"{unit.root[1:]}/{name}"], cluster)
            return
        if unit.path == (PRESENT,):
            subject = self.plan.subjects.get(unit.root)
            if subject is not None:
                yield from self.placement(subject, cluster)
            return
        node = world.cluster_docs[cluster].id if unit.root == CLUSTER else unit.root
        path = canonical(struct_for(node), unit.path) + unit.inner
        for found in world.origins(node, cluster, path):
            span = found.doc.span(self.locate, found.path)
            yield Origin(span, found.via, found.role, "value")

    def _observed(self, read: Read) -> Known:
        root, path = read
        if path in ((NAMES,), (PRESENT,)):
            return Known(None, False, ())
        struct = struct_for("Cluster/" if root == CLUSTER else root)
        at = canonical(struct, path)
        schema, parent = schema_at(struct, at), schema_at(struct, at[:-1])
        field = parent.fields.get(str(at[-1])) if isinstance(parent, Struct) else None
        optional = field is not None and field.optional
        if isinstance(schema, Keyed):
            return Known(schema, optional, ())
        seen = {repr(settle(v)): settle(v) for v in self._columns.values(read) or () if v is not ABSENT}
        flat = [x for v in seen.values() for x in (v if isinstance(schema, Items) else (v,))]
        values = tuple(dict.fromkeys(x for x in flat if isinstance(x, str | int)))[:_MOST_OBSERVED]
        return Known(schema, optional, values)


def struct_for(node_id: str) -> Struct:
    """The schema of a node, by its id."""
    return KINDS[node_id.partition("/")[0]].struct


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


def _via(doc: Doc) -> str:
    return "table" if doc.kind == "Table" else "spec"


def _unique(origins: Sequence[Origin]) -> list[Origin]:
    return list(dict.fromkeys(origins))


def locate_findings(plan: Plan, report: Report, locate: Locate) -> Iterator[Diagnostic]:
    """What the checks found in emitted objects, at the spec lines that it comes from; what is the same of several
    objects, said once."""
    tracer = Tracer(plan, locate)
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for found in report.findings:
        span = _spec_span(tracer, found.place, key=_UNKNOWN in found.message)
        groups.setdefault((span, found.code.code, found.message, found.hint), []).append(found)
    for (place, *_), group in groups.items():
        span, found = place, group[0]
        related = tuple(Related(_spec_span(tracer, other), text) for other, text in found.related)
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


def _spec_span(tracer: Tracer, place: Place, *, key: bool = False) -> Span:
    """The best place to show for a path of an emitted object: its own value's (or its key), else its nearest parent's,
    else the spec."""
    subject_id, cluster, position, path = place
    subject = tracer.plan.subjects[subject_id]
    carried = _carried(tracer, subject, cluster, position, path, key=key)
    if carried is not None:
        return carried
    for length in range(len(path), -1, -1):
        found = [o for o in tracer.line(subject, cluster, position, path[:length]).origins if o.role == "value"]
        if found:
            # What its parent comes from, too, is less particular; what only moves it is not what it comes from.
            above = tracer.line(subject, cluster, position, path[: length - 1]).origins if length else ()
            return min(found, key=lambda o: (_STRENGTH[o.how], o in above, o.via == "table")).span
    return _of_subject(tracer, place)


def _of_subject(tracer: Tracer, place: Place) -> Span:
    """The spec that an object is emitted for."""
    doc = tracer.plan.subjects[place.subject].doc or tracer.plan.world.cluster_docs[place.cluster]
    return doc.span(tracer.locate, ("metadata", "name"))


def _carried(tracer: Tracer, subject: Subject, cluster: int, position: int, path: Path, *, key: bool) -> Span | None:
    """The place of a path of a Manifest's object, which is emitted as it is written: no experiments are needed, of
    which an object with a thousand leaves takes a million."""
    world = tracer.plan.world
    node = world.variant(subject.id, cluster) if subject.kind == "Manifest" else None
    if not isinstance(node, Manifest) or position >= len(node.objects):
        return None
    written = node.objects[position]
    for length in range(len(path), -1, -1):
        if lookup(written.object, path[:length])[0]:
            at: Path = ("objects", written.identity, "object", *path[:length])
            origin = next((o for o in world.origins(subject.id, cluster, at) if o.role == "value"), None)
            return origin.doc.span(tracer.locate, origin.path, key and length == len(path)) if origin else None
    return None
