"""From merged canonical data to the typed node that lowerings read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from fleetc.language.document import Tree
from fleetc.language.kinds import Kind
from fleetc.language.schema import Items, Json, Keyed, Scalar, Schema, Struct, Table
from fleetc.language.types import Node, Part
from fleetc.source.span import Path


class Missing(NamedTuple):
    """A required field that no layer gave a value."""

    path: Path
    field: str


_EMPTY: Tree = {}


def missing(schema: Schema, tree: Any, path: Path = ()) -> Iterator[Missing]:
    """The required fields without a value in merged data."""
    if isinstance(schema, Struct):
        for name, field in schema.fields.items():
            if name in tree:
                yield from missing(field.schema, tree[name], (*path, name))
            elif field.required:
                yield Missing(path, name)
            elif isinstance(field.schema, Struct) and not field.optional:
                yield from missing(field.schema, _EMPTY, (*path, name))
    elif isinstance(schema, Keyed):
        for key, item in tree.items():
            yield from missing(schema.item, item, (*path, key))


def decode(kind: Kind, name: str, metadata: Tree, spec: Tree) -> Node:
    """The node; `spec` is merged, and nothing is `missing`."""
    values = _values(kind.struct, spec)
    values |= {"id": f"{kind.name}/{name}", "name": name, "labels": metadata.get("labels", _EMPTY)}
    return _make(kind.node, values)


def _make(cls: type[Any], values: dict[str, Any]) -> Any:
    # The generated __init__ of a frozen dataclass sets field by field through object.__setattr__: three times slower.
    made = object.__new__(cls)
    made.__dict__.update(values)
    return made


def _values(schema: Struct, tree: Tree) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, field in schema.fields.items():
        if name in tree:
            inner = field.schema
            out[field.attribute] = tree[name] if isinstance(inner, Scalar) else _value(inner, tree[name])
        else:
            out[field.attribute] = None if field.optional else _empty(field.schema)
    return out


def _value(schema: Schema, value: Any) -> Any:
    match schema:
        case Struct():
            return _make(schema.cls, _values(schema, value))
        case Items():
            return tuple(value)
        case Keyed():
            return tuple([_make(schema.item.cls, _values(schema.item, item)) for item in value.values()])
        case Scalar() | Table() | Json():
            return value


def _empty(schema: Schema) -> Any:
    match schema:
        case Struct():
            part: Part = _make(schema.cls, _values(schema, _EMPTY))
            return part
        case Items() | Keyed():
            return ()
        case Scalar() | Table() | Json():
            return _EMPTY
