"""Whom reachability is tried with: every pod that is emitted, pods that somebody could start so that a policy takes
them for others, addresses at and beyond the ends of every range, host names, and the API server.

Everything that is compared is a union of ranges and of label selectors, so what is equal at these is equal everywhere.
Only the ports that a policy names are those of the emitted pods.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any, Final

from fleetc.check.fleet.cilium_policies import of_namespaces, of_pods
from fleetc.check.fleet.declared import Declared, namespaces
from fleetc.check.fleet.policies import Address, ApiServer, Endpoint, Host, Pod, Policy
from fleetc.check.fleet.targets import NAMESPACE_NAME
from fleetc.check.fleet.traffic import Traffic
from fleetc.check.rules.access import Map, at, items, strings
from fleetc.language.team import Team

ELSEWHERE: Final = "any other"
"""Stands for a namespace that nothing names. It has a space, which no name has."""

_VALUE: Final = "some-value"


def pods_of(traffic: Traffic, policies: list[Policy], declared: Declared) -> list[Pod]:
    """The pods, each namespace with one that has no labels."""
    networks, dns, senders = traffic.networks, declared.dns, list(declared.senders())
    known = {name: labels for network in networks for name, labels in network.spaces}
    named = {*known, *_named(traffic, policies), dns.namespace, *(name for name, _ in senders)}
    names = [*sorted(named), ELSEWHERE]
    found: dict[str, Pod] = {}

    def add(namespace: str, around: Map, labels: Map, ports: tuple[tuple[str, str, int], ...] = ()) -> None:
        key = repr((namespace, sorted(around.items()), sorted(labels.items()), ports))
        found.setdefault(key, Pod(namespace, around, labels, ports))

    for name in names:
        add(name, known.get(name, {}), {})
    for name, selector in ((dns.namespace, dns.selector), *senders):
        add(name, known.get(name, {}), selector)
    for network in networks:
        for namespace, labels, ports in network.pods:
            add(namespace, known.get(namespace, {}), labels, ports)
    for policy in policies:
        for labels in variants(policy.selector):
            add(policy.namespace, known.get(policy.namespace, {}), labels)
    for arounds, insides in _distinct_variants(policies):
        for inside in insides:
            for name in names:
                for around in [known[name]] if name in known else [{}, *arounds]:
                    add(name, around, inside)
    return list(found.values())


def _distinct_variants(policies: list[Policy]) -> list[tuple[list[Map], list[Map]]]:
    """The labels of namespaces and pods that peers ask for; most peers ask for the same."""
    found: dict[str, tuple[list[Map], list[Map]]] = {}
    for around, inside in peers_of(policies):
        pair = (list[Map](variants(around)), list[Map](variants(inside)))
        found.setdefault(repr(pair), pair)
    return list(found.values())


class Interest:
    """What some policies, and what a team declares, can tell pods apart by."""

    def __init__(self, policies: list[Policy], names: Iterable[str], keys: Iterable[str]) -> None:
        self._names, self._keys, self._around = set(names), set(keys), set[str]()
        self._ports = any(map(_names_a_port, policies))
        for policy in policies:
            self._names.add(policy.namespace)
            self._keys.update(_keys_of(policy.selector))
        for around, inside in peers_of(policies):
            self._around.update(_keys_of(around))
            self._keys.update(_keys_of(inside))
            self._names.update(names_in(around))

    def distinct(self, pods: Iterable[Pod]) -> list[Pod]:
        """One pod for all that are told apart by nothing."""
        around, keys = sorted(self._around), sorted(self._keys)
        found: dict[object, Pod] = {}
        for pod in pods:
            name = pod.namespace if pod.namespace in self._names else ELSEWHERE
            outer = repr([pod.namespace_labels.get(key) for key in around])
            inner = repr([pod.labels.get(key) for key in keys])
            found.setdefault((name, outer, inner, pod.ports if self._ports else ()), pod)
        return list(found.values())


def _keys_of(selector: Map) -> Iterator[str]:
    yield from at(selector, "matchLabels")
    for _, expression in items(selector, "matchExpressions"):
        yield str(expression.get("key"))


def _names_a_port(policy: Policy) -> bool:
    spec = at(policy.object, "spec")
    rules = [rule for direction in ("ingress", "egress") for _, rule in items(spec, direction)]
    return any(isinstance(port.get("port"), str) for rule in rules for _, port in items(rule, "ports"))


def variants(selector: Map) -> Iterator[dict[str, Any]]:
    """Labels that a selector matches, in each way that its values allow, and those by which they just escape it."""
    base = dict(at(selector, "matchLabels"))
    expressions = [item for _, item in items(selector, "matchExpressions") if isinstance(item.get("key"), str)]
    for item in expressions:
        if item.get("operator") == "Exists":
            base.setdefault(item["key"], _VALUE)
        elif item.get("operator") == "In":
            base.setdefault(item["key"], next(iter(strings(item, "values")), _VALUE))
    base.pop(NAMESPACE_NAME, None)
    yield base
    for item in expressions:
        for value in strings(item, "values") or [_VALUE]:
            if item["key"] != NAMESPACE_NAME and base.get(item["key"]) != value:
                yield {**base, item["key"]: value}


def _named(traffic: Traffic, policies: list[Policy]) -> Iterator[str]:
    """Namespaces that specs or policies name, there or not."""
    for team in traffic.teams.values():
        yield from namespaces(team)
        for peer in (*team.network.ingress, *team.network.egress):
            name = peer.namespace()
            if name is not None:
                yield name
    for policy in policies:
        yield policy.namespace
    for around, _ in peers_of(policies):
        yield from names_in(around)


def names_in(around: Map) -> Iterator[str]:
    """The namespaces that a selector of namespaces names."""
    """The namespaces that a selector of namespaces names."""
    name = at(around, "matchLabels").get(NAMESPACE_NAME)
    if isinstance(name, str):
        yield name
    for _, expression in items(around, "matchExpressions"):
        if expression.get("key") == NAMESPACE_NAME:
            yield from strings(expression, "values")


def peers_of(policies: list[Policy]) -> Iterator[tuple[Map, Map]]:
    """The selectors of namespaces and of pods, of every peer."""
    for policy in policies:
        spec = at(policy.object, "spec")
        for direction, side in (("ingress", "from"), ("egress", "to")):
            for _, rule in items(spec, direction):
                for _, peer in items(rule, side):
                    yield at(peer, "namespaceSelector"), at(peer, "podSelector")
                for _, endpoints in items(rule, f"{side}Endpoints"):
                    yield of_namespaces(endpoints), of_pods(endpoints)


def outside(declared: Declared, team: Team, policies: list[Policy]) -> Iterator[Endpoint]:
    """Addresses at and beyond the ends of every range, every host name, and the API server."""
    for address in sorted({ip for cidr in {*declared.cidrs(team), *ranges_of(policies)} for ip in ends_of(cidr)}):
        yield Address(address)
    for host in sorted({*declared.hosts(team), *hosts_of(policies)}):
        yield Host(host)
    yield ApiServer()


def ranges_of(policies: Iterable[Policy]) -> set[str]:
    """Every range of addresses that policies name."""
    return {text for policy in policies for text in _leaves(policy.object.get("spec")) if _is_cidr(text)}


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield value


def _is_cidr(text: str) -> bool:
    try:
        return "/" in text and bool(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return False


def hosts_of(policies: Iterable[Policy]) -> Iterator[str]:
    """Every host name, or pattern of some, that policies name."""
    for policy in policies:
        for _, rule in items(at(policy.object, "spec"), "egress"):
            for _, name in items(rule, "toFQDNs"):
                yield str(name.get("matchName") or name.get("matchPattern"))


def ends_of(cidr: str) -> Iterable[str]:
    """The addresses at and beyond the ends of a range."""
    network = ipaddress.ip_network(cidr, strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    return [str(kind(n)) for n in (first - 1, first, last, last + 1) if 0 <= n < 2**network.max_prefixlen]
