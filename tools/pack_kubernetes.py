"""Packs the Kubernetes schemas of the `kubernetes-validate` wheel, with what they miss laid over them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from copy import deepcopy
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from tools.pack_common import compress

from fleetc.check.definitions import definition_line, dump, references
from fleetc.check.formats import FORMAT_WORDS, Schema, apply_format
from fleetc.check.structural import OBJECT_META

MINORS = ("1.33", "1.34", "1.35", "1.36", "1.37")
HERE = Path(__file__).parent
SCOPES = HERE.parent / "compiler/fleetc/check/packs/scopes.tsv"

# Kinds of subresources and of internal storage: nobody applies them as objects.
NOT_APPLIED = {
    ("", "Binding"),
    ("authentication.k8s.io", "TokenRequest"),
    ("autoscaling", "Scale"),
    ("internal.apiserver.k8s.io", "StorageVersion"),
    ("policy", "Eviction"),
}
_KEY_DEFAULTS = {"protocol": "TCP"}
_KEEP = {"$ref", "type", "required", "enum", "properties", "items", "additionalProperties", "format"}
_HINTS = {"x-kubernetes-list-map-keys", "x-kubernetes-list-type"}
_IRREGULAR: dict[str, Schema] = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["integer", "string", "null"]},
}


def pack() -> bytes:
    """The bytes of `kubernetes.bin`.

    Raises ValueError when a kind of the wheel has no scope, or an overlay rule names nothing.
    """
    overlay = yaml.safe_load((HERE / "schema_overlay.yaml").read_text())
    scopes = read_scopes()
    lines: dict[str, int] = {}
    tables: list[tuple[str, Schema]] = []
    used: set[str] = set()
    for minor in MINORS:
        definitions, kinds = _minor(minor, overlay, scopes, used)
        table = {kind: _closure(root, definitions, lines) for kind, root in sorted(kinds.items())}
        tables.append((minor, {"kinds": table, "metadata": _closure(OBJECT_META, definitions, lines)}))
    if unused := sorted(set(overlay["rules"]) - used):
        raise ValueError(f"overlay rules that match nothing: {unused}")
    # Sorting by name puts the variants of one definition side by side, where zlib finds them.
    order = sorted(lines, key=lambda line: line)
    place = {lines[line]: number for number, line in enumerate(order, start=1 + len(MINORS))}
    head = {"minors": [minor for minor, _ in tables], "words": {**FORMAT_WORDS, **_words(overlay)}}
    return compress("\n".join([dump(head), *(dump(_renumber(table, place)) for _, table in tables), *order]))


def read_scopes() -> dict[tuple[str, str], str]:
    """The scope of each built-in (group, kind)."""
    with SCOPES.open() as stream:
        rows = csv.reader((line for line in stream if not line.startswith("#")), delimiter="\t")
        return {(group, kind): scope for group, kind, scope in rows}


def _renumber(table: Schema, place: dict[int, int]) -> Schema:
    kinds = {kind: [place[number] for number in numbers] for kind, numbers in table["kinds"].items()}
    return {"kinds": kinds, "metadata": [place[number] for number in table["metadata"]]}


def _words(overlay: Schema) -> dict[str, str]:
    pieces = [
        *overlay["fragments"].values(),
        *(piece for piece in overlay["rules"].values() if isinstance(piece, dict)),
    ]
    return {piece["pattern"]: piece["words"] for piece in pieces if "words" in piece}


def _minor(
    minor: str, overlay: Schema, scopes: dict[tuple[str, str], str], used: set[str]
) -> tuple[dict[str, Schema], dict[str, str]]:
    """The definitions of one minor, cleaned and overlaid, and the root definition of each `group/version kind`."""
    wheel = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{minor}.0-local-strict" / "_definitions.json"
    raw: dict[str, Schema] = json.loads(wheel.read_text())["$defs"]
    definitions = {name: _IRREGULAR.get(name) or _clean(schema) for name, schema in raw.items()}
    for schema in definitions.values():
        _refuse_null(schema, definitions)
    quantity = dict(overlay["fragments"]["quantity"], type=["string", "number", "null"])
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = _bare(quantity)
    for name, fragment in overlay["fragments"].items():
        definitions[f"fleetc.{name}"] = _bare(fragment)
    for target, piece in overlay["rules"].items():
        if _overlay(definitions, target, _since(piece, minor), overlay["fragments"]):
            used.add(target)
    for schema in definitions.values():
        _refuse_null(schema, definitions)
    return definitions, _kinds(minor, raw, definitions, overlay, scopes)


def _kinds(
    minor: str, raw: Schema, definitions: dict[str, Schema], overlay: Schema, scopes: dict[tuple[str, str], str]
) -> dict[str, str]:
    """The root definition of each kind, made of its definition: that one is left alone, for StatefulSets hold claims
    without type and name."""
    kinds: dict[str, str] = {}
    for name, schema in raw.items():
        for group, version, kind in _served_kinds(name, schema):
            if (group, kind) not in scopes:
                raise ValueError(f"{minor}: {group} {kind} has no line in {SCOPES.name}")
            api_version = f"{group}/{version}" if group else version
            kinds[f"{api_version} {kind}"] = f"{name}.Root"
            definitions[f"{name}.Root"] = deepcopy(definitions[name])
            rule = _since(overlay["names"].get(kind, "subdomain"), minor)
            _root(definitions[f"{name}.Root"], rule, overlay["fragments"])
    return kinds


def _served_kinds(name: str, schema: Schema) -> Iterator[tuple[str, str, str]]:
    metadata = schema.get("properties", {}).get("metadata", {}).get("$ref", "")
    if not metadata.endswith(".ObjectMeta"):
        return
    for gvk in schema.get("x-kubernetes-group-version-kind", []):
        if (gvk["group"], gvk["kind"]) not in NOT_APPLIED:
            yield gvk["group"], gvk["version"], gvk["kind"]


def _root(schema: Schema, name_rule: str | Schema, fragments: Schema) -> None:
    """An object that is applied says its type and its name, though the schemas require neither."""
    metadata: Schema = {"$ref": f"#/$defs/{OBJECT_META}"}
    schema["type"] = "object"
    schema["required"] = sorted({*schema.get("required", []), "apiVersion", "kind"})
    if name_rule:
        metadata["properties"] = {"name": {"type": "string", **_bare(_piece(name_rule, fragments))}}
        metadata["required"] = ["name"]
        schema["required"] = sorted({*schema["required"], "metadata"})
        metadata["type"] = "object"
    schema["properties"]["metadata"] = metadata
    for name in ("apiVersion", "kind"):
        schema["properties"][name]["type"] = "string"


def _clean(node: Schema) -> Schema:
    """One definition without prose, formats written as keywords, sets as `uniqueItems`."""
    out: Schema = {key: value for key, value in node.items() if key in _KEEP | _HINTS and key != "format"}
    if isinstance(out.get("enum"), list) and "null" in out.get("type", []):
        out["enum"] = [*out["enum"], None]
    if "properties" in out:
        out["properties"] = {name: _clean(child) for name, child in out["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(out.get(key), dict):
            out[key] = _clean(out[key])
    if out.get("additionalProperties") is False:
        out.setdefault("properties", {})  # Without it, the validator does not say which field is unknown.
    if out.get("x-kubernetes-list-type") == "set":
        out["uniqueItems"] = True
    if "x-kubernetes-list-map-keys" in out:
        out["x-fleetc-key-defaults"] = _KEY_DEFAULTS
    apply_format(out, str(node.get("format", "")))
    if "$ref" not in out and "type" not in out and "oneOf" in node:
        out["oneOf"] = node["oneOf"]
    return out


def _refuse_null(schema: Schema, definitions: dict[str, Schema]) -> None:
    """The schemas let every definition be null; the server reads that as empty, which what is required cannot be."""
    fields = schema.get("properties", {})
    lists = [field["items"] for field in fields.values() if isinstance(field.get("items"), dict)]
    for place in [*(fields[name] for name in schema.get("required", []) if name in fields), *lists]:
        target = definitions.get(str(place.get("$ref", "")).removeprefix("#/$defs/"))
        kinds = (place if target is None else target).get("type")
        if isinstance(kinds, list) and "null" in kinds:
            rest = [kind for kind in kinds if kind != "null"]
            place["type"] = rest[0] if len(rest) == 1 else rest


def _overlay(definitions: dict[str, Schema], target: str, piece: Any, fragments: Schema) -> bool:
    """Lay one rule over every definition whose name matches; False when there is none."""
    glob, _, field = target.rpartition(".")
    whole = field[:1].isupper()
    glob = target if whole else glob
    matched = False
    for name, schema in definitions.items():
        if not fnmatchcase(name, f"io.k8s.*.{glob}"):
            continue
        if whole:
            merge(schema, _piece(piece, fragments))
            matched = True
        elif (place := _place(schema, field)) is not None:
            merge(place, _piece(piece, fragments))
            matched = True
    return matched


def _place(schema: Schema, field: str) -> Schema | None:
    found: Schema | None = schema.get("properties", {}).get(field.rstrip("[]{}"))
    if found is not None and field.endswith("[]"):
        found = found["items"]
    elif found is not None and field.endswith("{}"):
        found = found["additionalProperties"]
    return found


def _since(piece: Any, minor: str) -> Any:
    """What holds at a minor, of a piece that says which one holds from which minor on."""
    if not isinstance(piece, dict) or not piece or not piece.keys() <= set(MINORS):
        return piece
    return piece[max((m for m in piece if MINORS.index(m) <= MINORS.index(minor)), key=MINORS.index)]


def _piece(piece: Any, fragments: Schema) -> Schema:
    if isinstance(piece, list):
        return {"enum": piece, "unset": ""}
    found: Schema = fragments[piece] if isinstance(piece, str) else piece
    return found


def _bare(piece: Schema) -> Schema:
    return {key: value for key, value in piece.items() if key not in ("words", "unset")}


def merge(schema: Schema, piece: Schema) -> None:
    """Lay a piece over a schema, in place: lists of `required` join, enums keep "not set", bounds replace."""
    nullable = "null" in schema.get("type", [])
    for key, value in _bare(piece).items():
        if key == "required":
            schema["required"] = sorted({*schema.get("required", []), *value})
        elif key == "enum":
            unset = [*([""] if "unset" in piece else []), None] if nullable else []
            schema["enum"] = list(dict.fromkeys([*value, *unset]))
        elif key == "type" and nullable:
            schema["type"] = [*([value] if isinstance(value, str) else value), "null"]
        else:
            schema[key] = value
    if "type" in piece:
        # The referred definition (a Quantity, an int-or-string) is said in full by the piece.
        schema.pop("$ref", None)
        schema["type"] = list(dict.fromkeys(schema["type"])) if isinstance(schema["type"], list) else schema["type"]


def _closure(root: str, definitions: dict[str, Schema], lines: dict[str, int]) -> list[int]:
    """The lines that a root needs, itself first; new lines get the next number."""
    order = [root]
    for name in order:
        order.extend(ref for ref in dict.fromkeys(references(definitions[name])) if ref not in order)
    return [lines.setdefault(definition_line(name, definitions[name]), len(lines)) for name in order]
