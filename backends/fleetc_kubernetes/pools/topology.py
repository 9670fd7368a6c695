"""Topologies: by which labels Kueue places the pods of a gang near each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import PoolSite
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.pools.devices import claims, devices_of

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import Topology

_ZONE: Final = "topology.kubernetes.io/zone"
_HOST: Final = "kubernetes.io/hostname"


def topologies(s: PoolSite) -> Iterator[Topology]:
    """The Topology of a pool that has one. Blocks and racks are left out: no label of theirs is known."""
    version = served_in(s.cluster.components, "kueue.x-k8s.io", "Topology", "v1beta2")
    if version is None or not has_topology(s):
        return
    # Nodes without a label of some level do not count: those of our own have a zone only where the cluster lists zones.
    zoned = s.cluster.provider not in ("onprem", "kind") or bool(s.cluster.zones)
    levels = [_ZONE, _HOST] if zoned else [_HOST]
    yield {
        "apiVersion": version,
        "kind": "Topology",
        "metadata": cluster_metadata(s, s.pool.name),
        "spec": {"levels": [{"nodeLabel": label} for label in levels]},
    }


def has_topology(s: PoolSite) -> bool:
    """Whether a pool is scheduled by its topology: only nodes that are always there. Kueue sees no node that an
    autoscaler could still make, and does not count devices that are claimed (kueue.sigs.k8s.io, concepts
    topology_aware_scheduling and dynamic_resource_allocation, limitations)."""
    found = devices_of(s.pool)
    return s.pool.provisioning == "static" and found is not None and claims(s, s.pool, found) is None
