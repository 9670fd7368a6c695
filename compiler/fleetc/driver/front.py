"""The front end: every file loaded, every document in canonical form, every reference checked. All errors at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.driver.load import SPECS, Loaded, Sources
from fleetc.language.document import Doc
from fleetc.language.envelope import Included, included_files, normalise
from fleetc.language.normalise import Problem
from fleetc.language.table import TABLE_FILE, table_document
from fleetc.resolve.references import check_references
from fleetc.source import yaml
from fleetc.source.span import Path, Span

_UNREADABLE: Final = (codes.CANNOT_READ, codes.OUTSIDE_ROOT)


class SpecFile(NamedTuple):
    """What a spec file holds: its documents, and the files that it includes."""

    docs: list[Doc]
    includes: list[str]


@dataclass
class Front:
    """The documents by id, the built-in table, and what is wrong."""

    table: Doc
    docs: dict[str, Doc] = field(default_factory=dict)
    files: dict[str, SpecFile] = field(default_factory=dict)
    included: set[str] = field(default_factory=set)
    """Files that specs include."""
    known: dict[str, set[str]] = field(default_factory=dict)
    """Names by kind, those of broken documents too."""
    diagnostics: list[Diagnostic] = field(default_factory=list)


class _Raw(NamedTuple):
    file: str
    index: int
    value: Any
    includes: list[tuple[Path, str]]


def front(
    sources: Sources, files: Sequence[str], remembered: Mapping[str, SpecFile], table: Doc | None = None
) -> Front:
    """Load and normalise spec files; those in `remembered` are known to be as they were."""
    out = Front(table or load_table(sources))
    raws: dict[str, list[_Raw]] = {}
    for file in files:
        if file in remembered:
            out.files[file] = remembered[file]
        else:
            loaded = sources.load(file)
            out.diagnostics += loaded.diagnostics
            raws[file] = [_raw(file, index, value) for index, value in loaded.documents]
    included = {name for file in out.files.values() for name in file.includes}
    included |= {name for group in raws.values() for raw in group for _, name in raw.includes}
    out.included = included
    contents = _load_included(sources, raws, out)
    for file in [f for f in files if f not in included]:
        if file in raws:
            out.files[file] = _spec_file(sources, raws[file], contents, out)
        _register(sources, out, out.files[file].docs)
    for file in included:
        out.files.pop(file, None)
    _one_fleet(sources, out)
    out.diagnostics += check_references(out.docs, out.known, sources.locate)
    return out


def load_table(sources: Sources) -> Doc:
    """The built-in table."""
    return table_document(yaml.parse(sources.read(TABLE_FILE)).documents[0].value)


def _raw(file: str, index: int, value: Any) -> _Raw:
    folder = os.path.dirname(file)
    names = [(path, os.path.normpath(os.path.join(folder, name))) for path, name in included_files(value)]
    return _Raw(file, index, value, [(path, name.replace(os.sep, "/")) for path, name in names])


def _load_included(sources: Sources, raws: Mapping[str, list[_Raw]], out: Front) -> dict[str, Loaded]:
    """The files that changed specs include; one that cannot be read is reported where it is listed."""
    contents: dict[str, Loaded] = {}
    for raw in (raw for group in raws.values() for raw in group):
        for path, name in raw.includes:
            if name in contents:
                continue
            loaded = contents[name] = sources.load(name)
            if name in raws:
                continue  # Its own diagnostics are in already.
            listed = sources.locate(raw.file, raw.index, path)
            out.diagnostics += [replace(d, span=listed) if d.code in _UNREADABLE else d for d in loaded.diagnostics]
    return contents


def _spec_file(sources: Sources, raws: list[_Raw], contents: Mapping[str, Loaded], out: Front) -> SpecFile:
    docs: list[Doc] = []
    for raw in raws:
        extra = tuple([Included(name, n, value) for _, name in raw.includes for n, value in contents[name].documents])
        got = normalise(raw.value, raw.file, raw.index, extra)
        files = ((raw.file, raw.index), *((i.file, i.index) for i in extra))
        out.diagnostics += [_problem(sources, files, p) for p in got.problems]
        if got.doc is None:
            continue
        if got.problems:
            out.known.setdefault(got.doc.kind, set()).add(got.doc.name)
        else:
            docs.append(got.doc)
    return SpecFile(docs, [name for raw in raws for _, name in raw.includes])


def _register(sources: Sources, out: Front, docs: list[Doc]) -> None:
    for doc in docs:
        first = out.docs.setdefault(doc.id, doc)
        out.known.setdefault(doc.kind, set()).add(doc.name)
        if first is not doc:
            out.diagnostics.append(_duplicate(sources, first, doc))


def _problem(sources: Sources, files: tuple[tuple[str, int], ...], problem: Problem) -> Diagnostic:
    file, index = files[problem.source]
    span = sources.locate(file, index, problem.path, problem.key)
    related = tuple(Related(sources.locate(file, index, path, False), text) for path, text in problem.related)
    return Diagnostic(problem.code, problem.message, span, problem.hint, problem.path, related)


def _duplicate(sources: Sources, first: Doc, second: Doc) -> Diagnostic:
    at: Path = ("metadata", "name")
    related = (Related(first.span(sources.locate, at), "first here"),)
    span = second.span(sources.locate, at)
    hint = "rename or merge one of them"
    return Diagnostic(codes.DUPLICATE_SPEC, f"there are two specs {second.id}", span, hint, at, related)


def _one_fleet(sources: Sources, out: Front) -> None:
    fleets = [doc for doc in out.docs.values() if doc.kind == "Fleet"]
    spans = [doc.span(sources.locate, ("metadata", "name")) for doc in fleets]
    for span in spans[1:]:
        related = (Related(spans[0], "the first one"),)
        message = "there is more than one Fleet"
        out.diagnostics.append(Diagnostic(codes.NO_FLEET, message, span, "keep one Fleet in a root", (), related))
    broken = "Fleet" in out.known or any(d.code.code < codes.UNKNOWN_KIND.code for d in out.diagnostics)
    if not fleets and not broken:
        hint = f"add a document of kind Fleet to {SPECS}/fleet.yaml"
        out.diagnostics.append(Diagnostic(codes.NO_FLEET, "there is no Fleet", Span(SPECS, 1, 1), hint))
