"""The names that specs declare, for completions: as fast as it goes, and whatever else is wrong with the specs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.diagnostics import Failure
from fleetc.driver.files import root_of, spec_files
from fleetc.driver.load import Sources

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*")
"""What is no name ends no command line: it could do harm there, or to the terminal."""
_KINDS: Final = {"model": ("Model",), "rollout": ("Rollout",), "cluster": ("Cluster",), "loss": ("Cluster", "GPUPool")}


def named(what: str, root: str | None) -> Iterator[str]:
    """The names of models or clusters, or what `fleetc plan --lose` takes. Raises Failure where there is no fleet."""
    sources = Sources(root_of(root))
    kinds = _KINDS[what]
    for file in spec_files(sources.root):
        for document in _documents(sources, file, kinds):
            if document.get("kind") in kinds:
                yield from filter(_NAME.fullmatch, _of(what, document))


def _documents(sources: Sources, file: str, kinds: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    try:
        data = sources.read(file)
    except Failure:
        return
    if any(kind.encode() in data for kind in kinds):
        yield from (value for _, value in sources.load(file).documents if isinstance(value, Mapping))


def _of(what: str, document: Mapping[str, Any]) -> Iterator[str]:
    metadata, spec = (document.get(key) for key in ("metadata", "spec"))
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(name, str):
        return
    if document["kind"] != "GPUPool":
        yield name
    elif isinstance(cluster := metadata.get("cluster"), str):
        yield f"{cluster}/{name}"
    zones = spec.get("zones") if what == "loss" and isinstance(spec, Mapping) else None
    if isinstance(zones, list):
        yield from (f"zone:{zone}" for zone in zones if isinstance(zone, str))
