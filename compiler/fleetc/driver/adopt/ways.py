"""The places of specs from which an emitted value may be made another one, and the edits to try there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fleetc.driver.adopt.inversions import inversions
from fleetc.driver.adopt.wishes import ADDED, Wish
from fleetc.driver.edits import REMOVED, Edit, Editor, Target
from fleetc.driver.explain import Explainer, holds_more
from fleetc.driver.trace import Line, Origin
from fleetc.driver.written import written
from fleetc.language.document import Doc, lookup
from fleetc.language.kinds import KINDS
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple

_MOST: Final = 40
"""Edits that are tried for one value."""
_REPLICAS: Final[Path] = ("spec", "replicas")
_LOCAL: Final = ("Cluster", "GPUPool")
"""Kinds whose specs are of one cluster anyway."""


class Way(NamedTuple):
    """An edit of a spec to try: where it is, what stands there (None: nothing yet), and what would. `carried`: what is
    written there is emitted as it is."""

    file: str
    number: int
    edit: Edit
    span: Span
    before: Any
    target: Target
    carried: bool


class Ways:
    """Finds them."""

    def __init__(self, fleet: Explainer, editor: Editor, *, only_here: bool) -> None:
        self._fleet, self._editor, self._only_here = fleet, editor, only_here

    def why_not(self, wish: Wish) -> str:
        """Why nothing can be tried; "" when something can."""
        page, tracer = wish.page, self._fleet.tracer
        if page.subject.kind == "Manifest":
            return ""
        if wish.before is ADDED:
            return "no spec sets it: the lowering emits no such field"
        line = tracer.line(page.subject, page.cluster, wish.position, wish.path, alone=True)
        if line.constant:
            return f"it is a constant of the lowering {line.lowering}, whatever the specs say"
        if not line.exact:
            places = ", ".join(dict.fromkeys(str(o.span) for o in _values(line)))
            return f"no single value sets it, only several together: {places}"
        return ""

    def of(self, wish: Wish) -> list[Way]:
        """The ways, the likeliest first."""
        found = self._written(wish) if wish.page.subject.kind == "Manifest" else self._traced(wish)
        return [way for _, way in zip(range(_MOST), sorted(found, key=lambda w: not w.carried), strict=False)]

    def _traced(self, wish: Wish) -> Iterator[Way]:
        page = wish.page
        line = self._fleet.tracer.line(page.subject, page.cluster, wish.position, wish.path, alone=True)
        doc = self._fleet.plan.doc(page.subject, page.cluster)
        for origin in dict.fromkeys(_values(line)):
            if origin.via == "lock":
                yield from self._planned(wish, doc)
                continue
            source, value = self._source(origin)
            if source is None:
                continue
            target = self._editor.at(origin.span) if origin.via != "table" else None
            if self._only_here and source.kind not in _LOCAL:
                if source.id == doc.id or origin.path[:1] != ("spec",):
                    yield from self._override(wish, origin.path, value)
            elif target is not None:
                yield from self._edits(wish, target, origin.span)
            elif origin.via == "table":
                yield from self._default(wish, doc, origin.path, value)

    def _planned(self, wish: Wish, doc: Doc) -> Iterator[Way]:
        """How many replicas a Model has is what planning divides: with one more or less, a place may get what is
        wished. Whether it does, the plan that is made anew tells."""
        more = _more(wish)
        if doc.kind != "Model" or more is None:
            return
        locate = self._fleet.sources.locate
        there, value = lookup(doc.tree, _REPLICAS)
        at_default = not there
        if at_default:
            _, value = lookup(self._fleet.front.table.tree, ("Model", "replicas"))
        wanted = _with(value, more)
        if wanted is None:
            return
        value = int(value) if str(value).isdigit() else value
        if self._only_here:
            yield from self._override(wish._replace(before=value, after=wanted), _REPLICAS, value)
            return
        file, number, at = (*doc.sources[0], _REPLICAS) if at_default else doc.place(_REPLICAS)
        target = Target(file, number, at, value, doc, _REPLICAS)
        span = doc.span(locate, ("spec",), True) if at_default else doc.span(locate, _REPLICAS)
        yield Way(file, number, Edit(at, wanted), span, None if at_default else value, target, False)

    def _source(self, origin: Origin) -> tuple[Doc | None, Any]:
        """The document of an origin, and the canonical value there."""
        for doc in (*self._fleet.front.docs.values(), self._fleet.front.table):
            there, value = lookup(doc.tree, origin.path)
            if there and doc.span(self._fleet.sources.locate, origin.path).file == origin.span.file:
                return doc, value
        return None, None

    def _default(self, wish: Wish, doc: Doc, path: Path, value: Any) -> Iterator[Way]:
        """What is a built-in default, set in the spec itself."""
        rest = _inside(doc, path)
        if rest is None or wish.after is REMOVED:
            return
        for other in inversions(value, wish.before, wish.after):
            file, number = doc.sources[0]
            edit = Edit(("spec", *rest), other)
            target = Target(file, number, edit.at, value, doc, path)
            yield Way(file, number, edit, doc.span(self._fleet.sources.locate, ("spec",), True), None, target, False)

    def _edits(self, wish: Wish, target: Target, span: Span) -> Iterator[Way]:
        carried = not holds_more(target.value) and target.value == wish.before
        values = [REMOVED] if wish.after is REMOVED else inversions(target.value, wish.before, wish.after)
        for value in values:
            edit = Edit(target.at, value)
            yield Way(target.file, target.number, edit, span, target.value, target, carried)

    def _written(self, wish: Wish) -> Iterator[Way]:
        """A Manifest's object is emitted as it is written."""
        page = wish.page
        found = written(self._fleet.plan, page.subject, page.cluster, wish.position, wish.path)
        if found is None:
            return
        doc, at, whole = found
        if self._only_here:
            yield from self._override(wish, (*at, *(() if whole else wish.path[-1:])), wish.before)
            return
        if not whole:
            at = (*at, *wish.path[-1:]) if len(at) - 3 == len(wish.path) - 1 + (at[0] != "objects") else ()
        if not at:
            return
        file, number, place = doc.place(at)
        target = Target(file, number, place, wish.before, doc, at)
        span = doc.span(self._fleet.sources.locate, at)
        yield Way(file, number, Edit(place, wish.after), span, wish.before if whole else None, target, True)

    def _override(self, wish: Wish, path: Path, value: Any) -> Iterator[Way]:
        """An entry of `overrides` for the one cluster, or one more value in that which there is."""
        subject, cluster = wish.page.subject, wish.page.cluster
        doc = self._fleet.plan.doc(subject, cluster)
        rest = _inside(doc, path)
        if not KINDS[doc.kind].placed or rest is None or wish.after is REMOVED or value is None:
            return
        match = {"clusters": [self._fleet.plan.world.cluster_docs[cluster].name]}
        known = next((n for n, one in enumerate(doc.tree["overrides"]) if one["match"] == match), None)
        for other in inversions(value, wish.before, wish.after):
            if known is not None:
                file, number, at = doc.place(("overrides", known))
                edit = Edit((*at, "set", *rest), other)
            else:
                file, number = doc.sources[0]
                edit = _new(doc, {"match": match, "set": _nested(doc, rest, other)})
            target = Target(file, number, edit.at, value, doc, path)
            yield Way(file, number, edit, doc.span(self._fleet.sources.locate, ("spec",), True), None, target, True)


