"""Packs the structure of custom resource definitions: what the API server would refuse, without prose and CEL rules."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema_rs import Draft202012Validator, RegexOptions
from tools.pack_common import Schema, apply_format, compress, definition_line, dump, references
from tools.pack_kubernetes import OBJECT_META, subdomain

SHARE_FROM = 160
"""Subtrees of at least this many characters are shared when they occur twice; shorter ones cost more shared."""

_BOUNDS = (
    *("pattern", "maxLength", "minLength", "minimum", "maximum", "multipleOf", "maxItems", "minItems"),
    *("uniqueItems", "maxProperties", "minProperties"),
)
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
COLUMNS = ("project", "version", "commit_date", "group", "kind", "scope", "served", "cel", "sha256", "shadowed")


class _Loader(yaml.CSafeLoader):
    """PyYAML fails on `- =`, which YAML 1.1 gives a meaning of its own and a published CRD holds as a string."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda _loader, _node: "=")


class Source(NamedTuple):
    """One CRD of the directory: its line in the index and its definition."""

    row: dict[str, str]
    spec: Schema


class Version(NamedTuple):
    """One served version of one kind, ready to be packed."""

    project: str
    scope: str
    schema: Schema
    cel: bool


def pack(directory: Path) -> tuple[bytes, str]:
    """The bytes of `crds.bin` and the text of its manifest `crds.tsv`.

    When several projects serve one (group, version, kind), the definition with the newest commit date is packed; on
    equal dates the project whose `project@version` sorts last. Raises ValueError when a file does not have the indexed
    sha256.
    """
    versions: dict[tuple[str, str, str], Version] = {}
    order = sorted(read(directory), key=lambda source: (source.row["commit_date"], _project(source.row)), reverse=True)
    rows = [_take(source, versions) for source in order]
    text = "".join("\t".join(row[column] for column in COLUMNS) + "\n" for row in sorted(rows, key=_sort_key))
    return _container(versions), "\t".join(COLUMNS) + "\n" + text


def _sort_key(row: dict[str, str]) -> list[str]:
    return [row[column] for column in ("group", "kind", "project", "version")]


def _project(row: dict[str, str]) -> str:
    return f"{row['project']}@{row['version']}"


def read(directory: Path) -> list[Source]:
    """Every CRD that the directory's INDEX.tsv names."""
    out: list[Source] = []
    with (directory / "INDEX.tsv").open() as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            data = (directory / row["file"]).read_bytes()
            if hashlib.sha256(data).hexdigest() != row["sha256"]:
                raise ValueError(f"{row['file']} does not have the sha256 of INDEX.tsv")
            # The loader is a safe one: it is CSafeLoader with one more scalar.
            for document in yaml.load_all(data, Loader=_Loader):
                spec = (document or {}).get("spec", {})
                if (spec.get("group"), spec.get("names", {}).get("kind")) == (row["group"], row["kind"]):
                    out.append(Source(row, spec))
    return out


def _take(source: Source, versions: dict[tuple[str, str, str], Version]) -> dict[str, str]:
    """Add the versions that no newer project serves; the manifest's row."""
    row, spec = source
    served: list[str] = []
    cel: list[str] = []
    shadowed: list[str] = []
    for version in spec["versions"]:
        if not version.get("served", True):
            continue
        name = version["name"]
        key = (row["group"], row["kind"], name)
        if key in versions:
            shadowed.append(f"{name}<{versions[key].project}")
            continue
        schema = version.get("schema", {}).get("openAPIV3Schema", {})
        rules = _has_rules(schema)
        versions[key] = Version(_project(row), spec["scope"], root(schema, *key), rules)
        served.append(name)
        cel.extend([name] if rules else [])
    joined = {"served": served, "cel": cel, "shadowed": shadowed}
    return {**row, "scope": spec["scope"], **{key: ",".join(value) for key, value in joined.items()}}


