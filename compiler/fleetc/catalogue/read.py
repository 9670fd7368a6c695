"""Reading a table of the catalogue: its YAML as typed, frozen values, when it is first asked for.

A mistake in a table is ours, never a user's: it raises `ValueError` with the place, and the tests read every table.
"""

from __future__ import annotations

import os
import types
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from fleetc.source.yaml import parse

T = TypeVar("T")


def load(table: str) -> Any:
    """The plain data of `data/<table>.yaml`. Raises ValueError when it is not one sound YAML document."""
    # Not importlib.resources: it costs more than reading a table.
    with open(os.path.join(os.path.dirname(__file__), "data", f"{table}.yaml"), "rb") as file:
        parsed = parse(file.read())
    if parsed.problems or len(parsed.documents) != 1:
        raise ValueError(f"{table}.yaml: {parsed.problems or 'not one document'}")
    return parsed.documents[0].value


def rows(table: str, kind: type[T]) -> tuple[T, ...]:
    """The list that is the whole table, item by item as `kind`. Raises ValueError."""
    return tuple(typed(kind, item, f"{table}[{n}]") for n, item in enumerate(load(table)))


def typed(kind: type[T], value: Any, where: str) -> T:
    """A value of a table as `kind`, a NamedTuple whose fields are written in lowerCamelCase. Raises ValueError."""
    found: T = _typed(kind, value, where)
    return found


def _typed(hint: Any, value: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _typed(next(a for a in args if a is not type(None)), value, where)
    if origin is tuple:
        _expect(isinstance(value, list), "a list", value, where)
        return tuple(_typed(args[0], item, f"{where}[{n}]") for n, item in enumerate(value))
    if origin is Mapping:
        _expect(isinstance(value, dict), "a mapping", value, where)
        pairs = ((_typed(args[0], k, where), _typed(args[1], v, f"{where}.{k}")) for k, v in value.items())
        return types.MappingProxyType(dict(pairs))
    if origin is Literal:
        _expect(value in args, f"one of {args}", value, where)
        return value
    if issubclass(hint, StrEnum):
        _expect(value in {str(m) for m in hint}, f"one of {[str(m) for m in hint]}", value, where)
        return hint(value)
    if issubclass(hint, tuple):
        return _fields(hint, value, where)
    _expect(type(value) is hint, f"a {hint.__name__}", value, where)
    return value


def _fields(kind: Any, value: Any, where: str) -> Any:
    _expect(isinstance(value, dict), "a mapping", value, where)
    hints = get_type_hints(kind)
    names = {_camel(name): name for name in hints}
    unknown = sorted(set(value) - set(names))
    missing = sorted(c for c, name in names.items() if c not in value and name not in kind._field_defaults)
    _expect(not unknown and not missing, f"the fields {sorted(names)}", {*unknown, *missing}, where)
    return kind(**{names[k]: _typed(hints[names[k]], v, f"{where}.{k}") for k, v in value.items()})


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _expect(holds: bool, wanted: str, value: Any, where: str) -> None:
    if not holds:
        raise ValueError(f"{where}: expected {wanted}, found {value!r}")
