"""The emitted tree: which files are fleetc's, whether a hand has touched them, and the objects in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from fleet.objects import Identity, Object, StackError, identity

_HEADER: Final = re.compile(rb"# Made by fleetc from .+; edit that instead\. sha256:([0-9a-f]{64})\r?\n?")
_CONFLICT: Final = b"<<<<<<<"


_BASE: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the fast one is in all wheels of PyYAML
_RESOLVERS: Final = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
    for first, pairs in _BASE.yaml_implicit_resolvers.items()
}
_LOADER: Final[type[Any]] = type("_Loader", (_BASE,), {"yaml_implicit_resolvers": _RESOLVERS})
"""Reads as kubectl does, but dates stay text."""


def parse(text: bytes | str, about: str) -> list[Any]:
    """The documents of a YAML text, empty ones left out. Raises StackError, which names where it is from."""
    try:
        # A safe loader that knows fewer tags, not more.
        return [document for document in yaml.load_all(text, _LOADER) if document is not None]
    except yaml.YAMLError as error:
        raise StackError(f"{about} is no YAML: {error}") from None


def objects_of(documents: list[Any], about: str) -> list[Object]:
    """The Kubernetes objects among documents, each with an apiVersion, a kind and a name. Raises StackError."""
    for document in documents:
        named = isinstance(document, dict) and isinstance(document.get("metadata"), dict)
        texts = (document.get("apiVersion"), document.get("kind"), document["metadata"].get("name")) if named else ()
        if not texts or not all(isinstance(text, str) and text for text in texts):
            raise StackError(f"{about} holds something without apiVersion, kind and metadata.name")
    return documents


def body_of(data: bytes, path: Path) -> bytes | None:
    """What stands below fleetc's header; None for a file that is not fleetc's.

    Raises StackError for a file of fleetc's that was edited, cut short or left in conflict: what it would do to the
    cluster is in no spec.
    """
    head = data[: data.find(b"\n") + 1] or data
    found = _HEADER.fullmatch(head)
    if found is None:
        if head.startswith(_CONFLICT) and b"# Made by fleetc from " in data:
            raise StackError(f"{path} has merge conflicts: solve them in the specs, then run `fleetc build`")
        return None
    body = data[len(head) :]
    if hashlib.sha256(body).hexdigest() != found[1].decode():
        raise StackError(f"{path} is not as fleetc made it: edit its spec instead, and run `fleetc build`")
    return body


def read_manifests(folder: Path) -> dict[Identity, Object]:
    """All objects of fleetc's files below a folder, in the order of files and documents; other files are not read.

    Raises StackError, also where there is no object at all: applied, that would delete whatever there was.
    """
    if not folder.is_dir():
        raise StackError(f"there is no folder {folder}: run `fleetc build`")
    found: dict[Identity, Object] = {}
    places: dict[Identity, Path] = {}
    for path, obj in _emitted(folder):
        key = identity(obj)
        if key in found:
            raise StackError(f"{key.logical} stands in {places[key]} and in {path}: run `fleetc build`")
        found[key], places[key] = obj, path
    if not found:
        raise StackError(f"no file of fleetc is in {folder}: run `fleetc build`")
    return found


def _emitted(folder: Path) -> Iterator[tuple[Path, Object]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        body = body_of(path.read_bytes(), path)
        if body is not None:
            yield from ((path, obj) for obj in objects_of(parse(body, str(path)), str(path)))
