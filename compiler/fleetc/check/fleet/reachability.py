"""Reachability: what the emitted policies let pass is what the specs declare, for every team and every peer.

Both sides of a connection are compared on their own: that is stricter than comparing what passes both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from fleetc.check.findings import Finding, Place, Tally
from fleetc.check.fleet.cilium_policies import cilium_policy
from fleetc.check.fleet.declared import Declared, namespaces
from fleetc.check.fleet.kubernetes_policies import network_policy
from fleetc.check.fleet.policies import (
    Address,
    ApiServer,
    Direction,
    Endpoint,
    Pod,
    Policy,
    allowed,
    allowing,
    passing,
    rules_for,
    understood,
)
from fleetc.check.fleet.ports import Ports, minus, words
from fleetc.check.fleet.traffic import Traffic, traffic_of
from fleetc.check.fleet.view import View
from fleetc.check.fleet.witnesses import ELSEWHERE, Interest, outside, pods_of
from fleetc.check.states import State
from fleetc.diagnostics import codes
from fleetc.language.team import Team
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

RULE: Final = "reachability"
_BEYOND: Final = "a CiliumNetworkPolicy says more than this check understands"
_DIRECTIONS: Final[tuple[Direction, ...]] = ("ingress", "egress")
_DECLARE: Final = "declare it in the team's `network`, or remove the policy that lets it pass"
_OPEN: Final = "no policy isolates these pods: this is a bug in fleetc, please report it"
_CLOSED: Final = "no policy lets it pass: this is a bug in fleetc, please report it"


class _Difference(NamedTuple):
    """Traffic of a team's namespace that is not as declared; `cause` is the policy rule that lets too much pass: the
    policy's place (`Policy.at`), and the path in it."""

    team: str
    namespace: str
    message: str
    hint: str
    cause: tuple[tuple[int, int], Path] | None


class Result(NamedTuple):
    """How the checks ended, and what is wrong."""

    states: tuple[State, ...]
    differences: tuple[_Difference, ...]


class _Side(NamedTuple):
    """One direction of one team's traffic."""

    declared: Declared
    name: str
    team: Team
    direction: Direction


def reachability(view: View, tally: Tally) -> Iterator[Finding]:
    """Rule `reachability`: a check for each direction of each namespace of a team."""
    packed = [cell.network for _, cell in view.rows]
    result = judge(traffic_of(view.cluster, view.nodes.values(), packed), view.memo)
    count(result, tally)
    for found in result.differences:
        yield Finding(codes.UNEXPECTED_TRAFFIC, _place(view, found), found.namespace, found.message, found.hint)


def judge(traffic: Traffic, memo: dict[object, object]) -> Result:
    """The rule on a cluster; clusters where all that the result depends on is equal share it in `memo`."""
    if not traffic.teams:
        return Result((), ())
    key = (RULE, traffic.key)
    if key not in memo:
        memo[key] = _compare(traffic)
    return cast(Result, memo[key])


def count(result: Result, tally: Tally) -> None:
    """Note how the checks ended."""
    for state in result.states:
        tally.add(RULE, state, reason=_BEYOND if state is State.PARTIAL else "")


def _place(view: View, difference: _Difference) -> Place:
    if difference.cause is not None:
        (cell, n), path = difference.cause
        return view.place(view.rows[cell][0], n, path)
    return Place(f"Team/{difference.team}", view.index, 0, ("metadata", "name"))


def _policies(traffic: Traffic) -> Iterator[Policy]:
    for cell, network in enumerate(traffic.networks):
        for n, obj in network.policies:
            is_cilium = obj.get("kind") == "CiliumNetworkPolicy"
            yield (cilium_policy(obj) if is_cilium else network_policy(obj))._replace(at=(cell, n))


def _compare(traffic: Traffic) -> Result:
    policies = list(_policies(traffic))
    declared = Declared(traffic)
    pods = pods_of(traffic, policies, declared)
    within: dict[str, list[Pod]] = {}
    for pod in pods:
        within.setdefault(pod.namespace, []).append(pod)
    by_namespace: dict[str, list[Policy]] = {}
    for policy in policies:
        by_namespace.setdefault(policy.namespace, []).append(policy)
    states: list[State] = []
    differences: list[_Difference] = []
    for name, team in traffic.teams.items():
        for namespace in sorted(namespaces(team)):
            near = by_namespace.get(namespace, [])
            interest = Interest(near, declared.names(team), declared.keys())
            mine = interest.distinct(within[namespace])
            peers: list[Endpoint] = [*interest.distinct(pods), *outside(declared, team, near)]
            for direction in _DIRECTIONS:
                found = list(_differences(_Side(declared, name, team, direction), near, mine, peers))
                differences += found
                whole = all(understood(near, pod) for pod in mine)
                states.append(State.INVALID if found else State.VALID if whole else State.PARTIAL)
    return Result(tuple(states), tuple(differences))


def _differences(side: _Side, policies: list[Policy], mine: list[Pod], peers: list[Endpoint]) -> Iterator[_Difference]:
    said: set[str] = set()
    for pod in mine:
        if not understood(policies, pod):
            continue
        rules = rules_for(policies, pod, side.direction)
        for peer in peers:
            emitted = passing(rules, pod, side.direction, peer)
            declared = side.declared.allowed(side.team, side.direction, pod, peer)
            if emitted == declared:
                continue
            more = minus(emitted, declared)
            message = _message(side, peer, more, minus(declared, emitted))
            if message not in said:
                said.add(message)
                cause = _cause(side, policies, pod, peer, declared) if more else None
                hint = _CLOSED if not more else _DECLARE if cause else _OPEN
                yield _Difference(side.name, f"pods of namespace {pod.namespace}", message, hint, cause)


def _cause(
    side: _Side, policies: list[Policy], pod: Pod, peer: Endpoint, declared: Ports
) -> tuple[tuple[int, int], Path] | None:
    """The first policy rule that lets more pass than is declared."""
    for policy, path in allowing(policies, pod, side.direction, peer):
        rules = tuple(rule for rule in policy.rules[side.direction] if rule.path == path)
        alone = [policy._replace(rules={side.direction: rules})]
        if minus(allowed(alone, pod, side.direction, peer), declared):
            return policy.at, path
    return None


def _message(side: _Side, peer: Endpoint, more: Ports, less: Ports) -> str:
    match peer:
        case Pod():
            other = "pods of other namespaces" if peer.namespace == ELSEWHERE else f"pods of namespace {peer.namespace}"
        case Address():
            other = f"address {peer.ip}"
        case ApiServer():
            other = "the API server"
        case _:
            other = f"host {peer.name}"
    way = "be reached by" if side.direction == "ingress" else "reach"
    if more:
        return f"may {way} {other} at {words(more)}, which team {side.name} does not declare"
    return f"may not {way} {other} at {words(less)}, which team {side.name} declares"
