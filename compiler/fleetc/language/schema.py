"""A kind's declaration as data: what the normaliser and the decoder walk, made once from the class."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from fleetc.language.record import Record, field_names
from fleetc.language.types import Key, Node, Part, Range, Text, Whole
from fleetc.tuples import NamedTuple


class Scalar(NamedTuple):
    """A string, integer or boolean; `choices` when only these values are allowed."""

    type: type
    choices: tuple[str, ...] = ()
    text: Text | None = None
    range: Range | None = None


class Struct(NamedTuple):
    """A part: `fields` by their name in YAML, with the name of the attribute."""

    cls: type[Part]
    fields: dict[str, Field]
    key: str | None


class Items(NamedTuple):
    """A list of scalars; it is replaced whole by a stronger layer."""

    item: Scalar


class Keyed(NamedTuple):
    """A list of parts told apart by a key; in canonical form a mapping from key to item, merged by key."""

    item: Struct


class Json(Record):
    """Any JSON-like mapping, carried as it is."""


class Table(NamedTuple):
    """A mapping from string to scalar, or to JSON-like mappings; `whole`: a stronger layer replaces it, instead of
    adding to it."""

    key: Text | None
    value: Scalar | Json
    whole: bool = False


Schema = Scalar | Struct | Items | Keyed | Table | Json


class Field(NamedTuple):
    """One field of a part. An optional field without a value is None; lists, mappings and parts are empty."""

    attribute: str
    schema: Schema
    optional: bool

    @property
    def required(self) -> bool:
        """Whether some layer must give a value."""
        return not self.optional and isinstance(self.schema, Scalar)


def camel(name: str) -> str:
    """`pod_security` as it is written in YAML: `podSecurity`. `pass_` is `pass`, which Python keeps for itself."""
    return re.sub(r"_(.)", lambda m: m[1].upper(), name.rstrip("_"))


_MADE: dict[type[Part], Struct] = {}


def struct_of(cls: type[Part]) -> Struct:
    """The schema of a part. A node's own `id`, `name` and `labels` come from its metadata, not from its fields."""
    if cls not in _MADE:
        _MADE[cls] = _struct(cls)
    return _MADE[cls]


def _struct(cls: type[Part]) -> Struct:
    hints = typing.get_type_hints(cls, include_extras=True)
    skip = {"id", "name", "labels"} if issubclass(cls, Node) else set[str]()
    names = [name for name in field_names(cls) if name not in skip]
    return Struct(cls, {camel(n): _field(n, hints[n]) for n in names}, cls.KEY)


def _field(name: str, hint: Any) -> Field:
    bare, extras = _strip(hint)
    if get_origin(bare) in (typing.Union, types.UnionType):
        inner = [a for a in get_args(bare) if a is not types.NoneType]
        assert len(inner) == 1, f"{name}: one type or None"
        return Field(name, _schema(inner[0]), optional=True)
    return Field(name, _schema(hint), optional=False) if extras else Field(name, _schema(bare), optional=False)


def _strip(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return (get_args(hint)[0], hint.__metadata__) if get_origin(hint) is Annotated else (hint, ())


def _schema(hint: Any) -> Schema:
    bare, extras = _strip(hint)
    origin, arguments = get_origin(bare), get_args(bare)
    if origin is Literal:
        return Scalar(str, choices=arguments)
    if bare in (str, int, bool):
        return _scalar(bare, extras)
    if origin is tuple:
        item = _schema(arguments[0])
        if isinstance(item, Struct):
            assert item.key, f"{item.cls.__name__} has no KEY"
            return Keyed(item)
        assert isinstance(item, Scalar), bare
        return Items(item)
    if origin is not None and issubclass(origin, Mapping):
        if arguments[1] is Any:
            return Json()
        value = _schema(arguments[1])
        assert isinstance(value, Scalar | Json), bare
        key = next((e.text for e in extras if isinstance(e, Key)), None)
        return Table(key, value, any(isinstance(e, Whole) for e in extras))
    assert isinstance(bare, type), bare
    assert issubclass(bare, Part), bare
    return struct_of(bare)


def _scalar(bare: type, extras: tuple[Any, ...]) -> Scalar:
    text = next((e for e in extras if isinstance(e, Text)), None)
    limits = next((e for e in extras if isinstance(e, Range)), None)
    return Scalar(bare, text=text, range=limits)


def schema_at(schema: Schema | None, path: tuple[str | int, ...]) -> Schema | None:
    """The schema of what stands at a canonical path below `schema`; None inside free-form data."""
    for step in path:
        match schema:
            case Struct():
                found = schema.fields.get(str(step))
                schema = found.schema if found else None
            case Keyed() | Items():
                schema = schema.item
            case Table():
                schema = schema.value
            case _:
                return None
    return schema
