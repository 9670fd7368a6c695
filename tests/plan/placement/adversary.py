"""The worst case, played out: every order of arrival and every feasible node. Nothing of the solver is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

Vector = tuple[int, int, int]
Pods = tuple[tuple[Vector, int], ...]


def _under(a: Vector, b: Vector) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True))


def _less(a: Vector, b: Vector) -> Vector:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


@cache
def always(node: Vector, pods: Pods, nodes: int) -> bool:
    """Whether every pod finds a node, whoever comes first and wherever each goes."""
    return _from(tuple([node] * nodes), pods)


@cache
def _from(free: tuple[Vector, ...], pods: Pods) -> bool:
    """Whether all that is left to arrive finds room, from what is free on each node (in descending order)."""
    for n, (pod, count) in enumerate(pods):
        if not count:
            continue
        places = [m for m, room in enumerate(free) if _under(pod, room)]
        if not places:
            return False
        left = (*pods[:n], (pod, count - 1), *pods[n + 1 :])
        for m in places:
            after = sorted((*free[:m], _less(free[m], pod), *free[m + 1 :]), reverse=True)
            if not _from(tuple(after), left):
                return False
    return True


def fewest(node: Vector, pods: Pods, limit: int) -> int | None:
    """The fewest nodes that always suffice when all share them; None above the limit."""
    return next((n for n in range(limit + 1) if always(node, pods, n)), None)


def partitions(items: Sequence[tuple[Vector, int]]) -> Iterator[list[list[tuple[Vector, int]]]]:
    """Every way to divide items into groups."""
    if not items:
        yield []
        return
    for groups in partitions(items[1:]):
        yield [[items[0]], *groups]
        for n in range(len(groups)):
            yield [*groups[:n], [items[0], *groups[n]], *groups[n + 1 :]]


@cache
def can_promise(node: Vector, pods: Pods, nodes: int) -> bool:
    """Whether the nodes can be divided among the shapes so that every pod always finds room."""
    for groups in partitions(pods):
        needs = [fewest(node, tuple(sorted(group)), nodes) for group in groups]
        if all(n is not None for n in needs) and sum(n or 0 for n in needs) <= nodes:
            return True
    return False
