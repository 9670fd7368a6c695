"""The traffic that specs declare, written from the specs alone: what the emitted policies are held against."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from functools import cached_property

from fleetc.check.fleet.policies import Address, Direction, Endpoint, Host, Pod
from fleetc.check.fleet.ports import ALL, Ports, union
from fleetc.language.cluster import Dns
from fleetc.language.team import Peer, Team


class Declared:
    """What the teams of one cluster may do."""

    def __init__(self, teams: Mapping[str, Team], dns: Dns) -> None:
        self.teams = teams
        self.dns = dns

    @cached_property
    def spaces(self) -> dict[str, frozenset[str]]:
        """The names of each team's namespaces."""
        return {name: namespaces(team) for name, team in self.teams.items()}

    def allowed(self, team: Team, direction: Direction, peer: Endpoint) -> Ports:
        """The ports at which the team's pods may be reached by a peer, or reach it."""
        if isinstance(peer, Pod) and peer.namespace in self.spaces[team.name]:
            return ALL
        peers = team.network.ingress if direction == "ingress" else team.network.egress
        found = [_ports(p) for p in peers if self._means(p, peer)]
        if direction == "egress" and self._is_dns(peer):
            found.append(tuple((protocol, port, port) for port in self.dns.ports for protocol in ("TCP", "UDP")))
        return union(*found)

    def _is_dns(self, peer: Endpoint) -> bool:
        match peer:
            case Pod():
                labels = all(peer.labels.get(key) == value for key, value in self.dns.selector.items())
                return peer.namespace == self.dns.namespace and labels
            case Address():
                return any(_inside(peer.ip, cidr) for cidr in self.dns.addresses)
            case Host():
                return False

    def _means(self, declared: Peer, peer: Endpoint) -> bool:
        match peer:
            case Pod():
                return peer.namespace == declared.namespace() or peer.namespace in self.spaces.get(
                    declared.team() or "", ()
                )
            case Address():
                cidr = declared.cidr()
                return cidr is not None and _inside(peer.ip, cidr)
            case Host():
                return declared.host() == peer.name

    def names(self, team: Team) -> Iterator[str]:
        """Every namespace that counts for the team."""
        yield self.dns.namespace
        yield from namespaces(team)
        for peer in (*team.network.ingress, *team.network.egress):
            other = self.teams.get(peer.team() or "")
            yield from namespaces(other) if other else ()
            yield peer.namespace() or self.dns.namespace

    def cidrs(self, team: Team) -> Iterator[str]:
        """Every range of addresses that counts for the team."""
        yield from self.dns.addresses
        for peer in (*team.network.ingress, *team.network.egress):
            cidr = peer.cidr()
            if cidr is not None:
                yield cidr

    def hosts(self, team: Team) -> Iterator[str]:
        """Every host name that the team declares."""
        for peer in team.network.egress:
            host = peer.host()
            if host is not None:
                yield host


def namespaces(team: Team) -> frozenset[str]:
    """The names of a team's namespaces."""
    return frozenset(namespace.name for namespace in team.namespaces)


def _ports(peer: Peer) -> Ports:
    ranges = peer.port_ranges()
    return union([(r.protocol, r.first, r.last) for r in ranges]) if ranges else ALL


def _inside(ip: str, cidr: str) -> bool:
    return ipaddress.ip_address(ip) in ipaddress.ip_network(cidr, strict=False)
