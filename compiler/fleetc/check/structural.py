"""The structure of a CRD as JSON Schema: what the API server enforces on custom objects beside CEL rules."""

from __future__ import annotations

import re
from typing import Any

from fleetc.check.formats import Schema, apply_format

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
SUBDOMAIN: Schema = {
    "maxLength": 253,
    "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
}
"""A DNS-1123 subdomain, which most names are."""

_BOUNDS = (
    *("pattern", "maxLength", "minLength", "minimum", "maximum", "multipleOf", "maxItems", "minItems"),
    *("uniqueItems", "maxProperties", "minProperties"),
)
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]


def root(schema: Schema, group: str, kind: str, version: str) -> Schema:
    """The JSON Schema of one served version of a kind."""
    out = structural(schema)
    named = out.get("properties", {}).get("metadata", {}).get("properties", {}).get("name", {})
    out["type"] = "object"
    out["properties"] = {
        **out.get("properties", {}),
        "apiVersion": {"type": "string", "enum": [f"{group}/{version}"]},
        "kind": {"type": "string", "enum": [kind]},
        "metadata": _metadata(named),
    }
    if "x-kubernetes-preserve-unknown-fields" not in schema:
        out["additionalProperties"] = False
    out["required"] = sorted({*out.get("required", []), "apiVersion", "kind", "metadata"})
    return out


def _metadata(named: Schema) -> Schema:
    """The metadata of a custom object: its name is a DNS subdomain (customresource/validator.go), or narrower."""
    name: Schema = {"type": "string", **SUBDOMAIN}
    if narrower := {key: value for key, value in named.items() if key != "type"}:
        name["allOf"] = [narrower]
    return {
        "$ref": f"#/$defs/{OBJECT_META}",
        "type": "object",
        "required": ["name"],
        "properties": {"name": name},
    }


def structural(node: Schema) -> Schema:
    """What the API server enforces at one place of a structural schema, unknown fields included."""
    out = _values(node, node)
    if node.get("x-kubernetes-int-or-string"):
        out["type"] = ["integer", "string"]
        apply_format(out, "int64")
    elif "type" in node:
        out["type"] = node["type"]
    defaulted = {name for name, child in node.get("properties", {}).items() if "default" in child}
    # Defaults are filled in before validation, so a field with one can be left out.
    required = [name for name in node.get("required", []) if name not in defaulted]
    if required:
        out["required"] = sorted(required)
    _fields(node, out)
    if node.get("nullable"):
        _allow_null(out)
    _lists(node, out)
    return out


def _fields(node: Schema, out: Schema) -> None:
    properties = {name: structural(child) for name, child in node.get("properties", {}).items()}
    for name, child in node.get("properties", {}).items():
        # A null becomes the default where there is one; elsewhere the server refuses it.
        if "default" in child:
            _allow_null(properties[name])
    extra = node.get("additionalProperties")
    if node.get("x-kubernetes-embedded-resource"):
        embedded: Schema = {"$ref": f"#/$defs/{OBJECT_META}"}
        properties = {**properties, "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": embedded}
    if properties:
        out["properties"] = properties
    if isinstance(extra, dict):
        out["additionalProperties"] = structural(extra)
    elif extra is not True and out.get("type") == "object" and not node.get("x-kubernetes-preserve-unknown-fields"):
        out["additionalProperties"] = False
        out.setdefault("properties", {})  # Without it, the validator does not say which field is unknown.


def _lists(node: Schema, out: Schema) -> None:
    if isinstance(node.get("items"), dict):
        out["items"] = structural(node["items"])
    if node.get("x-kubernetes-list-type") == "set":
        out["uniqueItems"] = True
    if node.get("x-kubernetes-list-type") == "map":
        keys = node["x-kubernetes-list-map-keys"]
        fields = node["items"].get("properties", {})
        defaults = {key: fields[key]["default"] for key in keys if "default" in fields.get(key, {})}
        out["x-kubernetes-list-type"] = "map"
        out["x-kubernetes-list-map-keys"] = keys
        out["x-fleetc-key-defaults"] = defaults


def _allow_null(out: Schema) -> None:
    if isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    elif isinstance(out.get("type"), list) and "null" not in out["type"]:
        out["type"] = [*out["type"], "null"]
    if "enum" in out and None not in out["enum"]:
        out["enum"] = [*out["enum"], None]


def _values(node: Schema, place: Schema) -> Schema:
    """The value validations of one place: bounds, enums, formats and the junctors. `place` is its structural schema."""
    out: Schema = {key: _whole(node[key]) for key in _BOUNDS if key in node}
    if "pattern" in out:
        # Octal escapes are known to Go only.
        out["pattern"] = re.sub(r"\\(.)", lambda found: r"\x00" if found[1] == "0" else found[0], out["pattern"])
    if "enum" in node:
        out["enum"] = list(node["enum"])
    for key, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        # OpenAPI 3.0 says with a boolean that the bound beside it is exclusive.
        if node.get(key) is True and bound in out:
            out[key] = out.pop(bound)
    apply_format(out, str(node.get("format", "")))
    if node.get("format") == "byte":
        out["minLength"] = max(1, out.get("minLength", 0))  # Unlike in built-in kinds, no bytes are no base64 here.
    for key in ("allOf", "anyOf", "oneOf"):
        branches = node.get(key)
        if branches and not (node.get("x-kubernetes-int-or-string") and branches == _INT_OR_STRING):
            out[key] = [*out.get(key, []), *(_junctor(branch, place) for branch in branches)]
    if "not" in node:
        out["not"] = _junctor(node["not"], place)
    return out


def _junctor(node: Schema, place: Schema) -> Schema:
    """A branch of a junctor only judges values: which fields exist is said outside it.

    Defaults are filled in before: a field that has one is always there, and where a branch does not take the default,
    it does not take the field's absence.
    """
    out = _values(node, place)
    if "type" in node:
        out["type"] = node["type"]
    fields: Schema = place.get("properties") or {}
    defaults = {name: field["default"] for name, field in fields.items() if "default" in field}
    required = [name for name in node.get("required", []) if name not in defaults]
    if "properties" in node:
        out["properties"] = {name: _junctor(child, fields.get(name, {})) for name, child in node["properties"].items()}
        required += [n for n, child in out["properties"].items() if n in defaults and not _takes(child, defaults[n])]
    if required:
        out["required"] = required
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            below = place.get(key)
            out[key] = _junctor(node[key], below if isinstance(below, dict) else {})
    return out


def _takes(schema: Schema, value: Any) -> bool:
    # Imported here: 20 ms that only who converts a CRD pays for.
    from jsonschema_rs import Draft202012Validator, RegexOptions  # noqa: PLC0415

    return Draft202012Validator(schema, pattern_options=RegexOptions()).is_valid(value)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
