"""Reads the schema packs beside this file: small indexes at first use, definitions of the kinds that are asked for.

The packs are written by tools/pack_schemas.py, whose modules describe their layout.
"""

from __future__ import annotations

import json
import os
import zlib
from functools import lru_cache
from typing import Any, Literal

from fleetc.tuples import NamedTuple

Scope = Literal["Namespaced", "Cluster"]

_PACKS = os.path.join(os.path.dirname(__file__), "packs")


def _read(name: str) -> bytes:
    with open(os.path.join(_PACKS, name), "rb") as file:
        return file.read()


class Kubernetes(NamedTuple):
    """The pack of built-in kinds: its minors, what its patterns mean in words, and its lines."""

    minors: tuple[str, ...]
    words: dict[str, str]
    lines: list[str]


class Crds(NamedTuple):
    """The pack of custom kinds: `kinds` maps "group kind" and version to (blob, scope's first letter, has rules)."""

    kinds: dict[str, dict[str, tuple[int, str, int]]]
    projects: list[str]
    data: bytes
    offsets: tuple[int, ...]


class Definitions(NamedTuple):
    """What one kind needs: its root's name, and each definition as JSON text with the skeleton of its map lists."""

    root: str
    schemas: list[str]
    skeletons: dict[str, str]
    cel: bool

    def schema_text(self) -> str:
        """The kind's JSON Schema (draft 2020-12) as text."""
        ref = f'"$ref":"#/$defs/{self.root}"'
        return (
            f'{{"$schema":"https://json-schema.org/draft/2020-12/schema",{ref},"$defs":{{{",".join(self.schemas)}}}}}'
        )


@lru_cache(maxsize=1)
def kubernetes() -> Kubernetes:
    """The pack of built-in kinds."""
    lines = zlib.decompress(_read("kubernetes.bin")).decode().split("\n")
    head = json.loads(lines[0])
    return Kubernetes(tuple(head["minors"]), head["words"], lines)


@lru_cache(maxsize=8)
def builtin(minor: str) -> dict[str, Any]:
    """The table of one minor: `kinds` maps "apiVersion kind" to line numbers, `metadata` is the lines of ObjectMeta.

    Raises ValueError for a minor that is not packed.
    """
    pack = kubernetes()
    if minor not in pack.minors:
        raise ValueError(f"no schemas of Kubernetes {minor}: there are {', '.join(pack.minors)}")
    table: dict[str, Any] = json.loads(pack.lines[1 + pack.minors.index(minor)])
    return table


@lru_cache(maxsize=1)
def crds() -> Crds:
    """The index of custom kinds."""
    data = _read("crds.bin")
    start = 4 + int.from_bytes(data[:4], "big")
    head = json.loads(zlib.decompress(data[4:start]))
    offsets = [start]
    for size in head["sizes"]:
        offsets.append(offsets[-1] + size)
    return Crds(head["kinds"], head["projects"], data, tuple(offsets))


@lru_cache(maxsize=1)
def scopes() -> dict[str, Scope]:
    """The scope of each built-in "group kind"."""
    out: dict[str, Scope] = {}
    for line in _read("scopes.tsv").decode().splitlines():
        if not line.startswith("#"):
            group, kind, scope = line.split("\t")
            out[f"{group} {kind}"] = "Namespaced" if scope == "Namespaced" else "Cluster"
    return out


@lru_cache(maxsize=1)
def builtin_groups() -> frozenset[str]:
    """The API groups that the API server itself serves."""
    return frozenset(key.partition(" ")[0] for key in scopes())


def manifest() -> list[list[str]]:
    """The table of packed CRDs, the names of its columns first."""
    return [line.split("\t") for line in _read("crds.tsv").decode().splitlines()]


def custom(api_version: str, kind: str) -> tuple[int, str, int] | None:
    """The entry of one version of a custom kind."""
    group, _, version = api_version.rpartition("/")
    return crds().kinds.get(f"{group} {kind}", {}).get(version)


def definitions(api_version: str, kind: str, minor: str) -> Definitions | None:
    """What the check of one kind needs, or None when no pack has it."""
    table = builtin(minor)
    numbers = table["kinds"].get(f"{api_version} {kind}")
    if numbers is not None:
        lines = kubernetes().lines
        return _definitions([lines[number] for number in numbers], cel=False)
    entry = custom(api_version, kind)
    if entry is None:
        return None
    blob, _, cel = entry
    lines = _blob(blob)[0]
    needed = json.loads(lines[0])[f"{api_version} {kind}"]
    index, shared = _blob(blob)[1], _blob(0)[1]
    own = [index[name] if name in index else shared[name] for name in needed]
    return custom_definitions(own, minor, cel=bool(cel))


def custom_definitions(lines: list[str], minor: str, *, cel: bool = False) -> Definitions:
    """What the check of a custom kind needs, from its own definitions, the root first."""
    # Custom objects carry the metadata of the cluster's own minor.
    metadata = [kubernetes().lines[number] for number in builtin(minor)["metadata"]]
    return _definitions([*lines, *metadata], cel=cel)


@lru_cache(maxsize=64)
def _blob(number: int) -> tuple[list[str], dict[str, str]]:
    pack = crds()
    text = zlib.decompress(pack.data[pack.offsets[number] : pack.offsets[number + 1]]).decode()
    lines = text.split("\n")
    return lines, {line[1 : line.index('"', 1)]: line for line in lines[1:]}


def _definitions(lines: list[str], *, cel: bool) -> Definitions:
    schemas: list[str] = []
    skeletons: dict[str, str] = {}
    for line in lines:
        schema, _, bones = line.partition("\t")
        schemas.append(schema)
        if bones:
            skeletons[schema[1 : schema.index('"', 1)]] = bones
    first = lines[0]
    return Definitions(first[1 : first.index('"', 1)], schemas, skeletons, cel)
