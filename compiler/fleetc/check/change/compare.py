"""Two states of one object: every difference, so that the old one with all of them made is the new one."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fleetc.check.change.model import Key, Place, Value
from fleetc.check.change.normal import is_quantity, is_set, same_members, same_quantity

_TOLD_APART: Final = ("name", "mountPath", "containerPort", "port", "key", "type", "topologyKey")
"""Fields by which the items of a list are told apart, the most telling first."""


def values(before: Any, after: Any, path: Place = ()) -> Iterator[Value]:
    """The differences of plain data. A mapping that comes or goes is one difference, not one for each leaf."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            here = (*path, name)
            if name not in after:
                yield Value(here, "removed", before[name], None)
            elif name not in before:
                yield Value(here, "added", None, after[name])
            else:
                yield from values(before[name], after[name], here)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    elif not same(before, after):
        yield Value(path, "changed", before, after)


def meant(kind: str, group: str, found: Sequence[Value]) -> list[Value]:
    """The differences that the API server sees: not those of spelling (see `normal`)."""
    return [value for value in found if not _spelling(kind, group, value)]


def applied(before: Any, found: Sequence[Value]) -> Any:
    """The old state with all differences made."""
    made = copy.deepcopy(before)
    for value in found:
        if not value.path:
            made = copy.deepcopy(value.after)
        else:
            _apply(made, value)
    return made


def same(one: Any, two: Any) -> bool:
    """Whether two values are equal: to Python 1, True and 1.0 are; the order of keys is nothing."""
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(item, two[key]) for key, item in one.items())
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    return type(one) is type(two) and bool(one == two)


def _lists(before: list[Any], after: list[Any], path: Place) -> Iterator[Value]:
    if same(before, after):
        return
    field = next((name for name in _TOLD_APART if _keyed(before, name) and _keyed(after, name)), None)
    if field is None:
        mappings = all(isinstance(item, dict) for item in (*before, *after))
        if mappings and len(before) == len(after):
            for n, (one, two) in enumerate(zip(before, after, strict=True)):
                yield from values(one, two, (*path, n))
        else:
            yield Value(path, "changed", before, after)
        return
    ours, theirs = ({str(item[field]): item for item in items} for items in (before, after))
    stay = [key for key in ours if key in theirs]
    for key in dict.fromkeys((*ours, *theirs)):
        here = (*path, Key(field, key))
        if key not in theirs:
            yield Value(here, "removed", ours[key], None)
        elif key not in ours:
            yield Value(here, "added", None, theirs[key])
        else:
            yield from values(ours[key], theirs[key], here)
    put = [*stay, *(key for key in theirs if key not in ours)]
    if put != [*theirs]:
        told = ([{field: theirs[key][field]} for key in keys] for keys in (put, theirs))
        yield Value(path, "reordered", *told)


def _keyed(items: list[Any], field: str) -> bool:
    """Whether all items have a field, and none of them the same value in it; as texts, for a path has texts."""
    found = [item.get(field) if isinstance(item, dict) else None for item in items]
    plain = all(isinstance(value, str | int) and not isinstance(value, bool) for value in found)
    return bool(items) and plain and len(set(map(str, found))) == len(found)


def _spelling(kind: str, group: str, value: Value) -> bool:
    if value.how == "reordered":
        return is_set(kind, value.path)
    if value.how != "changed":
        return False
    if isinstance(value.before, list) and isinstance(value.after, list):
        return is_set(kind, value.path) and same_members(value.before, value.after)
    return is_quantity(group, value.path) and same_quantity(value.before, value.after)


def _apply(made: Any, value: Value) -> None:
    *above, last = value.path
    inside = made
    for step in above:
        inside = inside[_index(inside, step)]
    if value.how == "reordered":
        (field,) = value.after[0]
        order = {str(item[field]): n for n, item in enumerate(value.after)}
        inside[_index(inside, last)].sort(key=lambda item: order[str(item[field])])
    elif value.how == "removed":
        del inside[_index(inside, last)]
    elif value.how == "added" and isinstance(inside, list):
        inside.append(copy.deepcopy(value.after))
    else:
        inside[_index(inside, last)] = copy.deepcopy(value.after)


def _index(inside: Any, step: Any) -> Any:
    if isinstance(step, Key):
        return next(n for n, item in enumerate(inside) if str(item[step.field]) == step.value)
    return step
