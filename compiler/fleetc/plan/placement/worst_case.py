"""How many nodes pods need in the worst case: any order of arrival, any feasible node for each.

The Kubernetes scheduler scores nodes by CPU and memory, not by devices (NodeResourcesFit, LeastAllocated by default),
so nothing keeps small pods from taking a bit of every node. When a pod arrives, the others may be anywhere: any part of
them, in any packing that fits. It finds no node exactly when that packing leaves too little on each. So the question
is on how many nodes at once the others can be in its way: with one node more than that, it always finds one.

A group of pods that can be in the way on one node is a *pattern*. How many patterns the pods make up at most is
searched exactly while that is small. Above, any price for each pod at which every pattern costs 1 or more gives a
bound: they make up no more patterns than all of them cost (weak duality of linear programming).
"""

from __future__ import annotations

from math import gcd, prod
from typing import NamedTuple

from fleetc.plan.placement.model import Room

Pods = tuple[tuple[Room, int], ...]
"""How many pods of each shape, in the order of shapes, each shape once."""

MOST_STATES = 20_000
"""Counts of pods times patterns up to which the search is exact."""
MOST_STEPS = 2_000
"""Steps up to which patterns are listed."""
MOST_SHAPES = 6
"""Shapes up to which all ways to keep them apart are tried; above, neighbours by size stay together."""


class Need(NamedTuple):
    """Nodes that always suffice; `exact` if one less would not."""

    nodes: int
    exact: bool


class Group(NamedTuple):
    """Pods that share nodes with each other only, and the nodes that they need in the worst case."""

    pods: Pods
    nodes: int
    exact: bool


def fits(pod: Room, node: Room) -> bool:
    """Whether an empty node holds the pod."""
    return pod.devices <= node.devices and pod.cpu <= node.cpu and pod.memory <= node.memory


class WorstCase:
    """The worst case, remembered by what it was asked."""

    def __init__(self) -> None:
        self._needs: dict[tuple[Room, Pods], Need] = {}
        self._groups: dict[tuple[Room, Pods, int], tuple[Group, ...] | None] = {}

    def need(self, node: Room, pods: Pods) -> Need:
        """The nodes that pods, each of which fits an empty node, need when they share them."""
        known = self._needs.get((node, pods))
        if known is None:
            known = self._needs[node, pods] = _need(node, pods)
        return known

    def groups(self, node: Room, pods: Pods, nodes: int) -> tuple[Group, ...] | None:
        """How pods share `nodes` nodes so that each always finds room: in as few groups as possible, then on as few
        nodes as possible; None if there is no way. The group of the smallest pods comes first."""
        if not pods:
            return ()
        key = (node, pods, nodes)
        if key not in self._groups:
            self._groups[key] = self._grouped(node, pods, nodes)
        return self._groups[key]

    def _grouped(self, node: Room, pods: Pods, nodes: int) -> tuple[Group, ...] | None:
        if any(sum(pod[d] * count for pod, count in pods) > node[d] * nodes for d in range(3)):
            return None
        if not all(fits(pod, node) for pod, _ in pods):
            return None
        together = self.need(node, pods)
        if together.nodes <= nodes:
            return (Group(pods, *together),)
        blocks = _subsets(len(pods)) if len(pods) <= MOST_SHAPES else _runs(len(pods))
        best: dict[int, tuple[Group, ...]] = {0: ()}
        everything = (1 << len(pods)) - 1
        for _ in range(len(pods)):
            best = self._one_more(node, pods, best, blocks)
            found = best.get(everything)
            if found is not None and sum(g.nodes for g in found) <= nodes:
                return found
        return None

    def _one_more(
        self, node: Room, pods: Pods, best: dict[int, tuple[Group, ...]], blocks: list[int]
    ) -> dict[int, tuple[Group, ...]]:
        """The fewest nodes for each set of shapes in one group more than `best` has."""
        made: dict[int, tuple[Group, ...]] = {}
        for taken, groups in best.items():
            first = ~taken & (taken + 1)
            for block in blocks:
                # The first shape that is left opens the next group, so that no partition is met twice.
                if not block & first or block & taken:
                    continue
                chosen = tuple(p for n, p in enumerate(pods) if block >> n & 1)
                longer = (*groups, Group(chosen, *self.need(node, chosen)))
                known = made.get(taken | block)
                if known is None or sum(g.nodes for g in longer) < sum(g.nodes for g in known):
                    made[taken | block] = longer
        return made


