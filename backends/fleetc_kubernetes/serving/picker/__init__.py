"""What chooses a server for each request: the InferencePool that routes name, and the endpoint picker that it names."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import Lowering, ModelSite
from fleetc_kubernetes.serving.picker.cilium_network_policy import cilium_network_policies
from fleetc_kubernetes.serving.picker.deployment import deployments
from fleetc_kubernetes.serving.picker.inference_pool import inference_pools
from fleetc_kubernetes.serving.picker.network_policy import network_policies
from fleetc_kubernetes.serving.picker.role import roles
from fleetc_kubernetes.serving.picker.role_binding import role_bindings
from fleetc_kubernetes.serving.picker.service import services
from fleetc_kubernetes.serving.picker.service_account import service_accounts

LOWERINGS: Final[tuple[Lowering[ModelSite], ...]] = (
    Lowering("InferencePool", inference_pools),
    Lowering("ServiceAccount of the endpoint picker", service_accounts),
    Lowering("Role of the endpoint picker", roles),
    Lowering("RoleBinding of the endpoint picker", role_bindings),
    Lowering("Deployment of the endpoint picker", deployments),
    Lowering("Service of the endpoint picker", services),
    Lowering("NetworkPolicy of the endpoint picker", network_policies),
    Lowering("CiliumNetworkPolicy of the endpoint picker", cilium_network_policies),
)
