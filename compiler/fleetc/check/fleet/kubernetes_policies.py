"""NetworkPolicy, read into the model of policies. Ranges of addresses mean what is outside of the cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fleetc.check.fleet.policies import Direction, Endpoint, Pod, Policy, Rule, Test, anyone, in_block
from fleetc.check.fleet.ports import ALL, LAST, Ports, Range, union
from fleetc.check.fleet.targets import NAMESPACE_NAME
from fleetc.check.rules.access import Map, at, items, strings
from fleetc.check.rules.selectors import matches


def network_policy(obj: Map) -> Policy:
    """The policy in a NetworkPolicy."""
    namespace, spec = str(at(obj, "metadata").get("namespace")), at(obj, "spec")
    # Left out, the types follow from the rules; without any rule, ingress is isolated (SetDefaults_NetworkPolicy).
    types = strings(spec, "policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    rules: dict[Direction, tuple[Rule, ...]] = {}
    if "Ingress" in types:
        rules["ingress"] = tuple(_rules(spec, "ingress", "from", namespace))
    if "Egress" in types:
        rules["egress"] = tuple(_rules(spec, "egress", "to", namespace))
    return Policy(obj, namespace, at(spec, "podSelector"), rules)


def _rules(spec: Map, direction: Direction, side: str, namespace: str) -> Iterator[Rule]:
    for n, rule in items(spec, direction):
        peers = list(items(rule, side))
        tests = tuple(_peer(peer, namespace) for _, peer in peers) if peers else (anyone,)
        yield Rule(("spec", direction, n), tests, _ports(list(items(rule, "ports"))))


def _peer(peer: Map, own: str) -> Test:
    block = at(peer, "ipBlock")
    if block:
        return in_block(str(block.get("cidr")), strings(block, "except"))
    namespaces = peer.get("namespaceSelector")
    inside = _in_namespaces(namespaces) if isinstance(namespaces, dict) else lambda pod: pod.namespace == own
    pods = at(peer, "podSelector")

    def test(endpoint: Endpoint) -> bool:
        return isinstance(endpoint, Pod) and inside(endpoint) and matches(pods, endpoint.labels) is None

    return test


def _in_namespaces(selector: Map) -> Callable[[Pod], bool]:
    named = _names(selector)
    if named is not None:
        return lambda pod: pod.namespace in named
    return lambda pod: matches(selector, {**pod.namespace_labels, NAMESPACE_NAME: pod.namespace}) is None


def _names(selector: Map) -> frozenset[str] | None:
    """The namespaces that a selector names, when it asks for nothing else: as most do, some for hundreds of them."""
    labels, expressions = at(selector, "matchLabels"), [item for _, item in items(selector, "matchExpressions")]
    if set(labels) == {NAMESPACE_NAME} and not expressions:
        return frozenset([str(labels[NAMESPACE_NAME])])
    if not labels and [(e.get("key"), e.get("operator")) for e in expressions] == [(NAMESPACE_NAME, "In")]:
        return frozenset(strings(expressions[0], "values"))
    return None


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
