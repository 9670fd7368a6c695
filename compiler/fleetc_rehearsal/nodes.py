"""Pools of simulated nodes: nodes that are alike, spread over zones, with devices for plugins or for claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fleetc_rehearsal.simulated import Attribute, Device, Node, Taint

ZONE: Final = "topology.kubernetes.io/zone"


@dataclass(frozen=True)
class Devices:
    """Devices that a DRA driver publishes on every node of a pool, all alike."""

    driver: str
    """Such as gpu.nvidia.com."""
    number: int
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    """By name, such as productName; a name without a domain is of the driver's."""
    capacity: Mapping[str, str] = field(default_factory=dict)
    """Quantities by name, such as memory."""


@dataclass(frozen=True)
class NodePool:
    """Nodes to simulate, named NAME-0, NAME-1 and so on. Their zones take turns."""

    name: str
    number: int
    cpu: str = "8"
    memory: str = "32Gi"
    pods: int = 110
    extended: Mapping[str, int] = field(default_factory=dict)
    """Extended resources of every node, such as nvidia.com/gpu: 8."""
    devices: Sequence[Devices] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[Taint] = ()
    zones: Sequence[str] = ()

    def nodes(self) -> list[Node]:
        """Its nodes."""
        return [
            Node(f"{self.name}-{n}", self.cpu, self.memory, self.pods, self.extended, self._labels(n), self.taints)
            for n in range(self.number)
        ]

    def devices_by_driver(self) -> dict[str, list[Device]]:
        """The devices of one node. A driver's are numbered through, also where they are of several sorts."""
        out: dict[str, list[Device]] = {}
        for sort in self.devices:
            mine = out.setdefault(sort.driver, [])
            first = len(mine)
            mine += [Device(f"device-{first + n}", sort.attributes, sort.capacity) for n in range(sort.number)]
        return out

    def _labels(self, position: int) -> dict[str, str]:
        zone = {ZONE: self.zones[position % len(self.zones)]} if self.zones else {}
        return {**zone, **self.labels}
