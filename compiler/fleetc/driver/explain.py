"""`explain`, backwards: emitted lines to the spec lines, defaults and table entries that they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

from fleetc.diagnostics import Diagnostic, Failure, Severity, codes
from fleetc.driver import memory as memories
from fleetc.driver.build import changed_of, inputs_of
from fleetc.driver.folders import folders_of
from fleetc.driver.front import Front
from fleetc.driver.load import Sources
from fleetc.driver.locks import LocksRead, read_locks
from fleetc.driver.lower import row
from fleetc.driver.outputs import Outputs
from fleetc.driver.planning import served
from fleetc.driver.recall import lock_names, remembered_front
from fleetc.driver.trace import Line, Origin, Tracer
from fleetc.driver.tree.header import seal
from fleetc.emission.compare import leaves
from fleetc.emission.emission import SEPARATOR
from fleetc.emission.lines import Lines, lines_of
from fleetc.emission.site import Object
from fleetc.emission.texts import opened
from fleetc.emission.yaml import emit
from fleetc.plan import Plan, Subject, plan
from fleetc.plan.delivery import is_delivered
from fleetc.resolve import resolve
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

HEADER_LINES: Final = 1


class Entry(NamedTuple):
    """One leaf (or, asked for by line, one container) of an emitted file. The path starts with the object's
    position."""

    file: str
    line: int
    path: Path
    value: Any
    why: Line


@dataclass
class Page:
    """One emitted file as the specs give it now: its objects, and where their values stand."""

    file: str
    subject: Subject
    cluster: int
    owner: str
    """The id of the spec that it is for."""
    source: str
    """The spec file that its header names."""
    objects: list[Object]
    """As they are emitted."""
    opened: list[Any]
    """The same, with what stands in texts that are documents."""
    texts: list[str]
    lines: list[Lines]
    starts: list[int]
    """For each object, the number of lines before it."""

    def place(self, path: Path) -> range:
        """The lines of the file that a value takes; of what is not there, those of the nearest thing around it."""
        position, inner = int(path[0]), path[1:]
        here = self.lines[position]
        while inner not in here:
            inner = inner[:-1]
        start = self.starts[position] + 1
        return range(here[inner].start + start, here[inner].stop + start)

    @property
    def length(self) -> int:
        """The number of lines."""
        return self.place((len(self.objects) - 1,)).stop - 1

    def text(self) -> bytes:
        """The whole file."""
        return seal(SEPARATOR.join(self.texts).encode(), self.source)


@dataclass
class Explainer:
    """A fleet that is being explained. Failure when its specs have errors: those come first."""

    root: FilePath
    sources: Sources
    front: Front
    plan: Plan
    locks: LocksRead
    tracer: Tracer = field(init=False)
    _lines: dict[str, Lines] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tracer = Tracer(self.plan, self.sources.locate)
        self.plan = self.tracer.plan  # with what delivers it

    @property
    def output(self) -> str:
        """The output folder of manifests, relative to the root."""
        return self.outputs.manifests

    @property
    def outputs(self) -> Outputs:
        """The output folders, relative to the root."""
        outputs = self.plan.world.fleet.outputs
        return Outputs(outputs.manifests, outputs.stacks)

    def pages(self) -> Iterator[Page]:
        """Every emitted file."""
        for subject in self.plan.subjects.values():
            for cluster in subject.placed:
                made = self.page(subject, cluster)
                if made is not None:
                    yield made

    def page(self, subject: Subject, cluster: int) -> Page | None:
        """The file of a subject on a cluster, when it emits anything there."""
        objects = [o for made in self.tracer.made(subject, cluster) for o in made.objects]
        if not objects:
            return None
        texts = [emit(o) for o in objects]
        starts, at = list[int](), HEADER_LINES
        for text, made in zip(texts, objects, strict=True):
            starts.append(at)
            at += text.count("\n") + SEPARATOR.count("\n")
            if text not in self._lines:
                self._lines[text] = lines_of(made)
        where = row(self.plan, subject, {})
        name = self.plan.world.cluster_docs[cluster].name
        lines = [self._lines[text] for text in texts]
        owner = subject.id if is_delivered(subject.id) else self.plan.doc(subject, cluster).id
        file, source = self.outputs.file(name, where.path), where.sources[cluster]
        return Page(file, subject, cluster, owner, source, objects, opened(objects), texts, lines, starts)

    def find_page(self, file: str) -> Page | None:
        """The page of an emitted file, by its path."""
        names = {doc.name: n for n, doc in enumerate(self.plan.world.cluster_docs)}
        cluster, rest = self.outputs.place(file)
        if cluster not in names:
            return None
        for subject in self.plan.subjects.values():
            if names[cluster] in subject.placed and row(self.plan, subject, {}).path == rest:
                return self.page(subject, names[cluster])
        return None

    def entries(self, page: Page) -> Iterator[Entry]:
        """Every leaf of a page."""
        for position, made in enumerate(page.opened):
            for path, value in leaves(made):
                yield self._entry(page, (position, *path), value)

    def at(self, page: Page, line: int) -> list[Entry]:
        """What stands on a line: its leaf, else the outermost container that starts there."""
        position = object_at(page, line)
        if position is None:
            return []
        here = [path for path in page.lines[position] if path and line in page.place((position, *path))]
        leaf = [path for path in here if not holds_more(value_at(page.opened[position], path))]
        starting = [path for path in here if page.place((position, *path)).start == line]
        found = leaf or sorted(starting, key=len)[:1]
        values = [((position, *path), value_at(page.opened[position], path)) for path in found]
        return [self._entry(page, path, value, alone=True) for path, value in values]

    def _entry(self, page: Page, path: Path, value: Any, *, alone: bool = False) -> Entry:
        why = self.tracer.line(page.subject, page.cluster, int(path[0]), path[1:], alone=alone)
        return Entry(page.file, page.place(path).start, path, value, why)

    def placed(self, page: Page) -> tuple[Origin, ...]:
        """What put the page's subject on its cluster."""
        return self.tracer.placement(page.subject, page.cluster)


