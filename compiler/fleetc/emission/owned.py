"""The fields of finished objects that controllers own: delivery leaves them alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.catalogue.delivery import Controlled, controlled
from fleetc.emission.site import Object
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple


class Owned(NamedTuple):
    """Fields of an object that a controller owns. Plain data, to be remembered."""

    group: str
    kind: str
    namespace: str
    name: str
    pointers: tuple[str, ...]
    expressions: tuple[str, ...]


class Evidence(NamedTuple):
    """Where among some objects it is seen that a controller owns fields: the object's position, and the path in it."""

    owned: Owned
    position: int
    path: Path


_METADATA: Final = ("labels", "annotations")


def evidence(objects: Sequence[Object]) -> Iterator[Evidence]:
    """All that controllers own because of some objects."""
    for position, obj in enumerate(objects):
        for entry in controlled().get((group_of(obj), str(obj.get("kind"))), ()):
            if entry.target:
                found = _target(obj, entry)
                if found is not None:
                    yield Evidence(found, position, ("spec", entry.target, "name"))
            else:
                mark = _mark(obj, entry)
                if mark is not None:
                    yield Evidence(_itself(obj, entry), position, mark)


def group_of(obj: Mapping[str, Any]) -> str:
    """The API group of an object, or of a reference with an apiVersion; "" is the core's."""
    group, slash, _ = str(obj.get("apiVersion", "")).rpartition("/")
    return group if slash else ""


def _itself(obj: Object, entry: Controlled) -> Owned:
    metadata = obj["metadata"]
    place = (str(metadata.get("namespace", "")), str(metadata.get("name", "")))
    return Owned(group_of(obj), str(obj["kind"]), *place, entry.pointers, entry.expressions)


def _target(obj: Object, entry: Controlled) -> Owned | None:
    spec = obj.get("spec")
    reference = spec.get(entry.target) if isinstance(spec, dict) else None
    if not isinstance(reference, dict) or "name" not in reference:
        return None
    # KEDA takes what it is not told otherwise for a Deployment; an HPA always says it.
    kind = str(reference.get("kind", "Deployment"))
    group = group_of(reference) if "apiVersion" in reference else "apps"
    namespace = str(obj.get("metadata", {}).get("namespace", ""))
    return Owned(group, kind, namespace, str(reference["name"]), entry.pointers, entry.expressions)


def _mark(obj: Object, entry: Controlled) -> Path | None:
    """The label or annotation by which a controller knows that the object is its own to write."""
    metadata = obj.get("metadata", {})
    for field, names in zip(_METADATA, (entry.labels, entry.annotations), strict=True):
        there = metadata.get(field)
        for name in names:
            if isinstance(there, dict) and name in there:
                return ("metadata", field, name)
    return None
