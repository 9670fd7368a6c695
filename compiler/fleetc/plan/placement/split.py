"""Replicas over clusters, by weight."""

from __future__ import annotations

from collections.abc import Sequence


def split(total: int, weights: Sequence[int], floors: Sequence[int]) -> tuple[int, ...]:
    """`total` by weight with the largest remainder, each at least its floor (floors sum to `total` at most).

    Ties go to the earlier one. What a floor adds is taken from whoever is furthest above its own floor.
    """
    whole = sum(weights)
    made = [total * w // whole for w in weights]
    by_remainder = sorted(range(len(made)), key=lambda n: (-(total * weights[n] % whole), n))
    for n in by_remainder[: total - sum(made)]:
        made[n] += 1
    made = [max(count, floor) for count, floor in zip(made, floors, strict=True)]
    for _ in range(sum(made) - total):
        n = max(range(len(made)), key=lambda n: (made[n] - floors[n], -n))
        made[n] -= 1
    return tuple(made)


def shares(least: int, most: int, weights: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The least and most replicas of each cluster. None is left out while there is a replica for each."""
    one = [1 if least >= len(weights) else 0] * len(weights)
    promised = split(least, weights, one)
    return tuple(zip(promised, split(most, weights, promised), strict=True))
