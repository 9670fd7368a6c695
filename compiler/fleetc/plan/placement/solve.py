"""Problem in, result out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fleetc.plan.placement.model import Pool, Problem, Range, Room
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
from fleetc.plan.placement.worst_case import Group, Pods, fits

LARGE: Final = "large"
"""What nodes for the largest pods are called in their pool."""


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
    every: dict[Room, list[str]] = {}
    most: dict[Room, int] = {}
    for id, part in parts:
        room = part.seat.room
        most[room] = most.get(room, 0) + part.most * part.seat.pods
        every.setdefault(room, []).append(id)
        if part.least:
            users.setdefault(room, []).append(id)
    held = found.ledger.groups(n)
    rooms = _rooms(held, most)
    needs = [_needed(found, n, {room: most[room] for room in of}) for of in rooms]
    kept = _kept(pool, [group.nodes for group in held], needs)
    groups = tuple(
        NodeGroup(
            tuple(PodsOf(room, count, tuple(users[room])) for room, count in group.pods),
            group.nodes,
            group.exact,
            tuple(sorted(id for room in of for id in every[room])),
            _name(len(held) - rank) if rank else "",
            nodes,
        )
        for rank, (group, of, nodes) in enumerate(zip(held, rooms, kept, strict=False))
    )
    apart = Apart(worst.need(pool.node(), found.ledger.pods(n)).nodes) if len(groups) > 1 else None
    at_most = sum(needs)
    burst: Held = "partly" if at_most > pool.nodes.most else "preemption" if at_most > pool.guaranteed() else "always"
    return Proof(pool.id, pool.guaranteed(), pool.nodes.most, groups, apart, at_most, burst)


def _rooms(groups: Sequence[Group], every: Mapping[Room, int]) -> list[list[Room]]:
    """The sizes of pods by group; those that nothing is promised of join the first."""
    apart = [[room for room, _ in group.pods] for group in groups[1:]]
    elsewhere = {room for of in apart for room in of}
    return [sorted(room for room in every if room not in elsewhere), *apart]


def _needed(found: Found, n: int, pods: Mapping[Room, int]) -> int:
    """The nodes that pods need at most."""
    node = found.table.pools[n].node()
    assert all(fits(room, node) for room in pods)
    asked: Pods = tuple(sorted((room, count) for room, count in pods.items() if count))
    return found.ledger.worst.need(node, asked).nodes


def _kept(pool: Pool, least: Sequence[int], most: Sequence[int]) -> list[Range]:
    """The nodes of each group: what it needs for promises, and of what is over even with the first group's burst what
    its own burst would use, the largest pods first; the rest is the first group's."""
    spare = pool.nodes.most - sum(least[1:]) - max([*least[:1], *most[:1]], default=0)
    all_up = list(least)
    for n in range(len(least) - 1, 0, -1):
        more = max(0, min(spare, most[n] - least[n]))
        all_up[n] += more
        spare -= more
    sure = all_up if pool.guaranteed() == pool.nodes.most else least
    totals = Range(pool.guaranteed() - sum(sure[1:]), pool.nodes.most - sum(all_up[1:]))
    return [totals, *(Range(sure[n], all_up[n]) for n in range(1, len(least)))]


def _name(rank: int) -> str:
    """Of nodes that are set aside: by rank from the largest pods, 1 for these, so that their name stays."""
    return LARGE if rank == 1 else f"{LARGE}-{rank}"
