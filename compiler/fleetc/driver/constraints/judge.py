"""From what cue says to findings at the lines of specs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fleetc.check.findings import Place
from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.driver.constraints.data import EMITTED, FLEET, Seen, Spec
from fleetc.driver.constraints.errors import At, Complaint
from fleetc.driver.trace import Tracer, own_span
from fleetc.language.document import Doc, lookup
from fleetc.language.kinds import KINDS
from fleetc.language.table import TABLE_FILE
from fleetc.resolve.places import Places
from fleetc.source.span import Path, Span, render_path

_BROKEN: Final = re.compile(
    r"reference .* not found|key value of dynamic field|undefined field|import failed|imported and not used"
    r"|.*reference cycle|structural cycle"
    r"|.*circular dependency|expected |missing |illegal |invalid syntax|found packages|cannot |invalid operation"
    r"|unsupported |undefined |no package|builtin |error in call to |operand |non-function|index out of range"
    r"|field .* not allowed in|labels? |.*literal|unterminated|string "
)
"""How reasons begin that are about a constraint itself, not about what it is held against."""
_OPEN: Final = re.compile(r"incomplete value|non-concrete value|field is required but not present")
"""The same of a field that only a constraint has: a definition or a hidden field may be open, others not."""
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[#_$\w][\w$#.]*|[<>=!]=?~?|.')
_AROUND: Final = ("for", "if", "let")
_MOST_REASONS: Final = 6
_OWN_HINT: Final = "change the value, or the constraint"
_EMITTED_HINT: Final = "change what the object is made of, or the constraint; `fleetc explain FILE:LINE` tells more"
_STATED_HINT: Final = "change the specs that it is about, or the constraint"


@dataclass
class Judge:
    """Finds where what cue says has its place."""

    tracer: Tracer
    seen: Seen
    root: str
    texts: Mapping[str, str]
    """What is below specs/ in CUE, by path."""

    def diagnostics(self, found: Sequence[Complaint]) -> Iterator[Diagnostic]:
        """A finding for each complaint; where several come from one line by one constraint, one for all of them."""
        groups: dict[object, list[Diagnostic]] = {}
        for n, complaint in enumerate(found):
            made = self._diagnostic(complaint)
            same = made.span is not None and made.code is codes.CONSTRAINT_NOT_MET and made.path[:1] == (EMITTED,)
            groups.setdefault((made.span, made.related) if same else n, []).append(made)
        for first, *others in groups.values():
            more = f" (and {len(others)} more from this line)" if others else ""
            yield first._replace(message=first.message + more)

    def _diagnostic(self, complaint: Complaint) -> Diagnostic:
        places = self._places(complaint)
        if complaint.path[:1] in ((FLEET,), (EMITTED,)):
            return self._of_data(complaint, places)
        why = _why(complaint)
        first, rest = (places[0], places[1:]) if places else (None, [])
        related = tuple(Related(span, "takes part") for span in rest)
        if not complaint.path or all(_BROKEN.match(why) or _OPEN.match(why) for why in complaint.reasons):
            at = f"`{'.'.join(complaint.path)}`: " if complaint.path else ""
            hint = _mended(why)
            return Diagnostic(codes.BROKEN_CONSTRAINT, f"a constraint cannot be read: {at}{why}", first, hint)
        message = f"a constraint is not met: `{'.'.join(complaint.path)}`: {why}"
        return Diagnostic(codes.CONSTRAINT_NOT_MET, message, first, _STATED_HINT, complaint.path, related)

    def _of_data(self, complaint: Complaint, places: Sequence[Span]) -> Diagnostic:
        """What is wrong with a value of the fleet, or with one that is emitted."""
        if places and all(map(_BROKEN.match, complaint.reasons)):
            at, why = ".".join(complaint.path), _why(complaint)
            return Diagnostic(
                codes.BROKEN_CONSTRAINT, f"a constraint cannot be read: `{at}`: {why}", places[0], _mended(why)
            )
        path = self._stepped(complaint.path)
        related = [Related(span, "the constraint") for span in places]
        if path[0] == EMITTED:
            what, span, hint = self._emitted(path)
        else:
            what, span, hint = self._spec(path, related)
        if span is None and places:
            span, related = places[0], related[1:]
        inner = f"`{render_path(path)}`: " if len(path) > 1 else ""
        message = f"{what}: a constraint is not met: {inner}{_why(complaint)}"
        return Diagnostic(codes.CONSTRAINT_NOT_MET, message, span, hint, path, tuple(related))

    def _stepped(self, path: Sequence[str]) -> Path:
        """The path with numbers where lists are."""
        here: Any = {FLEET: self.seen.fleet, EMITTED: self.seen.emitted}
        out: list[str | int] = []
        for step in path:
            is_item = isinstance(here, list | tuple) and step.isdigit()
            out.append(int(step) if is_item else step)
            _, here = lookup(list(here) if is_item else here, (out[-1],))
        return tuple(out)

    def _emitted(self, path: Path) -> tuple[str, Span | None, str]:
        kind, key, *inner = (*path[1:3], "", "")[:2] + tuple(path[3:])
        position = inner[0] if inner and isinstance(inner[0], int) else 0
        place = self.seen.objects.get((str(kind), str(key), position))
        if place is None:
            return " ".join(filter(None, map(str, (kind, key)))) or "what is emitted", None, _EMITTED_HINT
        at = tuple(inner[2:]) if inner[1:2] == ["object"] else ()
        tracer, cluster = self.tracer, self.tracer.plan.world.cluster_docs[place.cluster].name
        entry = self.seen.emitted[str(kind)][str(key)][position]
        more = len(entry["clusters"]) - 1
        on = f"{cluster} and {more} more cluster{'s' if more > 1 else ''}" if more else cluster
        return f"{kind} {key} (on {on})", own_span(tracer, Place(*place[:3], at)), _EMITTED_HINT

    def _spec(self, path: Path, related: list[Related]) -> tuple[str, Span | None, str]:
        found, inner = self._entry(path[1:])
        if found is None:
            return "the fleet", None, _STATED_HINT
        span = self._value(found, inner, related)
        return f"{found.doc.kind} {found.doc.tree['metadata']['name']}", span, _OWN_HINT

    def _entry(self, path: Path) -> tuple[Spec | None, Path]:
        """The spec that a path leads into, and the rest of the path."""
        for length in range(1, min(len(path), 3) + 1):
            found = self.seen.specs.get(tuple(map(str, path[:length])))
            if found is not None:
                return found, path[length:]
        return None, ()

    def _value(self, found: Spec, path: Path, related: list[Related]) -> Span:
        doc, cluster = found.doc, None
        if path[:1] == ("variants",) and len(path) > 1 and isinstance(path[1], int) and path[1] < len(found.variants):
            cluster, path = found.variants[path[1]], path[2:]
        if path[:1] == ("metadata",):
            return _nearest(self.tracer, doc, path)
        if path[:1] != ("spec",):
            return doc.span(self.tracer.locate, ("metadata", "name"))
        at = Places(doc, self.tracer.plan.world.layers(doc, cluster), self.tracer.locate)
        inner = self._set(at, path[1:])
        span = at.span(inner)
        if span.file != TABLE_FILE:
            return span
        # Nobody can mend it there: the spec is what a default does not fit.
        related.append(Related(span, "the built-in default"))
        return doc.span(self.tracer.locate, ("spec",), key=True)

    @staticmethod
    def _set(at: Places, path: Path) -> Path:
        """The nearest thing to a path that some layer sets."""
        while path and at.origin(path) is None:
            path = path[:-1]
        return path

    def _places(self, complaint: Complaint) -> list[Span]:
        """Its places in files of constraints; loops around a constraint only where there is nothing else."""
        spans = [span for span in map(self._span, complaint.places) if span is not None]
        within = [span for span in spans if self._word(span) not in _AROUND]
        return within or spans

    def _word(self, span: Span) -> str:
        lines = self.texts[span.file].split("\n")
        line = lines[span.line - 1] if span.line <= len(lines) else ""
        return line[span.column - 1 : span.column - 1 + span.length]

    def _span(self, place: At) -> Span | None:
        """A place in a file of constraints; None for one in the data, or elsewhere."""
        file = os.path.relpath(place.file, self.root).replace(os.sep, "/")
        return _token(file, self.texts[file], place) if file in self.texts else None


def _nearest(tracer: Tracer, doc: Doc, path: Path) -> Span:
    """The place of something of the metadata, or of what it would stand in."""
    owner = KINDS[doc.kind].owner
    if path[1:] == (owner,):
        return doc.span(tracer.locate, ("spec", str(owner)))
    while len(path) > 1 and not lookup(doc.tree, path)[0]:
        path = path[:-1]
    return doc.span(tracer.locate, path, key=isinstance(lookup(doc.tree, path)[1], dict))


def _token(file: str, text: str, place: At) -> Span:
    """A place as people count it, and the token there: cue counts bytes."""
    lines = text.split("\n")
    line = lines[place.line - 1].encode() if place.line <= len(lines) else b""
    before, after = (part.decode("utf-8", "replace") for part in (line[: place.column - 1], line[place.column - 1 :]))
    token = _TOKEN.match(after)
    return Span(file, place.line, len(before) + 1, len(token[0]) if token else 1)


def _why(complaint: Complaint) -> str:
    reasons = list(dict.fromkeys(map(_told, complaint.reasons))) or ["no alternative is met"]
    shown = reasons[:_MOST_REASONS]
    more = len(reasons) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def _told(reason: str) -> str:
    """What cue says, with what it means where that is not plain."""
    wanted = reason.removeprefix("incomplete value ")
    return f"there is no value, and it wants {wanted}" if wanted != reason else reason


def _mended(why: str) -> str:
    if why.startswith("import failed"):
        return "import packages of CUE itself, or of the module in specs/cue.mod: nothing is fetched"
    if why.startswith("undefined field"):
        return "correct the name; ask `!= _|_` first for what may be absent"
    return "correct the constraint"
