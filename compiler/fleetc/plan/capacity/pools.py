"""A pool as the placement solver and the fit take it."""

from __future__ import annotations

from typing import NamedTuple

from fleetc.catalogue.accelerators import Vendor, accelerator
from fleetc.catalogue.machines import allocatable, machine, max_pods
from fleetc.language.amounts import count_range, devices, milli, money
from fleetc.language.cluster import Cluster
from fleetc.language.pool import GPUPool
from fleetc.plan.fit import Machine
from fleetc.plan.placement.model import EXCLUSIVE, CapacityClass, Pool, Range, Sharing

TIME_SLICING = "timeSlicing"
MPS = "mps"


class PoolSite(NamedTuple):
    """A pool in its cluster: as declared, as nodes with room, and as devices; no `machine` where there are none.

    `shares` is how many containers have a device's memory together: 1 where each has a device or a slice of its own.
    """

    node: GPUPool
    cluster: Cluster
    pool: Pool
    machine: Machine | None
    shares: int = 1

    @property
    def hosts(self) -> int | None:
        """For TPUs: how many nodes a slice of this topology has; None for what is not cut into slices."""
        if self.machine is None or self.machine.accelerator.vendor is not Vendor.GOOGLE:
            return None
        known = (s.hosts for s in self.machine.accelerator.slices if s.topology == self.node.topology)
        return next(known, 1)


def pool_site(node: GPUPool, cluster: Cluster) -> PoolSite:
    """The pool, of which names and numbers are known to be right."""
    asked = devices(node.accelerators) if node.accelerators else None
    found = accelerator(asked.accelerator) if asked else None
    sharing = _sharing(node, found.profile(node.sharing.mig) if found and node.sharing.mig else None)
    cpu, memory = _room(node, cluster)
    kind: CapacityClass = "static" if node.provisioning == "static" else node.capacity
    pool = Pool(
        node.name,
        cluster.name,
        cluster.region or "",
        tuple(sorted(node.zones or cluster.zones)) or (cluster.region or cluster.name,),
        cluster.residency,
        found.name if found else "",
        asked.number if asked else 0,
        cpu,
        memory,
        Range(*count_range(node.nodes)),
        kind,
        money(node.price) if node.price is not None else None,
        node.maintenance,
        sharing,
    )
    made = Machine(found, asked.number, node.sharing.mig) if found and asked else None
    return PoolSite(node, cluster, pool, made, node.sharing.time_slicing or node.sharing.mps or 1)


def _sharing(node: GPUPool, profile: object) -> Sharing:
    instances: int = getattr(profile, "instances", 0)
    if node.sharing.mig and instances:
        return Sharing(node.sharing.mig, instances)
    if node.sharing.time_slicing:
        return Sharing(TIME_SLICING, node.sharing.time_slicing)
    return Sharing(MPS, node.sharing.mps) if node.sharing.mps else EXCLUSIVE


def _room(node: GPUPool, cluster: Cluster) -> tuple[int, int]:
    """Millicores and bytes that pods can have on a node."""
    known = machine(node.machine.type) if node.machine.type else None
    cpu = milli(node.machine.cpu) if node.machine.cpu is not None else known.cpu_millis if known else 0
    memory = milli(node.machine.memory) // 1000 if node.machine.memory is not None else known.memory_bytes if known else 0
    taken = node.reserved
    if taken.cpu is None and taken.memory is None:
        pods = node.max_pods if node.max_pods is not None else max_pods(cluster.provider, node.machine.type)
        return allocatable(cluster.provider, cpu, memory, pods)
    own = milli(taken.cpu or "0"), milli(taken.memory or "0") // 1000
    return max(0, cpu - own[0]), max(0, memory - own[1])
