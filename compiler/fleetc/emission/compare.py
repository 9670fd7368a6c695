"""Two results of a lowering compared leaf by leaf: what changed its value, what went, what moved its place, what is
new."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from fleetc.source.span import Path

How = Literal["value", "presence", "order"]
Moved = dict[Path, How]
"""How each leaf or container of the base moved; a path that ends in `+` says that something appears there."""

APPEARS = "+"
_RANK: dict[How, int] = {"value": 0, "presence": 1, "order": 2}


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The leaves of JSON-like data; an empty container is one."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list | tuple) and value:
        for n, item in enumerate(value):
            yield from leaves(item, (*path, n))
    else:
        yield path, value


def nodes(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all leaves and containers."""
    yield path
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from nodes(item, (*path, key))
    elif isinstance(value, list | tuple):
        for n, item in enumerate(value):
            yield from nodes(item, (*path, n))


def compare(base: Any, other: Any, path: Path, out: Moved) -> None:
    """Note in `out` how what stands in `base` moved in `other`."""
    if base is other:
        return
    if isinstance(base, Mapping) and isinstance(other, Mapping):
        _mappings(base, other, path, out)
    elif isinstance(base, list | tuple) and isinstance(other, list | tuple):
        compare_lists(base, other, path, out, key_of=item_key)
    elif type(base) is not type(other) or base != other:
        if isinstance(base, Mapping | list | tuple):
            gone(base, path, out)
        note(out, path, "value")


def _mappings(base: Mapping[str, Any], other: Mapping[str, Any], path: Path, out: Moved) -> None:
    for key, value in base.items():
        if key in other:
            compare(value, other[key], (*path, key), out)
        else:
            gone(value, (*path, key), out)
    if any(key not in base for key in other):
        note(out, (*path, APPEARS), "value")
    common = [k for k in base if k in other]
    for was, now in zip(common, [k for k in other if k in base], strict=True):
        if was != now:
            # The order of keys is bytes too: the keys that swapped places have moved.
            gone(base[was], (*path, was), out, "order")


def compare_lists(
    base: Sequence[Any], other: Sequence[Any], path: Path, out: Moved, key_of: Callable[[Any], Any]
) -> None:
    """Items are paired by key, else by content; items that only swapped places have moved in order."""
    pairs, lost, new = _align(base, other, key_of)
    ordered = sorted(pairs)
    longest = _increasing([j for _, j in ordered])
    for (i, j), keeps in zip(ordered, longest, strict=True):
        compare(base[i], other[j], (*path, i), out)
        if not keeps:
            gone(base[i], (*path, i), out, "order")
    for i in lost:
        gone(base[i], (*path, i), out)
    if new:
        note(out, (*path, APPEARS), "value")


def _increasing(numbers: Sequence[int]) -> list[bool]:
    """Which items can stay in place when the rest is moved: those of a longest increasing run."""
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


def _align(
    base: Sequence[Any], other: Sequence[Any], key_of: Callable[[Any], Any]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    ours, theirs = [key_of(x) for x in base], [key_of(x) for x in other]
    pairs: list[tuple[int, int]] = []
    for match in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        pairs += [(match.a + n, match.b + n) for n in range(match.size)]
    taken, used = {i for i, _ in pairs}, {j for _, j in pairs}
    lost = [i for i in range(len(base)) if i not in taken]
    new = [j for j in range(len(other)) if j not in used]
    for i in list(lost):
        same = next((j for j in new if theirs[j] == ours[i]), None)
        if same is not None:
            pairs.append((i, same))
            lost.remove(i)
            new.remove(same)
    if len(lost) == len(new):
        # As many went as came: they were renamed, or changed in place.
        pairs += zip(lost, new, strict=True)
        lost, new = [], []
    return pairs, lost, new


def item_key(item: Any) -> str:
    """What tells an item of a list from the others: its name where it has one, else its content."""
    if isinstance(item, Mapping):
        metadata = item.get("metadata")
        if isinstance(metadata, Mapping) and "kind" in item:
            return repr((item.get("kind"), metadata.get("namespace"), metadata.get("name")))
        if "name" in item:
            return repr((item.get("kind"), item["name"]))
    return repr(item)


def gone(value: Any, path: Path, out: Moved, how: How = "presence") -> None:
    """Everything below `path` went, or moved."""
    for inner in nodes(value, path):
        note(out, inner, how)


def note(out: Moved, path: Path, how: How) -> None:
    """Note a move; the strongest kind stays."""
    was = out.get(path)
    if was is None or _RANK[how] < _RANK[was]:
        out[path] = how
