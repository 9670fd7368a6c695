"""Reachability: what the emitted policies let pass is what the specs declare, for every team and every peer.

A team's pods are told apart by the labels of the pods that are emitted, and one without labels stands for all others;
peers are the pods of every namespace that anything names, addresses at and just beyond the ends of every range (all
sets are unions of ranges, so equal there is equal everywhere), and every host name. Both sides of a connection are
compared on their own: that is stricter than comparing what passes both.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from fleetc.check.findings import Finding, Place, Tally
from fleetc.check.fleet.declared import Declared, namespaces
from fleetc.check.fleet.facts import NAMESPACE, NAMESPACE_NAME
from fleetc.check.fleet.policies import (
    Address,
    Direction,
    Endpoint,
    Host,
    Pod,
    Policy,
    allowed,
    allowing,
    policies_of,
    understood,
)
from fleetc.check.fleet.ports import Ports, minus, words
from fleetc.check.fleet.view import View
from fleetc.check.rules.access import at, items, strings
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.emission.shapes import Shape
from fleetc.language.team import Team
from fleetc.source.span import Path

_BEYOND: Final = "a CiliumNetworkPolicy says more than this check understands"
_DIRECTIONS: Final[tuple[Direction, ...]] = ("ingress", "egress")


class _Difference(NamedTuple):
    """Traffic of a team's namespace that is not as declared; `cause` is the policy rule that lets too much pass."""

    team: str
    namespace: str
    message: str
    cause: tuple[Shape, Path] | None


class _Result(NamedTuple):
    states: tuple[State, ...]
    differences: tuple[_Difference, ...]


