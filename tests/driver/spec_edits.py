"""Real edits of spec files, and what the real pipeline makes of them: what `explain` forwards is held against."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from fleetc.diagnostics import Diagnostic
from fleetc.driver.deliver import deliver
from fleetc.driver.edits import REMOVED, Edit, Target, replaced
from fleetc.driver.files import spec_files
from fleetc.driver.front import front
from fleetc.driver.load import Sources
from fleetc.driver.locks import read_locks
from fleetc.driver.lower import lower
from fleetc.driver.outputs import Outputs
from fleetc.driver.planning import served
from fleetc.driver.recall import lock_names
from fleetc.emission.compare import APPEARS, RANK, Base, How, leaves
from fleetc.plan import plan
from fleetc.resolve import resolve
from fleetc.source.span import Path as DataPath

Place = tuple[str, DataPath]
"""An emitted file and a path in it; of a file that is new, its kind and nothing but `+`."""
Moved = dict[Place, How]


class Emitted(NamedTuple):
    """What a fleet emits, by file: the text of the objects, and the objects."""

    texts: dict[str, list[str]]
    objects: dict[str, list[Any]]


class Refused(NamedTuple):
    """What is wrong with files, by the names of the codes."""

    names: frozenset[str]


def refused(found: Iterable[Diagnostic]) -> Refused:
    return Refused(frozenset(d.code.name for d in found))


class Pipeline:
    """The real pipeline on a copy of a fleet, whose files are really changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files = list(spec_files(root))
        self.before = front(Sources(root), self.files, {})
        assert not self.before.diagnostics
        base = self.emitted()
        assert isinstance(base, Emitted), base
        self.base = base
        self._bases: dict[str, Base] = {}
        self._leaves: dict[str, set[DataPath]] = {}

    def emitted(self, changed: str | None = None) -> Emitted | Refused:
        """What the files give now, or what is wrong with them. Files that did not change are taken as known."""
        known = {f: spec for f, spec in self.before.files.items() if changed not in (f, *spec.includes)}
        sources = Sources(self.root)
        found = front(sources, self.files, known if changed else {}, self.before.table)
        if found.diagnostics:
            return refused(found.diagnostics)
        world, problems = resolve(found.docs, found.table, sources.locate)
        if problems:
            return refused(problems)
        planned, problems = plan(world, sources.locate)
        if problems:
            return refused(problems)
        locks = read_locks(sources, lock_names(spec_files(self.root, locks=True)), found.docs)
        planned, problems = served(planned, found, locks, sources.locate)
        if problems:
            return refused(problems)
        emission = deliver(planned, lower(planned)).lowered.emission
        outputs = Outputs(world.fleet.outputs.manifests, world.fleet.outputs.stacks)
        out = Emitted({}, {})
        for n, cluster in enumerate(emission.clusters):
            for row, shapes in emission.at(n):
                path = outputs.file(cluster, row.path)
                out.texts[path] = [shape.text for shape in shapes]
                out.objects[path] = [shape.object for shape in shapes]
        return out

    def edited(self, file: str, text: str) -> Moved | Refused:
        """What moves when a file has another text, or what is wrong then."""
        path = self.root / file
        original = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        try:
            emitted = self.emitted(file)
        finally:
            path.write_text(original, encoding="utf-8")
        return self.difference(emitted) if isinstance(emitted, Emitted) else emitted

    def difference(self, other: Emitted) -> Moved:
        """Leaves that moved, and what appears."""
        out: Moved = {}
        for file, texts in self.base.texts.items():
            if other.texts.get(file) != texts:
                if file not in self._bases:
                    self._bases[file] = Base(self.base.objects[file])
                for path, how in self._bases[file].moved(other.objects.get(file, [])).items():
                    if self.counts(file, path):
                        out[file, path] = how
        for file in other.texts.keys() - self.base.texts.keys():
            out[self.new(file), (APPEARS,)] = "value"
        return out

    def new(self, file: str) -> str:
        """What a file goes by that there is not: its kind, and its cluster where there is one of that name."""
        folders = ("", *file.split("/")[:-1])
        at = next((n for n, folder in enumerate(folders) if folder in ("platform", "teams", "argocd") and n > 1), 0)
        if not at:
            return "*/stacks"
        output, cluster, owner, *inner = folders[at - 2 :]
        inner = inner[1:] if owner == "teams" else inner  # without the name of the team
        kind = "/".join((owner, *inner))
        known = any(path.startswith(f"{output}/{cluster}/") for path in self.base.texts)
        return f"{output}/{cluster}/{kind}" if known else f"*/{kind}"

    def counts(self, file: str, path: DataPath) -> bool:
        """Whether a path is that of a leaf, or of what appears; containers only follow."""
        if file not in self._leaves:
            self._leaves[file] = {leaf for leaf, _ in leaves(self.base.objects[file])}
        return path[-1:] == (APPEARS,) or path in self._leaves[file]

    def text(self, target: Target, edit: Edit) -> str:
        """The text of a target's file after an edit: at the mark of the value where it is one, else as plain data."""
        original = (self.root / target.file).read_text(encoding="utf-8")
        if edit.value is not REMOVED and edit.at == target.at:
            return at_mark(original, target, edit.value)
        documents = [d for d in yaml.safe_load_all(original) if d is not None]
        documents[target.number] = replaced(documents[target.number], edit.at, edit.value)
        return "---\n".join([json.dumps(d, indent=1) + "\n" for d in documents])


def at_mark(text: str, target: Target, value: Any) -> str:
    """A file's text with another scalar exactly where the target's stands."""
    start, end = scalar_span(text, target)
    tail = "\n" if text[start] in "|>" else ""
    return text[:start] + json.dumps(value) + tail + text[end:]


def scalar_span(text: str, target: Target) -> tuple[int, int]:
    """The start and the end of a scalar in a file's text."""
    for at, event in scalars(text, target.number):
        if at == target.at:
            return event.start_mark.index, event.end_mark.index
    raise AssertionError(target)


def scalars(text: str, number: int) -> Iterator[tuple[DataPath, Any]]:
    """The scalar values of a document and their paths, by PyYAML's own composer."""
    node = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))[number]
    yield from _below(node, ())


def _below(node: Any, path: DataPath) -> Iterator[tuple[DataPath, Any]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _below(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for n, item in enumerate(node.value):
            yield from _below(item, (*path, n))
    else:
        yield path, node


def strongest(many: Iterable[Moved]) -> Moved:
    """Everything that moved in any of several experiments."""
    out: Moved = {}
    for moved in many:
        for place, how in moved.items():
            if place not in out or RANK[how] < RANK[out[place]]:
                out[place] = how
    return out
