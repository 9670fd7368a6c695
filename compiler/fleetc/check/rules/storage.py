"""Rules on claims of volumes (ValidatePersistentVolumeClaimSpec)."""

from __future__ import annotations

from typing import Final

from fleetc.check.rules.access import Found, Map, at, items, problem, strings
from fleetc.check.rules.quantity import parse
from fleetc.source.span import Path

_NO_SOURCES: Final = frozenset(
    [
        *("accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy"),
        *("storageClassName", "volumeAttributesClassName", "volumeMode"),
    ]
)


def volume_claim(obj: Map) -> Found:
    """PersistentVolumeClaim."""
    yield from claim(at(obj, "spec"), ("spec",))


def volume(obj: Map) -> Found:
    """PersistentVolume: how large it is, and in one way what it is."""
    spec = at(obj, "spec")
    if not spec:
        return
    size = at(spec, "capacity").get("storage")
    number = parse(size)
    if isinstance(spec.get("capacity"), dict) and set(spec["capacity"]) != {"storage"}:
        yield problem(("spec", "capacity"), "needs `storage`, and nothing else")
    elif number is not None and number <= 0:
        yield problem(("spec", "capacity", "storage"), f"must be more than 0, got {size}")
    sources = sorted(name for name in spec if name not in _NO_SOURCES and spec[name] is not None)
    if not sources:
        yield problem(("spec",), "a volume needs a source, such as `csi` or `nfs`")
    elif len(sources) > 1:
        yield problem(("spec", sources[1]), f"a volume takes only one source, not {' and '.join(sources)}")


def claim_templates(obj: Map) -> Found:
    """The claims that a StatefulSet makes for each of its pods."""
    for index, template in items(at(obj, "spec"), "volumeClaimTemplates"):
        yield from claim(at(template, "spec"), ("spec", "volumeClaimTemplates", index, "spec"))


def claim(spec: Map, path: Path) -> Found:
    """What a claim asks for."""
    if not isinstance(spec.get("resources"), dict):
        return  # Its schema requires them.
    asked = at(spec, "resources", "requests").get("storage")
    number = parse(asked)
    if asked is None:
        yield problem((*path, "resources", "requests"), "needs `storage`")
    elif number is not None and number <= 0:
        yield problem((*path, "resources", "requests", "storage"), f"must be more than 0, got {asked}")
    modes = strings(spec, "accessModes")
    if "ReadWriteOncePod" in modes and len(set(modes)) > 1:
        yield problem((*path, "accessModes"), "ReadWriteOncePod takes no other mode beside it")
