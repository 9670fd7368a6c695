"""What else could stand in a spec: the values that a person wrote, and other ones for them, as a person would write
them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from fleetc.driver.explain import holds_more, value_at
from fleetc.driver.files import SPECS
from fleetc.driver.front import Front, front
from fleetc.driver.load import Loaded, Sources
from fleetc.emission.alternatives import scalars
from fleetc.language.document import Doc
from fleetc.language.kinds import KINDS
from fleetc.language.schema import Items, Scalar, Schema, Struct, schema_at
from fleetc.language.team import Peer
from fleetc.language.types import LABEL_VALUE, NAME
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple

_FEW: Final = 3
_MOST_KNOWN: Final = 200
_LAST_WORD: Final = re.compile(r"[A-Z][a-z]+$")
REMOVED: Final = object()
"""An edit that takes the value away."""


class Target(NamedTuple):
    """A value in a spec file, as it is written there, and where it stands in canonical form (empty when nowhere)."""

    file: str
    number: int
    at: Path
    value: Any
    doc: Doc
    path: Path


class Edit(NamedTuple):
    """Something else at a place of a target's document."""

    at: Path
    value: Any


@dataclass
class Editor:
    """Edits the specs of a fleet: one value at a time, and everything that the front end says of it."""

    sources: Sources
    front: Front
    _loaded: dict[str, Loaded] = field(default_factory=dict)
    _places: dict[str, dict[tuple[int, Path], tuple[Doc, Path]]] = field(default_factory=dict)

    def targets(self, file: str, line: int) -> list[Target]:
        """The scalars that stand on a line of a spec file; else the container that starts there, or else the innermost
        one around it."""
        scalar: list[Target] = []
        starting: list[Target] = []
        around: list[Target] = []
        for number, marks in enumerate(self.sources.marks(file)):
            for at, mark in marks.items():
                start = min(mark.key_line, mark.line)
                target = self._target(file, number, at) if start <= line <= mark.end_line and at else None
                if target is not None:
                    found = scalar if not holds_more(target.value) else starting if start == line else around
                    found.append(target)
        innermost = [max(around, key=lambda target: len(target.at))] if around else []
        return scalar or starting[:1] or innermost

    def everything(self, file: str) -> Iterator[Target]:
        """Every value that is written in a spec file."""
        for number, marks in enumerate(self.sources.marks(file)):
            for at in marks:
                target = self._target(file, number, at)
                if target is not None:
                    yield target

    def _target(self, file: str, number: int, at: Path) -> Target | None:
        value = next((v for n, v in self.load(file).documents if n == number), None)
        places = self._places_in(file)
        for length in range(len(at), -1, -1):
            found = places.get((number, at[:length]))
            if found is not None:
                doc, path = found
                return Target(file, number, at, value_at(value, at), doc, path if length == len(at) else ())
        return None

    def _places_in(self, file: str) -> dict[tuple[int, Path], tuple[Doc, Path]]:
        """For each place of a file where something of a document is written: the document, and the canonical path; of
        several, the innermost."""
        got = self._places.get(file)
        if got is None:
            got = self._places[file] = {}
            for doc in self.front.docs.values():
                if any(name == file for name, _ in doc.sources):
                    if doc.sources[0][0] == file:
                        got[doc.sources[0][1], ()] = (doc, ())
                    for path in _paths(doc):
                        name, number, at = doc.place(path)
                        if name == file:
                            got[number, at] = (doc, path)
        return got

    def load(self, file: str) -> Loaded:
        """The documents of a file."""
        if file not in self._loaded:
            self._loaded[file] = self.sources.load(file)
        return self._loaded[file]

    def edited(self, target: Target, edit: Edit) -> Front:
        """The front end, with an edit made."""
        return self.made({target.file: [(target.number, edit)]})

    def put(self, values: Iterable[tuple[Doc, Path, Any]]) -> Front:
        """The front end, with other values at canonical paths of some documents, where something stands or not."""
        by_file: dict[str, list[tuple[int, Edit]]] = {}
        for doc, path, value in values:
            file, number, at = doc.place(path)
            by_file.setdefault(file, []).append((number, Edit(at, value)))
        return self.made(by_file)

    def at(self, span: Span) -> Target | None:
        """The value that stands, or whose name stands, at a place of a spec file: of several the innermost."""
        found: list[Target] = []
        for number, marks in enumerate(self.sources.marks(span.file)):
            for at, mark in marks.items():
                here = (span.line, span.column) in ((mark.line, mark.column), (mark.key_line, mark.key_column))
                target = self._target(span.file, number, at) if here and at else None
                found += [target] if target is not None else []
        return max(found, key=lambda target: (not holds_more(target.value), len(target.at)), default=None)

    def made(self, edits: Mapping[str, Sequence[tuple[int, Edit]]]) -> Front:
        """The front end, with edits made: by file, each with the index of its document."""
        changed: dict[str, Loaded] = {}
        for file, found in edits.items():
            documents = dict(self.load(file).documents)
            for number, edit in found:
                documents[number] = replaced(documents[number], edit.at, edit.value)
            changed[file] = Loaded([*documents.items()], [])
        specs = self.front.files.items()
        unchanged = {file: spec for file, spec in specs if changed.keys().isdisjoint((file, *spec.includes))}
        return front(_Edited(self, changed), self._files, unchanged, self.front.table)

    @cached_property
    def _files(self) -> list[str]:
        return sorted({*self.front.files, *(f for f in self.front.included if f.startswith(f"{SPECS}/"))})

    def edits(self, target: Target) -> Iterator[Edit]:
        """Other values for a target: of its type, and what the fleet calls by the same word. Of one that holds others,
        a few for each, and less of them."""
        yield Edit(target.at, REMOVED)
        if not holds_more(target.value):
            yield from (Edit(target.at, value) for value in self.alternatives(target))
            return
        if isinstance(target.value, list) and len(target.value) > 1:
            yield Edit(target.at, [*reversed(target.value)])
        for at in inside(target.value, target.at):
            yield Edit(at, REMOVED)
            below = self._target(target.file, target.number, at)
            if below is not None and not holds_more(below.value):
                yield from (Edit(at, value) for value in self.alternatives(below)[:_FEW])

    def alternatives(self, target: Target) -> list[Any]:
        """Other scalars for a target."""
        schema = schema_of(target.doc, target.path)
        if not isinstance(schema, Struct) or not schema.key:
            known = self._known_as(_word(target.path or target.at))
            return scalars(schema if isinstance(schema, Scalar) else None, target.value, known)
        # The short form of an item: its key, or of a peer with a port.
        if schema.cls is Peer:
            return list(_peers(schema, str(target.value), self._known_as("to")))
        return scalars(schema.fields[schema.key].schema, target.value, self._known_as(_word(target.path[:-1])))

    def _known_as(self, word: str) -> Iterable[Any]:
        return self._words.get(word, {})

    @cached_property
    def _words(self) -> Mapping[str, dict[Any, None]]:
        """What the specs call by a word: `region: eu` and `regions: [us]` are of one sort."""
        out: dict[str, dict[Any, None]] = {}
        docs = (*self.front.docs.values(), self.front.table)
        # Names before all else: those are what most fields of that word take.
        for doc in docs:
            for word in _called(doc.kind):
                out.setdefault(word, {})[doc.name.rpartition("/")[2]] = None
            out.setdefault("to", {})[f"{doc.kind.lower()}/{doc.name}"] = None
        for doc in docs:
            for path, value in _scalars(doc.tree):
                known = out.setdefault(_word(path), {})
                if len(known) < _MOST_KNOWN and type(value) in (str, int):
                    known[value] = None
        return out


