"""Who set what in a live object: its managedFields, which the API server keeps (KEP-555, server-side apply).

A set of fields (FieldsV1) nests by steps: `f:NAME` a field, `k:{...}` the item of a keyed list, `v:VALUE` the item of a
set. One that holds nothing is owned whole: a scalar, or a list or mapping that is replaced as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

Shape = Literal["map", "set", "atomic", "unknown"]
"""How a list is merged."""

_CONTROLLERS: Final = frozenset(
    ["kube-controller-manager", "cloud-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver"]
)
"""The components of Kubernetes, by the names of their binaries, under which they manage fields."""
_PARTS: Final = ("scale", "status")
"""Subresources that nobody but a controller writes, or a person instead of one."""


class Manager(NamedTuple):
    """Who changed something, how (`Apply` or `Update`), when (RFC 3339, as the server says it), and by which
    subresource."""

    name: str
    operation: str
    time: str
    subresource: str = ""

    @property
    def is_controller(self) -> bool:
        """Whether it is a controller of Kubernetes, or what speaks for one."""
        return self.name in _CONTROLLERS or self.subresource in _PARTS


class Owners:
    """The managers of a live object."""

    def __init__(self, live: Mapping[str, Any]) -> None:
        self._live = live
        self._found: list[tuple[Manager, Mapping[str, Any]]] = []
        for entry in live.get("metadata", {}).get("managedFields") or ():
            manager = Manager(
                str(entry.get("manager", "")), str(entry.get("operation", "")), str(entry.get("time") or ""),
                str(entry.get("subresource") or ""),
            )  # fmt: skip
            self._found.append((manager, entry.get("fieldsV1") or {}))

    def of(self, path: Path) -> Manager | None:
        """Who owns a place of the live object: of several, who wrote last."""
        found = [manager for manager, fields in self._found if _owns(fields, self._live, path)]
        return max(found, key=lambda manager: manager.time, default=None)

    def shape(self, path: Path) -> tuple[Shape, tuple[Mapping[str, Any], ...]]:
        """How a list of the live object is merged; of a keyed one, the keys of the items that anybody owns."""
        found: list[str] = []
        leaf = False
        for _, fields in self._found:
            below = _walk(fields, self._live, path)
            leaf = leaf or below == {}
            found += below or ()
        if any(step.startswith("k:") for step in found):
            return "map", tuple(json.loads(step[2:]) for step in dict.fromkeys(found) if step.startswith("k:"))
        if any(step.startswith("v:") for step in found):
            return "set", ()
        return ("atomic" if leaf else "unknown"), ()


def _owns(fields: Mapping[str, Any], value: Any, path: Path) -> bool:
    """Whether a set of fields has a place, or something around it that is owned whole."""
    for n in range(len(path)):
        if fields == {} and n:
            return True
        below = _step(fields, value, path[n])
        if below is None:
            return False
        fields, value = below, _inside(value, path[n])
    return True


def _walk(fields: Mapping[str, Any], value: Any, path: Path) -> Mapping[str, Any] | None:
    for step in path:
        below = _step(fields, value, step)
        if below is None:
            return None
        fields, value = below, _inside(value, step)
    return fields


def _step(fields: Mapping[str, Any], value: Any, step: str | int) -> Mapping[str, Any] | None:
    if isinstance(step, str):
        return fields.get(f"f:{step}")
    item = _inside(value, step)
    return next((below for name, below in fields.items() if _is_item(name, item)), None)


def _is_item(name: str, item: Any) -> bool:
    if name.startswith("k:") and isinstance(item, dict):
        return all(item.get(key) == found for key, found in json.loads(name[2:]).items())
    return name.startswith("v:") and bool(json.loads(name[2:]) == item)


def _inside(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (LookupError, TypeError):
        return None


def keys_of(item: Any, keys: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The keys that an emitted item of a keyed list may have: what it leaves out has the server's default."""
    for key in keys:
        if isinstance(item, dict) and all(item.get(name, value) == value for name, value in key.items()):
            yield key
