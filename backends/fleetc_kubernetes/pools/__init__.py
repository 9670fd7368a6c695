"""What pools are on their cluster: who makes their nodes, how devices are shared and claimed, how quota counts."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import ClusterSite, Lowering, PoolSite
from fleetc_kubernetes.pools.cohort import cohorts
from fleetc_kubernetes.pools.compute_class import compute_classes
from fleetc_kubernetes.pools.device_class import device_classes
from fleetc_kubernetes.pools.ec2_node_class import ec2_node_classes
from fleetc_kubernetes.pools.node_pool import node_pools
from fleetc_kubernetes.pools.plugin_config import plugin_configs
from fleetc_kubernetes.pools.registration import registrations
from fleetc_kubernetes.pools.resource_flavor import resource_flavors
from fleetc_kubernetes.pools.topology import topologies

LOWERINGS: Final[tuple[Lowering[PoolSite], ...]] = (
    Lowering("ConfigMap of nodes", registrations),
    Lowering("EC2NodeClass", ec2_node_classes),
    Lowering("NodePool", node_pools),
    Lowering("ComputeClass", compute_classes),
    Lowering("Topology", topologies),
    Lowering("ResourceFlavor", resource_flavors),
)

ON_CLUSTER: Final[tuple[Lowering[ClusterSite], ...]] = (
    Lowering("DeviceClass", device_classes),
    Lowering("ConfigMap of the device plugin", plugin_configs),
    Lowering("Cohort", cohorts),
)
"""What the pools of a cluster have in common."""
