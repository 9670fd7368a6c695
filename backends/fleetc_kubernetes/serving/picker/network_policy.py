"""The NetworkPolicy of the endpoint picker: who asks it, and what it asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.peers import dns
from fleetc_kubernetes.serving.gateway import outside, pods
from fleetc_kubernetes.serving.names import release_of, servers
from fleetc_kubernetes.serving.picker.names import GRPC_PORT, HEALTH_PORT, picker_metadata, picker_of, selected

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import (
        NetworkPolicy,
        NetworkPolicyEgressRule,
        NetworkPolicyIngressRule,
        NetworkPolicyPort,
        NetworkPolicySpec,
    )


def network_policies(s: ModelSite) -> Iterator[NetworkPolicy]:
    """The Gateway asks it; it asks the API server for pods and these for their metrics."""
    if picker_of(s) is None:
        return
    spec: NetworkPolicySpec = {"podSelector": {"matchLabels": selected(s)}, "policyTypes": ["Ingress", "Egress"]}
    if ingress := list(_ingress(s)):
        spec["ingress"] = ingress
    spec["egress"] = [dns(s), *_egress(s)]
    yield {
        "apiVersion": api_version("NetworkPolicy", s.cluster),
        "kind": "NetworkPolicy",
        "metadata": picker_metadata(s),
        "spec": spec,
    }


def _ingress(s: ModelSite) -> Iterator[NetworkPolicyIngressRule]:
    if inside := list(pods(s)):
        yield {"from": inside, "ports": _ports(GRPC_PORT)}
    if ranges := list(outside(s)):
        # A load balancer asks by itself how its backends are: that of GKE at this port (templates/gke.yaml of the chart
        # llm-d-router-gateway of llm-d/llm-d-router v0.10.0).
        yield {"from": ranges, "ports": _ports(GRPC_PORT, HEALTH_PORT)}


def _egress(s: ModelSite) -> Iterator[NetworkPolicyEgressRule]:
    yield {"to": [{"podSelector": {"matchLabels": servers(s)}}], "ports": _ports(release_of(s).port)}
    network = s.cluster.network
    if not network.knows_api_server() and network.api_server.addresses:
        yield {
            "to": [{"ipBlock": {"cidr": cidr}} for cidr in network.api_server.addresses],
            "ports": _ports(*network.api_server.ports),
        }


def _ports(*numbers: int) -> list[NetworkPolicyPort]:
    return [{"protocol": "TCP", "port": number} for number in numbers]
