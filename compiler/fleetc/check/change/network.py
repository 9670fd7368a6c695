"""What may talk to what in a namespace, by the policies that stand there: what passes after that did not before.

Tried with pods that the selectors of all policies can tell apart, addresses at and beyond the ends of every range, host
names, and the API server; as in `check.fleet.witnesses`, what is equal at these is equal everywhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.check.fleet.cilium_policies import cilium_policy
from fleetc.check.fleet.kubernetes_policies import network_policy
from fleetc.check.fleet.policies import (
    Address,
    ApiServer,
    Direction,
    Endpoint,
    Host,
    Pod,
    Policy,
    passing,
    rules_for,
    understood,
)
from fleetc.check.fleet.ports import Ports, minus, words
from fleetc.check.fleet.targets import NAMESPACE_NAME
from fleetc.check.fleet.witnesses import ends_of, hosts_of, names_in, peers_of, ranges_of, variants
from fleetc.check.rules.access import Map, at, items
from fleetc.check.rules.selectors import matches
from fleetc.tuples import NamedTuple

KINDS: Final = ("NetworkPolicy", "CiliumNetworkPolicy")
_NONE: Final[Mapping[str, Sequence[str]]] = {}
_DIRECTIONS: Final[tuple[Direction, ...]] = ("ingress", "egress")
_ELSEWHERE: Final = "any other"
_FIRST_NAMED: Final = 60_000
"""The number of the first port that a policy names: pods may call any of their ports so."""


class Difference(NamedTuple):
    """Traffic of a pod of a namespace that passes on one side only, at these ports."""

    more: bool
    direction: Direction
    pod: Pod
    peer: Endpoint
    ports: Ports


class Judged(NamedTuple):
    """What is otherwise; `whole`: every policy is understood."""

    differences: tuple[Difference, ...]
    whole: bool


def judge(
    namespace: str, before: Sequence[Map], after: Sequence[Map], others: Mapping[str, Sequence[str]] = _NONE
) -> Judged:
    """Two sets of policies of one namespace compared.

    `others`: for a namespace that comes or goes, those of its team that stay. Whoever exchanges as much with one of
    them is open to no more than before; else the pods of a new namespace are peers as all others.
    """
    stay = {repr(obj) for obj in before} & {repr(obj) for obj in after}
    moved = [_policy(obj) for obj in (*before, *after) if repr(obj) not in stay]
    old, new = ([_policy(obj) for obj in objects] for objects in (before, after))
    peers = _Peers(namespace)
    out: list[Difference] = []
    whole = True
    for pod in _pods(namespace, [*old, *new]):
        # Of pods that none of the policies selects which change, nothing changes.
        if any(_selects(policy, pod) for policy in moved):
            whole = whole and understood(old, pod) and understood(new, pod)
            near = peers.near([policy for policy in (*old, *new) if _selects(policy, pod)])
            for direction in _DIRECTIONS:
                sides = _Side(old, pod, direction), _Side(new, pod, direction)
                out += [d for peer in near for d in _differing(*sides, peer, others)]
    return Judged(tuple(out), whole)


class _Side:
    """What passes between a pod and others in a direction, on one side of a change."""

    def __init__(self, policies: list[Policy], pod: Pod, direction: Direction) -> None:
        self.pod = pod
        self.direction: Direction = direction
        self._rules = rules_for(policies, pod, direction)

    def passing(self, peer: Endpoint) -> Ports:
        """The ports at which a peer and the pod exchange."""
        return passing(self._rules, self.pod, self.direction, peer)


def _differing(old: _Side, new: _Side, peer: Endpoint, others: Mapping[str, Sequence[str]]) -> Iterator[Difference]:
    for more, (less, most) in ((True, (old, new)), (False, (new, old))):
        ports = minus(most.passing(peer), less.passing(peer))
        if ports and isinstance(peer, Pod):
            for name in others.get(peer.namespace, ()):
                ports = minus(ports, less.passing(_in(peer, name)))
        if ports:
            yield Difference(more, old.direction, old.pod, peer, ports)


def _in(pod: Pod, namespace: str) -> Pod:
    """The same pod in another namespace."""
    labels = pod.namespace_labels
    named = {**labels, NAMESPACE_NAME: namespace} if NAMESPACE_NAME in labels else labels
    return pod._replace(namespace=namespace, namespace_labels=named)


def _selects(policy: Policy, pod: Pod) -> bool:
    return matches(policy.selector, pod.labels) is None


class _Peers:
    """What pods of a namespace are tried with: what the policies that select a pod can tell apart."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._known: dict[str, list[Endpoint]] = {}

    def near(self, policies: list[Policy]) -> list[Endpoint]:
        """The peers for some policies."""
        key = repr([policy.object.get("spec") for policy in policies])
        if key not in self._known:
            self._known[key] = _peers(self._namespace, policies)
        return self._known[key]


