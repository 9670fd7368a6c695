"""What both packers share: canonical text, number formats, skeletons of map lists, and the container of a pack."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

Schema = dict[str, Any]
"""A JSON Schema, or the OpenAPI v3 schema that it is made from."""

INT_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1), "uint16": (0, 65535)}

_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"({_OCTET}\.){{3}}{_OCTET}"
_IPV6 = r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"
FORMAT_PATTERNS = {
    "byte": r"^([A-Za-z0-9+/\r\n]{4}|[\r\n])*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?[\r\n]*$",
    "date-time": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
    "ipv4": rf"^{_IPV4}$",
    "ipv6": rf"^{_IPV6}$",
    "cidr": rf"^({_IPV4}/(3[0-2]|[12]?[0-9])|{_IPV6}/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$",
    "duration": r"^([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+$|^[+-]?0$",
}
"""The formats that the API server enforces on custom resources (apiextensions-apiserver, supported_formats.go), as
patterns, so that they need no format checker. Its other formats are not used by the CRDs packed here."""

FORMAT_WORDS = {
    FORMAT_PATTERNS["byte"]: "base64",
    FORMAT_PATTERNS["date-time"]: "a time such as 2026-01-31T12:00:00Z",
    FORMAT_PATTERNS["ipv4"]: "an IPv4 address",
    FORMAT_PATTERNS["ipv6"]: "an IPv6 address",
    FORMAT_PATTERNS["cidr"]: "a CIDR block such as 10.0.0.0/8",
    FORMAT_PATTERNS["duration"]: "a duration such as 90s or 1h30m",
}


def dump(value: object) -> str:
    """Compact JSON with sorted keys: equal values have equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def compress(text: str) -> bytes:
    """zlib, not lzma: a third larger, but it opens five times faster and start-up pays for it."""
    return zlib.compress(text.encode(), 9)


def apply_format(out: Schema, name: str) -> None:
    """Write what a format means as plain keywords, without widening bounds that are already there."""
    if name in INT_RANGES:
        low, high = INT_RANGES[name]
        out["minimum"] = max(low, out.get("minimum", low))
        out["maximum"] = min(high, out.get("maximum", high))
    elif name in FORMAT_PATTERNS and "pattern" not in out:
        out["pattern"] = FORMAT_PATTERNS[name]


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
