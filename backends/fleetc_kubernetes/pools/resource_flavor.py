"""ResourceFlavors: the nodes of each pool, as Kueue counts quota on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.catalogue.components import served_in
from fleetc.emission.site import PoolSite
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.pools.devices import devices_of
from fleetc_kubernetes.pools.nodes import selector, tolerations
from fleetc_kubernetes.pools.sets import node_sets
from fleetc_kubernetes.pools.topology import has_topology

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import ResourceFlavor, ResourceFlavorSpec


def resource_flavors(s: PoolSite) -> Iterator[ResourceFlavor]:
    """The ResourceFlavor of a pool, or one for each set of its nodes. Kueue adds its labels and tolerations to what it
    admits; `nodeTaints` would refuse workloads that do not tolerate them by themselves."""
    version = served_in(s.cluster.components, "kueue.x-k8s.io", "ResourceFlavor", "v1beta2")
    if version is None:
        return
    found = devices_of(s.pool)
    for nodes in node_sets(s, s.pool):
        spec: ResourceFlavorSpec = {"nodeLabels": selector(s.pool, found, nodes.name)}
        if found is not None:
            spec["tolerations"] = tolerations(found)
        if has_topology(s):
            spec["topologyName"] = s.pool.name
        yield {
            "apiVersion": version,
            "kind": "ResourceFlavor",
            "metadata": cluster_metadata(s, nodes.name),
            "spec": spec,
        }