def reachability(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `reachability`: a check for each direction of each namespace of a team."""
    if not view.teams:
        return
    result = view.once(("reachability", _key(view)), lambda: _compare(view))
    for state in result.states:
        tally.add("reachability", state, reason=_BEYOND if state is State.PARTIAL else "")
    for difference in result.differences:
        hint = "declare it in the team's `network`, or remove the policy that lets it pass"
        if difference.cause is None:
            hint = "no policy lets it pass: this is a bug in fleetc, please report it"
        yield Finding(
            codes.UNEXPECTED_TRAFFIC, _place(view, difference), difference.namespace, difference.message, hint
        )


def _place(view: View, difference: _Difference) -> Place:
    if difference.cause is not None:
        shape, path = difference.cause
        for row, n, item in view.items():
            if item.shape is shape:
                return view.place(row, n, path)
    return Place(f"Team/{difference.team}", view.index, 0, ("metadata", "name"))


def _key(view: View) -> object:
    """All that the result depends on; clusters where it is equal share the result."""
    cells = tuple(cell.network for _, cell in view.rows)
    return cells, tuple((name, id(team)) for name, team in view.teams.items()), repr(view.cluster.network.dns)


def _compare(view: View) -> _Result:
    policies = [p for _, cell in view.rows for _, shape in cell.policies for p in policies_of(shape)]
    declared = Declared(view.teams, view.cluster.network.dns)
    pods = _pods(view, policies)
    states: list[State] = []
    differences: list[_Difference] = []
    for name, team in view.teams.items():
        peers: list[Endpoint] = [*pods, *_outside(declared, team, policies)]
        for namespace in sorted(namespaces(team)):
            mine = [pod for pod in pods if pod.namespace == namespace]
            near = [policy for policy in policies if policy.namespace == namespace]
            for direction in _DIRECTIONS:
                found = list(_differences(_Side(declared, name, team, direction), near, mine, peers))
                differences += found
                whole = all(understood(near, pod) for pod in mine)
                states.append(State.INVALID if found else State.VALID if whole else State.PARTIAL)
    return _Result(tuple(states), tuple(differences))


class _Side(NamedTuple):
    """One direction of one team's traffic."""

    declared: Declared
    name: str
    team: Team
    direction: Direction


def _differences(side: _Side, policies: list[Policy], mine: list[Pod], peers: list[Endpoint]) -> Iterator[_Difference]:
    said: set[str] = set()
    for pod in mine:
        if not understood(policies, pod):
            continue
        for peer in peers:
            emitted = allowed(policies, pod, side.direction, peer)
            declared = side.declared.allowed(side.team, side.direction, peer)
            if emitted == declared:
                continue
            message = _message(side, peer, minus(emitted, declared), minus(declared, emitted))
            cause = allowing(policies, pod, side.direction, peer) if minus(emitted, declared) else None
            if message not in said:
                said.add(message)
                yield _Difference(
                    side.name,
                    f"pods of namespace {pod.namespace}",
                    message,
                    (cause[0].shape, cause[1]) if cause else None,
                )


def _message(side: _Side, peer: Endpoint, more: Ports, less: Ports) -> str:
    match peer:
        case Pod():
            other = f"pods of namespace {peer.namespace}"
        case Address():
            other = f"address {peer.ip}"
        case Host():
            other = f"host {peer.name}"
    way = "be reached by" if side.direction == "ingress" else "reach"
    if more:
        return f"may {way} {other} at {words(more)}, which team {side.name} does not declare"
    return f"may not {way} {other} at {words(less)}, which team {side.name} declares"


def _pods(view: View, policies: list[Policy]) -> list[Pod]:
    """One pod for each set of labels in each namespace, and one without labels."""
    labels = _namespace_labels(view)
    dns = view.cluster.network.dns
    found: dict[str, Pod] = {}
    bare = [(name, dict[str, Any](), ()) for name in sorted({*labels, *_named(view, policies), dns.namespace})]
    emitted = [(pods.namespace, pods.labels, pods.ports) for _, cell in view.rows for pods in cell.pods]
    for namespace, own, ports in [*bare, (dns.namespace, dict(dns.selector), ()), *emitted]:
        pod = Pod(namespace, labels.get(namespace, {}), own, ports)
        found.setdefault(repr((namespace, sorted(own.items()), ports)), pod)
    return list(found.values())


def _namespace_labels(view: View) -> dict[str, dict[str, Any]]:
    found = [item for _, _, item in view.items() if item.facts.identity.kind == NAMESPACE]
    return {i.facts.identity.name: dict(at(i.shape.object, "metadata", "labels")) for i in found}


def _named(view: View, policies: list[Policy]) -> Iterator[str]:
    """Namespaces that specs or policies name, there or not."""
    for team in view.teams.values():
        yield from namespaces(team)
        for peer in (*team.network.ingress, *team.network.egress):
            name = peer.namespace()
            if name is not None:
                yield name
    for policy in policies:
        yield policy.namespace
        for selector in _selectors(policy.shape.object):
            name = at(selector, "matchLabels").get(NAMESPACE_NAME)
            if isinstance(name, str):
                yield name
            for _, expression in items(selector, "matchExpressions"):
                if expression.get("key") == NAMESPACE_NAME:
                    yield from strings(expression, "values")


def _selectors(obj: Any) -> Iterator[Any]:
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for _, rule in items(at(obj, "spec"), direction):
            for _, peer in items(rule, side):
                yield at(peer, "namespaceSelector")


def _outside(declared: Declared, team: Team, policies: list[Policy]) -> Iterator[Endpoint]:
    """Addresses at and beyond the ends of every range, and every host name."""
    ranges = {*declared.cidrs(team), *_strings(policies, _is_cidr)}
    for address in sorted({ip for cidr in ranges for ip in _ends(cidr)}):
        yield Address(address)
    for host in sorted({*declared.hosts(team), *(_hosts(policies))}):
        yield Host(host)


def _strings(policies: list[Policy], wanted: Any) -> Iterator[str]:
    for policy in policies:
        yield from (text for text in _leaves(policy.shape.object.get("spec")) if wanted(text))


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


def _hosts(policies: list[Policy]) -> Iterator[str]:
    for policy in policies:
        for _, rule in items(at(policy.shape.object, "spec"), "egress"):
            for _, name in items(rule, "toFQDNs"):
                yield str(name.get("matchName") or name.get("matchPattern"))


def _ends(cidr: str) -> Iterable[str]:
    network = ipaddress.ip_network(cidr, strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    return [str(kind(n)) for n in (first - 1, first, last, last + 1) if 0 <= n < 2**network.max_prefixlen]
