"""Which items of two lists are the same item: what makes a difference between lists readable."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from fleetc.tuples import NamedTuple


class Pair(NamedTuple):
    """An item of the base and of the other list, by position, and whether nothing in it differs."""

    base: int
    other: int
    same: bool


def same(one: Any, two: Any) -> bool:
    """Whether two values are written with the same bytes: `1`, `true` and `1.0` are equal to Python, and so are
    mappings in another order."""
    if one is two:
        return True
    cls = type(one)
    if cls is not type(two):
        return False
    if cls is dict:
        if len(one) != len(two):
            return False
        for (key, value), (key_two, value_two) in zip(one.items(), two.items(), strict=True):
            if key != key_two or (value is not value_two and not same(value, value_two)):
                return False
        return True
    if cls is list or cls is tuple:
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two)


def align(
    base: Sequence[Any],
    other: Sequence[Any],
    keys_of: Callable[[Any], tuple[str, ...]],
    alike: Callable[[Any, Any], bool] = same,
) -> list[Pair]:
    """Pairs in the order of the base: by what tells items apart, by content, by what a rename leaves; at last, when as
    many went as came, one for one."""
    most = min(len(base), len(other))
    start = next((n for n in range(most) if not alike(base[n], other[n])), most)
    end = next((n for n in range(most - start) if not alike(base[-1 - n], other[-1 - n])), most - start)
    out = [Pair(n, n, True) for n in range(start)]
    left = _Left(list(range(start, len(base) - end)), list(range(start, len(other) - end)), [])
    if left.base and left.other:
        _pair(left, base, other, keys_of)
        out += [Pair(a, b, False) for a, b in sorted(left.pairs)]
    return out + [Pair(len(base) - n, len(other) - n, True) for n in range(end, 0, -1)]


Keys = dict[int, str | None]


class _Left(NamedTuple):
    """Positions that are not paired yet, and pairs."""

    base: list[int]
    other: list[int]
    pairs: list[tuple[int, int]]

    def take(self, ours: Keys, theirs: Keys, *, equal_numbers: bool) -> None:
        """Pair those that have one key (None: no key). With `equal_numbers`, only where both have as many of a key."""
        if not self.base or not self.other:
            return
        keys = [ours[i] for i in self.base], [theirs[j] for j in self.other]
        found = [(self.base[a], self.other[b]) for a, b in _match(*keys, equal_numbers=equal_numbers)]
        self.pairs.extend(found)
        taken, used = {i for i, _ in found}, {j for _, j in found}
        self.base[:] = [i for i in self.base if i not in taken]
        self.other[:] = [j for j in self.other if j not in used]


def _pair(left: _Left, base: Sequence[Any], other: Sequence[Any], keys_of: Callable[[Any], tuple[str, ...]]) -> None:
    ours, theirs = {n: keys_of(base[n]) for n in left.base}, {n: keys_of(other[n]) for n in left.other}
    if len(left.base) == len(left.other):
        one_way = list(ours.values())
        if one_way == list(theirs.values()) and () not in one_way and len(set(one_way)) == len(one_way):
            left.pairs.extend(zip(left.base, left.other, strict=True))
            return
    depth = max(len(keys) for keys in (*ours.values(), *theirs.values()))
    left.take(_level(ours, 0), _level(theirs, 0), equal_numbers=False)
    left.take({n: repr(base[n]) for n in left.base}, {n: repr(other[n]) for n in left.other}, equal_numbers=False)
    for level in range(1, depth):
        left.take(_level(ours, level), _level(theirs, level), equal_numbers=True)
    if len(left.base) == len(left.other) and depth <= 1:
        left.pairs.extend(zip(left.base, left.other, strict=True))


def _level(keys: dict[int, tuple[str, ...]], level: int) -> Keys:
    return {n: k[level] if level < len(k) else None for n, k in keys.items()}


def _match(ours: list[str | None], theirs: list[str | None], *, equal_numbers: bool) -> list[tuple[int, int]]:
    places: dict[str, list[int]] = {}
    for n, key in enumerate(theirs):
        if key is not None:
            places.setdefault(key, []).append(n)
    counts = Counter(ours)
    if equal_numbers:
        places = {key: there for key, there in places.items() if counts[key] == len(there)}
    elif any(counts[key] and counts[key] + len(there) > 2 for key, there in places.items()):
        # Equal items: which of them went shows in the order of the others.
        return _by_order(ours, theirs)
    return [(n, places[key].pop(0)) for n, key in enumerate(ours) if key is not None and places.get(key)]


def _by_order(ours: list[str | None], theirs: list[str | None]) -> list[tuple[int, int]]:
    blocks = difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    pairs = [(b.a + n, b.b + n) for b in blocks for n in range(b.size) if ours[b.a + n] is not None]
    taken, used = {a for a, _ in pairs}, {b for _, b in pairs}
    rest = [n for n in range(len(theirs)) if n not in used]
    for a, key in enumerate(ours):
        found = next((n for n in rest if theirs[n] == key), None) if a not in taken and key is not None else None
        if found is not None:
            pairs.append((a, found))
            rest.remove(found)
    return pairs


def keep_place(numbers: Sequence[int]) -> list[bool]:
    """Which items can stay in place when the rest is moved: those of a longest increasing run."""
    if all(map(int.__lt__, numbers, numbers[1:])):
        return [True] * len(numbers)
    best: list[tuple[int, int]] = []
    for n, number in enumerate(numbers):
        before = [(best[m][0], -m) for m in range(n) if numbers[m] < number]
        length, back = max(before, default=(0, 1))
        best.append((length + 1, -back))
    keep = [False] * len(numbers)
    at = max(range(len(numbers)), key=lambda n: best[n][0], default=-1)
    while at >= 0:
        keep[at] = True
        at = best[at][1]
    return keep
