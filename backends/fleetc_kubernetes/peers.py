"""Who a NetworkPolicy lets through: namespaces by name, teams, and where DNS is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleetc.emission.site import Site
from fleetc.language.team import Team
from fleetc_kubernetes.metadata import NAMESPACE_NAME

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import (
        LabelSelector,
        NetworkPolicyEgressRule,
        NetworkPolicyPeer,
        NetworkPolicyPort,
    )


def namespaces(*names: str) -> LabelSelector:
    """Namespaces by name."""
    # By the label that the API server keeps, not by ours: whoever may label a namespace must not become a peer by it.
    if len(names) == 1:
        return {"matchLabels": {NAMESPACE_NAME: names[0]}}
    return {"matchExpressions": [{"key": NAMESPACE_NAME, "operator": "In", "values": list(names)}]}


def namespaces_of(team: Team) -> LabelSelector:
    """A team's namespaces."""
    return namespaces(*(namespace.name for namespace in team.namespaces))


def dns(s: Site) -> NetworkPolicyEgressRule:
    """Where pods ask for names."""
    found = s.cluster.network.dns
    peers: list[NetworkPolicyPeer] = [
        {"namespaceSelector": namespaces(found.namespace), "podSelector": {"matchLabels": dict(found.selector)}}
    ]
    peers.extend({"ipBlock": {"cidr": address}} for address in found.addresses)
    allowed: list[NetworkPolicyPort] = []
    for port in found.ports:
        # Answers that do not fit a datagram come over TCP.
        allowed.append({"protocol": "UDP", "port": port})
        allowed.append({"protocol": "TCP", "port": port})
    return {"to": peers, "ports": allowed}
