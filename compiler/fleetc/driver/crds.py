"""Reads the CRDs of the folders that `--crds` names."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import Any, Final

from fleetc.check.crds import Crd, Given, documents
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.source.span import Span

_INDEX: Final = "INDEX.tsv"
_VERSIONS: Final = ("gateway.networking.k8s.io/bundle-version", "app.kubernetes.io/version")
_PROJECTS: Final = ("app.kubernetes.io/name", "app.kubernetes.io/part-of")


def read_crds(folders: Iterable[str]) -> Given:
    """Every CRD below these folders. Raises Failure for what cannot be read."""
    return Given([crd for folder in folders for crd in _folder(folder)])


def _folder(folder: str) -> Iterator[Crd]:
    index = f"{folder}/{_INDEX}"
    if os.path.exists(index):
        for row in csv.DictReader(_read(index).decode().splitlines(), delimiter="\t"):
            data = _read(f"{folder}/{row['file']}")
            digest = hashlib.sha256(data).hexdigest()
            if digest != row["sha256"]:
                raise _failure(f"{folder}/{row['file']}", "does not have the sha256 of INDEX.tsv", "fetch it again")
            yield Crd(row["project"], row["version"], row["group"], row["kind"], digest, data)
        return
    for above, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith((".yaml", ".yml")):
                yield from _file(f"{above}/{name}")


def _file(path: str) -> Iterator[Crd]:
    data = _read(path)
    digest = hashlib.sha256(data).hexdigest()
    try:
        for found in documents(data):
            meta = found.get("metadata") or {}
            told = {**(meta.get("labels") or {}), **(meta.get("annotations") or {})}
            version = next((str(told[name]) for name in _VERSIONS if name in told), "")
            spec = found["spec"]
            yield Crd(_project(told), version, spec["group"], spec["names"]["kind"], digest, data)
    except (ValueError, KeyError, TypeError) as error:
        reason = f"is not a CRD that can be read: {' '.join(str(error).split())}"
        raise _failure(path, reason, "correct the file, or take it out of the folder") from None


def _project(told: dict[str, Any]) -> str:
    """The component that labels and annotations name."""
    channel = told.get("gateway.networking.k8s.io/channel")
    return f"gateway-api-{channel}" if channel else next((str(told[name]) for name in _PROJECTS if name in told), "")


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _failure(path, f"cannot be read: {error.strerror}", "correct --crds, or the folder") from None


def _failure(path: str, reason: str, hint: str) -> Failure:
    name = os.path.relpath(path)
    return Failure(Diagnostic(codes.CANNOT_READ, f"{name} {reason}", Span(name, 1, 1), hint))
