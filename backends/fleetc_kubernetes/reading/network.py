"""Traffic read back from network policies, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fleetc.emission.site import Object, TeamSite
from fleetc.language.team import Peer
from fleetc.language.types import PORT
from fleetc_kubernetes.reading.candidates import selected
from fleetc_kubernetes.reading.values import Objects, items, mapping, text
from fleetc_kubernetes.tenancy.cilium_network_policy import ALLOW_HOSTS
from fleetc_kubernetes.tenancy.network_policy import ALLOW_EGRESS, ALLOW_INGRESS

_OTHER: Final = "0.0.0.0/0"
"""What is read of a peer that no spec can say: something else, so that the policy is seen to differ, and where."""


def read_network(sites: Sequence[TeamSite], every: Objects) -> dict[str, Any]:
    """What the policies of the first namespace let in and out."""
    first = sites[0].team.namespaces[0].name
    ingress = items(every.get("NetworkPolicy", first, ALLOW_INGRESS), "spec", "ingress")
    egress = items(every.get("NetworkPolicy", first, ALLOW_EGRESS), "spec", "egress")
    hosts = items(every.get("CiliumNetworkPolicy", first, ALLOW_HOSTS), "spec", "egress")
    read = {
        "ingress": [*_peers(sites, ingress, "from")],
        "egress": [*_peers(sites, egress, "to"), *_hosts(hosts)],
    }
    known = {"ingress": [s.team.network.ingress for s in sites], "egress": [s.team.network.egress for s in sites]}
    spec: dict[str, Any] = {}
    for field, peers in read.items():
        if new := [peer for peer in peers if any(not _says(here, peer) for here in known[field])]:
            spec[field] = new
    return spec


def _says(known: Sequence[Peer], peer: dict[str, Any]) -> bool:
    made = Peer(to=peer["to"], ports=tuple(peer.get("ports", ())))
    return all(map(PORT.accepts, made.ports)) and any(
        item.to == made.to and item.port_ranges() == made.port_ranges() for item in known
    )


def _peers(sites: Sequence[TeamSite], rules: Sequence[Any], side: str) -> Iterator[dict[str, Any]]:
    for rule in rules:
        ports = [_port(port) for port in items(rule, "ports")]
        for item in items(rule, side) or [{}]:
            to = text(item, "ipBlock", "cidr") or _owner(sites, mapping(item, "namespaceSelector")) or _OTHER
            yield {"to": to, "ports": ports} if ports else {"to": to}


def _owner(sites: Sequence[TeamSite], selector: Object) -> str:
    """Whose namespaces a selector names: of several that are no team's the first, which is not the same."""
    names = selected(selector)
    for s in sites:
        for team in s.teams:
            if names == [namespace.name for namespace in team.namespaces]:
                return f"team/{team.name}"
    return f"namespace/{names[0]}" if names else ""


def _port(port: Any) -> str:
    """A port as specs write it: TCP where they name no protocol."""
    first, last = mapping(port).get("port"), mapping(port).get("endPort")
    protocol = text(port, "protocol")
    numbers = f"{first}-{last}" if last is not None else f"{first}"
    return numbers if protocol in ("", "TCP") else f"{numbers}/{protocol}"


def _hosts(rules: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for rule in rules:
        for name in items(rule, "toFQDNs"):
            ports = [_port(port) for group in items(rule, "toPorts") for port in items(group, "ports")]
            if to := text(name, "matchName") or text(name, "matchPattern"):
                yield {"to": to, "ports": ports} if ports else {"to": to}
