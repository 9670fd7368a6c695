"""A site as it would be if other values stood where a lowering reads: what experiments run on.

Nothing is recorded here and nothing is a twin: lowerings run at full speed on real nodes, which share everything that
did not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fleetc.emission.recorder import CLUSTER, NAMES, PRESENT, Read, key_of
from fleetc.emission.site import Collection, Site
from fleetc.language.record import field_names
from fleetc.language.types import Node, Part
from fleetc.tuples import NamedTuple

S = TypeVar("S", bound=Site)
P = TypeVar("P", bound=Part)


class Copied(NamedTuple):
    """In the value of a keyed list's read: a copy of the item `key` under another name."""

    key: str
    name: str


Changes = Mapping[Read, Any]
"""What stands instead, by read. Of a keyed list: keys, `Copied` and new parts, in order. Of a collection's names:
names, and nodes that come to it. Of a presence: the node that comes, or None."""

_Tree = dict[str | None, Any]
"""Changes below a value, by step; None: of the value itself."""


def varied(site: S, changes: Changes) -> S:
    """The site with other values at some reads."""
    trees: dict[str, _Tree] = {}
    names: dict[str, tuple[Any, ...]] = {}
    made: dict[str, Node | None] = {}
    for (root, path), value in changes.items():
        if path == (NAMES,):
            names[root[1:]] = value
        elif path == (PRESENT,):
            made[root] = value
        else:
            tree = trees.setdefault(root, {})
            for step in path:
                tree = tree.setdefault(step, {})
            tree[None] = value
    nodes = _direct(site)
    for root, tree in trees.items():
        node = made[root] if root in made else nodes.get(root) or _related(site, root)
        if node is not None:
            made[root] = _apply(node, tree)
    out = _copy(site)
    for name, part in list(out.__dict__.items()):
        if isinstance(part, Node):
            out.__dict__[name] = made.get(_root(site, part)) or part
        elif isinstance(part, Collection):
            out.__dict__[name] = _collection(part, made, names.get(part.kind))
    return out


def _apply(value: Any, tree: _Tree) -> Any:
    if isinstance(value, Part):
        out = _copy(value)
        out.__dict__.update({step: _apply(value.__dict__[step], below) for step, below in tree.items() if step})
        return out
    if isinstance(value, tuple) and all(isinstance(item, Part) for item in value):
        items = {key: _apply(item, tree[key]) if key in tree else item for key, item in _by_key(value).items()}
        return tuple([_item(items, entry) for entry in tree.get(None, items)])
    return tree[None]


def _by_key(items: tuple[Part, ...]) -> dict[str, Part]:
    return {key_of(item): item for item in items}


def _item(items: Mapping[str, Part], entry: Any) -> Any:
    if isinstance(entry, Copied):
        out = _copy(items[entry.key])
        assert out.KEY is not None
        out.__dict__[out.KEY] = entry.name
        return out
    return items.get(entry, entry) if isinstance(entry, str) else entry


def _copy(part: P) -> P:
    out = object.__new__(type(part))
    source = part.__dict__
    # Fields only: a filled cached_property would tell of the old values.
    out.__dict__.update({name: source[name] for name in field_names(type(part)) if name in source})
    return out


def _root(site: Site, node: Node) -> str:
    return CLUSTER if node.id == site.cluster.id else node.id


def _direct(site: Site) -> dict[str, Node]:
    return {_root(site, value): value for value in site.__dict__.values() if isinstance(value, Node)}


def _related(site: Site, root: str) -> Node | None:
    kind, _, name = root.partition("/")
    for value in site.__dict__.values():
        if isinstance(value, Collection) and value.kind == kind:
            node: Node | None = value.get(name)
            return node
    return None


def _collection(
    original: Collection[Any], made: Mapping[str, Node | None], names: tuple[Any, ...] | None
) -> Collection[Any]:
    prefix = f"{original.kind}/"
    other = {root.removeprefix(prefix): node for root, node in made.items() if root.startswith(prefix)}
    came = {node.name: node for node in names or () if isinstance(node, Node)}
    if not other and names is None:
        return original
    kept = original.names() if names is None else tuple([n for n in names if isinstance(n, str)])
    nodes = {**came, **{name: node for name, node in other.items() if node is not None}}
    present = {name for name in kept if other.get(name, name) is not None} | came.keys()
    if names is None:
        present |= nodes.keys()
    return Collection(original.kind, tuple(sorted(present)), lambda name: nodes.get(name) or original.get(name))
