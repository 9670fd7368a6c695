"""The spec files that an import makes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.driver.importing.classes import Part, put
from fleetc.driver.importing.sift import Kept
from fleetc.driver.layout import NotKept, lay_out
from fleetc.driver.tree.header import read_header
from fleetc.emission.yaml import emit
from fleetc.language.kinds import API_VERSION
from fleetc.tuples import NamedTuple

_NOT_IN_NAMES: Final = re.compile("[^a-z0-9]+")
_APP_LABELS: Final = (
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/name",
    "app",
    "k8s-app",
)


class NewCluster(NamedTuple):
    """A Cluster that is made: what a Cluster must say."""

    name: str
    kubernetes: str
    provider: str
    environment: str


class Making(NamedTuple):
    """What an import makes: a Fleet and Clusters where there are none, and the folder that Manifests go into.

    `placed`: the clusters that objects are for, empty for all.
    """

    folder: str
    fleet: str | None
    clusters: tuple[NewCluster, ...]
    placed: tuple[str, ...]


class Group(NamedTuple):
    """The objects of one Manifest; `copied`: files that are taken as they are, with their objects."""

    name: str
    inline: list[Kept]
    copied: dict[str, list[Kept]]


def groups_of(kept: Sequence[Kept], texts: Mapping[str, str], left: Sequence[str]) -> list[Group]:
    """Objects by the Manifest that they go into: those of one folder, or of one stream those of one application.

    A file of which every object is taken, and nothing is taken off, is copied with its comments. `left`: files of which
    something is left out.
    """
    files: dict[str, list[Kept]] = {}
    for item in kept:
        files.setdefault(item.found.file, []).append(item)
    out: dict[str, Group] = {}
    for file, items in files.items():
        whole = file not in left and not any(i.stripped for i in items) and _is_copied(items, texts[file])
        for item in items:
            name = _app(item.value) if item.found.alone else slug("-".join(item.found.group))
            group = out.setdefault(name, Group(name, [], {}))
            if whole:
                group.copied.setdefault(file, []).append(item)
            else:
                group.inline.append(item)
    return [*out.values()]


def _is_copied(items: Sequence[Kept], text: str) -> bool:
    first = items[0].found
    if first.alone or first.file.endswith(".json") or any("items" in str(i.found.value.get("kind")) for i in items):
        return False
    return not re.search(r"(?m)^kind: *\S*List *$", text)


def _app(value: Mapping[str, Any]) -> str:
    """What an object of a stream belongs to: its application, or else its namespace."""
    metadata = value["metadata"]
    labels = metadata.get("labels") or {}
    found = next((labels[key] for key in _APP_LABELS if isinstance(labels.get(key), str) and labels[key]), None)
    namespace = metadata["name"] if value["kind"] == "Namespace" else metadata.get("namespace")
    return slug(str(found or namespace or "cluster"))


def slug(text: str) -> str:
    """A name of lower-case letters, digits and `-`."""
    return _NOT_IN_NAMES.sub("-", text.lower()).strip("-")[:63].rstrip("-") or "objects"


def files_of(
    making: Making,
    groups: Sequence[Group],
    parts: Sequence[Part],
    texts: Mapping[str, str],
    teams: Mapping[str, Mapping[str, Any]],
) -> dict[str, bytes]:
    """The files of an import, by path below the root. `teams`: the specs of Teams by their names."""
    out: dict[str, bytes] = {}
    if making.fleet is not None:
        environments = sorted({cluster.environment for cluster in making.clusters})
        spec = {"organisation": making.fleet, "environments": environments}
        out[f"{making.folder}/fleet.yaml"] = _document("Fleet", making.fleet, spec)
    for cluster in making.clusters:
        spec = {"kubernetes": cluster.kubernetes, "provider": cluster.provider, "environment": cluster.environment}
        for part in parts:
            put(spec, part)
        out[f"{making.folder}/clusters/{cluster.name}.yaml"] = _document("Cluster", cluster.name, spec)
    out |= {team_file(making, name): _document("Team", name, spec) for name, spec in teams.items()}
    for group in groups:
        out.update(_manifest(making, group, texts))
    return out


def team_file(making: Making, name: str) -> str:
    """The file of a Team."""
    return f"{making.folder}/teams/{name}.yaml"


def _manifest(making: Making, group: Group, texts: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    folder = f"{making.folder}/manifests"
    names: list[str] = []
    for file in group.copied:
        name = posixpath.join(
            "files",
            group.name,
            _unique(f"{slug(file.replace(chr(92), '/').split('/')[-1].rpartition('.')[0])}.yaml", names),
        )
        names.append(name)
        yield f"{folder}/{name}", _copied(texts[file])
    spec: dict[str, Any] = {"files": names} if names else {}
    if making.placed:
        spec["placement"] = {"clusters": [*making.placed]}
    if group.inline:
        spec["objects"] = [item.value for item in group.inline]
    yield f"{folder}/{group.name}.yaml", _document("Manifest", group.name, spec)


def _unique(name: str, taken: Sequence[str]) -> str:
    found = {posixpath.basename(other) for other in taken}
    stem = name.removesuffix(".yaml")
    return next(made for n in range(1, len(taken) + 2) if (made := f"{stem}-{n}.yaml" if n > 1 else name) not in found)


def _copied(text: str) -> bytes:
    data = text.encode()
    first, end, rest = data.partition(b"\n")
    if read_header(first + end) is not None:
        data = rest  # A file that another build made: here it is written from now on.
    try:
        return lay_out(data)
    except NotKept:
        return data


def _document(kind: str, name: str, spec: Mapping[str, Any]) -> bytes:
    return lay_out(emit({"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}).encode())
