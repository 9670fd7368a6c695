"""Whether an object has a part that a test expects of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.language.expectation import Written
from fleetc.source.span import Path, render_path
from fleetc.tuples import NamedTuple

_MOST: Final = 80


class Miss(NamedTuple):
    """A place where an object is not as expected: its path there (that of the nearest thing around it, when it is not
    there), what is found and what is expected in words, and where the expectation stands in its document."""

    path: Path
    found: str
    expected: str
    at: Path


def misses(expected: Written, actual: Any, path: Path = ()) -> Iterator[Miss]:
    """Every difference. Of mappings the keys that are expected are compared (null: the key is not there); items of
    lists by `name` where all have one, else one by one."""
    at, value = expected
    if isinstance(value, Mapping) and isinstance(actual, Mapping):
        for key, item in value.items():
            yield from _entry(Written((*at, key), item), actual, path, str(key))
    elif isinstance(value, list) and isinstance(actual, list | tuple):
        yield from _items(expected, actual, path)
    elif type(value) is not type(actual) or value != actual:
        yield Miss(path, f"{render_path(path)} is {_shown(actual)}", _shown(value), at)


def _entry(expected: Written, actual: Mapping[Any, Any], path: Path, key: str) -> Iterator[Miss]:
    here = (*path, key)
    if expected.value is None:
        if key in actual:
            yield Miss(here, f"{render_path(here)} is {_shown(actual[key])}", "nothing there", expected.at)
    elif key not in actual:
        yield Miss(path, f"{render_path(here)} is not there", _shown(expected.value), expected.at)
    else:
        yield from misses(expected, actual[key], here)


def _items(expected: Written, actual: Sequence[Any], path: Path) -> Iterator[Miss]:
    at, value = expected
    if value and _named(value) and _named(actual):
        names = {item["name"]: n for n, item in enumerate(actual)}
        for n, item in enumerate(value):
            if item["name"] in names:
                found = names[item["name"]]
                yield from misses(Written((*at, n), item), actual[found], (*path, found))
            else:
                has = ", ".join(map(str, names)) or "none"
                yield Miss(path, f"{render_path(path)} has {has}", f"an item called {item['name']}", (*at, n))
        return
    if len(value) != len(actual):
        yield Miss(path, f"{render_path(path)} is {_shown(actual)}", f"a list of {len(value)}: {_shown(value)}", at)
        return
    for n, (item, found) in enumerate(zip(value, actual, strict=True)):
        yield from misses(Written((*at, n), item), found, (*path, n))


def _named(items: Sequence[Any]) -> bool:
    return all(isinstance(item, Mapping) and isinstance(item.get("name"), str) for item in items)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST else f"{text[: _MOST - 3]}..."


def closest(alternatives: Sequence[Written], actual: Any) -> list[Miss]:
    """How an object misses the alternative that it is nearest to; empty when it has one of them.

    Where others are missed at that very place, too, what they expect is told with it.
    """
    found = [list(misses(one, actual)) for one in alternatives]
    best = min(found, key=len)
    if len(best) != 1:
        return best
    same = [one[0].expected for one in found if len(one) == 1 and one[0].path == best[0].path]
    return [best[0]._replace(expected=" or ".join(dict.fromkeys(same)))]
