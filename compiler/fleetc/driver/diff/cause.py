"""Why an object changes: the changed spec lines that the experiments of `explain` find behind what is emitted now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from fleetc.check.change.compare import same
from fleetc.check.change.model import Key, Place
from fleetc.driver.diff.fold import Change
from fleetc.driver.diff.git import Hunk
from fleetc.driver.diff.specs import Specs
from fleetc.driver.explain import value_at
from fleetc.driver.load import Sources
from fleetc.driver.lower import path_of
from fleetc.driver.trace import Origin, Tracer
from fleetc.emission.site import Object
from fleetc.plan import Plan, Subject
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple

Found = Literal["line", "in", "removed", "among", "tool"]
"""How sure a cause is. `line`: an experiment showed that this changed line moves what changed. `in`: the changed line
stands in what moves it, or in the spec that the object is of. `removed`: the spec is gone. `among`: it is not known
which of the changed files it is. `tool`: no spec changed."""

_MOST: Final = 3
_ROLES: Final = ("value", "selector", "placement", "unset")
"""What is beaten moves nothing; nor does what matches no cluster, unless it once did: that shows on the other side."""


class Cause(NamedTuple):
    """Where a change comes from: a file, and a line and column of it as it is now (0: not known)."""

    how: Found
    file: str
    line: int
    column: int = 0


def _letting(origins: Iterable[Origin]) -> list[Origin]:
    """Without what selects for values that match here no more than before: an override that comes is no cause of what
    it does not set."""
    listed = [*origins]
    apart = {(origin.span.file, origin.path[:2]) for origin in listed if origin.role == "unmatched"}
    return [o for o in listed if o.role != "selector" or (o.span.file, o.path[:2]) not in apart]


class _Standing(NamedTuple):
    """What stands at a place of a spec file: its last line, whether it is one value or all on one line, and where it is
    written: the index of its document, and the path there."""

    last: int
    leaf: bool
    document: int
    path: Path


class Causes:
    """Finds them, each distinct change once."""

    def __init__(self, specs: Specs, old: Callable[[], Tracer | None], new: Callable[[], Tracer | None]) -> None:
        """`old`, `new`: make the fleets of both sides, of the clusters that are asked about, when they are needed; None
        where there is none."""
        self._specs = specs
        self._make = {True: old, False: new}
        self._made: dict[bool, _Fleet | None] = {}
        self._standings: dict[str, dict[tuple[int, int], _Standing]] = {}
        self._loaded: dict[str, list[tuple[str, Any]]] = {}

    def of(self, change: Change, *, trace: bool = True) -> tuple[Cause, ...]:
        """The causes of a change, the surest first; at least one. Without `trace`, no experiment is made."""
        edited = self._specs.edited
        if not edited:
            return (Cause("tool", "", 0),)
        found: dict[Cause, None] = {}
        for was in (False, True) if trace else ():
            found.update(dict.fromkeys(self._found(change, was=was)))
            lines = [cause for cause in found if cause.how == "line"]
            if lines:
                once = {(cause.file, cause.line): cause for cause in sorted(lines, reverse=True)}
                return tuple(sorted(once.values())[:_MOST])
        if found:
            return tuple(sorted(found)[:1])
        if change.source in edited:
            return (self._in(change.source),)
        return tuple(Cause("among", file, 0) for file in [*edited][:_MOST])

    def _fleet(self, was: bool) -> _Fleet | None:
        if was not in self._made:
            made = self._make[was]()
            self._made[was] = _Fleet(made) if made is not None else None
        return self._made[was]

    def _in(self, file: str) -> Cause:
        """A spec that changed."""
        if not self._specs.now(file):
            return Cause("removed", file, 0)
        return Cause("in", file, self._specs.edited[file][0].new_start)

    def _found(self, change: Change, *, was: bool) -> Iterator[Cause]:
        """What stands behind the changed places: of what is there now, or of what was there."""
        fleet, document = self._fleet(was), change.before if was else change.after
        if fleet is None or document is None or document.object is None:
            return
        cluster = change.clusters[0]
        place = fleet.place(cluster, change.files[cluster], document.object)
        if place is None:
            return
        for path in _paths(change, document.object, was=was):
            for origin in _letting(fleet.origins(place, path)):
                yield from self._met(origin, was=was)

    def _met(self, origin: Origin, *, was: bool) -> Iterator[Cause]:
        """The changed lines that an origin takes."""
        file, first = origin.span.file, origin.span.line
        changed = self._specs.edited.get(file)
        if changed is None or origin.role not in _ROLES:
            return
        last, leaf, index, at = self._standing(origin.span, was=was)
        if self._stays(file, index, at, was=was):
            return  # Something else changed on its line.
        if was and not self._specs.now(file):
            yield Cause("removed", file, 0)
            return
        for hunk in changed:
            start, lines = (hunk.old_start, hunk.old) if was else (hunk.new_start, hunk.new)
            if lines and start <= last and first < start + len(lines):
                line = _line(hunk, max(start, first) - start)
                exact = not was and line == first
                yield Cause("line" if leaf else "in", file, line, origin.span.column if exact else 0)
            elif not lines and first < start <= last:
                yield Cause("in", file, hunk.new_start if hunk.new else max(hunk.new_start - 1, 1))

    def _standing(self, span: Span, *, was: bool) -> _Standing:
        name = f"{was} {span.file}"
        if name not in self._standings:
            found = self._standings[name] = {}
            for index, marks in enumerate(self._sources(was).marks(span.file)):
                above = {path[:-1] for path in marks if path}
                for path, mark in marks.items():
                    here = _Standing(mark.end_line, path not in above or mark.end_line == mark.key_line, index, path)
                    for at in ((mark.line, mark.column), (mark.key_line, mark.key_column)):
                        found[at] = min(found.get(at, here), here, key=lambda s: (s.last, -len(s.path)))
        return self._standings[name].get((span.line, span.column), _Standing(span.line, True, 0, ()))

    def _stays(self, file: str, index: int, path: Path, *, was: bool) -> bool:
        """Whether the same stands there on both sides, in the document of the same name."""
        ours, theirs = self._documents(file, was), self._documents(file, not was)
        if index >= len(ours):
            return False
        name, value = ours[index]
        found = next((other for other_name, other in theirs if other_name == name), None)
        if found is None:
            return False
        try:
            return same(value_at(value, path), value_at(found, path))
        except (LookupError, TypeError):
            return False

    def _documents(self, file: str, was: bool) -> list[tuple[str, Any]]:
        """The documents of a file: what each is called, and what it holds."""
        key = f"{was} {file}"
        if key not in self._loaded:
            loaded = self._sources(was).load(file).documents
            self._loaded[key] = [(_name(value), value) for _, value in loaded]
        return self._loaded[key]

    def _sources(self, was: bool) -> Sources:
        return self._specs.old_sources if was else self._specs.sources


def _name(value: Any) -> str:
    meta = value.get("metadata") if isinstance(value, dict) else None
    meta = meta if isinstance(meta, dict) else {}
    return repr((value.get("kind") if isinstance(value, dict) else None, meta.get("name"), meta.get("cluster")))


def _line(hunk: Hunk, offset: int) -> int:
    """A line of a hunk as it is now; of lines that went, the place where they stood."""
    if hunk.new:
        return hunk.new_start + min(offset, len(hunk.new) - 1)
    return max(hunk.new_start - 1, 1)


class _At(NamedTuple):
    """An object in a fleet: its position in what a subject emits on a cluster."""

    subject: Subject
    cluster: int
    position: int


class _Fleet:
    """One side's fleet, to be asked about emitted places."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        plan: Plan = tracer.plan
        self._clusters = {doc.name: n for n, doc in enumerate(plan.world.cluster_docs)}
        self._subjects: dict[str, list[Subject]] = {}
        for subject in plan.subjects.values():
            self._subjects.setdefault(path_of(subject), []).append(subject)

    def place(self, cluster: str, file: str, obj: Mapping[str, object]) -> _At | None:
        """Where an object is made; None where specs make none such."""
        index = self._clusters.get(cluster)
        # The data of stacks has one path everywhere.
        subject = next((one for one in self._subjects.get(file, ()) if index in one.placed), None)
        if subject is None or index is None:
            return None
        made = [o for found in self._tracer.made(subject, index) for o in found.objects]
        wanted = _identity(obj)
        return next((_At(subject, index, n) for n, o in enumerate(made) if _identity(o) == wanted), None)

    def origins(self, at: _At, path: Path) -> Iterable[Origin]:
        """What moves a place of an object, or what made it there."""
        subject, cluster, position = at
        if subject.kind == "Manifest":
            found = self._tracer.carried(subject, cluster, position, path)
            written = [Origin(found, "spec", "value", "value", ())] if found is not None else []
        else:
            written = [*self._tracer.line(subject, cluster, position, path, alone=True).origins]
        return written if path else [*written, *self._tracer.placement(subject, cluster)]


