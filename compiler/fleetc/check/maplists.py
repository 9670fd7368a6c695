"""Lists whose items are told apart by keys: server-side apply refuses two items with the same keys.

Which lists those are comes from `x-kubernetes-list-map-keys`, packed as a skeleton of the fields that lead there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fleetc.check.states import SchemaProblem
from fleetc.check.store import Definitions
from fleetc.source.span import Path


class Node:
    """One place of a skeleton; empty where nothing below it has keys."""

    __slots__ = ("fields", "items", "keys", "values")

    def __init__(self) -> None:
        self.fields: tuple[tuple[str, Node], ...] = ()
        self.items: Node | None = None
        self.values: Node | None = None
        self.keys: tuple[tuple[str, Any], ...] = ()


def build(definitions: Definitions) -> Node | None:
    """The skeleton of a kind with its references followed, or None when it has no such list."""
    bones = {name: json.loads(text) for name, text in definitions.skeletons.items()}
    keyed = _leading(bones)
    made: dict[str, Node] = {}
    root = definitions.root
    return _named(root, bones, keyed, made) if root in keyed else None


def _leading(bones: dict[str, Any]) -> set[str]:
    """The definitions from which a keyed list can be reached."""
    direct = {name for name, bone in bones.items() if '"k":' in json.dumps(bone)}
    uses = {name: set(_refs(bone)) for name, bone in bones.items()}
    size = -1
    while size != len(direct):
        size = len(direct)
        direct |= {name for name, used in uses.items() if used & direct}
    return direct


def _refs(bone: Any) -> Iterator[str]:
    if "r" in bone:
        yield bone["r"]
    for child in bone.get("f", {}).values():
        yield from _refs(child)
    for letter in ("i", "m"):
        if letter in bone:
            yield from _refs(bone[letter])


def _named(name: str, bones: dict[str, Any], keyed: set[str], made: dict[str, Node]) -> Node:
    if name not in made:
        # Entered before it is filled: a definition may refer to itself.
        made[name] = Node()
        _fill(made[name], bones[name], bones, keyed, made)
    return made[name]


def _fill(node: Node, bone: Any, bones: dict[str, Any], keyed: set[str], made: dict[str, Node]) -> None:
    below = [(name, _node(child, bones, keyed, made)) for name, child in bone.get("f", {}).items()]
    node.fields = tuple((name, child) for name, child in below if child is not None)
    node.items = _node(bone["i"], bones, keyed, made) if "i" in bone else None
    node.values = _node(bone["m"], bones, keyed, made) if "m" in bone else None
    node.keys = tuple((key, default) for key, default in bone.get("k", []))


def _node(bone: Any, bones: dict[str, Any], keyed: set[str], made: dict[str, Node]) -> Node | None:
    if "r" in bone and not {"f", "i", "m", "k"} & bone.keys():
        return _named(bone["r"], bones, keyed, made) if bone["r"] in keyed else None
    node = Node()
    _fill(node, bone, bones, keyed, made)
    if "r" in bone and bone["r"] in keyed:
        target = _named(bone["r"], bones, keyed, made)
        node.fields += target.fields
    return node if node.fields or node.items or node.values or node.keys else None


def duplicates(node: Node, value: Any, path: Path = ()) -> Iterator[SchemaProblem]:
    """The items of keyed lists that repeat the keys of an earlier one, or lack a key."""
    if isinstance(value, dict):
        for name, child in node.fields:
            below = value.get(name)
            if below:
                yield from duplicates(child, below, (*path, name))
        if node.values is not None:
            for name, below in value.items():
                yield from duplicates(node.values, below, (*path, name))
    elif isinstance(value, list):
        if node.keys and len(value) > 1:
            yield from _repeated(node.keys, value, path)
        if node.items is not None:
            for index, below in enumerate(value):
                yield from duplicates(node.items, below, (*path, index))


def _repeated(keys: tuple[tuple[str, Any], ...], value: list[Any], path: Path) -> Iterator[SchemaProblem]:
    seen: dict[str, int] = {}
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            continue
        found = [(key, item.get(key, default)) for key, default in keys]
        # repr keeps 1, 1.0 and True apart, which JSON does too.
        first = seen.setdefault(repr(found), index)
        if first != index:
            said = ", ".join(f"{key} {entry!r}" for key, entry in found if entry is not None)
            yield SchemaProblem(
                (*path, index), f"repeats {said} of item {first}", "items of this list need distinct keys"
            )