def _has_rules(node: object) -> bool:
    if isinstance(node, dict):
        return "x-kubernetes-validations" in node or any(_has_rules(child) for child in node.values())
    return isinstance(node, list) and any(_has_rules(child) for child in node)


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
    name: Schema = {"type": "string", **subdomain()}
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
            out[key] = [_junctor(branch, place) for branch in branches]
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
    return Draft202012Validator(schema, pattern_options=RegexOptions()).is_valid(value)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Sharing:
    """Gives subtrees that occur more than once a name: `c1` in the blob of all projects, `p1` in the blob of one."""

    def __init__(self, versions: dict[tuple[str, str, str], Version]) -> None:
        self.texts: Counter[str] = Counter()
        self.owners: dict[str, set[str]] = {}
        self.names: dict[tuple[str, str], str] = {}
        self.definitions: dict[str, dict[str, str]] = {"": {}}
        for version in versions.values():
            self._count(version.schema, version.project)

    def _count(self, node: Schema, project: str) -> None:
        text = dump(node)
        if len(text) < SHARE_FROM:
            return
        self.texts[text] += 1
        self.owners.setdefault(text, set()).add(project)
        if self.texts[text] == 1:  # What is below an equal subtree is shared with it.
            for _, _, child in _children(node):
                self._count(child, project)

    def fold(self, node: Schema, blob: str) -> Schema:
        """The same schema, with references for what is shared; `blob` is a project, or "" inside shared text."""
        text = dump(node)
        if self.texts[text] < 2:
            return self.inside(node, blob)
        if len(self.owners[text]) > 1:
            blob = ""
        known = self.definitions.setdefault(blob, {})
        if (blob, text) not in self.names:
            name = f"{'p' if blob else 'c'}{len(known)}"
            self.names[blob, text] = name
            known[name] = ""
            known[name] = definition_line(name, self.inside(node, blob))
        return {"$ref": f"#/$defs/{self.names[blob, text]}"}

    def inside(self, node: Schema, blob: str) -> Schema:
        """A schema whose children are folded, itself not."""
        out = dict(node)
        for keyword, name, child in _children(node):
            if name is None:
                out[keyword] = self.fold(child, blob)
            else:
                out[keyword] = {**out[keyword], name: self.fold(child, blob)}
        return out


def _children(node: Schema) -> list[tuple[str, str | None, Schema]]:
    out: list[tuple[str, str | None, Schema]] = [
        ("properties", name, child) for name, child in node.get("properties", {}).items()
    ]
    return out + [
        (key, None, node[key]) for key in ("items", "additionalProperties") if isinstance(node.get(key), dict)
    ]


def _container(versions: dict[tuple[str, str, str], Version]) -> bytes:
    """A head (4 bytes of length, compressed JSON), then one compressed blob per project, the shared one first.

    A blob's first line maps `group/version kind` to the names of the definitions it needs, the root first and `c...` in
    the shared blob; each further line is a definition.
    """
    sharing = _Sharing(versions)
    roots: dict[str, dict[str, Schema]] = {}
    for (group, kind, version), entry in sorted(versions.items()):
        folded = sharing.inside(entry.schema, entry.project)
        roots.setdefault(entry.project, {})[f"{group}/{version} {kind}"] = folded
    common = sharing.definitions.get("", {})
    projects = sorted(roots)
    blobs = [compress("\n".join(["{}", *(common[name] for name in sorted(common))]))]
    blobs.extend(_blob(roots[project], sharing.definitions.get(project, {}), common) for project in projects)
    kinds: dict[str, Any] = {}
    for (group, kind, version), entry in sorted(versions.items()):
        kinds.setdefault(f"{group} {kind}", {})[version] = [
            projects.index(entry.project) + 1,
            entry.scope[0],
            int(entry.cel),
        ]
    head = compress(dump({"sizes": [len(blob) for blob in blobs], "projects": projects, "kinds": kinds}))
    return len(head).to_bytes(4, "big") + head + b"".join(blobs)


def _blob(roots: dict[str, Schema], own: dict[str, str], common: dict[str, str]) -> bytes:
    needs = {name: _refs(line) for name, line in {**common, **own}.items()}
    table: dict[str, list[str]] = {}
    lines = dict(own)
    for kind, schema in roots.items():
        name = f"r{len(table)}"
        lines[name] = definition_line(name, schema)
        order = [name]
        needs[name] = _refs(lines[name])
        for each in order:
            order.extend(ref for ref in needs[each] if ref in needs and ref not in order)
        table[kind] = order
    return compress("\n".join([dump(table), *(lines[name] for name in sorted(lines))]))


def _refs(line: str) -> list[str]:
    text = line.partition("\t")[0].partition(":")[2]
    return list(dict.fromkeys(references(json.loads(text))))
