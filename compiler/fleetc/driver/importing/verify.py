"""What the specs of an import emit, compiled for real in another folder, and held against what was imported."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from fleetc.diagnostics import Diagnostic
from fleetc.driver.build import Options, run
from fleetc.driver.compile import plan_fleet
from fleetc.driver.files import LOCK, SPECS, spec_files
from fleetc.driver.front import front
from fleetc.driver.importing.classes import DEFAULTS
from fleetc.driver.importing.sift import Kept
from fleetc.driver.load import Sources
from fleetc.driver.lower import lower
from fleetc.language import raw
from fleetc.language.envelope import included_files
from fleetc.plan import Plan
from fleetc.source import yaml
from fleetc.tuples import NamedTuple

_OURS: Final = ("app.kubernetes.io/managed-by", "app.kubernetes.io/part-of", "fleetc.dev/team")
"""Labels that emitted objects, and those of teams, have where they do not set them themselves."""

_NAMESPACE: Final = "kubernetes.io/metadata.name"
"""The label by which the API server names each Namespace."""


class Emitted(NamedTuple):
    """What a root emits: objects by cluster and identity, or what is wrong with it. `owners`: by cluster and subject,
    the identities of what it emits there."""

    clusters: dict[str, dict[str, Any]]
    twice: list[str]
    diagnostics: list[Diagnostic]
    sources: Sources
    plan: Plan | None = None
    owners: Mapping[str, Mapping[str, list[str]]] = {}


@contextmanager
def other_root(root: str, files: Mapping[str, bytes]) -> Generator[str]:
    """A copy of a root's specs, and the files that they include, with more files."""
    with tempfile.TemporaryDirectory(prefix="fleetc-import-") as folder:
        if os.path.isdir(f"{root}/{SPECS}"):
            shutil.copytree(f"{root}/{SPECS}", f"{folder}/{SPECS}", symlinks=False, ignore_dangling_symlinks=True)
            _copy_included(root, folder)
        for path, data in files.items():
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(data)
        yield folder


def _copy_included(root: str, folder: str) -> None:
    sources = Sources(root)
    for file in spec_files(root):
        for _, value in sources.load(file).documents:
            for _, name in included_files(value):
                path = os.path.normpath(os.path.join(os.path.dirname(file), name))
                target = os.path.join(folder, path)
                if (
                    not path.startswith(os.pardir)
                    and os.path.isfile(os.path.join(root, path))
                    and not os.path.exists(target)
                ):
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    shutil.copyfile(os.path.join(root, path), target)


def emitted(root: str) -> Emitted:
    """The objects of a root, its models left out: they emit nothing that could be imported."""
    sources = Sources(root)
    found = front(sources, [f for f in spec_files(root) if not f.endswith(LOCK)], {})
    planned = plan_fleet(found, sources.locate)
    if planned.plan is None:
        return Emitted({}, [], planned.diagnostics, sources)
    emission = lower(planned.plan).emission
    clusters: dict[str, dict[str, Any]] = {name: {} for name in emission.clusters}
    owners: dict[str, dict[str, list[str]]] = {name: {} for name in emission.clusters}
    twice: list[str] = []
    for n, name in enumerate(emission.clusters):
        for row, shapes in emission.at(n):
            for shape in shapes:
                value = yaml.parse(shape.text.encode()).documents[0].value
                identity = raw.long_form(value)["identity"]
                if identity in clusters[name]:
                    twice.append(identity)
                clusters[name][identity] = value
                owners[name].setdefault(row.subject, []).append(identity)
    return Emitted(clusters, twice, [], sources, planned.plan, owners)


def checked(root: str) -> tuple[list[Diagnostic], Sources | None]:
    """What `fleetc check` says of a root."""
    outcome = run(Options(root, write=False, cold=True))
    return outcome.diagnostics, outcome.sources


class Difference(NamedTuple):
    """An imported object that is not emitted as it was: where, and how."""

    item: Kept
    cluster: str
    what: str


def differences(kept: Sequence[Kept], made: Emitted, clusters: Collection[str]) -> list[Difference]:
    """The imported objects that clusters would not get as they were."""
    out: list[Difference] = []
    for name in clusters:
        there = made.clusters.get(name, {})
        for item in kept:
            got = there.get(item.identity)
            if got is None:
                out.append(Difference(item, name, "is not emitted"))
            elif item.identity in made.twice:
                out.append(Difference(item, name, "is emitted twice"))
            elif (path := difference(item.value, got)) is not None:
                out.append(Difference(item, name, f"would have another `{path}`"))
    return out


def difference(old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """The path of the first value of an object that is emitted as another one."""
    return first_difference(_plain(old), _plain(new, old))


def _plain(value: dict[str, Any], read: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with what the API server fills in for classes; of one that was `read` as another, without the labels
    that fleetc adds."""
    metadata = dict(value["metadata"])
    own = (read or value)["metadata"].get("labels") or ()
    labels = metadata.get("labels")
    if isinstance(labels, Mapping):
        named = {_NAMESPACE: metadata.get("name")} if value["kind"] == "Namespace" else {}
        metadata["labels"] = {
            key: item for key, item in labels.items() if (key not in _OURS or key in own) and named.get(key) != item
        }
    for field in ("labels", "annotations"):
        if not metadata.get(field):
            metadata.pop(field, None)
    filled = {**DEFAULTS.get(value["kind"], {}), **value, "metadata": metadata}
    if value["kind"] == "StorageClass" and not filled.get("parameters"):
        filled.pop("parameters", None)
    return filled


def first_difference(old: Any, new: Any, path: str = "") -> str | None:
    """The path of the first value that differs; 1 and true and 1.0 do."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            here = f"{path}.{key}" if path else str(key)
            if key not in old or key not in new:
                return here
            if (found := first_difference(old[key], new[key], here)) is not None:
                return found
        return None
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return next((f for n, (a, b) in pairs if (f := first_difference(a, b, f"{path}[{n}]")) is not None), None)
    return None if type(old) is type(new) and old == new else path or "."
