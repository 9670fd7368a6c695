"""Emitted network policies as one model, and what they allow: of NetworkPolicy everything, of CiliumNetworkPolicy what
can be said in it too, and host names. A policy with more than that is marked: nothing is then claimed of its pods.

Semantics: https://kubernetes.io/docs/concepts/services-networking/network-policies/ (policies add up; a pod that no
policy selects for a direction is open in it), and the CiliumNetworkPolicy documentation for the other.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, NamedTuple

from fleetc.check.fleet.facts import NAMESPACE_NAME
from fleetc.check.fleet.ports import ALL, LAST, NONE, PROTOCOLS, Ports, Range, union
from fleetc.check.rules.access import Map, at, items, strings
from fleetc.check.rules.selectors import matches
from fleetc.emission.shapes import Shape
from fleetc.source.span import Path

Direction = Literal["ingress", "egress"]


class Pod(NamedTuple):
    """A pod: its namespace with the labels that are known of it, its own labels, and its named ports."""

    namespace: str
    namespace_labels: Map
    labels: Map
    ports: tuple[tuple[str, str, int], ...] = ()


class Address(NamedTuple):
    """An address outside of the cluster."""

    ip: str


class Host(NamedTuple):
    """A host name outside of the cluster, or a pattern of them."""

    name: str


Endpoint = Pod | Address | Host
Test = Callable[[Endpoint], bool]


class Rule(NamedTuple):
    """What one rule allows: peers that pass one of the tests, at these ports (by the peer or pod that is reached)."""

    path: Path
    tests: tuple[Test, ...]
    ports: Callable[[Endpoint], Ports]


class Policy(NamedTuple):
    """One policy. `rules` has the directions in which it isolates its pods; `whole`: everything in it is understood."""

    shape: Shape
    namespace: str
    selector: Map
    rules: dict[Direction, tuple[Rule, ...]]
    whole: bool = True


def policies_of(shape: Shape) -> Iterator[Policy]:
    """The policies in an emitted object."""
    obj = shape.object
    namespace = str(at(obj, "metadata").get("namespace"))
    if obj.get("kind") == "NetworkPolicy":
        yield _network_policy(shape, namespace, at(obj, "spec"))
    elif obj.get("kind") == "CiliumNetworkPolicy":
        yield _cilium(shape, namespace, at(obj, "spec"), whole=set(obj) == {"apiVersion", "kind", "metadata", "spec"})


def allowed(policies: list[Policy], pod: Pod, direction: Direction, peer: Endpoint) -> Ports:
    """The ports at which a pod may be reached by a peer (ingress), or reach it (egress)."""
    selected = [p for p in policies if direction in p.rules and _selects(p, pod)]
    if not selected:
        return ALL
    target = pod if direction == "ingress" else peer
    return union(*(r.ports(target) for p in selected for r in p.rules[direction] if any(t(peer) for t in r.tests)))


def allowing(policies: list[Policy], pod: Pod, direction: Direction, peer: Endpoint) -> tuple[Policy, Path] | None:
    """The first policy and rule that let the traffic through."""
    for policy in policies:
        if _selects(policy, pod):
            for rule in policy.rules.get(direction, ()):
                if any(test(peer) for test in rule.tests):
                    return policy, rule.path
    return None


def understood(policies: list[Policy], pod: Pod) -> bool:
    """Whether every policy that selects the pod is understood whole."""
    return all(p.whole for p in policies if _selects(p, pod))


def _selects(policy: Policy, pod: Pod) -> bool:
    return policy.namespace == pod.namespace and matches(policy.selector, pod.labels) is None


def _network_policy(shape: Shape, namespace: str, spec: Map) -> Policy:
    types = strings(spec, "policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]
    rules: dict[Direction, tuple[Rule, ...]] = {}
    if "Ingress" in types:
        rules["ingress"] = tuple(_rules(spec, "ingress", "from", namespace))
    if "Egress" in types:
        rules["egress"] = tuple(_rules(spec, "egress", "to", namespace))
    return Policy(shape, namespace, at(spec, "podSelector"), rules)


def _rules(spec: Map, direction: Direction, side: str, namespace: str) -> Iterator[Rule]:
    for n, rule in items(spec, direction):
        peers = list(items(rule, side))
        tests = tuple(_peer(peer, namespace) for _, peer in peers) if peers else (_anyone,)
        yield Rule(("spec", direction, n), tests, _ports(list(items(rule, "ports"))))


def _anyone(_: Endpoint) -> bool:
    return True


def _peer(peer: Map, own: str) -> Test:
    block = at(peer, "ipBlock")
    if block:
        return _in_block(str(block.get("cidr")), strings(block, "except"))
    namespaces = peer.get("namespaceSelector")
    pods = at(peer, "podSelector")

    def test(endpoint: Endpoint) -> bool:
        if not isinstance(endpoint, Pod):
            return False
        if isinstance(namespaces, dict):
            if matches(namespaces, {**endpoint.namespace_labels, NAMESPACE_NAME: endpoint.namespace}) is not None:
                return False
        elif endpoint.namespace != own:
            return False
        return matches(pods, endpoint.labels) is None

    return test


def _in_block(cidr: str, excepted: list[str]) -> Test:
    inside = [ipaddress.ip_network(cidr, strict=False)]
    outside = [ipaddress.ip_network(text, strict=False) for text in excepted]

    def test(endpoint: Endpoint) -> bool:
        if not isinstance(endpoint, Address):
            return False
        ip = ipaddress.ip_address(endpoint.ip)
        return any(ip in net for net in inside) and not any(ip in net for net in outside)

    return test


def _ports(entries: list[tuple[int, Map]]) -> Callable[[Endpoint], Ports]:
    if not entries:
        return lambda _: ALL

    def ports(endpoint: Endpoint) -> Ports:
        return union(*(_port(entry, endpoint) for _, entry in entries))

    return ports


def _port(entry: Map, endpoint: Endpoint) -> tuple[Range, ...]:
    protocol, port = str(entry.get("protocol") or "TCP"), entry.get("port")
    if port is None:
        return ((protocol, 1, LAST),)
    if isinstance(port, int):
        end = entry.get("endPort")
        return ((protocol, port, end if isinstance(end, int) else port),)
    named = endpoint.ports if isinstance(endpoint, Pod) else ()
    return tuple((p, number, number) for name, p, number in named if name == port and p == protocol)


_CILIUM_SPEC: Final = {"endpointSelector", "ingress", "egress", "description"}
_CILIUM_SIDES: Final[dict[Direction, tuple[str, str, str, str]]] = {
    "ingress": ("fromEndpoints", "fromCIDR", "fromCIDRSet", ""),
    "egress": ("toEndpoints", "toCIDR", "toCIDRSet", "toFQDNs"),
}
_NAMESPACE_LABEL: Final = "io.kubernetes.pod.namespace"


def _cilium(shape: Shape, namespace: str, spec: Map, *, whole: bool) -> Policy:
    rules: dict[Direction, tuple[Rule, ...]] = {}
    whole = whole and not set(spec) - _CILIUM_SPEC
    for direction, sides in _CILIUM_SIDES.items():
        if direction in spec:
            found = list(items(spec, direction))
            whole = whole and not any(set(rule) - {*sides, "toPorts"} for _, rule in found)
            whole = whole and all(_only_dns(rule) for _, rule in found)
            rules[direction] = tuple(
                Rule(("spec", direction, n), tuple(_cilium_tests(rule, sides, namespace)), _cilium_ports(rule))
                for n, rule in found
            )
    return Policy(shape, namespace, _unprefixed(at(spec, "endpointSelector")), rules, whole)


def _only_dns(rule: Map) -> bool:
    """Layer 7 rules narrow what passes; those for DNS name every name."""
    found = [at(entry, "rules") for _, entry in items(rule, "toPorts") if "rules" in entry]
    return all(layer == {"dns": [{"matchPattern": "*"}]} for layer in found)


def _cilium_tests(rule: Map, sides: tuple[str, str, str, str], namespace: str) -> Iterator[Test]:
    endpoints, cidrs, blocks, hosts = sides
    for _, selector in items(rule, endpoints):
        yield _cilium_endpoint(_unprefixed(selector), namespace)
    for cidr in strings(rule, cidrs):
        yield _in_block(cidr, [])
    for _, block in items(rule, blocks):
        yield _in_block(str(block.get("cidr")), strings(block, "except"))
    for _, name in items(rule, hosts) if hosts else ():
        yield _is_host(str(name.get("matchName") or name.get("matchPattern")))


def _is_host(name: str) -> Test:
    return lambda endpoint: isinstance(endpoint, Host) and endpoint.name == name


def _cilium_endpoint(selector: Map, namespace: str) -> Test:
    names = {**at(selector, "matchLabels")}
    where = names.pop(_NAMESPACE_LABEL, namespace)
    pods = {**selector, "matchLabels": names}

    def test(endpoint: Endpoint) -> bool:
        return isinstance(endpoint, Pod) and endpoint.namespace == where and matches(pods, endpoint.labels) is None

    return test


def _unprefixed(selector: Map) -> dict[str, Any]:
    """Cilium's selectors may name the source of a label: `k8s:app`."""
    labels = {str(k).removeprefix("k8s:"): v for k, v in at(selector, "matchLabels").items()}
    listed = [{**e, "key": str(e.get("key")).removeprefix("k8s:")} for _, e in items(selector, "matchExpressions")]
    return {"matchLabels": labels, "matchExpressions": listed}


def _cilium_ports(rule: Map) -> Callable[[Endpoint], Ports]:
    entries = [port for _, group in items(rule, "toPorts") for _, port in items(group, "ports")]
    if not entries:
        return lambda _: ALL
    ranges: list[Range] = []
    for entry in entries:
        text, end = str(entry.get("port")), entry.get("endPort")
        if text.isdigit():
            protocol = str(entry.get("protocol") or "ANY")
            low, high = (1, LAST) if text == "0" else (int(text), end if isinstance(end, int) else int(text))
            ranges += [(p, low, high) for p in (PROTOCOLS if protocol == "ANY" else (protocol,))]
    found = union(ranges) or NONE
    return lambda _: found
