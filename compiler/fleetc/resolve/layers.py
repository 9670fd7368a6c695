"""Defaults and overrides are one fold over layers, weakest first; origins are a walk over the same layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from fleetc.language.document import Doc, Tree, lookup
from fleetc.language.schema import Keyed, Schema, Struct, Table, schema_at
from fleetc.source.sharing import Once
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

Via = Literal["spec", "override", "default", "table"]


class Layer(NamedTuple):
    """One partial spec, standing at `base` in `doc`; `reasons` are what made it apply, such as an override's match."""

    via: Via
    doc: Doc
    base: Path
    tree: Tree
    applies: bool = True
    reasons: tuple[tuple[Doc, Path], ...] = ()


class Origin(NamedTuple):
    """One place that takes part in a value: its own (`value`), one that was `beaten` by a stronger layer, one that
    does not apply here but would set it (`unmatched`), or one that a layer's applying depends on (`selector`)."""

    role: Literal["value", "beaten", "unmatched", "selector"]
    via: Via
    doc: Doc
    path: Path


def merge(layers: Sequence[Layer], schema: Schema | None = None, once: Once | None = None) -> Tree:
    """The merged data of the layers that apply. Trees are shared, never changed; with `once`, so are merged ones."""
    once = once or Once()
    out: Tree = {}
    for layer in layers:
        if layer.applies and layer.tree:
            out = once.get(_merge, out, layer.tree, schema) if out else layer.tree
    return out


def _merge(low: Tree, high: Tree, schema: Schema | None) -> Tree:
    out = dict(low)
    for key, value in high.items():
        below = out.get(key)
        out[key] = value
        if isinstance(value, dict) and isinstance(below, dict):
            inner = schema_at(schema, (key,))
            if not (isinstance(inner, Table) and inner.whole):
                out[key] = _merge(below, value, inner)
    return out


def fill(schema: Schema, tree: Tree, parts: Mapping[str, Tree], once: Once | None = None) -> Tree:
    """Merged data with the table's defaults below every item of a keyed list, by the item's type."""
    once = once or Once()
    out = tree
    fields = schema.fields.items() if isinstance(schema, Struct) else ()
    for name, field in fields:
        below = tree.get(name)
        if not below:
            continue
        filled = below
        if isinstance(field.schema, Struct):
            filled = once.get(fill, field.schema, below, parts, once)
        elif isinstance(field.schema, Keyed):
            filled = once.get(_fill_items, field.schema.item, below, parts, once)
        if filled is not below:
            out = {**out, name: filled}
    return out


def _fill_items(item: Struct, below: Tree, parts: Mapping[str, Tree], once: Once) -> Tree:
    defaults = parts.get(item.cls.__name__)
    if defaults is None and not any(isinstance(f.schema, Struct | Keyed) for f in item.fields.values()):
        return below
    return {key: fill(item, {**(defaults or {}), **value}, parts, once) for key, value in below.items()}


def origins(layers: Sequence[Layer], path: Path) -> Iterator[Origin]:
    """What takes part in the value at a canonical spec path, strongest first."""
    beaten = False
    for layer in reversed(layers):
        at = _set_at(layer.tree, path)
        if at is None:
            continue
        if layer.applies:
            yield Origin("beaten" if beaten else "value", layer.via, layer.doc, layer.base + at)
            beaten = beaten or not _mergeable(layer.tree, at)
        else:
            yield Origin("unmatched", layer.via, layer.doc, layer.base + at)
        for doc, reason in layer.reasons:
            yield Origin("selector", layer.via, doc, reason)


def part_origin(table: Doc, schema: Schema, path: Path) -> Origin | None:
    """The table's default for a field of a keyed list's item, when no layer sets it."""
    for length in range(len(path) - 1, 0, -1):
        item = schema_at(schema, path[:length])
        if isinstance(item, Struct) and item.cls.__name__ in table.tree["parts"]:
            at: Path = ("parts", item.cls.__name__, *path[length:])
            return Origin("value", "table", table, at) if lookup(table.tree, at)[0] else None
    return None


def _set_at(tree: Tree, path: Path) -> Path | None:
    """Where in a layer's tree the value at `path` is set: there, or at the nearest parent that is not a mapping."""
    here: Any = tree
    for n, step in enumerate(path):
        if isinstance(here, dict):
            if step not in here:
                return None
            here = here[step]
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            return path[:n]
    return path


def _mergeable(tree: Tree, path: Path) -> bool:
    _, value = lookup(tree, path)
    return isinstance(value, dict)


def leaf_paths(tree: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of a tree's leaves; an empty mapping is one."""
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from leaf_paths(value, (*path, key))
    else:
        yield path
