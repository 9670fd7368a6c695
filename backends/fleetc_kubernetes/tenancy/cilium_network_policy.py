"""CiliumNetworkPolicies: egress to host names, where the cluster's CNI can limit it to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import TeamSite
from fleetc.language.team import Peer
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import (
        CiliumEgressRule,
        CiliumNetworkPolicy,
        CiliumPort,
        CiliumPortRule,
        FqdnSelector,
    )

ALLOW_HOSTS: Final = "allow-egress-hosts"

# The labels that Cilium gives to each pod, its origin (`k8s:`) in front.
_POD_NAMESPACE: Final = "k8s:io.kubernetes.pod.namespace"


def cilium_network_policies(s: TeamSite) -> Iterator[CiliumNetworkPolicy]:
    """A policy in each namespace for the host names that the team may reach. On other CNIs the plan refuses them."""
    hosts = [peer for peer in s.team.network.egress if peer.host()]
    if not hosts or not s.cluster.network.enforces_host_names():
        return
    for namespace in s.team.namespaces:
        yield {
            "apiVersion": api_version("CiliumNetworkPolicy", s.cluster),
            "kind": "CiliumNetworkPolicy",
            "metadata": team_metadata(s, ALLOW_HOSTS, namespace.name),
            "spec": {"endpointSelector": {}, "egress": [*_dns(s), *(_host(peer) for peer in hosts)]},
        }


def _dns(s: TeamSite) -> Iterator[CiliumEgressRule]:
    """DNS through Cilium's proxy, which learns there what addresses a host name has; without it toFQDNs allows nothing.

    All names may be asked for, as the NetworkPolicy for DNS allows anyway.
    """
    dns = s.cluster.network.dns
    labels = {f"k8s:{key}": value for key, value in dns.selector.items()}
    yield {
        "toEndpoints": [{"matchLabels": {_POD_NAMESPACE: dns.namespace, **labels}}],
        "toPorts": [_dns_ports(dns.ports)],
    }
    if dns.addresses:
        yield {"toCIDR": list(dns.addresses), "toPorts": [_dns_ports(dns.ports)]}


def _dns_ports(numbers: tuple[int, ...]) -> CiliumPortRule:
    # Not `ANY`, which is SCTP as well.
    allowed: list[CiliumPort] = []
    for number in numbers:
        allowed.append({"port": str(number), "protocol": "UDP"})
        allowed.append({"port": str(number), "protocol": "TCP"})
    return {"ports": allowed, "rules": {"dns": [{"matchPattern": "*"}]}}


def _host(peer: Peer) -> CiliumEgressRule:
    name: FqdnSelector = {"matchPattern": peer.to} if peer.to.startswith("*.") else {"matchName": peer.to}
    rule: CiliumEgressRule = {"toFQDNs": [name]}
    if peer.ports:
        rule["toPorts"] = [{"ports": _ports(peer)}]
    return rule


def _ports(peer: Peer) -> list[CiliumPort]:
    out: list[CiliumPort] = []
    for protocol, first, last in peer.port_ranges():
        made: CiliumPort = {"port": str(first), "protocol": protocol}
        if last != first:
            made = {"port": str(first), "endPort": last, "protocol": protocol}
        out.append(made)
    return out
