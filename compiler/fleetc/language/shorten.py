"""Long forms as the short ones that mean the same. What a comment or an anchor stands in stays as it is."""

from __future__ import annotations

from typing import Final

from fleetc.language.normalise import expand
from fleetc.language.schema import Struct
from fleetc.language.team import Peer
from fleetc.source.concrete.nodes import Collection, Entry, Node, Scalar, has_names, is_empty, is_nothing
from fleetc.source.scalars import resolve

_NO_TEXT: Final = (bool, type(None))


def only_short(schema: Struct, node: Collection) -> Node:
    """`{name: vllm}` is `vllm` where a scalar means that field."""
    if schema.cls.SHORT is None or len(node.entries) != 1 or node.entries[0].name != schema.cls.SHORT:
        return node
    value = node.entries[0].value
    return value if _is_bare(node) and _is_text(value) else node


def only_item(node: Collection) -> Node:
    """`[prod]` is `prod`."""
    if len(node.entries) != 1 or not _is_bare(node) or not _is_text(node.entries[0].value):
        return node
    return node.entries[0].value


def only_key(schema: Struct, node: Collection) -> Node:
    """`{name: search}` is `search` in a list, and `{to: team/search, ports: [8080]}` is `team/search:8080`."""
    key = _of(node, schema.key)
    if key is None or not _is_bare(node) or not _is_text(key.value):
        return node
    assert isinstance(key.value, Scalar)
    if len(node.entries) == 1:
        text = key.value.value
        return key.value if _means(schema, text, {str(schema.key): text}) else node
    ports = _of(node, "ports")
    if schema.cls is not Peer or ports is None or len(node.entries) != 2 or not _is_text(ports.value):
        return node
    assert isinstance(ports.value, Scalar)
    text = f"{key.value.value}:{ports.value.value}"
    same = _means(schema, text, {"to": key.value.value, "ports": [ports.value.value]})
    return Scalar(text, '"') if same else node


def _means(schema: Struct, text: str, long: dict[str, object]) -> bool:
    return bool(expand(schema, text) == long)


def without_keys(schema: Struct, node: Collection) -> Node:
    """A keyed list by its keys: a mapping where an item has more to say, a list of names where none has. Peers are
    always listed: their names are no words."""
    if has_names(node):
        return node
    if not node.entries:
        node.is_map = False
    elif node.is_map:
        for entry in node.entries:
            _without_key(schema, entry)
        if schema.cls is Peer and all(_is_plain_map(e.value) for e in node.entries):
            return _listed(schema, node)
        bare = all(is_empty(e.value) and _is_plain_map(e.value) for e in node.entries)
        return _named(node) if bare else node
    if (
        not node.entries
        or schema.cls is Peer
        or not all(_is_text(e.value) or _has_more(schema, e) for e in node.entries)
    ):
        return node
    names = [_key_text(schema, entry) for entry in node.entries]
    some = any(isinstance(entry.value, Collection) for entry in node.entries)
    return _mapping(schema, node) if some and len({*names}) == len(names) else node


def _listed(schema: Struct, node: Collection) -> Collection:
    for entry in node.entries:
        key, value = entry.key, entry.value
        assert isinstance(key, Scalar)
        assert isinstance(value, Collection)
        if _of(value, schema.key) is None:  # one with comments is still there, and says the same
            value.entries.insert(0, Entry(Scalar(str(schema.key)), Scalar(key.value, key.style or '"')))
        entry.key, entry.value = None, only_key(schema, value)
    node.is_map = False
    return node


def _without_key(schema: Struct, entry: Entry) -> None:
    """`search: {name: search, share: 3}` says its name twice."""
    value = entry.value
    key = _of(value, schema.key) if isinstance(value, Collection) else None
    if key is None or key.commented or has_names(key.value) or not isinstance(value, Collection):
        return
    if isinstance(key.value, Scalar) and key.value.value == entry.name and _is_text(key.value):
        value.entries.remove(key)
        if not value.entries:
            entry.lead, value.tail = [*entry.lead, *value.tail], []  # an empty mapping has no inside


def _named(node: Collection) -> Collection:
    out = Collection(is_map=False, flow=node.flow, column=node.column)
    out.tail = node.tail
    for entry in node.entries:
        key = entry.key
        assert isinstance(key, Scalar)
        entry.value = Scalar(key.value, key.style or '"')
        entry.key = None
    out.entries = node.entries
    return out


def _mapping(schema: Struct, node: Collection) -> Collection:
    out = Collection(is_map=True, flow=node.flow, column=node.column)
    out.tail = node.tail
    for item in node.entries:
        value = item.value
        key = _of(value, schema.key) if isinstance(value, Collection) else None
        if isinstance(value, Collection) and key is not None:
            value.entries.remove(key)
            name = key.value
        else:
            name, value = value, Collection(is_map=True, flow=True)
        assert isinstance(name, Scalar)
        made = Entry(Scalar(name.value, name.style or '"'), value, item.column, item.blank)
        made.lead, made.trail, made.after = item.lead, item.trail, item.after
        out.entries.append(made)
    return out


def _has_more(schema: Struct, entry: Entry) -> bool:
    """Whether an item has a key without comments, and fields besides."""
    value = entry.value
    if not isinstance(value, Collection) or not value.is_map or len(value.entries) < 2:
        return False
    key = _of(value, schema.key)
    return key is not None and not key.commented and _is_text(key.value)


def _key_text(schema: Struct, entry: Entry) -> str:
    if isinstance(entry.value, Scalar):
        return entry.value.value
    key = _of(entry.value, schema.key) if isinstance(entry.value, Collection) else None
    return key.value.value if key is not None and isinstance(key.value, Scalar) else ""


def _of(node: Node, name: str | None) -> Entry | None:
    if not isinstance(node, Collection) or not node.is_map:
        return None
    return next((entry for entry in node.entries if entry.name == name), None)


def _is_bare(node: Collection) -> bool:
    """Whether neither comments nor names stand in it that would have no place."""
    return not node.tail and not any(e.commented for e in node.entries) and not has_names(node)


def _is_text(node: Node) -> bool:
    """Whether it is a string or a number on one line."""
    if not isinstance(node, Scalar) or node.is_block or "\n" in node.value or is_nothing(node):
        return False
    return node.style is not None or not isinstance(resolve(node.value), _NO_TEXT)


def _is_plain_map(node: Node) -> bool:
    return isinstance(node, Collection) and node.is_map and not node.tail
