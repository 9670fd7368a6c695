"""The types that expressions see of objects, made of the schemas of their kinds."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from fleetc.cel import BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, Type, listing, mapping
from fleetc.cel.names import escaped, spellings
from fleetc.cel.times import duration, timestamp
from fleetc.cel.types import message
from fleetc.cel.values import Keyed
from fleetc.check import store
from fleetc.check.formats import FORMAT_PATTERNS
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

Schema = Mapping[str, Any]
_FORMATS: Final[dict[str, Type]] = {
    **{"byte": BYTES, "duration": DURATION, "date": TIMESTAMP, "date-time": TIMESTAMP},
}
_BY_PATTERN: Final = {FORMAT_PATTERNS[name]: _FORMATS[name] for name in ("byte", "duration", "date-time")}
_SIMPLE: Final = {"boolean": BOOL, "number": DOUBLE, "integer": INT}


class Declared(NamedTuple):
    """A type, and the fields of all messages that it leads to."""

    type: Type
    messages: Mapping[str, Mapping[str, Type]]


class _Messages(Mapping[str, Mapping[str, Type]]):
    """The messages of one schema, by their names, each made when it is asked for."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions
        self._nodes: dict[str, Schema] = {}
        self._made: dict[str, Mapping[str, Type]] = {}

    def __getitem__(self, name: str) -> Mapping[str, Type]:
        if name not in self._made:
            properties: Mapping[str, Schema] = self._nodes[name]["properties"]
            self._made[name] = {
                spelt: found
                for field, node in properties.items()
                for found in [self.type_of(node, f"{name}.{field}")]
                for spelt in spellings(field)
            }
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def type_of(self, node: Schema, name: str) -> Type:
        """The type of a place of a schema; what no schema says anything of is any type."""
        if "$ref" in node:
            name = str(node["$ref"]).removeprefix("#/$defs/")
            node = {**node, **self._definitions.get(name, {})}
        if node.get("x-kubernetes-int-or-string"):
            return DYN
        if node.get("x-kubernetes-embedded-resource"):
            node = _object_of(node)
        match _type_name(node):
            case "array":
                items = node.get("items")
                return listing(self.type_of(items, f"{name}.items")) if isinstance(items, dict) else DYN
            case "object":
                return self._object(node, name)
            case "string":
                return _FORMATS.get(node.get("format", ""), _BY_PATTERN.get(node.get("pattern", ""), STRING))
            case other:
                return _SIMPLE.get(other, DYN)

    def _object(self, node: Schema, name: str) -> Type:
        values = node.get("additionalProperties")
        if isinstance(values, dict):
            return mapping(STRING, self.type_of(values, f"{name}.values"))
        if not node.get("properties"):
            return DYN
        self._nodes.setdefault(name, node)
        return message(name)


def _type_name(node: Schema) -> str:
    """The one type of a place, beside null; empty where there are several, or none is said."""
    found = node.get("type", "")
    kinds = [found] if isinstance(found, str) else [kind for kind in found if kind != "null"]
    return str(kinds[0]) if len(kinds) == 1 else ""


@lru_cache(maxsize=512)
def object_type(api_version: str, kind: str, minor: str) -> Declared | None:
    """The type of the objects of a kind on clusters of a minor; None where no schema of it is packed."""
    found = store.definitions(api_version, kind, minor)
    if found is None:
        return None
    definitions: dict[str, Schema] = json.loads(found.schema_text())["$defs"]
    messages = _Messages(definitions)
    return Declared(messages.type_of({"$ref": f"#/$defs/{found.root}"}, kind), messages)


def part(declared: Declared, path: Path) -> Declared | None:
    """The type of a part of an object, as in ("spec", "template", "spec", "containers", 0); None where there is no such
    part."""
    found = declared.type
    for step in path:
        if found.name in ("list", "map"):
            found = found.parameters[-1]
        elif found.kind == "message":
            below = declared.messages[found.name].get(escaped(str(step)))
            if below is None:
                return None
            found = below
        elif found != DYN:
            return None
    return declared._replace(type=found)


_ROOT: Final = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"type": "object", "properties": {"name": {"type": "string"}, "generateName": {"type": "string"}}},
}


def schema_type(node: Schema, *, root: bool) -> Declared:
    """The type of a place of a CRD's schema, as its rules see it: of the metadata they see names alone."""
    messages = _Messages({})
    return Declared(messages.type_of(_object_of(node) if root else node, "self"), messages)


def _object_of(node: Schema) -> Schema:
    """The schema of a whole object: with what every object has."""
    return {**node, "type": "object", "properties": {**node.get("properties", {}), **_ROOT}}


def typed(node: Schema, value: Any) -> Any:
    """A value as the rules of a CRD see it: with the types of its schema, and names that CEL can say."""
    if isinstance(value, dict):
        fields: Mapping[str, Any] = node.get("properties", {})
        out: dict[str, Any] = {}
        for name, child in value.items():
            below = fields.get(name, node.get("additionalProperties"))
            made = typed(below, child) if isinstance(below, dict) else child
            out.update(dict.fromkeys(spellings(name) if name in fields else (name,), made))
        return out
    if isinstance(value, list):
        below = node.get("items")
        items = [typed(below, child) if isinstance(below, dict) else child for child in value]
        return Keyed(items) if node.get("x-kubernetes-list-type") in ("set", "map") else items
    if isinstance(value, str) and node.get("type") == "string":
        return _read(node.get("format", ""), value)
    return float(value) if node.get("type") == "number" and type(value) is int else value


def _read(form: str, text: str) -> Any:
    """A text in the type that its format has; the text itself where it is none."""
    match form:
        case "date-time":
            return timestamp(text) or text
        case "date":
            return timestamp(f"{text}T00:00:00Z") or text
        case "duration":
            return duration(text) or text
        case "byte":
            return base64.b64decode(text)
        case _:
            return text
