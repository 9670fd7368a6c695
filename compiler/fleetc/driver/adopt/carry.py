"""Carrying wishes into specs: every edit is proved by a build in memory before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleetc.check.change.compare import same
from fleetc.diagnostics import Diagnostic, Related, Severity, codes
from fleetc.driver.adopt.patch import patched
from fleetc.driver.adopt.ways import Way, Ways
from fleetc.driver.adopt.wishes import ADDED, Wish, desired
from fleetc.driver.compile import compile_planned
from fleetc.driver.edits import REMOVED, Edit
from fleetc.driver.explain import Explainer, Page, value_at
from fleetc.driver.formatting import Change
from fleetc.driver.forward import Forward, following
from fleetc.driver.layout import NotKept
from fleetc.driver.live.read import identity_of
from fleetc.driver.trace import Tracer
from fleetc.emission.compare import APPEARS
from fleetc.emission.texts import opened
from fleetc.plan import Plan
from fleetc.plan.delivery import is_delivered
from fleetc.source.span import Path, Span, render_path
from fleetc.tuples import NamedTuple

_MOST_TOLD = 4


class Step(NamedTuple):
    """A wish, and the edit that carries it."""

    wish: Wish
    way: Way


class Moved(NamedTuple):
    """An emitted value that moves with the edits, and that nobody wished."""

    file: str
    path: Path

    def __str__(self) -> str:
        return f"{self.file} {render_path(self.path[1:])}".rstrip()


class Carried(NamedTuple):
    """What becomes of wishes: the edits, the spec files that change, the emitted files as they are then, what else
    moves, and what is refused."""

    steps: tuple[Step, ...]
    changes: tuple[Change, ...]
    pages: tuple[Page, ...]
    moved: tuple[Moved, ...]
    refused: tuple[Diagnostic, ...]


class Carrier:
    """Carries the wishes of one run. `more`: other values may move, too; `only_here`: overrides for the one cluster."""

    def __init__(self, fleet: Explainer, wishes: Sequence[Wish], *, more: bool, only_here: bool) -> None:
        self._fleet, self._wishes, self._more = fleet, wishes, more
        self._only_here = only_here
        self._forward = Forward(fleet)
        self._ways = Ways(fleet, self._forward.editor, only_here=only_here)
        self._tried: dict[str, Plan | str] = {}
        self._beyond: dict[str, list[Moved]] = {}

    def carry(self, *, partly: bool) -> Carried:
        """All of them, or with `partly` those that can be carried."""
        steps: list[Step] = []
        refused: list[Diagnostic] = []
        for wish in self._wishes:
            found = self._carry(wish)
            if isinstance(found, Diagnostic):
                refused.append(found)
            else:
                steps.append(Step(wish, found))
        refused += _contradictions(steps)
        if not steps or (refused and not partly) or _contradictions(steps):
            return Carried((), (), (), (), tuple(refused))
        return self._whole(steps, refused)

    def _whole(self, steps: Sequence[Step], refused: list[Diagnostic]) -> Carried:
        """All edits together, proved once more: each may be right alone and not beside another."""
        edits: dict[str, dict[str, tuple[int, Edit]]] = {}
        for _, way in steps:
            edits.setdefault(way.file, {})[repr((way.number, way.edit))] = (way.number, way.edit)
        by_file = {file: [*found.values()] for file, found in edits.items()}
        front = self._forward.editor.made(by_file)
        planned = self._forward.rebuilt(front)
        if not isinstance(planned, Plan):
            why = f"together the edits are refused: {planned[0].message}"
            return Carried((), (), (), (), (*refused, self._refuse(steps[0].wish, why)))
        after = Explainer(self._fleet.root, self._fleet.sources, front, planned, self._fleet.locks)
        wishes = [step.wish for step in steps]
        wrong = [*self._unmet(after, wishes)]
        moved = self._others(planned, wishes)
        compiled = compile_planned(planned, self._fleet.sources.locate)
        errors = [found for found in compiled.diagnostics if found.code.severity is Severity.ERROR]
        if errors:
            wrong.append(self._refuse(wishes[0], f"the fleet is refused then: {errors[0].message}"))
        if moved and not self._more:
            wrong.append(self._moves(wishes[0], steps[0].way, moved))
        try:
            changes = [self._change(file, found) for file, found in by_file.items()]
        except NotKept as error:
            wrong.append(self._refuse(wishes[0], f"the spec cannot be written: {error}"))
            changes = []
        if wrong:
            return Carried((), (), (), (), (*refused, *wrong))
        pages = [page for one in _pages(wishes) if (page := after.page(one.subject, one.cluster)) is not None]
        return Carried(tuple(steps), tuple(changes), tuple(pages), tuple(moved), tuple(refused))

    def _change(self, file: str, edits: Sequence[tuple[int, Edit]]) -> Change:
        before = self._fleet.sources.read(file)
        return Change(file, before, patched(before, edits))

    def _unmet(self, after: Explainer, wishes: Sequence[Wish]) -> Iterator[Diagnostic]:
        """Wishes that the edits together do not meet."""
        for (file, position), wanted in desired(wishes).items():
            wish = next(w for w in wishes if (w.page.file, w.position) == (file, position))
            page = after.page(after.plan.subjects[wish.page.subject.id], wish.page.cluster)
            made = _same_object(page.objects, wish) if page is not None else None
            if made is None or not (self._more or same(made, _plain(wanted))):
                yield self._refuse(wish, "together with the other edits it is not emitted as it was edited")

    def _carry(self, wish: Wish) -> Way | Diagnostic:
        """The one way to carry a wish."""
        why = self._ways.why_not(wish)
        if why:
            return self._refuse(wish, why)
        proved: list[tuple[Way, list[Moved]]] = []
        said, built = "", dict[str, None]()
        for way in self._ways.of(wish):
            if proved and (proved[0][0].carried or way.span == proved[-1][0].span):
                continue
            planned = self._build(way)
            if isinstance(planned, str):
                said = said or f"{way.span}: {planned}"
                continue
            built[str(way.span)] = None
            if self._meets(planned, wish):
                proved.append((way, self._others(planned, self._wishes, repr(way))))
        clean = [way for way, moved in proved if not moved]
        if len(clean) == 1 or (clean and clean[0].carried):
            return clean[0]
        if clean:
            places = " and ".join(str(way.span) for way in clean)
            return self._refuse(
                wish, f"several values could be changed for it: {places}", "change the one that is meant"
            )
        if proved and self._more:
            return min(proved, key=lambda found: len(found[1]))[0]
        if proved:
            return self._moves(wish, *proved[0])
        if built:
            said = f"no value of what sets it gives this one: {', '.join(built)}"
        return self._refuse(wish, said or "nothing that sets it can be edited for it", "change the spec by hand")

    def _build(self, way: Way) -> Plan | str:
        """The plan with an edit, or what is wrong with it."""
        key = repr((way.file, way.number, way.edit))
        if key not in self._tried:
            try:
                front = self._forward.editor.made({way.file: [(way.number, way.edit)]})
            except (LookupError, TypeError, AttributeError, ValueError):
                self._tried[key] = "it is written in another form there"
                return self._tried[key]
            made = self._forward.rebuilt(front, following(way.target, front))
            self._tried[key] = made if isinstance(made, Plan) else made[0].message
        return self._tried[key]

    def _meets(self, planned: Plan, wish: Wish) -> bool:
        """Whether a plan emits what is wished."""
        if is_delivered(wish.page.subject.id):
            planned = Tracer(planned, self._fleet.sources.locate).plan
        subject = planned.subjects.get(wish.page.subject.id)
        if subject is None or wish.page.cluster not in subject.placed:
            return False
        made = _same_object(self._forward.objects(planned, subject, wish.page.cluster), wish)
        try:
            got = value_at(made, wish.path)
        except (LookupError, TypeError):
            return made is not None and wish.after is REMOVED
        return wish.after is not REMOVED and same(_plain(got), wish.after)

    def _others(self, planned: Plan, wishes: Sequence[Wish], key: str = "") -> list[Moved]:
        """What moves that nobody wished."""
        if not key or key not in self._beyond:
            moves = [Moved(d.file, d.path) for d in self._forward.compared(planned)]
            self._beyond[key] = [m for m in dict.fromkeys(moves) if not any(_wished(m, w) for w in wishes)]
        return self._beyond[key]

    def _moves(self, wish: Wish, way: Way, moved: Sequence[Moved]) -> Diagnostic:
        names = [*dict.fromkeys(map(str, moved))]
        told = ", ".join(names[:_MOST_TOLD])
        more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
        hint = "--allow-more lets them move" + ("" if self._only_here else "; --only-here changes this cluster alone")
        found = self._refuse(wish, f"{told}{more} would move with it, and was not edited", hint)
        return found._replace(related=(Related(way.span, "the value that sets it"),))

    def _refuse(self, wish: Wish, why: str, hint: str = "change the spec by hand, or give the edit up") -> Diagnostic:
        span = Span(wish.page.file, wish.line, 1)
        return Diagnostic(codes.NOT_ADOPTED, f"{wish.name}: {why}", span, hint, wish.path)


def _contradictions(steps: Sequence[Step]) -> list[Diagnostic]:
    """Two wishes that want two values in one place."""
    first: dict[tuple[str, int, Path], Step] = {}
    out: list[Diagnostic] = []
    for step in steps:
        way = step.way
        other = first.setdefault((way.file, way.number, way.edit.at), step)
        if repr(other.way.edit.value) != repr(way.edit.value):
            span, wish = Span(step.wish.page.file, step.wish.line, 1), step.wish
            message = f"{wish.name}: another edit wants another value of {way.span}"
            related = (Related(Span(other.wish.page.file, other.wish.line, 1), "the other edit"),)
            out.append(Diagnostic(codes.NOT_ADOPTED, message, span, "edit both alike", wish.path, related))
    return out


def _wished(moved: Moved, wish: Wish) -> bool:
    """Whether a move is what was wished, or follows from it in the file."""
    if moved.file != wish.page.file:
        return False
    place, path = wish.place, moved.path
    if path[: len(place)] == place:
        return True
    at_parent = path in ((*place[:-1], APPEARS), place[:-1])
    return at_parent and (wish.after is REMOVED or wish.before is ADDED)


def _same_object(objects: Sequence[Mapping[str, Any]], wish: Wish) -> Any:
    """The object of a wish among others; None when it is gone, or has another name."""
    wanted = identity_of(wish.page.objects[wish.position])
    return next((_plain(opened(obj)) for obj in objects if identity_of(obj) == wanted), None)


def _plain(value: Any) -> Any:
    """With lists for tuples."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _pages(wishes: Sequence[Wish]) -> list[Page]:
    return [*{wish.page.file: wish.page for wish in wishes}.values()]
