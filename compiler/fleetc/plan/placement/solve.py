"""Problem in, result out."""

from __future__ import annotations

from fleetc.plan.placement.model import Problem, Room
from fleetc.plan.placement.moves import moves
from fleetc.plan.placement.options import Choices, Part
from fleetc.plan.placement.result import (
    Apart,
    Gap,
    Held,
    NodeGroup,
    Placed,
    Placement,
    PodsOf,
    Proof,
    Result,
    Unplaced,
)
from fleetc.plan.placement.search import Found, search
from fleetc.plan.placement.seats import components
from fleetc.plan.placement.worst_case import Pods, fits


def solve(problem: Problem) -> Result:
    """Place all workloads whose promises can be kept together.

    Ids are unique, ranges not empty, weights positive: assertions. What cannot be placed is in the result; `explain`
    says why.
    """
    found = search(problem)
    placed: list[Placed] = []
    for id, option in sorted(found.chosen.items()):
        parts = tuple(placement(found.choices[id], part) for part in option.parts)
        placed.append(Placed(id, parts, *_prices(parts), moves(found, id)))
    left = tuple(Unplaced(id, moves(found, id)) for id in sorted(found.choices) if id not in found.chosen)
    names = components(problem.locks)
    cost = tuple(zip(names, (*found.cost, found.ledger.balance), strict=False))
    return Result(problem, tuple(placed), left, _proofs(found), cost, found.exact, _gap(found))


def placement(choices: Choices, part: Part) -> Placement:
    """A part in terms of names."""
    pool = choices.table.pools[part.seat.pool]
    alternative = choices.workload.alternatives[part.seat.alternative]
    _, _, unpriced, price = part.seat.unit
    least, most = (None, None) if unpriced else (price * part.least, price * part.most)
    return Placement(
        pool.id,
        pool.cluster,
        alternative.name,
        part.least,
        part.most,
        Room(alternative.devices, alternative.cpu, alternative.memory),
        part.seat.pods,
        part.seat.pods > 1,
        least,
        most,
    )


def _prices(parts: tuple[Placement, ...]) -> tuple[int | None, int | None]:
    least = [p.price_least for p in parts if p.price_least is not None]
    most = [p.price_most for p in parts if p.price_most is not None]
    return (sum(least), sum(most)) if len(least) == len(parts) else (None, None)


def _gap(found: Found) -> Gap:
    """Sums are compared as wholes: below the first component that differs the bound says nothing."""
    for component, own, bound in zip(components(found.table.locks), found.cost, found.bound, strict=False):
        if own != bound:
            return Gap(component, own, bound)
    return Gap(None, 0, 0)


def _proofs(found: Found) -> tuple[Proof, ...]:
    """One for each pool that something is on."""
    on: dict[int, list[tuple[str, Part]]] = {}
    for id, option in sorted(found.chosen.items()):
        for part in option.parts:
            on.setdefault(part.seat.pool, []).append((id, part))
    return tuple(_proof(found, n, on[n]) for n in sorted(on))


def _proof(found: Found, n: int, parts: list[tuple[str, Part]]) -> Proof:
    pool, worst = found.table.pools[n], found.ledger.worst
    users: dict[Room, list[str]] = {}
    most: dict[Room, int] = {}
    for id, part in parts:
        most[part.seat.room] = most.get(part.seat.room, 0) + part.most * part.seat.pods
        if part.least:
            users.setdefault(part.seat.room, []).append(id)
    groups = tuple(
        NodeGroup(tuple(PodsOf(room, count, tuple(users[room])) for room, count in g.pods), g.nodes, g.exact)
        for g in found.ledger.groups(n)
    )
    apart = Apart(worst.need(pool.node(), found.ledger.pods(n)).nodes) if len(groups) > 1 else None
    at_most = _at_most(found, n, tuple(sorted(most.items())), [[p.room for p in g.pods] for g in groups])
    held: Held = "partly" if at_most > pool.nodes.most else "preemption" if at_most > pool.guaranteed() else "always"
    return Proof(pool.id, pool.guaranteed(), pool.nodes.most, groups, apart, at_most, held)


def _at_most(found: Found, n: int, pods: Pods, groups: list[list[Room]]) -> int:
    """The nodes that all replicas need at most, in the groups of the promises; what has none joins the first."""
    node = found.table.pools[n].node()
    apart = [tuple((room, count) for room, count in pods if count and room in group) for group in groups[1:]]
    elsewhere = {room for group in groups[1:] for room in group}
    first = tuple((room, count) for room, count in pods if count and room not in elsewhere)
    assert all(fits(room, node) for room, _ in pods)
    return sum(found.ledger.worst.need(node, group).nodes for group in (first, *apart))