def _called(kind: str) -> set[str]:
    """The words for a kind: a GPUPool is a `pool` to those who name it."""
    return {kind.lower(), *(word.lower() for word in _LAST_WORD.findall(kind))}


class _Edited(Sources):
    """The files of a fleet, some of them with other documents."""

    def __init__(self, editor: Editor, documents: Mapping[str, Loaded]) -> None:
        super().__init__(editor.sources.root)
        self._editor = editor
        self._documents = documents

    def load(self, file: str) -> Loaded:
        """The documents of a file."""
        return self._documents.get(file) or self._editor.load(file)

    def locate(self, file: str, index: int, path: Path, key: bool = False) -> Span:
        """Where something stood before the edit."""
        return self._editor.sources.locate(file, index, path, key)


def inside(value: Any, path: Path) -> Iterator[Path]:
    """The paths of everything in a container."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield (*path, step)
        yield from inside(item, (*path, step))


def replaced(tree: Any, path: Path, value: Any) -> Any:
    """A copy of plain data with another value at a path, a new one, or without it; everything else is shared."""
    if not path:
        return value
    gone = value is REMOVED and len(path) == 1
    if isinstance(tree, list):
        n = int(path[0])
        old = tree[n] if n < len(tree) else {}
        return [*tree[:n], *([] if gone else [replaced(old, path[1:], value)]), *tree[n + 1 :]]
    if gone:
        return {k: v for k, v in tree.items() if k != path[0]}
    if path[0] not in tree:
        return {**tree, path[0]: replaced({}, path[1:], value)}
    return {k: replaced(v, path[1:], value) if k == path[0] else v for k, v in tree.items()}


def schema_of(doc: Doc, path: Path) -> Schema | None:
    """The schema of what stands at a canonical path of a document's tree."""
    struct = KINDS[doc.kind].struct
    match path:
        case ("spec", *rest) | ("overrides", _, "set", *rest):
            return schema_at(struct, tuple(rest))
        case ("overrides", _, "match", *rest):
            return schema_at(schema_at(KINDS["Team"].struct, ("placement",)), tuple(rest))
        case ("defaults", kind, *rest):
            return schema_at(KINDS[str(kind)].struct, tuple(rest))
        case ("metadata", "name"):
            return Scalar(str, text=NAME)
        case ("metadata", "labels", _):
            return Scalar(str, text=LABEL_VALUE)
        case _:
            return None


def _peers(schema: Struct, written: str, known: Iterable[Any]) -> Iterator[str]:
    """Other peers in short form: another one, another port, all ports."""
    to, colon, port = written.rpartition(":")
    if not colon or "/" in port or not port[:1].isdigit():
        to, port = written, ""
    ports = schema.fields["ports"].schema
    tail = f":{port}" if port else ""
    yield from (f"{other}{tail}" for other in scalars(schema.fields["to"].schema, to, known))
    if isinstance(ports, Items):
        yield from (f"{to}:{other}" for other in scalars(ports.item, port or None) if "/" not in other or port)
    if port:
        yield to


def _paths(doc: Doc) -> Iterator[Path]:
    """The canonical paths of everything in a document, containers before what is in them."""
    for section, content in doc.tree.items():
        yield (section,)
        yield from inside(content, (section,))


def _scalars(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(tree, dict | list):
        for step, item in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _scalars(item, (*path, step))
    else:
        yield path, tree


def _word(path: Path) -> str:
    """What a value is called: the last name on its path, in the singular; of an item's name, what the items are."""
    names = [step for step in path if isinstance(step, str)]
    if len(names) > 2 and names[-1] == "name":
        names = names[:-2]
    return names[-1].removesuffix("s") if names else ""
