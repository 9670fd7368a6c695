"""What network policies allow, as one model for every kind of them.

Policies add up, and a pod that no policy selects for a direction is open in it
(https://kubernetes.io/docs/concepts/services-networking/network-policies/; the same holds for CiliumNetworkPolicy).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Literal

from fleetc.check.fleet.ports import ALL, Ports, union
from fleetc.check.rules.access import Map
from fleetc.check.rules.selectors import matches
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

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


class ApiServer(NamedTuple):
    """The API server, for policies that can name it: wherever it is."""


Endpoint = Pod | Address | Host | ApiServer
Test = Callable[[Endpoint], bool]


class Rule(NamedTuple):
    """What one rule allows: peers that pass one of the tests, at these ports (by the peer or pod that is reached)."""

    path: Path
    tests: tuple[Test, ...]
    ports: Callable[[Endpoint], Ports]


class Policy(NamedTuple):
    """One policy. `rules` has the directions in which it isolates its pods; `whole`: everything in it is understood;
    `at`: the number of its cell among those of the cluster, and its position there."""

    object: Map
    namespace: str
    selector: Map
    rules: dict[Direction, tuple[Rule, ...]]
    whole: bool = True
    at: tuple[int, int] = (0, 0)


def allowed(policies: list[Policy], pod: Pod, direction: Direction, peer: Endpoint) -> Ports:
    """The ports at which a pod may be reached by a peer (ingress), or reach it (egress)."""
    return passing(rules_for(policies, pod, direction), pod, direction, peer)


def rules_for(policies: list[Policy], pod: Pod, direction: Direction) -> list[Rule] | None:
    """The rules that decide on a pod's traffic; None where nothing isolates it."""
    selected = [p for p in policies if direction in p.rules and _selects(p, pod)]
    return [rule for policy in selected for rule in policy.rules[direction]] if selected else None


def passing(rules: list[Rule] | None, pod: Pod, direction: Direction, peer: Endpoint) -> Ports:
    """What rules let pass between a pod and a peer."""
    if rules is None:
        return ALL
    target = pod if direction == "ingress" else peer
    return union(*[rule.ports(target) for rule in rules if any(test(peer) for test in rule.tests)])


def allowing(policies: list[Policy], pod: Pod, direction: Direction, peer: Endpoint) -> list[tuple[Policy, Path]]:
    """The policies and rules that let a peer through, at some port."""
    return [
        (policy, rule.path)
        for policy in policies
        if _selects(policy, pod)
        for rule in policy.rules.get(direction, ())
        if any(test(peer) for test in rule.tests)
    ]


def understood(policies: list[Policy], pod: Pod) -> bool:
    """Whether every policy that selects the pod is understood whole."""
    return all(p.whole for p in policies if _selects(p, pod))


def _selects(policy: Policy, pod: Pod) -> bool:
    return policy.namespace == pod.namespace and matches(policy.selector, pod.labels) is None


def anyone(_: Endpoint) -> bool:
    """The test that every peer passes."""
    return True


def in_block(cidr: str, excepted: list[str]) -> Test:
    """Addresses in a range, but not in those which are taken out of it; nobody when they are no ranges."""
    try:
        inside = ipaddress.ip_network(cidr, strict=False)
        outside = [ipaddress.ip_network(text, strict=False) for text in excepted]
    except ValueError:
        return lambda _: False  # Its schema says so.

    def test(endpoint: Endpoint) -> bool:
        if not isinstance(endpoint, Address):
            return False
        ip = ipaddress.ip_address(endpoint.ip)
        return ip in inside and not any(ip in net for net in outside)

    return test
