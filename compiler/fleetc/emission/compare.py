"""Two results of a lowering compared leaf by leaf: what changed its value, what went, what moved its place, what is
new."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from fleetc.emission.align import align, keep_place
from fleetc.emission.texts import opened, parsed
from fleetc.source.span import Path

How = Literal["value", "presence", "order"]
Moved = dict[Path, How]
"""How each leaf or container of the base moved; a path that ends in `+` says that something appears there."""

APPEARS: Final = "+"
RANK: Final[dict[How, int]] = {"value": 0, "presence": 1, "order": 2}
"""A changed value says more than a presence, and that more than an order."""


class Base:
    """A list of objects that many others are compared with."""

    def __init__(self, objects: Sequence[Any]) -> None:
        self.objects: Sequence[Any] = opened(objects)
        self._gone: dict[int, Moved] = {}

    def moved(self, others: Sequence[Any], only: int | None = None) -> Moved:
        """How what stands in the base moved in `others`; with `only`, what stands in the object of that position."""
        if only is not None:
            return self._moved_in(only, others)
        out: Moved = {}

        def went(n: int, how: How) -> None:
            if n not in self._gone:
                self._gone[n] = dict.fromkeys(nodes(self.objects[n], (n,)), "presence")
            if how == "presence":
                out.update(self._gone[n])
            for path in self._gone[n] if how == "order" else ():
                note(out, path, how)

        _lists(self.objects, others, (), out, _identity, went)
        return out

    def _moved_in(self, only: int, others: Sequence[Any]) -> Moved:
        out: Moved = {}
        # How exactly the other objects moved is not asked: equal to Python is the same.
        pairs = align(self.objects, others, _identity, operator.eq)
        keeps = keep_place([pair.other for pair in pairs])
        here = next((n for n, pair in enumerate(pairs) if pair.base == only), None)
        if here is None:
            _gone(self.objects[only], (only,), out, "presence")
            return out
        if not keeps[here]:
            _gone(self.objects[only], (only,), out, "order")
        compare(self.objects[only], others[pairs[here].other], (only,), out)
        return out


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
    """Note in `out` how what stands in `base` moved in `other`, where texts are as they are written: those of the base
    that are documents are opened."""
    if type(other) is str and isinstance(base, dict):
        other = parsed(other)
    if isinstance(base, dict) and isinstance(other, dict):
        _mappings(base, other, path, out)
    elif isinstance(base, list | tuple) and isinstance(other, list | tuple):

        def went(n: int, how: How) -> None:
            _gone(base[n], (*path, n), out, how)

        _lists(base, other, path, out, _name, went)
        _emptied(base, other, path, out)
    elif type(base) is not type(other) or base != other:
        if isinstance(base, dict | list | tuple):
            _gone(base, path, out, "presence")
        note(out, path, "value")


def _mappings(base: dict[str, Any], other: dict[str, Any], path: Path, out: Moved) -> None:
    for key, value in base.items():
        if key not in other:
            _gone(value, (*path, key), out, "presence")
            continue
        now = other[key]
        if value is not now and not (type(value) is type(now) is str and value == now):
            compare(value, now, (*path, key), out)
    ours, theirs = list(base), list(other)
    if ours == theirs:
        return
    if any(key not in base for key in theirs):
        note(out, (*path, APPEARS), "value")
    _emptied(base, other, path, out)
    at = {key: n for n, key in enumerate(theirs)}
    common = [key for key in ours if key in at]
    for key, keeps in zip(common, keep_place([at[key] for key in common]), strict=True):
        if not keeps:
            # The order of keys is bytes too.
            _gone(base[key], (*path, key), out, "order")


def _emptied(base: Any, other: Any, path: Path, out: Moved) -> None:
    """A container that comes to be empty, or was, is a leaf on one side: it is written in another way."""
    if bool(base) != bool(other):
        note(out, path, "value")


def _lists(
    base: Sequence[Any],
    other: Sequence[Any],
    path: Path,
    out: Moved,
    keys_of: Callable[[Any], tuple[str, ...]],
    went: Callable[[int, How], None],
) -> None:
    """Items are paired by what tells them apart, else by content; those that only swapped places have moved in
    order."""
    pairs = align(base, other, keys_of)
    for pair, keeps in zip(pairs, keep_place([pair.other for pair in pairs]), strict=True):
        if not pair.same:
            compare(base[pair.base], other[pair.other], (*path, pair.base), out)
        if not keeps:
            went(pair.base, "order")
    if len(pairs) < len(base):
        paired = {pair.base for pair in pairs}
        for n in range(len(base)):
            if n not in paired:
                went(n, "presence")
    if len(pairs) < len(other):
        note(out, (*path, APPEARS), "value")


def _identity(item: Any) -> tuple[str, ...]:
    """What tells an object from others, the strongest first: all of its identity, then what a rename leaves."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(metadata, dict):
        return _name(item)
    kind, namespace, name = _text(item.get("kind")), _text(metadata.get("namespace")), _text(metadata.get("name"))
    return f"{kind} {namespace}/{name}", f"{kind} /{name}", f"{kind} {namespace}/", kind


def _name(item: Any) -> tuple[str, ...]:
    """What tells an item of a list from others, besides its content: its name where it has one."""
    name = item.get("name") if isinstance(item, dict) else None
    return (f"{_text(item.get('kind'))} {name}",) if isinstance(name, str) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _gone(value: Any, path: Path, out: Moved, how: How) -> None:
    """Everything below `path` went, or moved."""
    for inner in nodes(value, path):
        note(out, inner, how)


def note(out: Moved, path: Path, how: How) -> None:
    """Note a move; the strongest kind stays."""
    was = out.get(path)
    if was is None or RANK[how] < RANK[was]:
        out[path] = how
