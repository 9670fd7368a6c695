"""Simulated nodes and devices: what a cluster's hardware would say of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fleetc_rehearsal.client import Object


class Taint(NamedTuple):
    """A taint; `effect` is NoSchedule, PreferNoSchedule or NoExecute."""

    key: str
    value: str = ""
    effect: str = "NoSchedule"


@dataclass(frozen=True)
class Node:
    """A node to simulate. Quantities are written as in Kubernetes; all capacity is allocatable."""

    name: str
    cpu: str = "8"
    memory: str = "32Gi"
    pods: int = 110
    extended: Mapping[str, int] = field(default_factory=dict)
    """Extended resources, such as nvidia.com/gpu: 8."""
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[Taint] = ()
    ephemeral_storage: str = "100Gi"

    def capacity(self) -> dict[str, str]:
        """By resource."""
        extended = {name: str(count) for name, count in self.extended.items()}
        own = {"cpu": self.cpu, "memory": self.memory, "pods": str(self.pods)}
        return {**own, "ephemeral-storage": self.ephemeral_storage, **extended}

    def spec_taints(self) -> list[dict[str, str]]:
        """As they stand in the Node."""
        return [{k: v for k, v in taint._asdict().items() if v} for taint in self.taints]

    def manifest(self, *, ready: bool) -> Object:
        """The Node as its kubelet would register it; `ready` where nothing else will say so."""
        status: dict[str, Any] = {"capacity": self.capacity(), "allocatable": self.capacity()}
        if ready:
            status["conditions"] = [{"type": "Ready", "status": "True", "reason": "Simulated", "message": "simulated"}]
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.name, "labels": {"kubernetes.io/hostname": self.name, **self.labels}},
            "spec": {"taints": self.spec_taints()},
            "status": status,
        }


class Version(str):
    """An attribute of a device that is compared as a semantic version."""

    __slots__ = ()


Attribute = str | bool | int | Version


@dataclass(frozen=True)
class Device:
    """A device that a driver offers: attributes and capacity by name (`productName`, `memory`)."""

    name: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    capacity: Mapping[str, str] = field(default_factory=dict)
    """Quantities."""

    def described(self) -> dict[str, Any]:
        """Its attributes and capacity as they stand in a ResourceSlice."""
        return {
            "attributes": {name: {_type(value): value} for name, value in self.attributes.items()},
            "capacity": {name: {"value": value} for name, value in self.capacity.items()},
        }


def _type(value: Attribute) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    return "version" if isinstance(value, Version) else "string"


def resource_slice(node: str, driver: str, devices: Sequence[Device], api_version: str) -> Object:
    """What a DRA driver publishes for the devices of one node; before v1 a device's facts stood in `basic`."""
    flat = api_version not in ("resource.k8s.io/v1alpha3", "resource.k8s.io/v1beta1")
    listed = [{"name": d.name, **(d.described() if flat else {"basic": d.described()})} for d in devices]
    pool = {"name": node, "generation": 1, "resourceSliceCount": 1}
    return {
        "apiVersion": api_version,
        "kind": "ResourceSlice",
        "metadata": {"name": f"{node}-{driver}"},
        "spec": {"driver": driver, "nodeName": node, "pool": pool, "devices": listed},
    }
