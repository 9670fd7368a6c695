"""How running clusters differ from what the working tree gives, each difference at its spec line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.check.change.drift import Drifted, drift
from fleetc.check.change.model import Identity
from fleetc.check.change.owners import Manager
from fleetc.check.findings import Place
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.explain import Explainer, Page, value_at
from fleetc.driver.live.api import Api, Reader
from fleetc.driver.live.kubeconfig import Context, Kubeconfig
from fleetc.driver.live.read import State, identity_of, read_cluster
from fleetc.driver.trace import spec_span
from fleetc.emission.owned import evidence
from fleetc.language.wording import did_you_mean, nearest
from fleetc.source.span import Path, Span
from fleetc.tuples import NamedTuple

_MOST_TRACED: Final = 200
"""Differences of a cluster that are traced to the line; of more, to the spec that emits the object."""


class Emitted(NamedTuple):
    """An emitted object: its page, and its position there."""

    page: Page
    position: int

    @property
    def object(self) -> Mapping[str, Any]:
        """The object."""
        return self.page.objects[self.position]


class Drift(NamedTuple):
    """One difference. `how`: see `check.change.drift`; of a whole object (its `path` is empty) `missing` or `extra`.

    `file`, `line`: the emitted value, or the nearest thing around it. `span`: the spec line that it comes from, or the
    spec that emits the object; of an `extra` object all three are empty. `controller`: who owns the field in the
    cluster, so that it is no drift, or "".
    """

    identity: Identity
    how: str
    path: Path
    wanted: Any
    live: Any
    file: str
    line: int
    span: Span | None
    changed: Manager | None
    controller: str


class ClusterDrift(NamedTuple):
    """A cluster: by which context it was read, how many objects were compared, and what differs. `unserved`: kinds that
    are emitted and that its server does not know, as `VERSION KIND`."""

    name: str
    context: str
    server: str
    objects: int
    drifts: tuple[Drift, ...]
    unserved: tuple[str, ...]

    @property
    def drifted(self) -> tuple[Drift, ...]:
        """What counts: without what controllers own."""
        return tuple(found for found in self.drifts if not found.controller)


def contexts(
    fleet: Explainer, clusters: Sequence[str], config: Kubeconfig, given: Mapping[str, str]
) -> dict[str, Context]:
    """The context of each cluster: that which is given for it, else that of the same name; never guessed.

    Without `clusters`, those that contexts are given for, else that which the current context is named after. Raises
    Failure: FLT903, FLT920.
    """
    known = [doc.name for doc in fleet.plan.world.cluster_docs]
    wrong = [name for name in dict.fromkeys((*clusters, *given)) if name not in known]
    if wrong:
        found = [
            Diagnostic(codes.BAD_USAGE, f"there is no cluster {n}", hint=did_you_mean(n, known, "there are"))
            for n in wrong
        ]
        raise Failure(*found)
    asked = [*dict.fromkeys(clusters or given)] or ([config.current] if config.current in known else [])
    if not asked:
        current = f"the current context `{config.current}` is named after none" if config.current else "none is current"
        hint = "name clusters, or say which context a cluster has: --context CLUSTER=CONTEXT"
        raise Failure(Diagnostic(codes.BAD_USAGE, f"which cluster is meant? {current}", hint=hint))
    return {name: _context(name, given.get(name, name), config) for name in asked}


def _context(cluster: str, name: str, config: Kubeconfig) -> Context:
    if name in config.contexts:
        return config.context(name)
    near = nearest(name, config.contexts)
    meant = f"; did you mean `{near}`?" if near else ""
    hint = f"say which one the cluster has: --context {cluster}=CONTEXT{meant}"
    message = f"there is no context {name} for cluster {cluster} in {', '.join(config.files)}"
    raise Failure(Diagnostic(codes.BAD_KUBECONFIG, message, hint=hint))


def drifts(
    fleet: Explainer, found: Mapping[str, Context], connect: Callable[[Context], Reader] = Api
) -> Iterator[ClusterDrift]:
    """The drift of clusters. Raises Failure: FLT920 to FLT922."""
    for name, context in found.items():
        emitted = emitted_on(fleet, name)
        objects = [one.object for one in emitted]
        organisation = fleet.plan.world.fleet.organisation
        state = read_cluster(connect(context), objects, organisation, context.name)
        unserved = tuple(f"{version} {kind}" for version, kind in state.unserved)
        every = tuple(_Cluster(fleet, emitted, state).drifts())
        yield ClusterDrift(name, context.name, context.server, len(emitted), every, unserved)


def emitted_on(fleet: Explainer, name: str) -> list[Emitted]:
    """All objects that are emitted for a cluster; the data of its stack is none."""
    cluster = fleet.plan.world.index[name]
    placed = [s for s in fleet.plan.subjects.values() if cluster in s.placed]
    pages = [page for subject in placed if (page := fleet.page(subject, cluster)) is not None]
    return [Emitted(page, n) for page in pages if is_manifest(fleet, page.file) for n in range(len(page.objects))]


def is_manifest(fleet: Explainer, file: str) -> bool:
    """Whether an emitted file holds objects."""
    return file.startswith(f"{fleet.output}/")


class _Cluster:
    def __init__(self, fleet: Explainer, emitted: Sequence[Emitted], state: State) -> None:
        self._fleet, self._emitted, self._state = fleet, emitted, state
        self._traced = 0
        self._controlled: dict[Identity, list[tuple[str, str]]] = {}
        for name, found in _controlled([one.object for one in emitted]):
            self._controlled.setdefault(name, []).append(found)

    def drifts(self) -> Iterator[Drift]:
        """What differs, in the order of files; what is not emitted comes last."""
        for one in self._emitted:
            name = identity_of(one.object)
            live = self._state.live.get(name)
            if live is None:
                yield self._drift(one, Drifted((), "missing", None, None, None))
            else:
                yield from (self._drift(one, found) for found in drift(one.object, live))
        for obj in sorted(self._state.extra, key=identity_of):
            yield Drift(identity_of(obj), "extra", (), None, None, "", 0, None, None, "")

    def _span(self, page: Page, position: int, path: Path) -> Span:
        """The spec line of a value; of an object as a whole the spec that emits it."""
        if path and self._traced < _MOST_TRACED:
            self._traced += 1
            return spec_span(self._fleet.tracer, Place(page.subject.id, page.cluster, position, path))
        doc = self._fleet.plan.doc(page.subject, page.cluster)
        return doc.span(self._fleet.sources.locate, ("metadata", "name"))

    def _drift(self, one: Emitted, found: Drifted) -> Drift:
        page, name = one.page, identity_of(one.object)
        path = there(one.object, found.path)
        span = self._span(page, one.position, path)
        line = page.place((one.position, *path)).start
        here = f"{_pointer(found.path)}/"
        owners = (by for pointer, by in self._controlled.get(name, ()) if here.startswith(f"{pointer}/"))
        controller = next(owners, "")
        if not controller and found.changed is not None and found.changed.is_controller:
            controller = found.changed.name
        how, wanted, live, changed = found.how, found.wanted, found.live, found.changed
        return Drift(name, how, found.path, wanted, live, page.file, line, span, changed, controller)


def there(obj: Mapping[str, Any], path: Path) -> Path:
    """As much of a path as an object has."""
    for length in range(len(path), 0, -1):
        try:
            value_at(obj, path[:length])
        except (LookupError, TypeError):
            continue
        return path[:length]
    return ()


def _controlled(objects: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Identity, tuple[str, str]]]:
    """The fields of emitted objects that controllers own, as JSON pointers, each with the object that says so."""
    for found in evidence(objects):
        owned, by = found.owned, identity_of(objects[found.position])
        for pointer in owned.pointers:
            yield Identity(owned.group, owned.kind, owned.namespace, owned.name), (pointer, f"{by.kind} {by.name}")


def _pointer(path: Path) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
