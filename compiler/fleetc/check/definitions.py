"""A definition as a line: its schema, and the part of it that leads to lists whose items are told apart by keys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from fleetc.check.formats import Schema


def dump(value: object) -> str:
    """Compact JSON with sorted keys: equal values have equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def skeleton(node: Schema, keys_of: Iterable[str] = (), defaults: dict[str, Any] | None = None) -> Schema:
    """The part of a schema that leads to lists whose items are told apart by keys.

    `f` holds fields, `i` the items of a list, `m` the values of a map, `r` a definition's name, and `k` a list's keys,
    each with its default. Empty when nothing below has keys and nothing is referred to.
    """
    out: Schema = {}
    if "$ref" in node:
        out["r"] = str(node["$ref"]).removeprefix("#/$defs/")
    fields = {name: below for name, child in node.get("properties", {}).items() if (below := _below(child))}
    if fields:
        out["f"] = fields
    for keyword, letter in (("items", "i"), ("additionalProperties", "m")):
        child = node.get(keyword)
        if isinstance(child, dict) and (below := _below(child)):
            out[letter] = below
    keys = list(keys_of) or node.get("x-kubernetes-list-map-keys", [])
    if keys and node.get("x-kubernetes-list-type") == "map":
        known = defaults if defaults is not None else node.get("x-fleetc-key-defaults", {})
        out["k"] = [[key, known.get(key)] for key in keys]
    return out


def _below(child: object) -> Schema:
    return skeleton(child) if isinstance(child, dict) else {}


def references(node: object) -> Iterator[str]:
    """The names of the definitions that a schema refers to, with repeats."""
    if isinstance(node, dict):
        ref = node.get("$ref")
        if isinstance(ref, str):
            yield ref.removeprefix("#/$defs/")
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def without_hints(node: Any) -> Any:
    """A schema without the `x-` keywords, which live on in the skeleton."""
    if isinstance(node, dict):
        # Names of fields are data, not keywords, and some do start with `x-`.
        return {
            key: {name: without_hints(below) for name, below in child.items()}
            if key in ("properties", "$defs") and isinstance(child, dict)
            else without_hints(child)
            for key, child in node.items()
            if not key.startswith("x-")
        }
    return [without_hints(child) for child in node] if isinstance(node, list) else node


def definition_line(name: str, schema: Schema) -> str:
    """One line of a pack: `"name":{schema}`, a tab, and its skeleton when it has one."""
    bones = skeleton(schema)
    return f"{dump(name)}:{dump(without_hints(schema))}\t{dump(bones) if bones else ''}"
