"""NetworkPolicies: all traffic is denied, but DNS, the team's own, and what its spec declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import TeamSite
from fleetc.language.team import Peer
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata
from fleetc_kubernetes.peers import dns, namespaces, namespaces_of

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import (
        NetworkPolicy,
        NetworkPolicyEgressRule,
        NetworkPolicyIngressRule,
        NetworkPolicyPeer,
        NetworkPolicyPort,
        NetworkPolicySpec,
    )

DEFAULT_DENY: Final = "default-deny"
ALLOW_DNS: Final = "allow-dns"
ALLOW_TEAM: Final = "allow-team"
ALLOW_INGRESS: Final = "allow-ingress"
ALLOW_EGRESS: Final = "allow-egress"


def network_policies(s: TeamSite) -> Iterator[NetworkPolicy]:
    """The policies of each namespace; they are the same in all of the team's namespaces."""
    for namespace in s.team.namespaces:
        for name, spec in _policies(s):
            yield {
                "apiVersion": api_version("NetworkPolicy", s.cluster),
                "kind": "NetworkPolicy",
                "metadata": team_metadata(s, name, namespace.name),
                "spec": spec,
            }


def _policies(s: TeamSite) -> Iterator[tuple[str, NetworkPolicySpec]]:
    yield DEFAULT_DENY, {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    yield ALLOW_DNS, {"podSelector": {}, "policyTypes": ["Egress"], "egress": [dns(s)]}
    yield ALLOW_TEAM, _team(s)
    if ingress := list(_ingress(s)):
        yield ALLOW_INGRESS, {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": ingress}
    if egress := list(_egress(s)):
        yield ALLOW_EGRESS, {"podSelector": {}, "policyTypes": ["Egress"], "egress": egress}


def _team(s: TeamSite) -> NetworkPolicySpec:
    ours: NetworkPolicyPeer = {"namespaceSelector": namespaces_of(s.team)}
    return {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [ours]}],
        "egress": [{"to": [ours]}],
    }


def _ingress(s: TeamSite) -> Iterator[NetworkPolicyIngressRule]:
    for peer in s.team.network.ingress:
        found = _peer(s, peer)
        if found is not None:
            rule: NetworkPolicyIngressRule = {"from": [found]}
            if peer.ports:
                rule["ports"] = _ports(peer)
            yield rule


def _egress(s: TeamSite) -> Iterator[NetworkPolicyEgressRule]:
    for peer in s.team.network.egress:
        found = _peer(s, peer)
        if found is not None:
            rule: NetworkPolicyEgressRule = {"to": [found]}
            if peer.ports:
                rule["ports"] = _ports(peer)
            yield rule


def _peer(s: TeamSite, peer: Peer) -> NetworkPolicyPeer | None:
    """The peer as it is on this cluster; None for a team that is not here, and for a host name.

    No NetworkPolicy can say a host name, and the addresses that it has today are not what was declared.
    """
    name, namespace, cidr = peer.team(), peer.namespace(), peer.cidr()
    if name:
        team = s.teams.get(name)
        return {"namespaceSelector": namespaces_of(team)} if team else None
    if namespace:
        return {"namespaceSelector": namespaces(namespace)}
    return {"ipBlock": {"cidr": cidr}} if cidr else None


def _ports(peer: Peer) -> list[NetworkPolicyPort]:
    out: list[NetworkPolicyPort] = []
    for protocol, first, last in peer.port_ranges():
        made: NetworkPolicyPort = {"protocol": protocol, "port": first}
        if last != first:
            made["endPort"] = last
        out.append(made)
    return out
