"""Other values that a read could have given: from its field's type, from the fleet, near and far, first and last in
order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fleetc.language.schema import Items, Scalar, Schema, Table
from fleetc.source.span import Path

_QUANTITY = re.compile(r"([0-9.]+)([A-Za-z]*)")
_NUMBER = re.compile(r"[0-9]+")
_MINORS = tuple(f"1.{minor}" for minor in range(30, 40))
_SAMPLES = (
    "a",
    "zz",
    "0",
    "x1",
    "10.99.0.0/16",
    "fd00:9::/48",
    "8443",
    "8443/UDP",
    "7000-7010",
    "a.example",
    "zz.example:1",
)
_LIMIT = 24


class Change(NamedTuple):
    """One experiment: the inner path of the unit within the read value, and the value to read instead."""

    unit: Path
    value: Any


def scalars(schema: Schema | None, value: Any, others: Iterable[Any]) -> list[Any]:
    """Other scalars that the field may hold; `others` are tried when they are of the field's type."""
    candidates = itertools.chain(_by_type(schema, value), others)
    seen, out = {repr(value)}, list[Any]()
    for candidate in candidates:
        if repr(candidate) in seen or not allowed(schema, candidate, value):
            continue
        seen.add(repr(candidate))
        out.append(candidate)
        if len(out) >= _LIMIT:
            break
    return out


def allowed(schema: Schema | None, candidate: Any, value: Any) -> bool:
    """Whether a field could hold `candidate` in a valid spec."""
    if not isinstance(schema, Scalar):
        return value is None or type(candidate) is type(value)
    if type(candidate) is not schema.type:
        return False
    if schema.choices:
        return candidate in schema.choices
    if schema.text is not None:
        return schema.text.accepts(candidate)
    return schema.range is None or schema.range.low <= candidate <= schema.range.high


def _by_type(schema: Schema | None, value: Any) -> Iterator[Any]:
    if isinstance(schema, Scalar) and schema.choices:
        yield from schema.choices
        return
    kind = schema.type if isinstance(schema, Scalar) else type(value)
    if kind is bool:
        yield from (True, False)
    elif kind is int:
        yield from _integers(value if type(value) is int else 1)
    elif kind is str:
        yield from _strings(value if type(value) is str else "a")


def _integers(value: int) -> Iterator[int]:
    yield from (value + 1, value - 1, 0, 1, value * 2 + 7, value // 2, value * 1000 + 1000, -value)


def _strings(value: str) -> Iterator[str]:
    if value in _MINORS:
        yield from _MINORS
    number = _QUANTITY.fullmatch(value)
    if number and number[1].strip("."):
        whole = number[1].partition(".")[0] or "0"
        yield from (
            f"{int(whole) + 1}{number[2]}",
            f"{int(whole) * 2 + 1}{number[2]}",
            f"1{number[2]}",
            f"{int(whole) * 1000}{number[2]}",
        )
    for match in _NUMBER.finditer(value):
        yield f"{value[: match.start()]}{int(match[0]) + 1}{value[match.end() :]}"
        yield f"{value[: match.start()]}{max(int(match[0]) - 1, 0)}{value[match.end() :]}"
    yield from (f"{value}x", f"0{value}", f"zz{value}", f"{value[:-1]}", f"{value}.x")
    yield from _SAMPLES


def changes(schema: Schema | None, value: Any, others: tuple[Any, ...], *, optional: bool = False) -> Iterator[Change]:
    """Every experiment on one read value. Keys of keyed lists are dropped and reordered, never renamed."""
    if optional and value is not None:
        yield Change((), None)
    if isinstance(value, tuple):
        yield from _tuple(schema, value, others)
    elif isinstance(value, Mapping):
        yield from _mapping(schema, value, others)
    else:
        for other in scalars(schema, value, others):
            yield Change((), other)


def _tuple(schema: Schema | None, value: tuple[Any, ...], others: tuple[Any, ...]) -> Iterator[Change]:
    for n, item in enumerate(value):
        rest = (*value[:n], *value[n + 1 :])
        # A keyed list's items are told by their keys, a plain list's by their positions: that is how origins are found.
        step: Path = (n,) if isinstance(schema, Items) else (item,)
        yield Change(step, rest)
        if rest:
            yield Change(step, (*rest, item) if n < len(rest) else (item, *rest))
        if isinstance(schema, Items):
            for other in scalars(schema.item, item, (*value, *others)):
                yield Change(step, (*value[:n], other, *value[n + 1 :]))
    if isinstance(schema, Items):
        for other in scalars(schema.item, None, others)[:6]:
            if other not in value:
                yield Change((), (*value, other))
                yield Change((), (other, *value))


def _mapping(schema: Schema | None, value: Mapping[str, Any], others: tuple[Any, ...]) -> Iterator[Change]:
    inner = schema.value if isinstance(schema, Table) else None
    for key, item in value.items():
        yield Change((key,), {k: v for k, v in value.items() if k != key})
        for change in (
            changes(inner, item, others if isinstance(item, str | int) else ())
            if not _nested(item)
            else _nested_changes(item)
        ):
            yield Change((key, *change.unit), {**value, key: change.value})
    if isinstance(schema, Table):
        name, samples = "zz.example/added", scalars(inner, None, others)[:2]
        for sample in samples:
            yield Change((), {**value, name: sample})


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def _nested_changes(value: Any) -> Iterator[Change]:
    """Experiments inside free-form data: every leaf changed, every entry dropped."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield Change((key,), {k: v for k, v in value.items() if k != key})
            for change in _nested_changes(item):
                yield Change((key, *change.unit), {**value, key: change.value})
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield Change((n,), [*value[:n], *value[n + 1 :]])
            for change in _nested_changes(item):
                yield Change((n, *change.unit), [*value[:n], change.value, *value[n + 1 :]])
    else:
        for other in scalars(None, value, ())[:3]:
            yield Change((), other)
