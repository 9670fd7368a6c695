"""What a stack never deletes by itself: objects whose loss no later `pulumi up` makes good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleet.objects import identity

LOSSES: Final = {
    ("", "Namespace"): "everything in it goes with it, volumes included",
    ("", "PersistentVolume"): "the data on it, where its reclaim policy is Delete",
    ("", "PersistentVolumeClaim"): "the data on its volume, where the reclaim policy is Delete",
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "every object of that kind in the cluster goes with it",
    ("karpenter.sh", "NodePool"): "its nodes are drained and given back, and capacity may be gone for good",
    ("gateway.networking.k8s.io", "Gateway"): "its address, which names and firewalls point to",
    ("snapshot.storage.k8s.io", "VolumeSnapshot"): "the data in it, where its deletion policy is Delete",
}
"""By group and kind, what is lost with the object."""


def loss_of(obj: Mapping[str, Any]) -> str | None:
    """What is lost with an object that another of the same manifest does not bring back; None for all others."""
    key = identity(obj)
    if (key.group, key.kind) == ("", "Service") and (obj.get("spec") or {}).get("type") == "LoadBalancer":
        return "its address, which names and firewalls point to"
    return LOSSES.get((key.group, key.kind))


def is_made_again(obj: Mapping[str, Any]) -> bool:
    """Whether the cluster makes the object by itself, and again when it is deleted: it stays with its namespace."""
    key = identity(obj)
    return (key.group, key.kind, key.name) == ("", "ServiceAccount", "default")
