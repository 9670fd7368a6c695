"""Limits of containers and volumes read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fleetc.emission.site import TeamSite
from fleetc_kubernetes.quantity import canonical
from fleetc_kubernetes.reading.values import Objects, items, text, texts
from fleetc_kubernetes.tenancy.limit_range import NAME

# By their names in specs: the fields of a LimitRange and of `limits`, and the resources and fields of an amount.
_FIELDS: Final = {"default": "default", "defaultRequest": "default_request", "max": "max", "min": "min"}
_RESOURCES: Final = {
    "cpu": ("cpu", "cpu"),
    "memory": ("memory", "memory"),
    "ephemeral-storage": ("ephemeralStorage", "ephemeral_storage"),
}


def read_limits(sites: Sequence[TeamSite], every: Objects) -> dict[str, Any]:
    """What the LimitRange of the first namespace says."""
    found = every.get("LimitRange", sites[0].team.namespaces[0].name, NAME)
    spec: dict[str, Any] = {}
    for item in items(found, "spec", "limits"):
        if text(item, "type") == "PersistentVolumeClaim":
            volume = text(item, "max", "storage")
            if volume and any(_differs(s.team.limits.max_volume, volume) for s in sites):
                spec["maxVolume"] = volume
        elif text(item, "type") == "Container":
            for name, field in _FIELDS.items():
                if amounts := _amounts(sites, field, texts(item, name)):
                    spec[name] = amounts
    return spec


def _amounts(sites: Sequence[TeamSite], field: str, found: Mapping[str, str]) -> dict[str, str]:
    known = [getattr(s.team.limits, field) for s in sites]
    return {
        name: found[resource]
        for resource, (name, attribute) in _RESOURCES.items()
        if resource in found and any(_differs(getattr(amounts, attribute), found[resource]) for amounts in known)
    }


def _differs(known: str | None, found: str) -> bool:
    return known is None or canonical(known) != found
