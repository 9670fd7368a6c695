"""Generated files held against what the specs give now: the output folder, lock files, golden files of tests."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fleetc.check.findings import Place
from fleetc.diagnostics import Code, Diagnostic, Related, codes
from fleetc.driver.build import STATE
from fleetc.driver.deliver import Keys
from fleetc.driver.planning import changed_locks, stale
from fleetc.driver.records import records
from fleetc.driver.scope import WHOLE
from fleetc.driver.testing.fleet import Fleet
from fleetc.driver.trace import own_span
from fleetc.driver.tree import model as tree
from fleetc.driver.tree.api import Edit, Plan, Wanted, plan_writes, read_header
from fleetc.driver.tree.header import first_line, sha256
from fleetc.driver.tree.model import content_bytes
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple

_MOST_LINES: Final = 12
_WIDEST: Final = 160
_MOST_BEHIND: Final = 10
"""For as many files the spec line behind the first difference is looked for."""


class Finding(NamedTuple):
    """What is wrong, and the difference as a short diff: from what stands there to what the specs give now."""

    diagnostic: Diagnostic
    diff: tuple[str, ...] = ()


class Outputs(NamedTuple):
    """The number of files that the specs give, and what is not current of the output folder and the lock files."""

    files: int
    findings: list[Finding]


def outputs(root: str, fleet: Fleet) -> Outputs:
    """The output folder and the lock files of a fleet without findings."""
    done, explainer = fleet.compiled, fleet.explainer
    assert done is not None
    assert done.lowered is not None
    assert done.report is not None
    assert explainer is not None
    outputs = explainer.outputs
    keys = Keys(done.plan or explainer.plan, done.reads)
    wanted = records(done.lowered, done.report, outputs, WHOLE, None, keys).wanted
    plan = plan_writes(tree.Place(root, outputs.manifests, f"{root}/{STATE}", outputs.stacks), wanted, {})
    found = [_because(fleet, one, n) for n, one in enumerate(differences(root, plan, wanted, codes.STALE_OUTPUT))]
    return Outputs(len(wanted), [*found, *(Finding(d) for d in _locks(fleet))])


def differences(root: str, plan: Plan, wanted: Mapping[str, Wanted], code: Code) -> Iterator[Finding]:
    """A finding for each file that is not as wanted: missing, other, edited by hand, or made by no spec any more."""
    hint = "run `fleetc build`, and commit what it writes"
    if code is codes.STALE_GOLDEN:
        hint = "if that is as it should be, run `fleetc test --update`, and commit what it writes"
    for change in plan.writes:
        new = content_bytes(change.wanted.content) if change.wanted is not None else b""
        if change.signature is None:
            header = read_header(first_line(new))
            related = (Related(Span(header.source, 1, 1), "it is made from this"),) if header is not None else ()
            message = f"{change.path} is missing"
            yield Finding(Diagnostic(code, message, Span(change.path, 1, 1), hint, (), related))
        else:
            line, diff = difference(_read(root, change.path), new)
            message = f"{change.path} is not what the specs give now"
            yield Finding(Diagnostic(code, message, Span(change.path, line, 1), hint), diff)
    for change in plan.deletes:
        what = "no spec makes it any more" if code is codes.STALE_OUTPUT else "no test makes it any more"
        yield Finding(Diagnostic(code, f"{change.path}: {what}", Span(change.path, 1, 1), hint))
    for edit in plan.edits:
        yield Finding(*_edited(edit, code, hint))
    for diagnostic in plan.diagnostics:
        path = diagnostic.span.file if diagnostic.span is not None else ""
        there = diagnostic.code is codes.HAND_EDITED and path in wanted
        new = content_bytes(wanted[path].content) if there else b""
        yield Finding(diagnostic, difference(_read(root, path), new)[1] if there else ())


def _edited(edit: Edit, code: Code, hint: str) -> tuple[Diagnostic, tuple[str, ...]]:
    new = content_bytes(edit.wanted.content) if edit.wanted is not None else b""
    line, diff = difference(edit.text, new)
    message = f"{edit.path} was edited by hand" + ("" if edit.wanted else ", and no test makes it any more")
    return Diagnostic(code, message, Span(edit.path, line, 1), hint), diff


def _read(root: str, path: str) -> bytes:
    try:
        with open(f"{root}/{path}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def difference(old: bytes, new: bytes) -> tuple[int, tuple[str, ...]]:
    """The first line (from 1) of the old text that is not as in the new one, and a short diff, without the headers."""
    before, after = _lines(old), _lines(new)
    first = next((n for n, (a, b) in enumerate(zip(before, after, strict=False), start=2) if a != b), None)
    first = first or min(len(before), len(after)) + 1
    lines = [
        line for line in difflib.unified_diff(before, after, n=1, lineterm="") if not line.startswith(("---", "+++"))
    ]
    shown = [_printable(line) for line in lines[:_MOST_LINES]]
    left = len(lines) - len(shown)
    return first, (*shown, *([f"... {left} more lines"] if left else []))


def _lines(data: bytes) -> list[str]:
    """The lines below the header."""
    head = first_line(data)
    return data[len(head) if read_header(head) else 0 :].decode("utf-8", "replace").split("\n")


def _printable(line: str) -> str:
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def _because(fleet: Fleet, finding: Finding, number: int) -> Finding:
    """With the spec line behind the first line that is wanted otherwise."""
    diagnostic, diff = finding
    explainer = fleet.explainer
    if not diff or diagnostic.span is None or number >= _MOST_BEHIND or explainer is None:
        return finding
    page = explainer.find_page(diagnostic.span.file)
    start = diff[0].split("+")[1].split(",")[0] if diff[0].startswith("@@") else ""
    offset = next((n for n, line in enumerate(diff[1:]) if line.startswith("+")), None)
    if page is None or not start.isdecimal() or offset is None:
        return finding
    before = sum(line.startswith("-") for line in diff[1 : offset + 1])
    for entry in explainer.at(page, int(start) + 1 + offset - before):
        place = Place(page.subject.id, page.cluster, int(entry.path[0]), entry.path[1:])
        behind = own_span(explainer.tracer, place)
        related = (Related(behind, "what is wanted there comes from here"),)
        return Finding(diagnostic._replace(related=related), diff)
    return finding


def _locks(fleet: Fleet) -> Iterable[Diagnostic]:
    made = fleet.planning
    if made is None:
        return
    standing = {name: fleet.sources.read(name) for name in fleet.lock_files}
    yield from stale(made, changed_locks(made.wanted, standing), standing)


def wanted_files(contents: Mapping[str, bytes]) -> dict[str, Wanted]:
    """Sealed files, as the writer of the tree takes them."""
    return {path: Wanted(sha256(data), data) for path, data in contents.items()}
