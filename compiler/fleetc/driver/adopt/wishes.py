"""What is wanted of emitted objects: what somebody wrote into an emitted file, or what a cluster has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.check.change.compare import same
from fleetc.check.change.documents import Documents, body, split
from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.edits import REMOVED, replaced
from fleetc.driver.explain import Explainer, Page
from fleetc.driver.live.drift import ClusterDrift
from fleetc.driver.live.read import identity_of
from fleetc.emission.texts import opened
from fleetc.source.span import Path, Span, render_path
from fleetc.tuples import NamedTuple

ADDED: Final = object()
"""There is nothing to be seen at a place before."""


class Wish(NamedTuple):
    """An emitted value that is to be another one, REMOVED, or there at all. `line`: where that is said, in the file."""

    page: Page
    position: int
    path: Path
    before: Any
    after: Any
    line: int

    @property
    def place(self) -> Path:
        """The path in the file."""
        return (self.position, *self.path)

    @property
    def name(self) -> str:
        """As people write it."""
        obj = self.page.objects[self.position]
        return f"{identity_of(obj)} {render_path(self.path)}".rstrip()


class Wanted(NamedTuple):
    """The wishes of a run, and what cannot even be wished."""

    wishes: tuple[Wish, ...]
    refused: tuple[Diagnostic, ...]


def refusal(file: str, line: int, message: str, hint: str = "") -> Diagnostic:
    """That something is not adopted, and why."""
    return Diagnostic(codes.NOT_ADOPTED, message, Span(file, line, 1), hint)


def of_file(page: Page, data: bytes) -> Wanted:
    """What a hand edited in an emitted file."""
    reader = Documents()
    lines, at = list[int](), data.count(b"\n", 0, data.find(b"\n") + 1) + 1
    texts = split(body(data))
    for text in texts:
        lines.append(at)
        at += text.count(b"\n") + 1
    found = [reader.read(text) for text in texts]
    ours = {identity_of(obj): n for n, obj in enumerate(page.objects)}
    wishes: list[Wish] = []
    wrong: list[Diagnostic] = []
    for document, line in zip(found, lines, strict=True):
        position = ours.pop(document.identity, None)
        if position is None or document.object is None:
            what = "it is no object" if document.object is None else f"{document.identity} is in no spec"
            hint = "write a Manifest for a new object; `fleetc import` makes one of it"
            wrong.append(refusal(page.file, line, f"{page.file}: {what}", hint))
            continue
        edited = [*_differences(page.opened[position], opened(document.object))]
        at_line = _lines(document.text, line)
        wishes += [Wish(page, position, path, old, new, at_line(path)) for path, old, new in edited]
    for identity in ours:
        hint = "remove what makes it from the spec"
        wrong.append(refusal(page.file, 1, f"{page.file}: {identity} was taken out of the file", hint))
    return Wanted(tuple(wishes), tuple(wrong))


def of_cluster(fleet: Explainer, found: ClusterDrift) -> Wanted:
    """What a cluster has otherwise; nothing of what controllers own."""
    wishes: list[Wish] = []
    wrong: list[Diagnostic] = []
    for drift in found.drifted:
        page = fleet.find_page(drift.file) if drift.file else None
        positions = [n for n, obj in enumerate(page.objects) if identity_of(obj) == drift.identity] if page else []
        if page is None or not drift.path:
            what = "is not live" if drift.how == "missing" else "is live, and no spec makes it"
            message, hint = f"{drift.identity} {what} on {found.name}", "apply or prune it; only values are adopted"
            wrong.append(Diagnostic(codes.NOT_ADOPTED, message, drift.span, hint))
            continue
        after = REMOVED if drift.how == "missing" else drift.live
        before = ADDED if drift.how == "extra" else drift.wanted
        edited = _differences(opened(before), opened(after), drift.path)
        wishes += [Wish(page, positions[0], path, old, new, drift.line) for path, old, new in edited]
    return Wanted(tuple(wishes), tuple(wrong))


def desired(wishes: Sequence[Wish]) -> Mapping[tuple[str, int], Any]:
    """The objects of wishes as they are to be, by file and position."""
    out: dict[tuple[str, int], Any] = {}
    removed = sorted((w for w in wishes if w.after is REMOVED), key=lambda w: repr(w.path), reverse=True)
    for wish in [*(w for w in wishes if w.after is not REMOVED), *removed]:
        key = (wish.page.file, wish.position)
        out[key] = replaced(out.get(key, wish.page.opened[wish.position]), wish.path, wish.after)
    return out


def _differences(before: Any, after: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            if name not in after:
                yield (*path, name), before[name], REMOVED
            elif name not in before:
                yield (*path, name), ADDED, after[name]
            else:
                yield from _differences(before[name], after[name], (*path, name))
    elif isinstance(before, list | tuple) and isinstance(after, list) and len(before) == len(after):
        for n, (one, two) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, two, (*path, n))
    elif not same(before, after):
        yield path, before, after


def _lines(text: bytes, first: int) -> Any:
    from fleetc.source import yaml  # noqa: PLC0415 - with marks, which only an edited document needs

    marks = yaml.parse(text, marks=True).documents[0].marks or {}

    def line(path: Path) -> int:
        while path and path not in marks:
            path = path[:-1]
        return first + (marks[path].key_line if path in marks else 1) - 1

    return line
