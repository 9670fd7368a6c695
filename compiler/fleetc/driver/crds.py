"""Reads the CRDs of the folders that `--crds` names, or of the root's own."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import Any, Final

from fleetc.check.crds import UNREADABLE, Crd, Given, documents
from fleetc.check.store import Scope
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple

INDEX: Final = "INDEX.tsv"
_VERSIONS: Final = ("gateway.networking.k8s.io/bundle-version", "app.kubernetes.io/version")
_PROJECTS: Final = ("app.kubernetes.io/name", "app.kubernetes.io/part-of")
_NEEDED: Final = ("project", "version", "file", "group", "kind", "sha256")


class Indexed(NamedTuple):
    """A line of an index, and the bytes of its file, which have the line's sha256."""

    row: dict[str, str]
    data: bytes


def read_crds(folders: Iterable[str]) -> Given | None:
    """Every CRD below these folders; of one that several give for a version of a component, the first folder's. None
    without a folder. Raises Failure for what cannot be read: all of it at once."""
    found: dict[tuple[str, ...], Crd] = {}
    problems: list[Diagnostic] = []
    none = True
    for folder in folders:
        none = False
        mine: dict[tuple[str, ...], Crd] = {}
        for crd in _folder(folder, problems):
            mine.setdefault((crd.group, crd.kind, crd.project, crd.version), crd)
        found = {**mine, **found}
    if problems:
        raise Failure(*problems)
    return None if none else Given(list(found.values()))


def _folder(folder: str, problems: list[Diagnostic]) -> Iterator[Crd]:
    """Those that the index names, and then those of all other YAML files: what somebody adds is not passed over."""
    indexed: set[str] = set()
    if os.path.exists(f"{folder}/{INDEX}"):
        for row, data in read_index(folder, problems, indexed):
            scope: Scope = "Cluster" if row.get("scope") == "Cluster" else "Namespaced"
            yield Crd(row["project"], row["version"], row["group"], row["kind"], row["sha256"], data, scope)
    for above, below, names in os.walk(folder):
        below.sort()
        for path in (os.path.join(above, name) for name in sorted(names)):
            if path.endswith((".yaml", ".yml")) and os.path.relpath(path, folder) not in indexed:
                found = _read(path, problems)
                yield from _file(path, found, problems) if found is not None else ()


def read_index(folder: str, problems: list[Diagnostic], named: set[str]) -> Iterator[Indexed]:
    """The lines of a folder's index with their files. What is named goes into `named`, what is wrong to `problems`."""
    data = _read(f"{folder}/{INDEX}", problems)
    try:
        rows = list(csv.DictReader((data or b"").decode().splitlines(), delimiter="\t"))
    except (ValueError, csv.Error) as error:
        problems.append(_problem(f"{folder}/{INDEX}", f"is no table: {error}", "fetch it again"))
        return
    for number, row in enumerate(rows, start=2):
        lacking = [name for name in _NEEDED if not row.get(name)]
        if lacking:
            reason = f"lacks the columns {', '.join(lacking)} in line {number}"
            problems.append(_problem(f"{folder}/{INDEX}", reason, "fetch it again"))
            continue
        path = f"{folder}/{row['file']}"
        named.add(os.path.normpath(row["file"]))
        data = _read(path, problems)
        if data is not None and hashlib.sha256(data).hexdigest() != row["sha256"]:
            problems.append(_problem(path, f"does not have the sha256 of {INDEX}", "fetch it again"))
        elif data is not None:
            yield Indexed(row, data)


def _file(path: str, data: bytes, problems: list[Diagnostic]) -> Iterator[Crd]:
    digest = hashlib.sha256(data).hexdigest()
    try:
        for found in documents(data):
            meta = found.get("metadata") or {}
            told = {**(meta.get("labels") or {}), **(meta.get("annotations") or {})}
            version = next((str(told[name]) for name in _VERSIONS if name in told), "")
            spec = found["spec"]
            scope: Scope = "Cluster" if spec.get("scope") == "Cluster" else "Namespaced"
            yield Crd(_project(told), version, spec["group"], spec["names"]["kind"], digest, data, scope)
    except UNREADABLE as error:
        reason = f"is not a CRD that can be read: {' '.join(str(error).split())}"
        problems.append(_problem(path, reason, "correct the file, or take it out of the folder"))


def _project(told: dict[str, Any]) -> str:
    """The component that labels and annotations name."""
    channel = told.get("gateway.networking.k8s.io/channel")
    return f"gateway-api-{channel}" if channel else next((str(told[name]) for name in _PROJECTS if name in told), "")


def _read(path: str, problems: list[Diagnostic]) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        problems.append(_problem(path, f"cannot be read: {error.strerror}", "correct --crds, or the folder"))
        return None


def _problem(path: str, reason: str, hint: str) -> Diagnostic:
    name = os.path.relpath(path)
    return Diagnostic(codes.CANNOT_READ, f"{name} {reason}", Span(name, 1, 1), hint)
