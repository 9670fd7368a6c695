"""Where in an object what stands, and copies of it with something else there."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

Object = dict[str, Any]
Path = tuple[str | int, ...]
Damage = Callable[[Object], Iterator[Object]]

BUILTIN_GROUPS = {
    *("", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io"),
    *("scheduling.k8s.io", "node.k8s.io", "resource.k8s.io", "admissionregistration.k8s.io", "coordination.k8s.io"),
}


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place of a document, with its value, the root first."""
    yield path, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from places(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, (*path, index))


def put(obj: Object, path: Path, value: Any) -> Object:
    """A copy with another value at a path."""
    out = copy.deepcopy(obj)
    below(out, path[:-1])[path[-1]] = value
    return out


def drop(obj: Object, path: Path) -> Object:
    """A copy without what stands at a path."""
    out = copy.deepcopy(obj)
    del below(out, path[:-1])[path[-1]]
    return out


def below(obj: Any, path: Path) -> Any:
    """What stands at a path, None when there is nothing."""
    for step in path:
        if isinstance(obj, list):
            obj = obj[step] if isinstance(step, int) and step < len(obj) else None
        else:
            obj = obj.get(step) if isinstance(obj, dict) else None
    return obj


def built_in(obj: Object) -> bool:
    """Whether the kind is the API server's own, so that its rules beyond the schema are known here."""
    return str(obj.get("apiVersion")).rpartition("/")[0] in BUILTIN_GROUPS


def fields(obj: Object, names: set[str]) -> Iterator[tuple[Path, Any]]:
    """The places of fields with one of some names; maps whose keys are free are left out."""
    if built_in(obj):
        for path, value in places(obj):
            free = {"data", "labels", "annotations", "matchLabels", "parameters", "nodeSelector"} & set(path[:-1])
            if path and path[-1] in names and not free:
                yield path, value


def containers(obj: Object) -> Iterator[tuple[Path, Object]]:
    for path, value in fields(obj, {"containers"}):
        if isinstance(value, list):
            yield from (((*path, index), container) for index, container in enumerate(value))


def first_field(obj: Object) -> Path | None:
    """The root's or spec's first field that is not a header."""
    if isinstance(obj.get("spec"), dict) and obj["spec"]:
        return ("spec", next(iter(obj["spec"])))
    rest = [name for name in obj if name not in ("apiVersion", "kind", "metadata")]
    return (rest[0],) if rest else None
