"""What a requirement is decided by: what is emitted for a cluster, its spec, and where all of it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Literal

from fleetc.catalogue.accelerators import Accelerator
from fleetc.check.rules.access import Map, at
from fleetc.language.cluster import Cluster
from fleetc.language.pool import GPUPool
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

By = Literal["emitted", "provider", "context", "nothing"]
"""What decides a requirement: emitted objects; what the spec says that the provider or the cluster has; that it does
not apply here; or that nothing was found."""

Where = tuple[str, int]
"""A file below the root, and a line of it."""


class Status(StrEnum):
    """How far a requirement is met, in upstream's words."""

    IMPLEMENTED = "Implemented"
    PARTIALLY = "Partially Implemented"
    NOT = "Not Implemented"
    NOT_APPLICABLE = "N/A"


class Evidence(NamedTuple):
    """A line that shows something, and what stands there: an `emitted` object, or a spec."""

    file: str
    line: int
    what: str
    emitted: bool


class Found(NamedTuple):
    """An emitted object. `locate` tells where a path of it stands."""

    object: Map
    locate: Callable[[Path], Where]

    @property
    def group(self) -> str:
        """Its API group."""
        return str(self.object.get("apiVersion", "")).rpartition("/")[0]

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.object.get("kind", ""))

    @property
    def name(self) -> str:
        """Its name."""
        return str(at(self.object, "metadata").get("name", ""))

    @property
    def namespace(self) -> str:
        """Its namespace; "" where it has none."""
        return str(at(self.object, "metadata").get("namespace", ""))

    @property
    def labels(self) -> Map:
        """Its labels."""
        return at(self.object, "metadata", "labels")

    @property
    def spec(self) -> Map:
        """Its spec."""
        return at(self.object, "spec")

    def evidence(self, *path: str | int) -> Evidence:
        """The line of a path of it; of the object itself, that of its name."""
        named = f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"
        return Evidence(*self.locate(path or ("metadata", "name")), named, emitted=True)


def _of(path: Path, spec: str) -> str:
    return f"{'.'.join(map(str, path))} of {spec}" if path else spec


class Pool(NamedTuple):
    """A pool with accelerators. `said` tells where a value of its spec stands."""

    node: GPUPool
    accelerator: Accelerator
    said: Callable[[Path], Where]

    def evidence(self, *path: str) -> Evidence:
        """The line of a value of its spec."""
        return Evidence(*self.said(path), _of(path, f"GPUPool {self.node.name}"), emitted=False)


class Here:
    """A cluster. `installs`: the emitted object that installs each component, where there is one; `said` tells where a
    value of the Cluster stands."""

    def __init__(
        self,
        cluster: Cluster,
        objects: tuple[Found, ...],
        pools: tuple[Pool, ...],
        installs: Mapping[str, Found],
        said: Callable[[Path], Where],
    ) -> None:
        self.cluster = cluster
        self.objects = objects
        self.pools = pools
        self.installs = installs
        self.said = said

    @cached_property
    def _by_kind(self) -> dict[tuple[str, str], list[Found]]:
        out: dict[tuple[str, str], list[Found]] = {}
        for found in self.objects:
            out.setdefault((found.group, found.kind), []).append(found)
        return out

    def of(self, group: str, *kinds: str) -> Iterator[Found]:
        """The objects of some kinds of a group."""
        for kind in kinds:
            yield from self._by_kind.get((group, kind), ())

    def component(self, *names: str) -> Evidence | None:
        """Where the first of some components that the cluster has is installed; else where its spec says that it is."""
        for name in names:
            if name in self.cluster.components:
                return self.installs[name].evidence() if name in self.installs else self.spec("components", name)
        return None

    def spec(self, *path: str) -> Evidence:
        """The line of a value of the Cluster."""
        return Evidence(*self.said(path), _of(path, f"Cluster {self.cluster.name}"), emitted=False)

    def minor(self) -> int:
        """The minor version of its Kubernetes, such as 35."""
        return int(self.cluster.kubernetes.partition(".")[2])


class Verdict(NamedTuple):
    """How a requirement ended. `note` says why; `fix` what to write in which spec, where it is not met. `against`:
    something that is emitted contradicts it, which nothing makes up for."""

    status: Status
    by: By
    evidence: tuple[Evidence, ...]
    note: str
    fix: str = ""
    against: bool = False


def met(note: str, *evidence: Evidence | None) -> Verdict:
    """It is met."""
    return _shown(Status.IMPLEMENTED, evidence, note, "")


def partly(note: str, fix: str, *evidence: Evidence | None) -> Verdict:
    """A part of it is there."""
    return _shown(Status.PARTIALLY, evidence, note, fix)


def unmet(note: str, fix: str) -> Verdict:
    """Nothing shows it."""
    return _shown(Status.NOT, (), note, fix)


def refuted(note: str, fix: str, *evidence: Evidence | None) -> Verdict:
    """What is emitted contradicts it."""
    return _shown(Status.NOT, evidence, note, fix)._replace(against=True)


def outside(note: str, *evidence: Evidence | None) -> Verdict:
    """What it is about is not here."""
    return _shown(Status.NOT_APPLICABLE, evidence, note, "")._replace(by="context")


def _shown(status: Status, evidence: tuple[Evidence | None, ...], note: str, fix: str) -> Verdict:
    shown = tuple(dict.fromkeys(e for e in evidence if e is not None))
    by: By = "emitted" if any(e.emitted for e in shown) else "provider" if shown else "nothing"
    return Verdict(status, by, shown, note, fix)
