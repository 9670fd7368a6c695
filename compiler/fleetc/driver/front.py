"""The front end: every file loaded, every document in canonical form, every reference checked. All errors at once."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.driver.files import SPECS
from fleetc.driver.load import Loaded, Sources
from fleetc.driver.memory import Sealed
from fleetc.driver.syntax import NO_TEMPLATES
from fleetc.language.document import Doc, lookup
from fleetc.language.envelope import Included, included_files, is_spec, normalise
from fleetc.language.kinds import KINDS
from fleetc.language.problem import Problem
from fleetc.language.table import TABLE_FILE, table_document
from fleetc.resolve.references import Unsure, check_references
from fleetc.source import yaml
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple

_UNREADABLE: Final = (codes.CANNOT_READ, codes.OUTSIDE_ROOT)
_UNDAMAGED: Final = (codes.DUPLICATE_KEY, codes.AMBIGUOUS_SCALAR, codes.UNSUPPORTED_YAML)
"""YAML problems after which every document of the file is still there."""
_MISSING: Final = "is missing"
_WORD: Final = re.compile("[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*")
_PRIVATE: Final = (SPECS, ".fleetc", ".git")
"""Folders of the root that hold something else than generated files."""
_OUTPUT: Final[Path] = ("spec", "outputs", "manifests")
_TESTS: Final[Path] = ("spec", "tests")


class SpecFile(NamedTuple):
    """What a spec file holds: its documents, and the files that it includes. `memory`: the documents as they are
    remembered; None when they are new."""

    docs: list[Doc]
    includes: list[str]
    memory: list[Sealed] | None = None


class Front:
    """The documents by id, the built-in table, and what is wrong.

    - `included`: files that specs include
    - `known`: names by kind, those of broken documents too
    - `nameless`: the kind of some document is not known
    - `unlisted`: some broken file may list files that are then not known to be listed
    """

    def __init__(self, table: Doc) -> None:
        self.table = table
        self.docs: dict[str, Doc] = {}
        self.files: dict[str, SpecFile] = {}
        self.included: set[str] = set()
        self.known: dict[str, set[str]] = {}
        self.diagnostics: list[Diagnostic] = []
        self.unsure = Unsure()
        self.nameless = False
        self.unlisted = False


class _Raw(NamedTuple):
    file: str
    number: int
    value: Any
    includes: list[tuple[Path, str]]


def front(
    sources: Sources,
    files: Sequence[str],
    remembered: Mapping[str, SpecFile],
    table: Doc | None = None,
    before: Collection[str] = (),
) -> Front:
    """Load and normalise spec files; those in `remembered` are known to be as they were, when the fleet was found right
    with the documents `before`."""
    out = Front(table or load_table(sources))
    raws: dict[str, list[_Raw]] = {}
    damaged: dict[str, list[Diagnostic]] = {}
    for file in files:
        if file in remembered:
            out.files[file] = remembered[file]
        else:
            loaded = sources.load(file)
            out.diagnostics += loaded.diagnostics
            raws[file] = [_raw(file, number, value) for number, value in loaded.documents]
            if loaded.diagnostics:
                damaged[file] = loaded.diagnostics
                _doubt(sources, out, file, loaded.diagnostics)
    contents = _load_included(sources, raws, out)
    out.included |= {name for file in out.files.values() for name in file.includes}
    out.included |= {name for name, loaded in contents.items() if not _holds_specs(loaded)}
    for file in [f for f in files if f not in out.included]:
        if file in raws:
            out.files[file] = _spec_file(sources, raws[file], contents, out, damaged.get(file, []))
        _register(sources, out, out.files[file].docs)
    for file in out.included:
        out.files.pop(file, None)
    _check_fleet(sources, out)
    out.diagnostics += check_references(
        out.docs, out.known, sources.locate, out.table, out.unsure, _settled(out, remembered, before)
    )
    _check_facts(sources, out, remembered)
    return out


def _settled(out: Front, remembered: Mapping[str, SpecFile], before: Collection[str]) -> set[str]:
    """The documents that still name what there is: they were found right, and all names are as they were."""
    if out.docs.keys() != before:
        return set()
    same = [doc for doc in out.docs.values() if doc.sources[0][0] in remembered]
    # The Fleet has the names of environments.
    return {doc.id for doc in same} if any(doc.kind == "Fleet" for doc in same) else set()


def _check_facts(sources: Sources, out: Front, remembered: Mapping[str, SpecFile]) -> None:
    """What is named of the catalogue is in it."""
    # What is remembered was found right by this very tool, whose catalogue is part of it.
    read = [doc for doc in (*out.docs.values(), *out.unsure.docs) if doc.sources[0][0] not in remembered]
    naming = [doc for doc in read if _may_name_facts(doc)]
    if naming:
        # Imported here: most edits name nothing of the catalogue, and do not pay for it.
        from fleetc.resolve.facts import check_facts  # noqa: PLC0415

        out.diagnostics += check_facts(naming, sources.locate)


def _may_name_facts(doc: Doc) -> bool:
    """Whether there is anything in a document that `check_facts` looks at."""
    if doc.kind in ("Platform", "GPUPool", "Model") or doc.defaults:
        return True
    specs = [doc.tree["spec"], *(override["set"] for override in doc.tree["overrides"])]
    return any("components" in spec or "values" in spec or "devices" in spec.get("quota", ()) for spec in specs)


def _doubt(sources: Sources, out: Front, file: str, found: Iterable[Diagnostic]) -> None:
    """A spec file is broken: what it may hold."""
    if any(d.code in _UNREADABLE or d.message == NO_TEMPLATES for d in found):
        out.unsure.anything = True
        return
    words = _words(sources, file)
    out.unlisted = out.unlisted or "files" in words
    if any(d.code not in _UNDAMAGED for d in found):
        out.unsure.words |= words


def _words(sources: Sources, file: str) -> set[str]:
    found = _WORD.findall(sources.text(file) or "")
    return {*found, *map(str.lower, found)}


def load_table(sources: Sources) -> Doc:
    """The built-in table."""
    return table_document(yaml.parse(sources.read(TABLE_FILE)).documents[0].value)


def _raw(file: str, number: int, value: Any) -> _Raw:
    folder = os.path.dirname(file)
    names: dict[str, Path] = {}
    for path, name in included_files(value):
        names.setdefault(os.path.normpath(os.path.join(folder, name)).replace(os.sep, "/"), path)
    return _Raw(file, number, value, [(path, name) for name, path in names.items()])


def _load_included(sources: Sources, raws: Mapping[str, list[_Raw]], out: Front) -> dict[str, Loaded]:
    """The files that changed specs include; what is wrong with one as a whole is reported where it is listed."""
    contents: dict[str, Loaded] = {}
    for raw in (raw for group in raws.values() for raw in group):
        for path, name in raw.includes:
            loaded = contents.get(name) or sources.load(name)
            listed = sources.locate(raw.file, raw.number, path)
            out.diagnostics += _unfit(name, loaded, listed, path)
            if name not in contents and name not in raws:
                found = loaded.diagnostics
                out.diagnostics += [d if d.code not in _UNREADABLE else _unread(sources, d, raw, listed) for d in found]
            contents[name] = loaded
            meant = None if loaded.documents else sources.near(name)
            if meant is not None and meant in raws and not any(is_spec(other.value) for other in raws[meant]):
                out.included.add(meant)  # So that it is not taken for a spec.
    return contents


def _unread(sources: Sources, found: Diagnostic, raw: _Raw, listed: Span) -> Diagnostic:
    """A file cannot be read: said where it is listed, with the name that was probably meant as it would stand there."""
    near = sources.near(found.span.file) if found.span and found.code is codes.CANNOT_READ else None
    hint = f"did you mean {os.path.relpath(near, os.path.dirname(raw.file))}?" if near else found.hint
    return found._replace(span=listed, hint=hint)


def _unfit(name: str, loaded: Loaded, listed: Span, path: Path) -> Iterator[Diagnostic]:
    """A file that can be read, and has no objects in it."""
    if _holds_specs(loaded):
        message, hint = f"{name} holds specs, not Kubernetes objects", "remove it here: specs are found by themselves"
        yield Diagnostic(codes.INVALID_VALUE, message, listed, hint, path)
    elif not loaded.documents and not loaded.diagnostics:
        message, hint = f"{name} holds no Kubernetes object", "add one, or remove the file here"
        yield Diagnostic(codes.INVALID_VALUE, message, listed, hint, path)


def _holds_specs(loaded: Loaded) -> bool:
    return any(is_spec(value) for _, value in loaded.documents)


def _spec_file(
    sources: Sources, raws: list[_Raw], contents: Mapping[str, Loaded], out: Front, damage: list[Diagnostic]
) -> SpecFile:
    docs: list[Doc] = []
    for raw in raws:
        names = [name for _, name in raw.includes if name in out.included]
        extra = tuple([Included(name, n, value) for name in names for n, value in contents[name].documents])
        got = normalise(raw.value, raw.file, raw.number, extra)
        files = ((raw.file, raw.number), *((i.file, i.number) for i in extra))
        wrong = [*damage, *(d for name in names for d in contents[name].diagnostics)]
        out.diagnostics += [_problem(sources, files, p) for p in got.problems if not _follows(p, wrong, out)]
        if got.doc is None:
            _doubt_document(sources, out, raw)
        elif got.problems or damage:
            _break(sources, out, got.doc, None if damage else [p.path for p in got.problems])
        else:
            docs.append(got.doc)
    return SpecFile(docs, [name for raw in raws for _, name in raw.includes])


def _follows(problem: Problem, damage: list[Diagnostic], out: Front) -> bool:
    """Whether a problem may only follow from what could not be read: what is missing may stand at a refused key, and
    Kubernetes objects may be listed in a file that is broken."""
    if _MISSING in problem.message:
        return any(d.code in _UNDAMAGED and "key" in d.message for d in damage)
    return out.unlisted and problem.code is codes.NOT_A_SPEC and problem.path == ("apiVersion",)


def _doubt_document(sources: Sources, out: Front, raw: _Raw) -> None:
    """A document without a kind may be any; one without a name may have any."""
    if not isinstance(raw.value, Mapping):
        out.unsure.anything = True
    elif raw.value.get("kind") in [*KINDS]:
        out.unsure.kinds.add(raw.value["kind"])
    else:
        out.unsure.words |= _words(sources, raw.file)
        out.nameless = True


def _break(sources: Sources, out: Front, doc: Doc, at: Sequence[Path] | None) -> None:
    """A document is known, but not all of it; `at` are the places that are broken, None when it may be any."""
    _register(sources, out, [], broken=doc)
    out.unsure.environments |= doc.kind == "Fleet" and _touched(at, "environments")
    out.unsure.defaults |= doc.kind in ("Fleet", "Cluster") and _touched(at, "defaults")


def _touched(at: Sequence[Path] | None, name: str) -> bool:
    return at is None or any(path[:2] in ((), ("spec",), ("spec", name)) for path in at)


def _register(sources: Sources, out: Front, docs: list[Doc], broken: Doc | None = None) -> None:
    for doc in [broken] if broken else docs:
        same = next((d for d in out.unsure.docs if d.id == doc.id), None) if out.unsure.docs else None
        first = out.docs.get(doc.id, same)
        out.known.setdefault(doc.kind, set()).add(doc.name)
        if first is not None:
            out.diagnostics.append(_duplicate(sources, first, doc))
        if first is None and broken is None:
            out.docs[doc.id] = doc
        else:
            out.unsure.docs.append(doc)


def _problem(sources: Sources, files: tuple[tuple[str, int], ...], problem: Problem) -> Diagnostic:
    span = sources.locate(*files[problem.source], problem.path, problem.key)
    related = tuple(Related(sources.locate(*files[source], path), text) for path, text, source in problem.related)
    return Diagnostic(problem.code, problem.message, span, problem.hint, problem.path, related)


def _duplicate(sources: Sources, first: Doc, second: Doc) -> Diagnostic:
    at: Path = ("metadata", "name")
    related = (Related(first.span(sources.locate, at), "first here"),)
    span = second.span(sources.locate, at)
    hint = "rename or merge one of them"
    return Diagnostic(codes.DUPLICATE_SPEC, f"there are two specs {second.id}", span, hint, at, related)


def _check_fleet(sources: Sources, out: Front) -> None:
    """There is one Fleet, and it writes where nothing else is."""
    fleets = [doc for doc in (*out.docs.values(), *out.unsure.docs) if doc.kind == "Fleet"]
    names = {doc.name: doc for doc in reversed(fleets)}
    spans = sorted(doc.span(sources.locate, ("metadata", "name")) for doc in names.values())
    for span in spans[1:]:
        related = (Related(spans[0], "the first one"),)
        message = "there is more than one Fleet"
        out.diagnostics.append(Diagnostic(codes.NO_FLEET, message, span, "keep one Fleet in a root", (), related))
    if not fleets and not _perhaps(out, "Fleet"):
        hint = f"add a document of kind Fleet, such as {SPECS}/fleet.yaml"
        out.diagnostics.append(Diagnostic(codes.NO_FLEET, f"there is no Fleet in {SPECS}/", hint=hint))
    if fleets and "Cluster" not in out.known and not _perhaps(out, "Cluster"):
        hint = f"add a document of kind Cluster, such as {SPECS}/clusters/NAME.yaml"
        message = f"there is no Cluster in {SPECS}/, so nothing is emitted"
        out.diagnostics.append(Diagnostic(codes.NOTHING_EMITTED, message, spans[0], hint))
    for doc in fleets:
        out.diagnostics += _folders(sources, doc, out.table)


def _perhaps(out: Front, kind: str) -> bool:
    """Whether a broken file or document may hold a document of this kind."""
    return out.nameless or out.unsure.anything or kind in out.unsure.words | out.unsure.kinds


def _folders(sources: Sources, fleet: Doc, table: Doc) -> Iterator[Diagnostic]:
    """The folders of generated files and of tests hold nothing else: a build deletes what it made."""
    given = {path: lookup(fleet.tree, path)[1] for path in (_OUTPUT, _TESTS) if lookup(fleet.tree, path)[0]}
    output, tests = (
        str(given.get(path) or lookup(table.tree, ("Fleet", *path[1:]))[1]).split("/") for path in (_OUTPUT, _TESTS)
    )
    for path, folder in given.items():
        folded = [part.casefold() for part in str(folder).split("/")]  # Some file systems know no case.
        if folded[0] in _PRIVATE or ".git" in folded:
            what = "generated files" if path == _OUTPUT else "tests"
            message = f"{what} cannot go into {folder}: {str(folder).split('/')[0]}/ holds something else"
            example = "golden" if path == _OUTPUT else "tests"
            span, hint = fleet.span(sources.locate, path), f"choose another folder, such as {example}"
            yield Diagnostic(codes.OUTPUT_OUTSIDE_ROOT, message, span, hint, path)
    pairs = list(zip(map(str.casefold, output), map(str.casefold, tests), strict=False))
    if given and all(one == two for one, two in pairs):
        path = _TESTS if _TESTS in given else _OUTPUT
        message = f"generated files in {'/'.join(output)} and tests in {'/'.join(tests)} lie in one another"
        span = fleet.span(sources.locate, path)
        hint = "choose two folders side by side: a build deletes what no spec makes"
        yield Diagnostic(codes.OUTPUT_OUTSIDE_ROOT, message, span, hint, path)