def words_for(found: Sequence[Difference]) -> list[str]:
    """Differences as people say them: what holds for all pods once, and of addresses one."""
    everyone = {(d.direction, _other(d.peer), d.ports) for d in found if not d.pod.labels}
    said: dict[tuple[str, ...], str] = {}
    for d in sorted(found, key=lambda d: (sorted(d.pod.labels.items()), _rank(d.peer))):
        if not d.pod.labels or (d.direction, _other(d.peer), d.ports) not in everyone:
            labels = ", ".join(f"{key}={value}" for key, value in sorted(d.pod.labels.items()))
            who = f"pods with {labels}" if labels else "pods"
            may = "may" if d.more else "may no longer"
            other = "addresses" if isinstance(d.peer, Address) else _other(d.peer)
            text = f"{who} {may} {_way(d.direction)} {_other(d.peer)} at {words(d.ports)}"
            said.setdefault((who, d.direction, other, words(d.ports)), text)
    return [*said.values()]


def _rank(peer: Endpoint) -> tuple[int, int, str]:
    if isinstance(peer, Address):
        ip = ipaddress.ip_address(peer.ip)
        return ip.version, int(ip), ""
    return 0, 0, repr(peer)


def takes_part(obj: Map, difference: Difference, *, was: bool) -> bool:
    """Whether a policy has to do with a difference: a new one that lets the traffic pass, or an old one (`was`) that
    isolated the pod."""
    policy = _policy(obj)
    rules = rules_for([policy], difference.pod, difference.direction)
    if rules is None:
        return False
    return was or bool(passing(rules, difference.pod, difference.direction, difference.peer))


def _policy(obj: Map) -> Policy:
    return cilium_policy(obj) if obj.get("kind") == "CiliumNetworkPolicy" else network_policy(obj)


def _pods(namespace: str, policies: list[Policy]) -> list[Pod]:
    labels: list[Mapping[str, Any]] = [{}, *(v for policy in policies for v in variants(policy.selector))]
    ports = _ports(policies)
    return _distinct(Pod(namespace, {}, each, ports) for each in labels)


def _ports(policies: list[Policy]) -> tuple[tuple[str, str, int], ...]:
    """A port for each name that a policy has for one."""
    found: dict[tuple[str, str], None] = {}
    for policy in policies:
        spec = at(policy.object, "spec")
        rules = [rule for direction in _DIRECTIONS for _, rule in items(spec, direction)]
        for _, port in (port for rule in rules for port in items(rule, "ports")):
            if isinstance(port.get("port"), str):
                found[port["port"], str(port.get("protocol") or "TCP")] = None
    return tuple((name, protocol, _FIRST_NAMED + n) for n, (name, protocol) in enumerate(found))


def _peers(namespace: str, policies: list[Policy]) -> list[Endpoint]:
    sides = [*peers_of(policies)]
    names = {namespace, _ELSEWHERE, *(name for around, _ in sides for name in names_in(around))}
    arounds: list[Mapping[str, Any]] = [{}, *(v for around, _ in sides for v in variants(around))]
    insides: list[Mapping[str, Any]] = [{}, *(v for _, inside in sides for v in variants(inside))]
    ports = _ports(policies)
    pods = _distinct(
        Pod(name, around, inside, ports)
        for name in sorted(names)
        for around in _once(arounds)
        for inside in _once(insides)
    )
    addresses = sorted({ip for cidr in ranges_of(policies) for ip in ends_of(cidr)} | {"192.0.2.1"})
    return [*pods, *map(Address, addresses), *map(Host, sorted({*hosts_of(policies), "any.other.host"})), ApiServer()]


def _distinct(pods: Iterable[Pod]) -> list[Pod]:
    return [
        *{repr((p.namespace, sorted(p.namespace_labels.items()), sorted(p.labels.items()))): p for p in pods}.values()
    ]


def _once(labels: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [*{repr(sorted(each.items())): each for each in labels}.values()]


def _way(direction: Direction) -> str:
    return "be reached by" if direction == "ingress" else "reach"


def _other(peer: Endpoint) -> str:
    match peer:
        case Pod():
            return "pods of other namespaces" if peer.namespace == _ELSEWHERE else f"pods of namespace {peer.namespace}"
        case Address():
            return f"addresses such as {peer.ip}"
        case ApiServer():
            return "the API server"
        case Host():
            return "other hosts" if peer.name == "any.other.host" else f"host {peer.name}"
