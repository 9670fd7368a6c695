"""What a team has on each of its clusters: namespaces, who may do what there, how much they hold, what they reach."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import Lowering, TeamSite
from fleetc_kubernetes.tenancy.cilium_network_policy import cilium_network_policies
from fleetc_kubernetes.tenancy.cluster_queue import cluster_queues
from fleetc_kubernetes.tenancy.device_quota import device_quotas
from fleetc_kubernetes.tenancy.limit_range import limit_ranges
from fleetc_kubernetes.tenancy.local_queue import local_queues
from fleetc_kubernetes.tenancy.namespace import namespaces
from fleetc_kubernetes.tenancy.network_policy import network_policies
from fleetc_kubernetes.tenancy.priority_quota import priority_quotas
from fleetc_kubernetes.tenancy.resource_quota import resource_quotas
from fleetc_kubernetes.tenancy.role import roles
from fleetc_kubernetes.tenancy.role_binding import role_bindings
from fleetc_kubernetes.tenancy.service_account import service_accounts

LOWERINGS: Final[tuple[Lowering[TeamSite], ...]] = (
    Lowering("Namespace", namespaces),
    Lowering("NetworkPolicy", network_policies),
    Lowering("CiliumNetworkPolicy", cilium_network_policies),
    Lowering("ResourceQuota", resource_quotas),
    Lowering("ResourceQuota of priorities", priority_quotas),
    Lowering("LimitRange", limit_ranges),
    Lowering("ServiceAccount", service_accounts),
    Lowering("Role", roles),
    Lowering("RoleBinding", role_bindings),
    Lowering("ResourceQuota of devices", device_quotas),
    Lowering("ClusterQueue", cluster_queues),
    Lowering("LocalQueue", local_queues),
)
