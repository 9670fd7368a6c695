"""From merged data to the typed node: every value stands at its attribute, and what is required is missed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.language.trees import scalars, trees

from fleetc.language.decode import Missing, decode, missing
from fleetc.language.document import Tree
from fleetc.language.kinds import KINDS
from fleetc.language.schema import Field, Items, Json, Keyed, Scalar, Schema, Struct, Table
from fleetc.language.types import Node
from fleetc.source.sharing import Once
from fleetc.source.span import Path


def absent(schema: Schema, tree: Any, path: Path = ()) -> list[tuple[Path, str]]:
    """The required fields without a value, found the naive way."""
    out: list[tuple[Path, str]] = []
    if isinstance(schema, Keyed):
        return [found for key, item in tree.items() for found in absent(schema.item, item, (*path, key))]
    for name, field in schema.fields.items() if isinstance(schema, Struct) else ():
        if field.required and name not in tree:
            out.append((path, name))
        elif isinstance(field.schema, Struct | Keyed) and (name in tree or not field.optional):
            out += absent(field.schema, tree.get(name, {}), (*path, name))
    return out


@st.composite
def filled(draw: st.DrawFn, schema: Struct, tree: Tree) -> Tree:
    """A tree with all that is missing."""
    out = dict(tree)
    for path, name in absent(schema, tree):
        _set(out, schema, path, name, draw)
    return out


def _set(tree: Tree, schema: Schema, path: Path, name: str, draw: st.DrawFn) -> None:
    for step in path:
        tree[str(step)] = dict(tree.get(str(step), {}))
        tree = tree[str(step)]
        schema = schema.item if isinstance(schema, Keyed) else _field(schema, str(step)).schema
    field = _field(schema, name)
    assert isinstance(field.schema, Scalar)
    tree[name] = draw(scalars(field.schema))


def _field(schema: Schema, name: str) -> Field:
    assert isinstance(schema, Struct)
    return schema.fields[name]


def same(schema: Schema, made: Any, value: Any) -> bool:
    """Whether what was made of a canonical value is that value."""
    match schema:
        case Scalar() | Table() | Json():
            return type(made) is type(value) and made == value
        case Items():
            return isinstance(made, tuple) and list(made) == value
        case Keyed():
            pairs = list(zip(made, value.values(), strict=True))
            return isinstance(made, tuple) and all(same(schema.item, m, v) for m, v in pairs)
        case Struct():
            fields = schema.fields.items()
            return type(made) is schema.cls and all(
                _same_field(f, getattr(made, f.attribute), value, n) for n, f in fields
            )


def _same_field(field: Field, made: Any, tree: Tree, name: str) -> bool:
    if name in tree:
        return same(field.schema, made, tree[name])
    if field.optional:
        return made is None
    return same(field.schema, made, [] if isinstance(field.schema, Items) else {})


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_every_value_stands_at_its_attribute(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    tree = data.draw(filled(kind.struct, data.draw(trees(kind.struct))))
    assert missing(kind.struct, tree) == ()
    node = decode(kind, "x", {"name": "x", "labels": {"a": "b"}}, tree)
    assert isinstance(node, Node)
    assert (node.id, node.name, node.labels) == (f"{name}/x", "x", {"a": "b"})
    assert same(kind.struct, node, tree)
    assert decode(kind, "x", {"name": "x"}, tree).labels == {}


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_what_is_missing(name: str, data: st.DataObject) -> None:
    struct = KINDS[name].struct
    tree = data.draw(trees(struct))
    once = Once()
    for found in (missing(struct, tree), missing(struct, tree, once), missing(struct, tree, once)):
        assert sorted(found, key=repr) == sorted([Missing(*m) for m in absent(struct, tree)], key=repr)


def test_trees_that_are_shared_are_decoded_once() -> None:
    once, kind = Once(), KINDS["Team"]
    quota: Tree = {"cpu": "4"}
    spec: Tree = {"podSecurity": "baseline", "quota": quota}
    one, two = (decode(kind, name, {"name": name}, dict(spec), once) for name in ("a", "b"))
    assert getattr(one, "quota") is getattr(two, "quota")  # noqa: B009
    other = decode(kind, "c", {"name": "c"}, {**spec, "quota": {"cpu": "4"}}, once)
    assert getattr(one, "quota") is not getattr(other, "quota")  # noqa: B009
