"""The sets of nodes that a pool is divided into: what is planned for large pods has nodes of its own.

The scheduler spreads pods over nodes by CPU and memory, so small ones may leave no node whole. Nodes that are kept
differ in what they are called, and pods select them by that name alone: one that names the pool finds the others. No
taint of our own does it, for that would keep the drivers of devices away.
"""

from __future__ import annotations

from fleetc.emission.site import Site
from fleetc.language.amounts import count_range
from fleetc.language.pool import GPUPool
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.pools.devices import Devices


class NodeSet(NamedTuple):
    """Nodes of a pool that are called alike, and how many there are: always up, counted on by promises, and at most."""

    pool: GPUPool
    name: str
    least: int
    guaranteed: int
    most: int

    @property
    def room(self) -> int:
        """The most nodes that anything new is placed on."""
        return 0 if self.pool.maintenance else self.most

    def containers(self, found: Devices) -> int:
        """The most containers with a device that it has room for."""
        return self.room * found.each_node


def node_sets(s: Site, pool: GPUPool) -> list[NodeSet]:
    """The nodes that are kept for nobody, then those that are."""
    division = s.divisions.get(pool.name)
    kept = [NodeSet(pool, k.name, k.guaranteed, k.guaranteed, k.most) for k in division.kept] if division else []
    nodes = count_range(pool.nodes)
    sure = nodes.most if pool.provisioning == "static" or pool.capacity == "reserved" else nodes.least
    apart, apart_most = sum(one.guaranteed for one in kept), sum(one.most for one in kept)
    left = (max(0, nodes.least - apart), max(0, sure - apart), max(0, nodes.most - apart_most))
    return [NodeSet(pool, pool.name, *left), *kept]