def _identity(obj: Mapping[str, object] | Object) -> tuple[object, ...]:
    meta = obj.get("metadata")
    named = (meta.get("namespace"), meta.get("name")) if isinstance(meta, dict) else ()
    return (str(obj.get("apiVersion")).rpartition("/")[0], obj.get("kind"), *named)


def _paths(change: Change, obj: Mapping[str, object], *, was: bool) -> Iterator[Path]:
    """The changed places of an object, as paths in it; of what is not there, the nearest thing around it."""
    if not change.values:
        yield ()
        return
    for value in change.values:
        gone = value.how == ("added" if was else "removed")
        path = _path(obj, value.path[:-1] if gone else value.path)
        if isinstance(value.before, list) and isinstance(value.after, list) and len(value.before) == len(value.after):
            pairs = zip(value.before, value.after, strict=True)
            yield from ((*path, n) for n, (one, two) in enumerate(pairs) if not same(one, two))
        else:
            yield path


def _path(obj: object, place: Place) -> Path:
    out: Path = ()
    here = obj
    for step in place:
        if isinstance(step, Key):
            items = here if isinstance(here, list) else []
            n = next(
                (n for n, i in enumerate(items) if isinstance(i, dict) and str(i.get(step.field)) == step.value), -1
            )
            if n < 0:
                return out
            out, here = (*out, n), items[n]
        elif isinstance(here, dict | list):
            out = (*out, step)
            here = here[step]  # type: ignore[index]
        else:
            return out
    return out
