"""From merged canonical data to the typed node that lowerings read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fleetc.language.document import Tree
from fleetc.language.kinds import Kind
from fleetc.language.schema import Items, Json, Keyed, Scalar, Schema, Struct, Table
from fleetc.language.types import Node, Part
from fleetc.source.sharing import Once
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple


class Missing(NamedTuple):
    """A required field that no layer gave a value."""

    path: Path
    field: str


_EMPTY: Tree = {}


def missing(schema: Schema, tree: Any, once: Once | None = None) -> tuple[Missing, ...]:
    """The required fields without a value in merged data. With `once`, shared trees are looked at once."""
    return tuple(_missing(schema, tree, once or Once()))


def _missing(schema: Schema, tree: Any, once: Once) -> Iterator[Missing]:
    if isinstance(schema, Struct):
        for name, field in schema.fields.items():
            inner = field.schema
            if name in tree:
                if isinstance(inner, Struct | Keyed):
                    yield from _below(name, once.get(missing, inner, tree[name], once))
            elif field.required:
                yield Missing((), name)
            elif isinstance(inner, Struct) and not field.optional:
                yield from _below(name, once.get(missing, inner, _EMPTY, once))
    elif isinstance(schema, Keyed):
        for key, item in tree.items():
            yield from _below(key, once.get(missing, schema.item, item, once))


def _below(step: str, found: tuple[Missing, ...]) -> Iterator[Missing]:
    return (Missing((step, *m.path), m.field) for m in found)


def decode(kind: Kind, name: str, metadata: Tree, spec: Tree, once: Once | None = None) -> Node:
    """The node; `spec` is merged, and nothing is `missing`. With `once`, parts of shared trees are shared, too.

    `name` is that of the document: of what belongs to a cluster, `CLUSTER/NAME`, of which the node has the name.
    """
    values = _values(kind.struct, spec, once or Once())
    values |= {"id": f"{kind.name}/{name}", "name": name.rpartition("/")[2], "labels": metadata.get("labels", _EMPTY)}
    made: Node = _make(kind.node, values)
    return made


def _make(cls: type[Any], values: dict[str, Any]) -> Any:
    # What `Record.__init__` looks at is known to be right here.
    made = object.__new__(cls)
    made.__dict__.update(values)
    return made


def _values(schema: Struct, tree: Tree, once: Once) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, field in schema.fields.items():
        if name in tree:
            inner = field.schema
            value = tree[name]
            out[field.attribute] = value if isinstance(inner, Scalar) else once.get(_value, inner, value, once)
        else:
            out[field.attribute] = None if field.optional else once.get(_empty, field.schema)
    return out


def _value(schema: Schema, value: Any, once: Once) -> Any:
    match schema:
        case Struct():
            return _make(schema.cls, _values(schema, value, once))
        case Items():
            return tuple(value)
        case Keyed():
            return tuple([_make(schema.item.cls, _values(schema.item, item, once)) for item in value.values()])
        case Scalar() | Table() | Json():
            return value


def _empty(schema: Schema) -> Any:
    match schema:
        case Struct():
            part: Part = _make(schema.cls, _values(schema, _EMPTY, Once()))
            return part
        case Items() | Keyed():
            return ()
        case Scalar() | Table() | Json():
            return _EMPTY
