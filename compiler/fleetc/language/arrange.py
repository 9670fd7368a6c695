"""A document in its canonical form as written: fields in the order of the kind's declaration, long forms made short.

Nothing moves that means something by its place: the items of lists, the entries of tables, and what anchors and aliases
tie together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fleetc.language.kinds import API_VERSION, KINDS, Kind
from fleetc.language.manifest import Manifest, RawObject
from fleetc.language.placement import Selector
from fleetc.language.schema import Items, Keyed, Schema, Struct, struct_of
from fleetc.language.shorten import only_item, only_key, only_short, without_keys
from fleetc.source.concrete.nodes import Collection, Entry, Node, Scalar, has_names

_ENVELOPE: Final = ("apiVersion", "kind", "metadata", "spec")
_RAW_METADATA: Final = ("name", "generateName", "namespace", "labels", "annotations")
_SELECTOR_FIRST: Final = ("files", "placement", "objects")
"""The fields of a Manifest: where it goes stands before what may be hundreds of lines."""
_OVERRIDE: Final = ("match", "set")


def arrange(root: Node) -> None:
    """Bring a document's value into canonical form, in place."""
    if not isinstance(root, Collection) or not root.is_map:
        return
    version, kind = (_text(_entry(root, name)) for name in _ENVELOPE[:2])
    if version is None or kind is None:
        return
    if version != API_VERSION:
        _raw(root)
    elif kind in KINDS:
        _spec(root, KINDS[kind])
    else:
        _order(root, _ENVELOPE)


def _spec(root: Collection, kind: Kind) -> None:
    _order(root, _ENVELOPE)
    metadata = _value(root, "metadata")
    if metadata is not None:
        _order(metadata, ("name", *([kind.owner] if kind.owner else []), "labels"))
    spec = _value(root, "spec")
    if spec is None:
        return
    fields = [name for name in kind.struct.fields if name not in kind.struct.cls.FROM_METADATA]
    if kind.node is Manifest:
        fields = [*_SELECTOR_FIRST]
    _fields(kind.struct, spec, (*fields, "defaults", "overrides"))
    defaults = _value(spec, "defaults")
    if defaults is not None:
        known = {KINDS[name].field: KINDS[name].struct for name in kind.defaults_for}
        for entry in defaults.entries:
            if entry.name in known:
                entry.value = _arranged(known[entry.name], entry.value)
        _order(defaults, known)
    overrides = _value(spec, "overrides", is_map=False)
    for item in overrides.entries if overrides is not None else ():
        if isinstance(item.value, Collection) and item.value.is_map:
            parts = {"match": struct_of(Selector), "set": kind.struct}
            for entry in item.value.entries:
                if entry.name in parts:
                    entry.value = _arranged(parts[entry.name], entry.value)
            _order(item.value, _OVERRIDE)


def _arranged(schema: Schema, node: Node) -> Node:
    """A value by its schema; in place, or a shorter one instead of it."""
    if not isinstance(node, Collection):
        return node
    match schema:
        case Struct() if node.is_map:
            _fields(schema, node, schema.fields)
            return only_short(schema, node)
        case Items() if not node.is_map:
            return only_item(node)
        case Keyed() if schema.item.cls is RawObject:
            for entry in node.entries if not node.is_map else ():
                if isinstance(entry.value, Collection) and entry.value.is_map:
                    _raw(entry.value)
            return node
        case Keyed():
            return _keyed(schema.item, node)
        case _:
            return node


def _fields(schema: Struct, node: Collection, order: Iterable[str]) -> None:
    for entry in node.entries:
        field = schema.fields.get(entry.name or "")
        if field is not None:
            entry.value = _arranged(field.schema, entry.value)
    _order(node, order)


def _keyed(schema: Struct, node: Collection) -> Node:
    """A keyed list, or the mapping that is short for it."""
    for entry in node.entries:
        if isinstance(entry.value, Collection) and entry.value.is_map:
            order = [schema.key or "", *(name for name in schema.fields if name != schema.key)]
            _fields(schema, entry.value, order)
            if not node.is_map:
                if entry.value.entries and entry.value.anchor is None:
                    first = entry.value.entries[0]
                    entry.lead, first.lead = [*entry.lead, *first.lead], []  # they are written above the item
                entry.value = only_key(schema, entry.value)
    return without_keys(schema, node)


def _raw(node: Collection) -> None:
    """A Kubernetes object: what tells it apart stands first. Emission has the same order."""
    _order(node, _ENVELOPE[:3])
    metadata = _value(node, "metadata")
    if metadata is not None:
        _order(metadata, _RAW_METADATA)


def _order(node: Collection, names: Iterable[str]) -> None:
    """Known entries in the order of their names, others behind them as they stand."""
    places = {name: n for n, name in enumerate(names)}
    wanted = sorted(node.entries, key=lambda e: places.get(e.name or "", len(places)))
    if wanted == node.entries or _tied(node.entries) != _tied(wanted):
        return
    first = node.entries[0]
    node.entries = wanted
    if wanted[0] is not first:
        # A blank line above the first entry is not seen, and above another one it was not meant.
        first.blank, wanted[0].blank = False, False


def _tied(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with anchors and aliases, which have to stay in their order."""
    return [e for e in entries if has_names(e.value) or (e.key is not None and has_names(e.key))]


def _entry(node: Collection, name: str) -> Entry | None:
    return next((entry for entry in node.entries if entry.name == name), None)


def _text(entry: Entry | None) -> str | None:
    return entry.value.value if entry is not None and isinstance(entry.value, Scalar) else None


def _value(node: Collection, name: str, *, is_map: bool = True) -> Collection | None:
    entry = _entry(node, name)
    found = entry.value if entry is not None else None
    return found if isinstance(found, Collection) and found.is_map == is_map else None
