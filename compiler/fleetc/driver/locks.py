"""Lock files: where each model's replicas were promised. One beside each model's spec file, read and kept by `build`.

A lock is data that only build writes; whoever deletes one asks for a new plan of that model.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.files import LOCK
from fleetc.driver.load import Sources
from fleetc.language.document import Doc
from fleetc.language.kinds import API_VERSION
from fleetc.plan.placement.model import Locked
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

KIND: Final = "Lock"
_FIELDS: Final = ("pool", "resources", "replicas")
_HINT: Final = "take it from git again, or delete it: build then plans the model anew"


class Lock(NamedTuple):
    """A lock file: its path below the root, the model that it is of, and what it holds."""

    path: str
    model: str
    placements: tuple[Locked, ...]


class LocksRead(NamedTuple):
    """The lock files by model (id); those that are not of use; and what is wrong with those that are broken."""

    by_model: dict[str, Lock]
    orphans: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def lock_path(doc: Doc) -> str:
    """The lock file of a model's document, beside the file that it stands in."""
    folder = os.path.dirname(doc.sources[0][0])
    return f"{folder}/{doc.name}.{doc.kind.lower()}{LOCK}"


def lock_text(model: str, placements: Iterable[Locked]) -> bytes:
    """The bytes of a lock file. A line for each pool, so that branches which move different parts merge."""
    head = [
        "# Where replicas are promised, written by `fleetc build`. Commit it with the specs; see docs/plan.md.",
        f"apiVersion: {API_VERSION}",
        f"kind: {KIND}",
        f"of: {model}",
    ]
    lines = [
        f'- {{pool: {one.pool}, resources: "{one.alternative}", replicas: {one.replicas}}}'
        for one in sorted(placements)
    ]
    return "\n".join([*head, "placements:" if lines else "placements: []", *lines, ""]).encode()


def read_locks(sources: Sources, paths: Iterable[str], docs: Mapping[str, Doc]) -> LocksRead:
    """The lock files below specs/. Of two for one model, that beside its spec counts."""
    found: dict[str, Lock] = {}
    orphans: list[str] = []
    wrong: list[Diagnostic] = []
    for path in sorted(paths):
        lock = _read(sources, path, wrong)
        if lock is None:
            continue
        doc = docs.get(lock.model)
        first = found.get(lock.model)
        if doc is None or (first is not None and path != lock_path(doc)):
            orphans.append(path)
            continue
        if first is not None:
            orphans.append(first.path)
        found[lock.model] = lock
        if path != lock_path(doc):
            orphans.append(path)
    return LocksRead(found, tuple(dict.fromkeys(orphans)), tuple(wrong))


def _read(sources: Sources, path: str, wrong: list[Diagnostic]) -> Lock | None:
    loaded = sources.load(path)
    if loaded.diagnostics:
        first = loaded.diagnostics[0]
        wrong.append(Diagnostic(codes.BROKEN_LOCK, f"{path} cannot be read: {first.message}", first.span, _HINT))
        return None
    for message, at in _misshapen(loaded.documents):
        wrong.append(Diagnostic(codes.BROKEN_LOCK, f"{path}: {message}", sources.locate(path, 0, at), _HINT, at))
        return None
    value: dict[str, Any] = loaded.documents[0][1]
    entries = [(p["pool"], p["resources"], p["replicas"]) for p in value["placements"]]
    return Lock(path, value["of"], tuple(Locked(*entry) for entry in entries))


def _misshapen(documents: list[tuple[int, Any]]) -> Iterator[tuple[str, Path]]:
    """What is not as build writes it."""
    if len(documents) != 1 or not isinstance(documents[0][1], dict):
        yield "it is not one mapping", ()
        return
    value = documents[0][1]
    if (value.get("apiVersion"), value.get("kind")) != (API_VERSION, KIND):
        yield f"it is not of apiVersion {API_VERSION} and kind {KIND}", ()
    elif not isinstance(value.get("of"), str) or not isinstance(value.get("placements"), list):
        yield "it has no `of` or no list of `placements`", ()
    else:
        for n, one in enumerate(value["placements"]):
            if not isinstance(one, dict) or sorted(one) != sorted(_FIELDS) or not _typed(one):
                yield f"a placement has {', '.join(_FIELDS)} and nothing else", ("placements", n)


def _typed(one: dict[str, Any]) -> bool:
    texts = isinstance(one["pool"], str) and isinstance(one["resources"], str)
    return texts and type(one["replicas"]) is int and one["replicas"] >= 0
