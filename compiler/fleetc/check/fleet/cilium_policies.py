"""CiliumNetworkPolicy, read into the model of policies: what a NetworkPolicy can say too, and host names. A policy with
more than that is marked, and nothing is then claimed of its pods.

Of entities, the API server is understood.

Semantics: https://docs.cilium.io/en/stable/security/policy/language/; that peers are of the policy's own namespace
unless they name another is pkg/policy/api and pkg/k8s/apis/cilium.io/utils (getEndpointSelector).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from fleetc.check.fleet.policies import (
    ApiServer,
    Direction,
    Endpoint,
    Host,
    Pod,
    Policy,
    Rule,
    Test,
    anyone,
    in_block,
)
from fleetc.check.fleet.ports import ALL, LAST, PROTOCOLS, Ports, Range, union
from fleetc.check.fleet.targets import CILIUM_NAMESPACE, NAMESPACE_NAME
from fleetc.check.rules.access import Map, at, items, strings
from fleetc.check.rules.selectors import matches
from fleetc.tuples import NamedTuple


class _Sides(NamedTuple):
    """The fields of a rule that name peers."""

    endpoints: str
    cidrs: str
    blocks: str
    hosts: str
    entities: str


_SPEC: Final = {"endpointSelector", "ingress", "egress", "description"}
_SIDES: Final[dict[Direction, _Sides]] = {
    "ingress": _Sides("fromEndpoints", "fromCIDR", "fromCIDRSet", "", "fromEntities"),
    "egress": _Sides("toEndpoints", "toCIDR", "toCIDRSet", "toFQDNs", "toEntities"),
}
_API_SERVER: Final = "kube-apiserver"
_NAMESPACE_LABELS: Final = "io.cilium.k8s.namespace.labels."
_ORIGINS: Final = ("k8s:", "any:")


def cilium_policy(obj: Map) -> Policy:
    """The policy in a CiliumNetworkPolicy."""
    namespace, spec = str(at(obj, "metadata").get("namespace")), at(obj, "spec")
    whole = set(obj) == {"apiVersion", "kind", "metadata", "spec"} and not set(spec) - _SPEC
    whole = whole and _plain(at(spec, "endpointSelector"))
    rules: dict[Direction, tuple[Rule, ...]] = {}
    for direction, sides in _SIDES.items():
        if direction in spec:
            found = list(items(spec, direction))
            whole = whole and all(_understood(rule, sides) for _, rule in found)
            rules[direction] = tuple(
                Rule(("spec", direction, n), tuple(_tests(rule, sides, namespace)), _ports(rule)) for n, rule in found
            )
    return Policy(obj, namespace, _unprefixed(at(spec, "endpointSelector")), rules, whole)


def _understood(rule: Map, sides: _Sides) -> bool:
    known = not set(rule) - {*sides, "toPorts"} and all(_plain(each) for _, each in items(rule, sides.endpoints))
    known = known and all(set(block) <= {"cidr", "except"} for _, block in items(rule, sides.blocks))
    known = known and all(entity == _API_SERVER for entity in strings(rule, sides.entities))
    for _, group in items(rule, "toPorts"):
        # Layer 7 rules narrow what passes; those for DNS name every name.
        known = known and at(group, "rules") in ({}, {"dns": [{"matchPattern": "*"}]})
        known = known and set(group) <= {"ports", "rules"}
        known = known and all(str(entry.get("port")).isdigit() for _, entry in items(group, "ports"))
    return known


def _plain(selector: Map) -> bool:
    """Whether a selector is about pods: other sources of labels, such as `reserved:`, are about more."""
    keys = [*at(selector, "matchLabels"), *(str(e.get("key")) for _, e in items(selector, "matchExpressions"))]
    return not any(":" in key and not key.startswith(_ORIGINS) for key in keys)


def _tests(rule: Map, sides: _Sides, namespace: str) -> Iterator[Test]:
    named = [side for side in sides if side and side in rule]
    if not named and "toPorts" in rule:
        yield anyone  # An empty rule, however, allows nothing: it only isolates.
    for _, selector in items(rule, sides.endpoints):
        yield _endpoint(selector, namespace)
    for cidr in strings(rule, sides.cidrs):
        yield in_block(cidr, [])
    for _, block in items(rule, sides.blocks):
        yield in_block(str(block.get("cidr")), strings(block, "except"))
    for _, name in items(rule, sides.hosts) if sides.hosts else ():
        yield _host(str(name.get("matchName") or name.get("matchPattern")))
    if _API_SERVER in strings(rule, sides.entities):
        yield lambda endpoint: isinstance(endpoint, ApiServer)


def of_namespaces(selector: Map) -> dict[str, Any]:
    """What a selector of peers says of their namespaces, as a NetworkPolicy would say it."""
    return _part(selector, lambda key: _around(key) is not None, lambda key: _around(key) or key)


def of_pods(selector: Map) -> dict[str, Any]:
    """What a selector of peers says of the pods themselves."""
    return _part(selector, lambda key: _around(key) is None, str)


def _part(selector: Map, wanted: Callable[[str], bool], renamed: Callable[[str], str]) -> dict[str, Any]:
    bare = _unprefixed(selector)
    labels = {renamed(key): value for key, value in bare["matchLabels"].items() if wanted(key)}
    listed = [{**e, "key": renamed(e["key"])} for e in bare["matchExpressions"] if wanted(e["key"])]
    return {"matchLabels": labels, "matchExpressions": listed}


def _around(key: str) -> str | None:
    """The label of a namespace that a key of Cilium's stands for; None for labels of pods."""
    if key == CILIUM_NAMESPACE:
        return NAMESPACE_NAME
    return key.removeprefix(_NAMESPACE_LABELS) if key.startswith(_NAMESPACE_LABELS) else None


def _host(name: str) -> Test:
    return lambda endpoint: isinstance(endpoint, Host) and endpoint.name == name


def _endpoint(selector: Map, namespace: str) -> Test:
    around, pods = of_namespaces(selector), of_pods(selector)
    local = not around["matchLabels"] and not around["matchExpressions"]

    def test(endpoint: Endpoint) -> bool:
        if not isinstance(endpoint, Pod) or (local and endpoint.namespace != namespace):
            return False
        labels = {**endpoint.namespace_labels, NAMESPACE_NAME: endpoint.namespace}
        return matches(around, labels) is None and matches(pods, endpoint.labels) is None

    return test


def _unprefixed(selector: Map) -> dict[str, Any]:
    """Selectors may name the source of a label: `k8s:app`."""
    labels = {_bare(str(key)): value for key, value in at(selector, "matchLabels").items()}
    listed = [{**e, "key": _bare(str(e.get("key")))} for _, e in items(selector, "matchExpressions")]
    return {"matchLabels": labels, "matchExpressions": listed}


def _bare(key: str) -> str:
    for origin in _ORIGINS:
        key = key.removeprefix(origin)
    return key


def _ports(rule: Map) -> Callable[[Endpoint], Ports]:
    entries = [port for _, group in items(rule, "toPorts") for _, port in items(group, "ports")]
    if not entries:
        return lambda _: ALL
    ranges: list[Range] = []
    for entry in entries:
        text, end = str(entry.get("port")), entry.get("endPort")
        if text.isdigit():
            protocol = str(entry.get("protocol") or "ANY")
            low, high = (1, LAST) if text == "0" else (int(text), end if isinstance(end, int) and end else int(text))
            ranges += [(p, low, high) for p in (PROTOCOLS if protocol == "ANY" else (protocol,))]
    found = union(ranges)
    return lambda _: found