def _subsets(shapes: int) -> list[int]:
    return list(range(1, 1 << shapes))


def _runs(shapes: int) -> list[int]:
    return [((1 << end) - 1) & ~((1 << start) - 1) for start in range(shapes) for end in range(start + 1, shapes + 1)]


def _need(node: Room, pods: Pods) -> Need:
    nodes, exact = 0, True
    for n, (pod, _) in enumerate(pods):
        others = tuple((shape, count - (m == n)) for m, (shape, count) in enumerate(pods))
        blocked = _blocked(node, pod, others)
        if blocked.nodes + 1 > nodes:
            nodes, exact = blocked.nodes + 1, blocked.exact
        elif blocked.nodes + 1 == nodes:
            exact |= blocked.exact
    return Need(nodes, exact)


def _blocked(node: Room, pod: Room, others: Pods) -> Need:
    """On how many nodes at once the others can be in the way of the pod, at most."""
    present = tuple((shape, count) for shape, count in others if count and any(shape))
    if not present:
        return Need(0, True)
    if len(present) == 1 and present[0][0] == pod:
        return Need(present[0][1] // _copies(node, pod), True)
    patterns = _patterns(node, pod, present)
    if patterns is not None and prod(count + 1 for _, count in present) * max(1, len(patterns)) <= MOST_STATES:
        return Need(_most(patterns, tuple(count for _, count in present)), True)
    return Need(_bound(node, pod, present), False)


def _copies(node: Room, pod: Room) -> int:
    """How many pods of one shape a node holds."""
    return min(have // take for have, take in zip(node, pod, strict=True) if take)


def _patterns(node: Room, pod: Room, others: Pods) -> list[tuple[int, ...]] | None:
    """What on one node is in the way of the pod, as counts by shape; None if that takes long to list."""
    found: list[tuple[int, ...]] = []
    room = Room(*(have - take for have, take in zip(node, pod, strict=True)))
    stack: list[tuple[tuple[int, ...], Room]] = [((), Room(0, 0, 0))]
    steps = 0
    while stack:
        steps += 1
        if steps > MOST_STEPS:
            return None
        counts, load = stack.pop()
        if not fits(load, room):
            # What more there is on the node only uses up pods.
            found.append(counts + (0,) * (len(others) - len(counts)))
        elif len(counts) < len(others):
            shape, available = others[len(counts)]
            for count in range(available + 1):
                more = Room(*(have + take * count for have, take in zip(load, shape, strict=True)))
                if not fits(more, node):
                    break
                stack.append(((*counts, count), more))
                if not fits(more, room):
                    break
    return _minimal(found)


def _minimal(patterns: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    kept: list[tuple[int, ...]] = []
    for pattern in sorted(patterns, key=lambda p: (sum(p), p)):
        if not any(all(a <= b for a, b in zip(less, pattern, strict=True)) for less in kept):
            kept.append(pattern)
    return kept


def _most(patterns: list[tuple[int, ...]], counts: tuple[int, ...]) -> int:
    """How many patterns the counts make up at most."""
    layer = {counts: 0}
    for pattern in patterns:
        following: dict[tuple[int, ...], int] = {}
        for left, made in layer.items():
            times = min(have // take for have, take in zip(left, pattern, strict=True) if take)
            for n in range(times + 1):
                rest = tuple(have - take * n for have, take in zip(left, pattern, strict=True))
                following[rest] = max(following.get(rest, 0), made + n)
        layer = following
    return max(layer.values())


def _bound(node: Room, pod: Room, others: Pods) -> int:
    """No more nodes than that: a pod costs the largest share that it is of what must be on a node to be in the way.

    Loads are multiples of the greatest common divisor of what they consist of.
    """
    least: list[int] = []
    for d in range(3):
        unit = gcd(*(shape[d] for shape, _ in others))
        least.append(-(-(node[d] - pod[d] + 1) // unit) * unit if unit else 0)
    scale = prod(amount for amount in least if amount)
    costs = (max(shape[d] * scale // least[d] for d in range(3) if least[d]) * count for shape, count in others)
    return sum(costs) // scale if others else 0