def object_at(page: Page, line: int) -> int | None:
    """The position of the object that takes a line; None for the header, and for the lines between objects."""
    return next((n for n in range(len(page.objects)) if line in page.place((n,))), None)


def holds_more(value: Any) -> bool:
    """Whether a value is a container with something in it."""
    return isinstance(value, dict | list | tuple) and bool(value)


def value_at(value: Any, path: Path) -> Any:
    """What stands at a path of plain data."""
    for step in path:
        value = value[step]
    return value


def explainer(root: FilePath, *, unfinished: bool = False) -> Explainer:
    """The fleet at a root, ready to be explained; `unfinished`: also where models have no room."""
    sources = Sources(str(root))
    memory = memories.load(str(root / ".fleetc"), memories.tool_digest(folders_of(str(root), None)))
    memory = memory if memory and memory.whole() else None
    inputs = inputs_of(str(root), memory)
    found = remembered_front(sources, memory, inputs, changed_of(inputs, memory))
    if found.diagnostics:
        raise Findings(found.diagnostics, sources)
    world, problems = resolve(found.docs, found.table, sources.locate)
    if problems:
        raise Findings(problems, sources)
    planned, problems = plan(world, sources.locate)
    if problems:
        raise Findings(problems, sources)
    locks = read_locks(sources, lock_names(inputs), found.docs)
    whole = served(planned, found, locks, sources.locate)
    if any(d.code.severity is Severity.ERROR for d in whole.diagnostics) and not unfinished:
        raise Findings(whole.diagnostics, sources)
    return Explainer(root, sources, found, whole.plan, locks)


class Findings(Exception):  # noqa: N818 - not an error of the program
    """The specs have errors: they are to be shown instead of an explanation, exit 1."""

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Sources) -> None:
        super().__init__(f"{len(diagnostics)} findings")
        self.diagnostics = list(diagnostics)
        self.sources = sources


def not_there(what: str, hint: str) -> Failure:
    """Nothing to explain."""
    return Failure(Diagnostic(codes.NOTHING_TO_EXPLAIN, what, hint=hint))
