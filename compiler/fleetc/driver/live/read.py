"""What a cluster has of what is emitted for it, and what it has of ours beside that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.check.change.model import Identity
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.live.api import Reader, RefusedError, Resource, listed, one, resources
from fleetc.tuples import NamedTuple

_OURS: Final[Mapping[str, str]] = {"app.kubernetes.io/managed-by": "fleetc"}
_PART_OF: Final = "app.kubernetes.io/part-of"
"""The labels that every emitted object has; the second says of which fleet."""


class State(NamedTuple):
    """The live objects that are emitted, each at the version that it is emitted at; live ones of the fleet that are
    not emitted; and the kinds that are emitted and that the server does not know."""

    live: Mapping[Identity, Mapping[str, Any]]
    extra: tuple[Mapping[str, Any], ...]
    unserved: tuple[tuple[str, str], ...]


def identity_of(obj: Mapping[str, Any]) -> Identity:
    """What makes an object the same object."""
    meta = obj["metadata"]
    group = str(obj["apiVersion"]).rpartition("/")[0]
    return Identity(group, str(obj["kind"]), str(meta.get("namespace") or ""), str(meta["name"]))


def read_cluster(reader: Reader, emitted: Sequence[Mapping[str, Any]], organisation: str, context: str) -> State:
    """Read a cluster: only kinds that are emitted, and of these what has the fleet's labels, or is emitted. Raises
    Failure: FLT921, FLT922."""
    return _Reading(reader, emitted, organisation, context).state()


class _Reading:
    def __init__(self, reader: Reader, emitted: Sequence[Mapping[str, Any]], organisation: str, context: str) -> None:
        self._reader = reader
        self._context = context
        self._wanted = {identity_of(obj): obj for obj in emitted}
        self._labels = {**_OURS, _PART_OF: organisation}
        self._refused: list[Diagnostic] = []

    def state(self) -> State:
        live: dict[Identity, Mapping[str, Any]] = {}
        extra: list[Mapping[str, Any]] = []
        unserved: list[tuple[str, str]] = []
        kinds = dict.fromkeys((str(o["apiVersion"]), str(o["kind"])) for o in self._wanted.values())
        versions = {version: self._resources(version) for version in dict.fromkeys(v for v, _ in kinds)}
        for version, kind in kinds:
            resource = versions[version].get(kind)
            if resource is None:
                unserved.append((version, kind))
                continue
            for obj in self._list(version, kind, resource):
                name = identity_of(obj)
                if name in self._wanted:
                    live[name] = obj
                elif not obj["metadata"].get("ownerReferences"):  # what a controller makes of ours goes with it
                    extra.append(obj)
        live.update(self._one_by_one(live, versions))
        if self._refused:
            raise Failure(*self._refused)
        return State(live, tuple(extra), tuple(unserved))

    def _one_by_one(
        self, live: Mapping[Identity, object], versions: Mapping[str, Mapping[str, Resource]]
    ) -> Iterator[tuple[Identity, Mapping[str, Any]]]:
        """What is emitted, and was not found by its labels: somebody may have taken them off. Nothing is in a namespace
        that is not there."""
        gone = {name.name for name in self._wanted if (name.group, name.kind) == ("", "Namespace") and name not in live}
        missing = [name for name in self._wanted if name not in live and not self._refused]
        for name in sorted(missing, key=lambda n: n.kind != "Namespace"):
            obj = self._wanted[name]
            resource = versions[str(obj["apiVersion"])].get(name.kind)
            if resource is None or (name.namespace and name.namespace in gone):
                continue
            found = self._one(str(obj["apiVersion"]), name, resource)
            if found is not None:
                gone.discard(name.name if name.kind == "Namespace" else "")
                yield name, {"apiVersion": obj["apiVersion"], "kind": name.kind, **found}

    def _resources(self, version: str) -> Mapping[str, Resource]:
        try:
            return resources(self._reader, version)
        except RefusedError as error:
            self._refuse(error, "get", version)
            return {}

    def _list(self, version: str, kind: str, resource: Resource) -> list[Mapping[str, Any]]:
        labels = ",".join(f"{name}={value}" for name, value in self._labels.items())
        try:
            found = [*listed(self._reader, version, resource, labels)]
        except RefusedError as error:
            self._refuse(error, "list", _qualified(version, resource))
            return []
        return [{"apiVersion": version, "kind": kind, **obj} for obj in found]

    def _one(self, version: str, name: Identity, resource: Resource) -> Mapping[str, Any] | None:
        try:
            return one(self._reader, version, resource, name.namespace, name.name)
        except RefusedError as error:
            self._refuse(error, "get", _qualified(version, resource))
            return None

    def _refuse(self, error: RefusedError, verb: str, what: str) -> None:
        if error.status == 401:
            message = f"context {self._context}: the server does not know who asks: {error.message}"
            raise Failure(Diagnostic(codes.CLUSTER_REFUSES, message, hint="log in as for kubectl, then run it again"))
        about = f"`{verb}` of {what}"
        if error.status == 403:
            message = f"context {self._context}: {about} is forbidden"
            hint = f"bind a ClusterRole that allows get and list of {what} to who asks"
        else:
            message = f"context {self._context}: {about} fails with status {error.status}: {error.message}"
            hint = "see to it that the server is well, then run it again"
        self._refused.append(Diagnostic(codes.CLUSTER_REFUSES, message, hint=hint))


def _qualified(version: str, resource: Resource) -> str:
    """A resource as RBAC names it."""
    group = version.rpartition("/")[0]
    return f"{resource.plural}.{group}" if group else resource.plural
