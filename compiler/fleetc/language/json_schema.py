"""JSON Schema (draft 2020-12) of the spec kinds, for editors: it accepts all that the language accepts, short forms
included.

It is made from the declarations that the normaliser walks. What only code can say (`Text.check`, what must be unique or
agree, what another document may give by default) is not in it: the compiler refuses more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fleetc.language.kinds import API_VERSION, KINDS, Kind
from fleetc.language.manifest import Manifest, RawObject
from fleetc.language.placement import Selector
from fleetc.language.schema import Field, Items, Json, Keyed, Scalar, Schema, Struct, Table, struct_of
from fleetc.language.team import Peer
from fleetc.language.types import LABEL_KEY, LABEL_VALUE, NAME, Text

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SPEC: Final = "spec"
"""The schema of a document of any kind."""
_TYPES: Final = {str: "string", int: "integer", bool: "boolean"}
_ANY_TEXT: Final = "(?s).*"

Out = dict[str, Any]
Words = Mapping[str, Mapping[str, str]]
"""For each kind: what its fields mean, by dotted path; below "" what is alike in all kinds."""


def schemas(words: Words, table: Mapping[str, Any]) -> dict[str, Out]:
    """The schema of each kind by its file's stem, and that of all under SPEC; `table` has the built-in defaults."""
    out = {kind.name.lower(): _Maker(words, table).document(kind) for kind in KINDS.values()}
    known = {"enum": list(KINDS)}
    out[SPEC] = {
        "$schema": DIALECT,
        "title": "A fleetc spec",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": known},
        "allOf": [
            {"if": {"properties": {"kind": {"const": kind.name}}}, "then": {"$ref": f"{kind.name.lower()}.json"}}
            for kind in KINDS.values()
        ],
    }
    return out


def bundled(found: Mapping[str, Out]) -> Out:
    """The schema of all kinds in one piece: the others stand in it under their own names."""
    parts = {f"{stem}.json": {"$id": f"{stem}.json", **schema} for stem, schema in found.items() if stem != SPEC}
    return {**found[SPEC], "$id": f"{SPEC}.json", "$defs": parts}


