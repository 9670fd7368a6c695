"""The cluster's Gateway, as network policies name it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.peers import namespaces

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import NetworkPolicyPeer


def pods(s: ModelSite) -> Iterator[NetworkPolicyPeer]:
    """Its pods, where it runs as such."""
    gateway = s.cluster.network.gateway
    if gateway.namespace is not None and gateway.selector:
        yield {
            "namespaceSelector": namespaces(gateway.namespace),
            "podSelector": {"matchLabels": dict(gateway.selector)},
        }


def outside(s: ModelSite) -> Iterator[NetworkPolicyPeer]:
    """Its ranges of addresses, where it runs outside of the cluster."""
    for source in s.cluster.network.gateway.sources:
        yield {"ipBlock": {"cidr": source}}
