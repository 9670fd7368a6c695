"""Packs the structure of custom resource definitions: what the API server would refuse, without prose and CEL rules."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from tools.pack_common import compress

from fleetc.check.crds import documents
from fleetc.check.definitions import definition_line, dump, references
from fleetc.check.formats import Schema
from fleetc.check.structural import root

SHARE_FROM = 160
"""Subtrees of at least this many characters are shared when they occur twice; shorter ones cost more shared."""

COLUMNS = ("project", "version", "commit_date", "group", "kind", "scope", "served", "cel", "sha256", "shadowed")


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
            for document in documents(data):
                spec = document["spec"]
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
