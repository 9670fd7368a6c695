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
from typing import Final

from fleetc.plan.placement.model import Room
from fleetc.tuples import NamedTuple

Pods = tuple[tuple[Room, int], ...]
"""How many pods of each shape, in the order of shapes, each shape once."""


class Limits(NamedTuple):
    """How far the worst case is searched: counts of pods times patterns; steps to list patterns; and shapes (above, the
    bound is taken, and of the ways to keep shapes apart those where neighbours by size stay together)."""

    states: int
    steps: int
    shapes: int


THOROUGH: Final = Limits(20_000, 2_000, 6)
QUICK: Final = Limits(400, 100, 3)
"""Where pools are many. It may need a node more; whatever it finds holds as well."""


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

    def __init__(self, limits: Limits = THOROUGH) -> None:
        self.limits = limits
        self._needs: dict[tuple[Room, Pods], Need] = {}
        self._always: dict[tuple[Room, Pods, int], bool] = {}
        self._patterns: dict[tuple[Room, Room, Pods], list[tuple[int, ...]] | None] = {}

    def need(self, node: Room, pods: Pods) -> Need:
        """The nodes that pods, each of which fits an empty node, need when they share them."""
        node, pods = _binding(node, pods)
        known = self._needs.get((node, pods))
        if known is None:
            known = self._needs[node, pods] = self._need(node, pods)
        return known

    def always(self, node: Room, pods: Pods, nodes: int) -> bool:
        """Whether `groups` finds a way."""
        key = (node, pods, nodes)
        known = self._always.get(key)
        if known is None:
            # The bound is cheap, and mostly enough.
            known = _may_fit(node, pods, nodes) and (
                _bounded(*_binding(node, pods)) <= nodes or self._grouped(node, pods, nodes) is not None
            )
            self._always[key] = known
        return known

    def groups(self, node: Room, pods: Pods, nodes: int) -> tuple[Group, ...] | None:
        """How pods share `nodes` nodes so that each always finds room: in as few groups as possible, then on as few
        nodes as possible; None if there is no way. The group of the smallest pods comes first."""
        if not pods:
            return ()
        return self._grouped(node, pods, nodes) if _may_fit(node, pods, nodes) else None

    def _grouped(self, node: Room, pods: Pods, nodes: int) -> tuple[Group, ...] | None:
        together = self.need(node, pods)
        if together.nodes <= nodes:
            return (Group(pods, *together),)
        alike = _alike(node, pods, self.limits.shapes)
        blocks = _subsets(len(alike)) if len(alike) <= self.limits.shapes else _runs(len(alike))
        groups = {
            block: self._group(node, tuple(p for n, of in enumerate(alike) if block >> n & 1 for p in of))
            for block in blocks
        }
        best: dict[int, tuple[Group, ...]] = {0: ()}
        for _ in alike:
            best = _one_more(best, groups, nodes)
            found = best.get((1 << len(alike)) - 1)
            if found is not None:
                return found
        return None

    def _group(self, node: Room, pods: Pods) -> Group:
        chosen = tuple(sorted(pods))
        return Group(chosen, *self.need(node, chosen))

    def _need(self, node: Room, pods: Pods) -> Need:
        nodes, exact = 0, True
        for n, (pod, _) in enumerate(pods):
            others = tuple((shape, count - (m == n)) for m, (shape, count) in enumerate(pods))
            blocked = self._blocked(node, pod, tuple((shape, count) for shape, count in others if count and any(shape)))
            if blocked.nodes + 1 > nodes:
                nodes, exact = blocked.nodes + 1, blocked.exact
            elif blocked.nodes + 1 == nodes:
                exact |= blocked.exact
        return Need(nodes, exact)

    def _blocked(self, node: Room, pod: Room, others: Pods) -> Need:
        """On how many nodes at once the others can be in the way of the pod, at most."""
        if not others:
            return Need(0, True)
        if len(others) == 1 and others[0][0] == pod:
            return Need(others[0][1] // _copies(node, pod), True)
        states = prod(count + 1 for _, count in others)
        if len(others) <= self.limits.shapes and states <= self.limits.states:
            patterns = self._in_the_way(node, pod, others)
            if patterns is not None and states * max(1, len(patterns)) <= self.limits.states:
                return Need(_most(patterns, tuple(count for _, count in others)), True)
        return Need(_bound(node, pod, others), False)

    def _in_the_way(self, node: Room, pod: Room, others: Pods) -> list[tuple[int, ...]] | None:
        """The patterns; more pods of a shape than a node holds make no others."""
        capped = tuple((shape, min(count, _copies(node, shape))) for shape, count in others)
        key = (node, pod, capped)
        if key not in self._patterns:
            self._patterns[key] = _patterns(node, pod, capped, self.limits.steps)
        return self._patterns[key]


def _may_fit(node: Room, pods: Pods, nodes: int) -> bool:
    """Whether each pod fits an empty node, and all of them by numbers."""
    for d in range(3):
        if sum(pod[d] * count for pod, count in pods) > node[d] * nodes:
            return False
    return all(fits(pod, node) for pod, _ in pods)


def _one_more(best: dict[int, tuple[Group, ...]], groups: dict[int, Group], nodes: int) -> dict[int, tuple[Group, ...]]:
    """For each set of shapes the fewest nodes in one group more than `best` has, if these are no more than `nodes`."""
    made: dict[int, tuple[Group, ...]] = {}
    totals: dict[int, int] = {}
    for taken, before in best.items():
        first = ~taken & (taken + 1)
        spent = sum(g.nodes for g in before)
        for block, group in groups.items():
            # The first shape that is left opens the next group, so that no partition is met twice.
            if not block & first or block & taken or spent + group.nodes > nodes:
                continue
            if spent + group.nodes < totals.get(taken | block, nodes + 1):
                totals[taken | block] = spent + group.nodes
                made[taken | block] = (*before, group)
    return made


def _binding(node: Room, pods: Pods) -> tuple[Room, Pods]:
    """The same question without what never binds; pods that differ in nothing else are of one shape then."""
    dimensions = _dimensions(node, pods)
    if len(dimensions) == 3:
        return node, pods
    counts: dict[Room, int] = {}
    for pod, count in pods:
        kept = _only(pod, dimensions)
        counts[kept] = counts.get(kept, 0) + count
    return _only(node, dimensions), tuple(sorted(counts.items()))


def _dimensions(node: Room, pods: Pods) -> list[int]:
    """What may bind: where every pod takes no more of one resource than of another, in shares of a node, whatever fits
    by the other fits by the one."""
    left = [0, 1, 2]
    for d in (2, 1, 0):
        if any(e != d and all(pod[d] * node[e] <= pod[e] * node[d] for pod, _ in pods) for e in left):
            left.remove(d)
    return left


def _only(room: Room, dimensions: list[int]) -> Room:
    return Room(*(room[d] if d in dimensions else 0 for d in range(3)))


def _alike(node: Room, pods: Pods, most: int) -> list[Pods]:
    """What is kept apart or together. Where shapes are many, those that differ in what never binds are together."""
    if len(pods) <= most:
        return [(one,) for one in pods]
    dimensions = _dimensions(node, pods)
    same: dict[Room, list[tuple[Room, int]]] = {}
    for pod, count in pods:
        same.setdefault(_only(pod, dimensions), []).append((pod, count))
    return [tuple(same[kept]) for kept in sorted(same)]


def _subsets(shapes: int) -> list[int]:
    return list(range(1, 1 << shapes))


def _runs(shapes: int) -> list[int]:
    return [((1 << end) - 1) & ~((1 << start) - 1) for start in range(shapes) for end in range(start + 1, shapes + 1)]


def _bounded(node: Room, pods: Pods) -> int:
    """The nodes that always suffice by the bound alone."""
    if len(pods) == 1:
        ((pod, count),) = pods
        return -(-count // _copies(node, pod)) if any(pod) else 1
    return 1 + max(
        _bound(node, pod, tuple((shape, count - (m == n)) for m, (shape, count) in enumerate(pods) if any(shape)))
        for n, (pod, _) in enumerate(pods)
    )


def _copies(node: Room, pod: Room) -> int:
    """How many pods of one shape a node holds."""
    return min(have // take for have, take in zip(node, pod, strict=True) if take)


def _patterns(node: Room, pod: Room, others: Pods, most: int) -> list[tuple[int, ...]] | None:
    """What on one node is in the way of the pod, as counts by shape; None if that takes long to list."""
    found: list[tuple[int, ...]] = []
    room = Room(*(have - take for have, take in zip(node, pod, strict=True)))
    stack: list[tuple[tuple[int, ...], Room]] = [((), Room(0, 0, 0))]
    steps = 0
    while stack:
        steps += 1
        if steps > most:
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
