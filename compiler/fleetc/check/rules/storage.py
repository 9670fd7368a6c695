"""Rules on claims of volumes (ValidatePersistentVolumeClaimSpec)."""

from __future__ import annotations

from fleetc.check.rules.access import Found, Map, at, items, problem, strings
from fleetc.check.rules.quantity import parse
from fleetc.source.span import Path


def volume_claim(obj: Map) -> Found:
    """PersistentVolumeClaim."""
    yield from claim(at(obj, "spec"), ("spec",))


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
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        yield problem((*path, "accessModes"), "ReadWriteOncePod takes no other mode beside it")
