"""Classes that a Cluster emits by itself: a StorageClass, PriorityClass or RuntimeClass as a part of its spec."""

from __future__ import annotations

from typing import Any, Final

from fleetc.language.document import lookup
from fleetc.tuples import NamedTuple

_DEFAULT: Final = "storageclass.kubernetes.io/is-default-class"
_STORAGE: Final = (
    "provisioner",
    "parameters",
    "reclaimPolicy",
    "volumeBindingMode",
    "allowVolumeExpansion",
    "mountOptions",
)
_OURS: Final = ("app.kubernetes.io/managed-by", "app.kubernetes.io/part-of")

DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "StorageClass": {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "allowVolumeExpansion": False},
    "PriorityClass": {"globalDefault": False, "preemptionPolicy": "PreemptLowerPriority"},
    "RuntimeClass": {},
}
"""What the API server fills in (k8s.io/api storage/v1, scheduling/v1, node/v1), by kind."""


class Part(NamedTuple):
    """A part of a Cluster's spec: where its list is, its name there, and what it says."""

    field: tuple[str, ...]
    name: str
    value: dict[str, Any]


def part_of(value: dict[str, Any]) -> Part | None:
    """An object as a part of a Cluster, where it has nothing that such a part cannot say."""
    kind, version = value["kind"], value["apiVersion"]
    metadata = value["metadata"]
    if set(metadata.get("labels") or ()) - {*_OURS} or metadata.keys() - {"name", "labels", "annotations"}:
        return None
    notes = metadata.get("annotations") or {}
    rest = {key: item for key, item in value.items() if key not in ("apiVersion", "kind", "metadata")}
    rest = {**DEFAULTS.get(kind, {}), **rest}
    match (version, kind):
        case ("storage.k8s.io/v1", "StorageClass"):
            made = _storage(rest, notes)
        case ("scheduling.k8s.io/v1", "PriorityClass") if not notes:
            made = _priority(rest)
        case ("node.k8s.io/v1", "RuntimeClass") if not notes:
            made = _runtime(rest)
        case _:
            made = None
    fields = {
        "StorageClass": ("storage", "classes"),
        "PriorityClass": ("priorityClasses",),
        "RuntimeClass": ("runtimeClasses",),
    }
    return Part(fields[kind], metadata["name"], made) if made is not None else None


def _storage(rest: dict[str, Any], notes: dict[str, Any]) -> dict[str, Any] | None:
    if rest.keys() - {*_STORAGE} or notes.keys() - {_DEFAULT} or "provisioner" not in rest:
        return None
    if notes.get(_DEFAULT, "true") not in ("true", "false"):
        return None
    default = notes.get(_DEFAULT) == "true"
    return {key: rest[key] for key in _STORAGE if key in rest} | {"default": default}


def _priority(rest: dict[str, Any]) -> dict[str, Any] | None:
    if rest.keys() - {"value", "globalDefault", "preemptionPolicy", "description"} or "value" not in rest:
        return None
    made = {"value": rest["value"], "preemption": rest["preemptionPolicy"], "default": rest["globalDefault"]}
    return made | ({"description": rest["description"]} if rest.get("description") else {})


def _runtime(rest: dict[str, Any]) -> dict[str, Any] | None:
    scheduling, overhead = rest.get("scheduling", {}), rest.get("overhead", {})
    if rest.keys() - {"handler", "scheduling", "overhead"} or "handler" not in rest:
        return None
    if not isinstance(scheduling, dict) or not isinstance(overhead, dict):
        return None
    tolerations = scheduling.get("tolerations", [])
    if scheduling.keys() - {"nodeSelector", "tolerations"} or overhead.keys() - {"podFixed"}:
        return None
    made: dict[str, Any] = {"handler": rest["handler"]}
    if overhead:
        made["overhead"] = overhead["podFixed"]
    if scheduling.get("nodeSelector"):
        made["nodeSelector"] = scheduling["nodeSelector"]
    if tolerations:
        parts = [_toleration(item) for item in tolerations]
        if any(part is None for part in parts):
            return None
        made["tolerations"] = parts
    return made


def _toleration(item: Any) -> dict[str, Any] | None:
    if not isinstance(item, dict) or item.keys() - {"key", "operator", "value", "effect"} or "key" not in item:
        return None
    if item.get("operator", "Equal") != ("Equal" if "value" in item else "Exists"):
        return None
    return {key: item[key] for key in ("key", "value", "effect") if key in item}


def put(spec: dict[str, Any], part: Part) -> None:
    """Add a part to a Cluster's spec."""
    *above, last = part.field
    for step in above:
        spec = spec.setdefault(step, {})
    spec.setdefault(last, {})[part.name] = part.value


def take(spec: dict[str, Any], part: Part) -> None:
    """Remove a part from a Cluster's spec, and the lists that are empty then."""
    for length in range(len(part.field), 0, -1):
        found, inside = lookup(spec, part.field[:length])
        if found and length == len(part.field):
            inside.pop(part.name, None)
        if found and not inside:
            _, above = lookup(spec, part.field[: length - 1])
            del above[part.field[length - 1]]
