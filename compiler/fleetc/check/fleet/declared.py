"""The traffic that specs declare, written from the specs alone: what the emitted policies are held against."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from fleetc.catalogue import engines
from fleetc.check.fleet.policies import Address, ApiServer, Direction, Endpoint, Host, Pod
from fleetc.check.fleet.ports import ALL, Ports, union
from fleetc.check.fleet.traffic import Traffic
from fleetc.language.model import Model
from fleetc.language.team import Peer, Team
from fleetc.resolve.models import engine_version

MODEL: Final = "fleetc.dev/model"
"""The label of the pods that serve a model."""
PICKER: Final = "fleetc.dev/picker"
"""The label of the pods that choose among these for the gateway."""
_PICKER_PORT: Final = 9002
_PICKER_HEALTH_PORT: Final = 9003


class Declared:
    """What the teams of one cluster, and who their models are for, may do."""

    def __init__(self, traffic: Traffic) -> None:
        self.teams = traffic.teams
        self.models = traffic.models
        self.network = traffic.network
        self.dns = traffic.network.dns
        self.gateway = traffic.network.gateway
        self.monitoring = traffic.monitoring

    @cached_property
    def spaces(self) -> dict[str, frozenset[str]]:
        """The names of each team's namespaces."""
        return {name: namespaces(team) for name, team in self.teams.items()}

    def allowed(self, team: Team, direction: Direction, pod: Pod, peer: Endpoint) -> Ports:
        """The ports at which a pod of the team may be reached by a peer, or reach it."""
        if isinstance(peer, Pod) and peer.namespace in self.spaces[team.name]:
            return ALL
        peers = team.network.ingress if direction == "ingress" else team.network.egress
        found = [_ports(p) for p in peers if self._means(p, peer)]
        if direction == "egress" and self._is_dns(peer):
            found.append(tuple((protocol, port, port) for port in self.dns.ports for protocol in ("TCP", "UDP")))
        elif direction == "ingress" and (model := self._model(team, pod, MODEL)) is not None:
            found.append(self._requests(model, peer))
        if self.gateway.picker.image is not None and (model := self._model(team, pod, PICKER)) is not None:
            found.append(self._picks(model, peer) if direction == "ingress" else self._asks(model, peer))
        return union(*found)

    def _model(self, team: Team, pod: Pod, label: str) -> Model | None:
        """The model of the team that a pod is for by a label, which it is in the team's first namespace."""
        model = self.models.get(str(pod.labels.get(label)))
        here = model is not None and model.team == team.name and pod.namespace == team.namespaces[0].name
        return model if here else None

    def _picks(self, model: Model, peer: Endpoint) -> Ports:
        """The gateway asks the picker of a model that it routes; from outside, also how it is."""
        if model.routing.shared() or not self._routed(model, peer):
            return ()
        ports = (_PICKER_PORT,) if isinstance(peer, Pod) else (_PICKER_PORT, _PICKER_HEALTH_PORT)
        return union([("TCP", port, port) for port in ports])

    def _asks(self, model: Model, peer: Endpoint) -> Ports:
        """A picker asks the API server, which some policies can name and others know by its addresses."""
        if self.network.knows_api_server():
            opened = isinstance(peer, ApiServer)
        else:
            ranges = self.network.api_server.addresses
            opened = isinstance(peer, Address) and any(_inside(peer.ip, cidr) for cidr in ranges)
        picked = model.routing.hostname is not None and not model.routing.shared()
        ports = self.network.api_server.ports if opened and picked else ()
        return union([("TCP", port, port) for port in ports])

    def _routed(self, model: Model, peer: Endpoint) -> bool:
        """Whether a peer is the gateway, of a model that it routes."""
        gateway = self.gateway
        if model.routing.hostname is None:
            return False
        if isinstance(peer, Pod):
            return bool(gateway.selector) and self._is(peer, gateway.namespace, gateway.selector)
        ranges = (*gateway.sources, *(self.network.multicluster.sources if model.routing.shared() else ()))
        return isinstance(peer, Address) and any(_inside(peer.ip, cidr) for cidr in ranges)

    def _requests(self, model: Model, peer: Endpoint) -> Ports:
        """Requests are sent by the gateway that routes the model, by Prometheus, and by teams that it is for."""
        opened = self._routed(model, peer)
        if isinstance(peer, Pod):
            scraped = self._is(peer, self.monitoring.namespace, self.monitoring.selector)
            opened = opened or scraped or any(peer.namespace in self.spaces.get(_team(to), ()) for to in model.access)
        engine = engines.engine(model.engine.name)
        release = engine.release(engine_version(model.engine)) if engine else None
        return (("TCP", release.port, release.port),) if opened and release is not None else ()

    def _is(self, pod: Pod, namespace: str | None, selector: Mapping[str, str]) -> bool:
        return pod.namespace == namespace and all(pod.labels.get(key) == value for key, value in selector.items())

    def senders(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """The namespaces, and in them the labels, of those who send requests to models."""
        for at in (self.gateway, self.monitoring) if self.models else ():
            if at.namespace is not None:
                yield at.namespace, at.selector

    def keys(self) -> Iterator[str]:
        """The labels by which pods are told apart."""
        yield from self.dns.selector
        if self.models:
            yield from (MODEL, PICKER)
        for _, selector in self.senders():
            yield from selector

    def _is_dns(self, peer: Endpoint) -> bool:
        match peer:
            case Pod():
                labels = all(peer.labels.get(key) == value for key, value in self.dns.selector.items())
                return peer.namespace == self.dns.namespace and labels
            case Address():
                return any(_inside(peer.ip, cidr) for cidr in self.dns.addresses)
            case Host() | ApiServer():
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
            case ApiServer():
                return False

    def names(self, team: Team) -> Iterator[str]:
        """Every namespace that counts for the team."""
        yield self.dns.namespace
        yield from namespaces(team)
        for peer in (*team.network.ingress, *team.network.egress):
            other = self.teams.get(peer.team() or "")
            yield from namespaces(other) if other else ()
            yield peer.namespace() or self.dns.namespace
        for name, _ in self.senders():
            yield name
        for model in self.models.values():
            for to in model.access:
                yield from self.spaces.get(_team(to), ())

    def cidrs(self, team: Team) -> Iterator[str]:
        """Every range of addresses that counts for the team."""
        yield from self.dns.addresses
        for peer in (*team.network.ingress, *team.network.egress):
            cidr = peer.cidr()
            if cidr is not None:
                yield cidr
        if self.models:
            network = self.network
            yield from (*self.gateway.sources, *network.multicluster.sources, *network.api_server.addresses)

    def hosts(self, team: Team) -> Iterator[str]:
        """Every host name that the team declares."""
        for peer in team.network.egress:
            host = peer.host()
            if host is not None:
                yield host


def namespaces(team: Team) -> frozenset[str]:
    """The names of a team's namespaces."""
    return frozenset(namespace.name for namespace in team.namespaces)


def _team(to: str) -> str:
    return to.removeprefix("team/")


def _ports(peer: Peer) -> Ports:
    ranges = peer.port_ranges()
    return union([(r.protocol, r.first, r.last) for r in ranges]) if ranges else ALL


def _inside(ip: str, cidr: str) -> bool:
    return ipaddress.ip_address(ip) in ipaddress.ip_network(cidr, strict=False)
