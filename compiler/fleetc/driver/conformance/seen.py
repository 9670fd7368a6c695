"""Clusters as their conformance is decided: everything that is emitted for one, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial

from fleetc.catalogue.conformance import conformance
from fleetc.check.conformance.decide import Decided, decided
from fleetc.check.conformance.facts import Found, Here, Pool, Status, Where
from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.explain import Explainer, Page
from fleetc.language.cluster import Cluster
from fleetc.language.table import TABLE_FILE
from fleetc.plan import Subject
from fleetc.resolve.facts import devices_of
from fleetc.source.span import Path, Span


class Conforming:
    """One cluster: its spec file, and how each requirement of its minor ended. Without `listed` there is no list of
    requirements for its minor."""

    def __init__(self, fleet: Explainer, index: int, here: Here) -> None:
        self.here = here
        self.cluster: Cluster = here.cluster
        doc = fleet.plan.world.cluster_docs[index]
        self.source = doc.sources[0][0]
        self.span: Span = doc.span(fleet.sources.locate, ("metadata", "name"))
        self.minor_span: Span = doc.span(fleet.sources.locate, ("spec", "kubernetes"))
        self.decided: list[Decided] = decided(here)

    @property
    def listed(self) -> bool:
        """Whether upstream has a list of requirements for the cluster's minor."""
        return self.cluster.kubernetes in conformance().minors()

    def unmet(self, levels: Iterable[str]) -> Iterator[Diagnostic]:
        """What is not met of some levels, at the cluster's spec; that there is no list of them, at its minor."""
        name, minor = self.cluster.name, self.cluster.kubernetes
        if not self.listed:
            known = ", ".join(conformance().minors())
            message = f"cluster {name}: there is no list of requirements for Kubernetes {minor}"
            hint = f"ask for clusters of {known} alone; later lists come with later versions of fleetc"
            yield Diagnostic(codes.NO_CHECKLIST, message, self.minor_span, hint, ("spec", "kubernetes"))
        for one in self.decided:
            if one.level in levels and one.verdict.status in (Status.NOT, Status.PARTIALLY):
                what = f"{one.requirement.id} ({one.level}) is {one.verdict.status.lower()}"
                message = f"cluster {name}: {what}: {one.verdict.note}"
                yield Diagnostic(codes.REQUIREMENT_UNMET, message, self.span, one.verdict.fix, ("metadata", "name"))


def conforming(fleet: Explainer, names: Iterable[str]) -> Iterator[Conforming]:
    """The clusters of some names, by name."""
    wanted = set(names)
    hubs = _Hubs(fleet)
    for index, cluster in enumerate(fleet.plan.world.clusters):
        if cluster.name in wanted:
            yield Conforming(fleet, index, _here(fleet, index, hubs.installs(cluster.name)))


class _Hubs:
    """What installs components: subjects of the clusters that sync others."""

    def __init__(self, fleet: Explainer) -> None:
        self._fleet = fleet
        self._of = {s.name: s for s in fleet.plan.subjects.values() if s.kind == "Component"}

    def installs(self, cluster: str) -> dict[str, Found]:
        """The object that installs each component of a cluster."""
        out: dict[str, Found] = {}
        for name, subject in self._of.items():
            owner, _, component = name.partition(".")
            if owner == cluster:
                out.update((component, found) for found in _found(self._fleet, subject, subject.placed[0]))
        return out


def _here(fleet: Explainer, index: int, installs: dict[str, Found]) -> Here:
    cluster = fleet.plan.world.clusters[index]
    objects: list[Found] = []
    for subject in fleet.plan.subjects.values():
        if index in subject.placed and subject.kind != "Stack":
            objects += _found(fleet, subject, index)
    said = partial(_said, fleet, index)
    return Here(cluster, tuple(objects), tuple(_pools(fleet, index, said)), installs, partial(said, cluster.id))


def _pools(fleet: Explainer, index: int, said: Callable[[str, Path], Where]) -> Iterator[Pool]:
    cluster = fleet.plan.world.clusters[index]
    for pool in fleet.plan.world.pools:
        devices = devices_of(pool.accelerators)
        if pool.cluster == cluster.name and devices is not None:
            yield Pool(pool, devices[0], partial(said, f"GPUPool/{pool.name}"))


def _said(fleet: Explainer, index: int, id: str, path: Path) -> Where:
    """Where a value of a cluster's spec, or of its pool's, stands; of what nobody wrote, the spec itself."""
    doc = fleet.plan.world.doc(id, index)
    origin = next((o for o in fleet.plan.world.origins(id, index, path) if o.role == "value"), None) if path else None
    span = origin.doc.span(fleet.sources.locate, origin.path) if origin is not None else None
    if span is None or span.file == TABLE_FILE:
        span = doc.span(fleet.sources.locate, ("metadata", "name"))
    return span.file, span.line


def _found(fleet: Explainer, subject: Subject, cluster: int) -> Iterator[Found]:
    """What a subject emits on a cluster. Lines are counted when they are asked for: most never are."""
    page = _Page(fleet, subject, cluster)
    objects = (obj for made in fleet.tracer.made(subject, cluster) for obj in made.objects)
    for position, obj in enumerate(objects):
        yield Found(obj, partial(page.place, position))


class _Page:
    """An emitted file, of which lines may be asked for."""

    def __init__(self, fleet: Explainer, subject: Subject, cluster: int) -> None:
        self._made = partial(fleet.page, subject, cluster)

    @cached_property
    def _page(self) -> Page:
        page = self._made()
        assert page is not None  # something is emitted
        return page

    def place(self, position: int, path: Path) -> Where:
        """Where a path of an object of it stands."""
        return self._page.file, self._page.place((position, *path)).start