def _more(wish: Wish) -> int | None:
    """How many replicas more are wished; None where no number of them is."""
    if wish.path[-1:] != ("replicas",) or type(wish.before) is not int or type(wish.after) is not int:
        return None
    return wish.after - wish.before


def _with(value: Any, more: int) -> Any:
    """Replicas with some more, as they are written; None where that makes none."""
    ends = str(value).split("..")
    if not all(end.isdigit() for end in ends) or min(int(end) for end in ends) + more < 1:
        return None
    found = [int(end) + more for end in ends]
    return found[0] if len(found) == 1 else "..".join(map(str, found))


def _values(line: Line) -> Iterator[Origin]:
    yield from (o for o in line.origins if o.role == "value" and o.how == "value")


def _inside(doc: Doc, path: Path) -> Path | None:
    """The path below `spec` of what an origin sets; None where that is of another kind, or not to be set so."""
    match path:
        case ("spec", *rest) | ("overrides", _, "set", *rest):
            found = tuple(rest)
        case ("defaults", kind, *rest) if kind == doc.kind:
            found = tuple(rest)
        case (kind, *rest) if kind == doc.kind:
            found = tuple(rest)
        case _:
            return None
    steps = found[3:] if found[:1] == ("objects",) else found
    return None if not found or any(isinstance(step, int) for step in steps) else found


def _nested(doc: Doc, rest: Path, value: Any) -> Any:
    """What an override sets, as it is written: of a Manifest, an object that is told apart by its identity."""
    if rest[:1] == ("objects",) and doc.kind == "Manifest":
        raw = doc.tree["spec"]["objects"][rest[1]]["object"]
        meta = {k: raw["metadata"][k] for k in ("name", "namespace") if k in raw["metadata"]}
        made: Any = value
        for step in reversed(rest[3:]):
            made = {step: made}
        below = made.pop("metadata", {})
        return {"objects": [{**{k: raw[k] for k in ("apiVersion", "kind")}, "metadata": {**meta, **below}, **made}]}
    for step in reversed(rest):
        value = {step: value}
    return value


def _new(doc: Doc, item: Any) -> Edit:
    """An entry at the end of the overrides."""
    count = len(doc.tree["overrides"])
    return Edit(("spec", "overrides", count), item) if count else Edit(("spec", "overrides"), [item])
