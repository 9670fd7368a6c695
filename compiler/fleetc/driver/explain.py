"""`explain`, backwards: emitted lines to the spec lines, defaults and table entries that they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver import memory as memories
from fleetc.driver.build import changed_of, inputs_of
from fleetc.driver.compile import row
from fleetc.driver.front import Front
from fleetc.driver.load import Sources
from fleetc.driver.rebuild import remembered_front
from fleetc.driver.trace import Line, Origin, Tracer
from fleetc.driver.tree.header import seal
from fleetc.emission.emission import SEPARATOR
from fleetc.emission.yaml import emit
from fleetc.plan import Plan, Subject, plan
from fleetc.resolve import resolve
from fleetc.source import yaml
from fleetc.source.span import Mark, Path

HEADER_LINES = 1


class Entry(NamedTuple):
    """One leaf (or, asked for by line, one container) of an emitted file."""

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
    text: str
    documents: list[yaml.Document]
    starts: list[int]
    """For each object, the number of lines before it."""

    def lines(self, position: int, mark: Mark) -> range:
        """The lines of the file that an entry takes."""
        start = self.starts[position]
        return range(start + min(mark.key_line, mark.line), start + mark.end_line + 1)


@dataclass
class Explainer:
    """A fleet that is being explained. Failure when its specs have errors: those come first."""

    root: FilePath
    sources: Sources
    front: Front
    plan: Plan
    tracer: Tracer = field(init=False)

    def __post_init__(self) -> None:
        self.tracer = Tracer(self.plan, self.sources.locate)

    @property
    def output(self) -> str:
        """The output folder, relative to the root."""
        return self.plan.world.fleet.outputs.manifests

    def pages(self) -> Iterator[Page]:
        """Every emitted file."""
        for subject in self.plan.subjects.values():
            for cluster in subject.placed:
                made = self.page(subject, cluster)
                if made is not None:
                    yield made

    def page(self, subject: Subject, cluster: int) -> Page | None:
        """The file of a subject on a cluster, when it emits anything there."""
        objects = [o for _, found in self.tracer.influences(subject, cluster) for o in found.objects]
        if not objects:
            return None
        texts = [emit(o) for o in objects]
        starts, at = list[int](), HEADER_LINES
        for text in texts:
            starts.append(at)
            at += text.count("\n") + SEPARATOR.count("\n")
        parsed = [yaml.parse(text.encode(), marks=True).documents[0] for text in texts]
        made = row(self.plan, subject, {})
        name = self.plan.world.cluster_docs[cluster].name
        sealed = seal(SEPARATOR.join(texts).encode(), made.sources[cluster]).decode()
        return Page(f"{self.output}/{name}/{made.path}", subject, cluster, sealed, parsed, starts)

    def find_page(self, file: str) -> Page | None:
        """The page of an emitted file, by its path."""
        names = {doc.name: n for n, doc in enumerate(self.plan.world.cluster_docs)}
        cluster, _, rest = file.removeprefix(f"{self.output}/").partition("/")
        if cluster not in names or not file.startswith(f"{self.output}/"):
            return None
        for subject in self.plan.subjects.values():
            if names[cluster] in subject.placed and row(self.plan, subject, {}).path == rest:
                return self.page(subject, names[cluster])
        return None

    def entries(self, page: Page) -> Iterator[Entry]:
        """Every leaf of a page."""
        for position, document in enumerate(page.documents):
            for path, mark in (document.marks or {}).items():
                value = value_at(document.value, path)
                if not (isinstance(value, dict | list) and value):
                    yield self._entry(page, position, path, mark, value)

    def at(self, page: Page, line: int) -> list[Entry]:
        """What stands on a line: its leaves, else the container that starts there."""
        leaves: list[Entry] = []
        containers: list[Entry] = []
        for position, document in enumerate(page.documents):
            for path, mark in (document.marks or {}).items():
                value = value_at(document.value, path)
                container = isinstance(value, dict | list) and bool(value)
                lines = page.lines(position, mark)
                if not path or (line != lines.start if container else line not in lines):
                    continue
                (containers if container else leaves).append(self._entry(page, position, path, mark, value))
        return leaves or containers[:1]

    def _entry(self, page: Page, position: int, path: Path, mark: Mark, value: Any) -> Entry:
        why = self.tracer.line(page.subject, page.cluster, position, path)
        return Entry(page.file, page.lines(position, mark).start, (position, *path), value, why)

    def placed(self, page: Page) -> tuple[Origin, ...]:
        """What put the page's subject on its cluster."""
        return self.tracer.placement(page.subject, page.cluster)


def value_at(value: Any, path: Path) -> Any:
    """What stands at a path of plain data."""
    for step in path:
        value = value[step]
    return value


def explainer(root: FilePath) -> Explainer:
    """The fleet at a root, ready to be explained."""
    sources = Sources(root)
    memory = memories.load(str(root / ".fleetc"), memories.tool_digest())
    inputs = inputs_of(root, memory)
    found = remembered_front(sources, memory, inputs, changed_of(inputs, memory))
    if found.diagnostics:
        raise Findings(found.diagnostics, sources)
    world, problems = resolve(found.docs, found.table, sources.locate)
    if problems:
        raise Findings(problems, sources)
    planned, problems = plan(world, sources.locate)
    if problems:
        raise Findings(problems, sources)
    return Explainer(root, sources, found, planned)


class Findings(Exception):  # noqa: N818 - not an error of the program
    """The specs have errors: they are to be shown instead of an explanation, exit 1."""

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Sources) -> None:
        super().__init__(f"{len(diagnostics)} findings")
        self.diagnostics = list(diagnostics)
        self.sources = sources


def not_there(what: str, hint: str) -> Failure:
    """Nothing to explain."""
    return Failure(Diagnostic(codes.NOTHING_TO_EXPLAIN, what, hint=hint))