class _Maker:
    """Makes the schema of a kind; its parts become definitions."""

    def __init__(self, words: Words, table: Mapping[str, Any]) -> None:
        self._words = words
        self._table = table
        self._kind = ""
        self._defs: dict[str, Out] = {}
        self._parts: dict[str, type] = {}

    def document(self, kind: Kind) -> Out:
        """The schema of a whole document."""
        self._kind = kind.name
        spec = self._spec(kind)
        names: Out = {"name": {**self._text(NAME), "description": "its name, by which other specs refer to it"}}
        names["labels"] = {**self._table_of(Table(LABEL_KEY, Scalar(str, text=LABEL_VALUE))), "description": "labels"}
        if kind.owner is not None:
            names[kind.owner] = {**self._text(NAME), "description": f"the {kind.owner} that it belongs to"}
        required = ["name", *([str(kind.owner)] if kind.owned else [])]
        return {
            "$schema": DIALECT,
            "title": kind.name,
            "description": _doc(kind.node),
            **_closed(
                {
                    "apiVersion": {"const": API_VERSION},
                    "kind": {"const": kind.name},
                    "metadata": _closed(names, required),
                    "spec": spec,
                },
                ["apiVersion", "kind", "metadata", "spec"],
            ),
            "$defs": dict(sorted(self._defs.items())),
        }

    def _spec(self, kind: Kind) -> Out:
        """The fields of a kind's spec, and what may stand beside them."""
        fields = self._fields(kind.struct, (), self._table.get(kind.name, {}))
        if kind.placed:
            changes = self._partial(kind, "placement")
            match = self._schema(struct_of(Selector), ("placement",), None)
            override = _closed({"match": match, "set": changes}, ["match", "set"])
            fields["overrides"] = self._said(("overrides",), {"type": "array", "items": override})
        if kind.defaults_for:
            without = "placement" if kind.name == "Cluster" else None
            partial = {
                KINDS[n].field: self._said(("defaults", KINDS[n].field), self._partial(KINDS[n], without))
                for n in kind.defaults_for
            }
            what = {**_closed(partial), "description": "values of specs of other kinds that give none themselves"}
            fields["defaults"] = self._said(("defaults",), what)
        if kind.node is Manifest:
            files = {"type": "array", "items": {"type": "string", "pattern": "^[^/]"}}
            fields["files"] = self._said(("files",), files)
        return _closed(fields)

    def _partial(self, kind: Kind, without: str | None) -> Out:
        """A partial spec of a kind, as overrides and defaults hold it."""
        before, self._kind = self._kind, kind.name
        fields = self._fields(kind.struct, (), None)
        self._kind = before
        return _closed({name: schema for name, schema in fields.items() if name != without})

    def _fields(self, struct: Struct, path: tuple[str, ...], defaults: Any) -> Out:
        out: Out = {}
        for name, field in struct.fields.items():
            if name not in struct.cls.FROM_METADATA:
                below = defaults.get(name) if isinstance(defaults, Mapping) else None
                out[name] = self._field(field, (*path, name), below)
        return out

    def _field(self, field: Field, path: tuple[str, ...], default: Any) -> Out:
        out = self._said(path, self._schema(field.schema, path, default))
        return out if default is None else {**out, "default": default}

    def _said(self, path: tuple[str, ...], out: Out) -> Out:
        """A field's schema with what the pages say of it."""
        for words in (self._words.get(self._kind, {}), self._words.get("", {})):
            said = words.get(".".join(path))
            if said:
                return {**out, "description": said}
        return out

    def _schema(self, schema: Schema, path: tuple[str, ...], default: Any) -> Out:
        match schema:
            case Scalar():
                return self._scalar(schema)
            case Items():
                item = self._scalar(schema.item)
                # Numbers in place of texts differ by how they are written: 1 and 1.0 are two.
                unique = {} if schema.item.text is not None and schema.item.text.number else {"uniqueItems": True}
                return {"anyOf": [{"type": "array", "items": item, **unique}, item]}
            case Keyed():
                return self._keyed(schema.item, path)
            case Table():
                return self._table_of(schema)
            case Json():
                return {"type": "object"}
            case Struct():
                return self._short(schema, self._part(schema, path))

    def _short(self, struct: Struct, long: Out) -> Out:
        """A part, or the scalar that is short for it."""
        if struct.cls.SHORT is None:
            return long
        short = struct.fields[struct.cls.SHORT].schema
        assert isinstance(short, Scalar), struct.cls
        return {"anyOf": [self._scalar(short), long]}

    def _part(self, struct: Struct, path: tuple[str, ...]) -> Out:
        name = struct.cls.__name__
        assert self._parts.setdefault(name, struct.cls) is struct.cls, f"two parts are called {name}"
        if name not in self._defs:
            self._defs[name] = {}
            parts = self._table.get("parts", {})
            fields = self._fields(struct, path, parts.get(name))
            self._defs[name] = {"description": _doc(struct.cls), **_closed(fields)}
        return {"$ref": f"#/$defs/{name}"}

    def _keyed(self, item: Struct, path: tuple[str, ...]) -> Out:
        """A list of parts, each perhaps by its key alone, or a mapping from key to part."""
        if item.cls is RawObject:
            return {"type": "array", "items": self._raw()}
        assert item.key
        key = item.fields[item.key].schema
        assert isinstance(key, Scalar), item.cls
        part = self._part(item, path)
        alone = _peer(key) if item.cls is Peer else self._scalar(key)
        return {
            "anyOf": [
                {"type": "array", "items": {"anyOf": [alone, {**part, "required": [item.key]}]}},
                {"type": "object", "propertyNames": self._scalar(key), "additionalProperties": part},
            ]
        }

    def _raw(self) -> Out:
        text = {"type": "string", "minLength": 1}
        metadata = {"type": "object", "required": ["name"], "properties": {"name": text}}
        headers = {"apiVersion": text, "kind": text, "metadata": metadata}
        self._defs["RawObject"] = {
            "description": _doc(RawObject), "type": "object", "required": list(headers), "properties": headers,
        }  # fmt: skip
        return {"$ref": "#/$defs/RawObject"}

    def _table_of(self, schema: Table) -> Out:
        out: Out = {"type": "object", "additionalProperties": self._schema(schema.value, (), None)}
        return out if schema.key is None else {**out, "propertyNames": self._text(schema.key)}

    def _scalar(self, schema: Scalar) -> Out:
        if schema.choices:
            return {"enum": list(schema.choices)}
        if schema.text is not None:
            return self._text(schema.text)
        out: Out = {"type": _TYPES[schema.type]}
        if schema.range is not None:
            out |= {"minimum": schema.range.low, "maximum": schema.range.high}
        return out

    def _text(self, text: Text) -> Out:
        out: Out = {"description": text.what, "type": ["string", "number"] if text.number else "string"}
        if text.pattern != _ANY_TEXT:
            out["pattern"] = _pattern(text.pattern)
        out["maxLength"] = text.limit
        if text.number and not text.accepts("-1"):
            out["minimum"] = 0
        examples = [example for example in _examples(text.example) if text.accepts(example)]
        return {**out, "examples": examples} if examples else out


def _peer(key: Scalar) -> Out:
    """A peer, short: its ports may stand behind it."""
    assert key.text is not None
    ports = "(:[0-9]+(-[0-9]+)?(/[A-Za-z]+)?)?"
    return {"description": key.text.what, "type": "string", "pattern": _pattern(f"({key.text.pattern}){ports}")}


def _pattern(pattern: str) -> str:
    """A pattern that a text meets whole, in the syntax of ECMA 262."""
    return f"^(?:{pattern})$".replace(r"\Z", "$")


def _examples(text: str) -> Iterable[str]:
    return [part.strip().strip('"') for part in re.split(r", | or |\(|\)|`", text)]


def _closed(fields: Out, required: Iterable[str] = ()) -> Out:
    out: Out = {"type": "object", "properties": fields, "additionalProperties": False}
    needed = list(required)
    return {**out, "required": needed} if needed else out


def _doc(cls: type) -> str:
    """What a class says of itself, as one line."""
    return " ".join((cls.__doc__ or "").split("\n\n")[0].split())
