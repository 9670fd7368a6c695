"""The CiliumNetworkPolicy of the endpoint picker: egress to the API server, wherever it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.serving.picker.names import picker_metadata, picker_of, selected

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import CiliumNetworkPolicy, CiliumPort


def cilium_network_policies(s: ModelSite) -> Iterator[CiliumNetworkPolicy]:
    """Where Cilium knows the API server (https://docs.cilium.io/en/stable/security/policy/language/#entities-based);
    elsewhere the NetworkPolicy has its addresses."""
    if picker_of(s) is None or not s.cluster.network.knows_api_server():
        return
    ports: list[CiliumPort] = [
        {"port": str(number), "protocol": "TCP"} for number in s.cluster.network.api_server.ports
    ]
    yield {
        "apiVersion": api_version("CiliumNetworkPolicy", s.cluster),
        "kind": "CiliumNetworkPolicy",
        "metadata": picker_metadata(s),
        "spec": {
            "endpointSelector": {"matchLabels": selected(s)},
            "egress": [{"toEntities": ["kube-apiserver"], "toPorts": [{"ports": ports}]}],
        },
    }
