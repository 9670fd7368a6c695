"""Raw Kubernetes objects: how they are told apart, and what stands in the way of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.diagnostics import codes
from fleetc.language.problem import Problem
from fleetc.language.wording import describe
from fleetc.source.span import Path
from fleetc.source.yaml import BROKEN

_HEADER: Final[tuple[Path, ...]] = (("apiVersion",), ("kind",), ("metadata", "name"))


def long_form(item: Any) -> Any:
    """An object with its identity: apiVersion, kind, namespace and name; without one where that cannot be said."""
    if not isinstance(item, Mapping):
        return item
    parts = [_at(item, path) for path in _HEADER]
    if not all(isinstance(part, str) and part for part in parts):
        return {"object": item}
    namespace = _at(item, ("metadata", "namespace"))
    where = f"{namespace}/" if isinstance(namespace, str) else ""
    return {"identity": f"{parts[0]} {parts[1]} {where}{parts[2]}", "object": item}


def header_problems(item: Any, at: Path) -> Iterator[Problem]:
    """Why an object has no identity. What could not be read has been reported."""
    if not isinstance(item, Mapping):
        message = f"expected a Kubernetes object, got {describe(item)}"
        hint = "write its items one by one" if isinstance(item, list) else "write its apiVersion, kind and metadata"
        yield Problem(codes.WRONG_TYPE, message, at, hint)
    elif str(item.get("kind")).endswith("List") and "items" in item:
        message = f"a {item['kind']} is not an object of its own"
        yield Problem(codes.INVALID_VALUE, message, (*at, "kind"), "write its items one by one")
    else:
        yield from _header(item, at)


def _header(item: Mapping[Any, Any], at: Path) -> Iterator[Problem]:
    missing: list[str] = []
    metadata = item.get("metadata")
    if metadata not in (None, BROKEN) and not isinstance(metadata, Mapping):
        message = f"`metadata` is a mapping, got {describe(metadata)}"
        yield Problem(codes.WRONG_TYPE, message, (*at, "metadata"), "write metadata: {name: ...}")
    for path in _HEADER if metadata is None or isinstance(metadata, Mapping) else _HEADER[:2]:
        value, name = _at(item, path), ".".join(map(str, path))
        if value is None or value == "":
            missing.append(f"`{name}`")
        elif value is not BROKEN and not isinstance(value, str):
            message = f"`{name}` is a string, got {describe(value)}"
            yield Problem(codes.WRONG_TYPE, message, (*at, *path), "put the value in quotes")
    if missing:
        listed = " and ".join([", ".join(missing[:-1]), missing[-1]] if len(missing) > 1 else missing)
        verb = "are" if len(missing) > 1 else "is"
        yield Problem(codes.MISSING_FIELD, f"{listed} {verb} missing in a Kubernetes object", at, f"add {listed}")


def _at(item: Any, path: Path) -> Any:
    for step in path:
        if item is BROKEN:
            return BROKEN
        item = item.get(step) if isinstance(item, Mapping) else None
    return item
