"""A pool as the placement solver and the fit take it."""

from __future__ import annotations

from typing import Final

from fleetc.catalogue.accelerators import Accelerator, Vendor, accelerator
from fleetc.language.amounts import count_range, devices, money
from fleetc.language.cluster import Cluster
from fleetc.language.pool import GPUPool
from fleetc.plan.placement.model import EXCLUSIVE, CapacityClass, Pool, Range, Sharing
from fleetc.resolve.pools import room
from fleetc.tuples import NamedTuple

TIME_SLICING = "timeSlicing"
MPS = "mps"


WAITING: Final = ("karpenter", "computeClass")
"""What makes a node when a pod waits for one, and keeps none up: see docs/kinds/gpupool.md."""


class Nodes(NamedTuple):
    """Nodes that are alike to a fit: devices on each, how these are shared, and the hosts of a TPU slice."""

    accelerator: Accelerator
    devices: int
    profile: str = ""
    shares: int = 1
    hosts: int | None = None

    @property
    def mig(self) -> str | None:
        """The MIG profile, if devices are cut up."""
        return None if self.profile in ("", TIME_SLICING, MPS) else self.profile


class PoolSite(NamedTuple):
    """A pool in its cluster: as declared, as nodes with room, and as devices; no `nodes` where there are none."""

    node: GPUPool
    cluster: Cluster
    pool: Pool
    nodes: Nodes | None


def pool_site(node: GPUPool, cluster: Cluster) -> PoolSite:
    """The pool, of which names and numbers are known to be right."""
    asked = devices(node.accelerators) if node.accelerators else None
    found = accelerator(asked.accelerator) if asked else None
    sharing = _sharing(node, found.profile(node.sharing.mig) if found and node.sharing.mig else None)
    cpu, memory = room(node, cluster.provider)
    kind: CapacityClass = "static" if node.provisioning == "static" else node.capacity
    pool = Pool(
        node.key(),
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
        node.provisioning in WAITING,
    )
    shares = node.sharing.time_slicing or node.sharing.mps or 1
    made = (
        Nodes(found, asked.number, sharing.profile, shares, _hosts(node, found, asked.number))
        if found and asked
        else None
    )
    return PoolSite(node, cluster, pool, made)


def _hosts(node: GPUPool, device: Accelerator, number: int) -> int | None:
    """For TPUs: how many nodes a slice of the pool's topology has; None for what is not cut into slices."""
    if device.vendor is not Vendor.GOOGLE:
        return None
    # By the chips of the pool's own nodes: machine types with fewer chips make the same slice of more hosts.
    return next((s.chips // number for s in device.slices if s.topology == node.topology), 1)


def _sharing(node: GPUPool, profile: object) -> Sharing:
    instances: int = getattr(profile, "instances", 0)
    if node.sharing.mig and instances:
        return Sharing(node.sharing.mig, instances)
    if node.sharing.time_slicing:
        return Sharing(TIME_SLICING, node.sharing.time_slicing)
    return Sharing(MPS, node.sharing.mps) if node.sharing.mps else EXCLUSIVE
