"""What Kueue counts on a cluster: which resources on which flavors, and how a team's devices are spread over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.accelerators import accelerator
from fleetc.catalogue.machines import machine
from fleetc.emission.site import Site
from fleetc.language.pool import GPUPool
from fleetc.language.team import Team
from fleetc_kubernetes.pools.devices import Devices, devices_of
from fleetc_kubernetes.pools.node_pool import cores
from fleetc_kubernetes.pools.sets import NodeSet, node_sets
from fleetc_kubernetes.promised import devices_by_nodes, devices_of_team
from fleetc_kubernetes.quantity import Quantity, largest_remainder, parse, write

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import FlavorQuotas, FlavorResource, ResourceGroup

COHORT: Final = "teams"
"""The cohort of all teams of a cluster: what one leaves idle, others borrow until it is wanted back."""

_PREFERENCE: Final = {"reserved": 0, "onDemand": 1, "spot": 2}

Counts = Mapping[str, int]
"""Devices by what nodes are called, or by what quotas call them."""


def nodes_in_order(s: Site) -> list[NodeSet]:
    """The nodes of pools as Kueue tries their flavors: those without accelerators first, so that what needs none leaves
    them alone; then what is paid for, and last what may be taken away. Of one pool those that are kept for nobody come
    first."""
    return [nodes for pool in sorted(s.pools, key=_rank) for nodes in node_sets(s, pool)]


def _rank(pool: GPUPool) -> tuple[bool, int, str]:
    kind = 0 if pool.provisioning == "static" else _PREFERENCE[pool.capacity]
    return pool.accelerators is not None, kind, pool.name


def canonical(devices: Counts) -> dict[str, int]:
    """A quota of devices by the accelerators' own names."""
    out: dict[str, int] = {}
    for key, count in devices.items():
        name, slash, profile = key.partition("/")
        found = accelerator(name)
        out[f"{found.name if found is not None else name}{slash}{profile}"] = count
    return out


def queued(s: Site, team: Team) -> dict[str, int]:
    """What of a team's quota of devices is left for its queue: its models have the rest."""
    mine = devices_of_team(s, team.name)
    return {key: max(0, count - mine.get(key, 0)) for key, count in canonical(team.quota.devices).items()}


def spread(s: Site, quota: Counts) -> dict[str, int]:
    """A quota of devices over the nodes that have them, in proportion to what is not promised to models there."""
    taken = devices_by_nodes(s)
    out: dict[str, int] = {}
    having: dict[str, list[tuple[str, int]]] = {}
    for nodes in nodes_in_order(s):
        found = devices_of(nodes.pool)
        if found is not None:
            free = max(0, nodes.containers(found) - taken.get(nodes.name, 0))
            having.setdefault(found.key, []).append((nodes.name, free))
    for key, sizes in having.items():
        parts = largest_remainder(quota.get(key, 0), [size for _, size in sizes])
        out |= {name: part for (name, _), part in zip(sizes, parts, strict=True)}
    return out


def resource_group(s: Site, devices: Counts) -> ResourceGroup | None:
    """Quotas of these devices, on a flavor of each pool, or of each set of its nodes. None on clusters without pools.

    Kueue admits no workload that asks for what is not covered, so CPU and memory are, to the size of each set: how much
    of them a team may use is held by its ResourceQuotas. One group, since a resource can only be in one; so every
    flavor has to list every resource.
    """
    every = nodes_in_order(s)
    found = {nodes.name: devices_of(nodes.pool) for nodes in every}
    resources = device_resources(s, found.values())
    flavors: list[FlavorQuotas] = []
    for nodes in every:
        machine = nodes.pool.machine
        quotas: list[FlavorResource] = [
            {"name": "cpu", "nominalQuota": _times(nodes, cores(machine.cpu, machine.type))},
            {"name": "memory", "nominalQuota": _times(nodes, _memory(nodes.pool))},
        ]
        quotas += _devices(s, resources, found[nodes.name], devices.get(nodes.name, 0))
        flavors.append({"name": nodes.name, "resources": quotas})
    return {"coveredResources": ["cpu", "memory", *resources], "flavors": flavors} if flavors else None


def device_group(s: Site, devices: Counts) -> ResourceGroup | None:
    """Quotas of these devices, alone. None on clusters whose pools have none."""
    every = [nodes for nodes in nodes_in_order(s) if nodes.pool.accelerators is not None]
    found = {nodes.name: devices_of(nodes.pool) for nodes in every}
    resources = device_resources(s, found.values())
    flavors: list[FlavorQuotas] = [
        {
            "name": nodes.name,
            "resources": list(_devices(s, resources, found[nodes.name], devices.get(nodes.name, 0))),
        }
        for nodes in every
    ]
    return {"coveredResources": resources, "flavors": flavors} if flavors else None


def device_resources(s: Site, found: Iterable[Devices | None]) -> list[str]:
    """By which names Kueue counts devices. Those that are claimed, too: its Configuration has to map DeviceClasses to
    these names (`resources.deviceClassMappings`, kueue.sigs.k8s.io, concepts, dynamic_resource_allocation)."""
    return sorted({devices.resource(s.cluster.provider) for devices in found if devices is not None})


def _devices(s: Site, resources: list[str], found: Devices | None, count: int) -> list[FlavorResource]:
    own = found.resource(s.cluster.provider) if found is not None else ""
    return [{"name": name, "nominalQuota": str(count if name == own else 0)} for name in resources]


def _memory(pool: GPUPool) -> str:
    known = machine(pool.machine.type) if pool.machine.type is not None else None
    if pool.machine.memory is not None:
        return pool.machine.memory
    return f"{known.memory_gib}Gi" if known is not None else "0"


def _times(nodes: NodeSet, each: str) -> str:
    value, binary = parse(each)
    return write(Quantity(value * Fraction(nodes.room), binary))
