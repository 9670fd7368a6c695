"""Other values that a read could have given: from its field's type, from the fleet, near and far, first and last in
order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fleetc.emission.vary import Copied
from fleetc.language.schema import Items, Json, Keyed, Scalar, Schema, Struct, Table
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_QUANTITY: Final = re.compile(r"([0-9.]+)([A-Za-z]*)")
_NUMBER: Final = re.compile(r"[0-9]+")
_SAMPLES: Final = (
    "",
    "a",
    "zz",
    "0",
    "x1",
    "Zz",
    "10.99.0.0/16",
    "fd00:9::/48",
    "8443",
    "8443/UDP",
    "7000-7010",
    "a.example",
    "*.zz.example",
    "namespace/zz",
    "1Gi",
)
_MOST_NEAR: Final = 6
_MOST_OTHERS: Final = 10
_MOST_FAR: Final = 2
_MOST_SORTS: Final = 8
_MOST_ADDED: Final = 4
_ADDED_KEY: Final = "zz.example/added"

Hints = Mapping[Path, tuple[Any, ...]]
_NO_HINTS: Final[Hints] = {}


class Known(NamedTuple):
    """What is known of a read's field: its schema, whether it may be left out, and what it holds elsewhere in the
    fleet."""

    schema: Schema | None
    optional: bool = False
    values: tuple[Any, ...] = ()


class Change(NamedTuple):
    """One experiment: the inner path of the unit within the read value, and the value to read instead (of a keyed list,
    see `vary.Copied`)."""

    unit: Path
    value: Any


def changes(known: Known, value: Any, hints: Hints = _NO_HINTS) -> Iterator[Change]:
    """Every experiment on one read value; `hints` are scalars to try as well, by their place in it."""
    schema = known.schema
    if known.optional and is_set(value):
        yield Change((), None)
    if isinstance(schema, Keyed):
        yield from _keyed(schema, value, known.values)
    elif isinstance(value, tuple):
        yield from _items(schema, value, known.values, hints)
    elif isinstance(value, Mapping):
        yield from _table(schema, value, hints) if isinstance(schema, Table) else _nested(value)
    elif schema is None or isinstance(schema, Scalar):
        yield from (Change((), x) for x in scalars(schema, value, (*hints.get((), ()), *known.values)))
    elif not is_set(value):
        yield Change((), sample(schema))


def is_set(value: Any) -> bool:
    """Whether a read gave a value at all."""
    return value is not None


def scalars(schema: Schema | None, value: Any, others: Iterable[Any] = ()) -> list[Any]:
    """Other scalars that the field may hold: near ones, some of the `others`, then far ones."""
    near, far = _by_type(schema, value)
    near = list(near)[: None if isinstance(schema, Scalar) and schema.choices else _MOST_NEAR]
    # A text of several sorts, such as a port with or without a protocol: one of each.
    sorts = isinstance(schema, Scalar) and schema.text is not None and "|" in schema.text.pattern
    out: dict[str, Any] = {repr(value): value}
    for candidates, number in ((near, len(near)), (others, _MOST_OTHERS), (far, _MOST_SORTS if sorts else _MOST_FAR)):
        most = len(out) + number
        for candidate in candidates:
            if len(out) < most and allowed(schema, candidate, value):
                out.setdefault(repr(candidate), candidate)
    return list(out.values())[1:]


def allowed(schema: Schema | None, candidate: Any, value: Any) -> bool:
    """Whether a field could hold `candidate` in a valid spec."""
    if not isinstance(schema, Scalar):
        return isinstance(candidate, str) if value is None else type(candidate) is type(value)
    wanted: Any = schema.type
    if type(candidate) is not wanted:
        return False
    if schema.choices:
        return candidate in schema.choices
    if schema.text is not None:
        return schema.text.accepts(candidate)
    return schema.range is None or schema.range.low <= candidate <= schema.range.high


def _by_type(schema: Schema | None, value: Any) -> tuple[Iterable[Any], Iterable[Any]]:
    """Candidates near the value, and far ones."""
    if isinstance(schema, Scalar) and schema.choices:
        return schema.choices, ()
    kind = schema.type if isinstance(schema, Scalar) else type(value) if is_set(value) else str
    if kind is bool:
        return (True, False), ()
    if kind is int:
        # What is planned is divided otherwise only when much more is asked for, and with too much not planned at all.
        return (_integers(value), (value * 16,)) if type(value) is int else ((), _integers(1))
    if kind is float:
        return (0.0, -value, value + 1.0, value / 2, value * 1000.0), ()
    if kind is not str:
        return (), ()
    example = schema.text.example if isinstance(schema, Scalar) and schema.text else ""
    words = [word.strip('",') for word in example.split()]
    return _strings(value) if type(value) is str else (), (*words, *_SAMPLES)


def _integers(value: int) -> Iterator[int]:
    yield from (value + 1, value - 1, 0, 1, value * 2 + 7, value // 2, value * 1000 + 1000, -value)


def _strings(value: str) -> Iterator[str]:
    amount = _QUANTITY.fullmatch(value)
    if amount and amount[1].strip("."):
        whole, unit = int(amount[1].partition(".")[0] or "0"), amount[2]
        yield from (f"{whole + 1}{unit}", f"{whole * 2 + 1}{unit}", f"1{unit}", f"{whole * 1000}{unit}", "0", "1m")
    for match in _NUMBER.finditer(value):
        for number in (int(match[0]) + 1, max(int(match[0]) - 1, 0)):
            yield f"{value[: match.start()]}{number}{value[match.end() :]}"
    yield from (f"{value}x", f"0{value}", f"zz{value}", value[:-1], f"{value}.x", f"{value}{value}{value}")


def sample(schema: Schema) -> Any:
    """Some value of a type; of parts, one in which everything that can be empty is."""
    match schema:
        case Scalar():
            return next(iter(scalars(schema, None)), None)
        case Struct():
            part = object.__new__(schema.cls)
            for field in schema.fields.values():
                part.__dict__[field.attribute] = None if field.optional else sample(field.schema)
            return part
        case Items() | Keyed():
            return ()
        case _:
            return {}


def _items(schema: Schema | None, value: tuple[Any, ...], others: tuple[Any, ...], hints: Hints) -> Iterator[Change]:
    item = schema.item if isinstance(schema, Items) else None
    for n, here in enumerate(value):
        before, after = value[:n], value[n + 1 :]
        yield Change((n,), (*before, *after))
        if len(value) > 1:
            yield Change((n,), _to_other_end(value, n))
        for other in scalars(item, here, (*hints.get((n,), ()), *others)):
            yield Change((n,), (*before, other, *after))
    if len(value) > 1:
        yield Change((), ())
    hinted = [x for place in hints.values() for x in place]
    for other in [x for x in scalars(item, None, (*hinted, *others)) if x not in value][:_MOST_ADDED]:
        yield Change((), (*value, other))
        yield Change((), (other, *value))


def _to_other_end(value: tuple[Any, ...], n: int) -> tuple[Any, ...]:
    rest = (*value[:n], *value[n + 1 :])
    return (*rest, value[n]) if n < len(rest) else (value[n], *rest)


def _keyed(schema: Keyed, keys: tuple[Any, ...], others: tuple[Any, ...]) -> Iterator[Change]:
    """An item dropped, moved, added: the copy of one, or where there is none, the least that one can be. Its name is
    read by itself, and changed there."""
    for n, key in enumerate(keys):
        yield Change((key,), (*keys[:n], *keys[n + 1 :]))
        if len(keys) > 1:
            yield Change((key,), _to_other_end(keys, n))
    if len(keys) > 1:
        yield Change((), ())
    written = _key_schema(schema)
    names = [x for x in scalars(written, None, others) if x not in keys][:_MOST_ADDED] if written else []
    for n, name in enumerate(names):
        if not keys:
            item = sample(schema.item)
            item.__dict__[schema.item.cls.KEY] = name
            yield Change((), (item,))
        else:
            copy = Copied(keys[n % len(keys)], name)
            yield Change((), (*keys, copy))
            yield Change((), (copy, *keys))


def _key_schema(schema: Keyed) -> Scalar | None:
    """The type of the names that people give items; None when an item is told by what is in it."""
    key = next((f.schema for name, f in schema.item.fields.items() if name == schema.item.key), None)
    return key if isinstance(key, Scalar) and key.text is not None else None


def _table(schema: Table, value: Mapping[str, Any], hints: Hints) -> Iterator[Change]:
    for key, item in value.items():
        yield Change((key,), {k: v for k, v in value.items() if k != key})
        if isinstance(schema.value, Json):
            yield from (Change((key, *c.unit), {**value, key: c.value}) for c in _nested(item))
        else:
            for other in scalars(schema.value, item, hints.get((key,), ())):
                yield Change((key,), {**value, key: other})
    if len(value) > 1:
        yield Change((), {})
    for other in scalars(schema.value, None)[:2] if isinstance(schema.value, Scalar) else ({},):
        yield Change((), {**value, _ADDED_KEY: other})


def _nested(value: Any) -> Iterator[Change]:
    """Experiments inside free-form data: every leaf changed, every entry dropped."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield Change((key,), {k: v for k, v in value.items() if k != key})
            for change in _nested(item):
                yield Change((key, *change.unit), {**value, key: change.value})
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield Change((n,), [*value[:n], *value[n + 1 :]])
            for change in _nested(item):
                yield Change((n, *change.unit), [*value[:n], change.value, *value[n + 1 :]])
    else:
        for other in scalars(None, value)[:3]:
            yield Change((), other)
