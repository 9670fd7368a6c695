"""Charts below a folder: archives as `helm pull` names them, and charts that are unpacked."""

from __future__ import annotations

import json
import os
import re
import tarfile
from collections.abc import Mapping
from typing import Any, Final

import yaml

from fleetc.catalogue.installs import Chart
from fleetc.tuples import NamedTuple

_MOST: Final = 16 * 2**20
"""Bytes of a file that is read of a chart; helm itself takes no more than 5 MiB."""
_CLOCK: Final = re.compile(rb"\{\{[^}]*\bnow\b")
_NAMES: Final = ("Chart.yaml", "values.yaml", "values.schema.json")


class NotThere(Exception):  # noqa: N818 - a state of a check, not an error of the program
    """The chart is not there, or cannot be read: its reason."""


class Found(NamedTuple):
    """A chart: the path that helm takes, its own values, and its schema of values, if it has one. `clock`: a template
    asks for the time."""

    path: str
    values: Mapping[str, Any]
    schema: dict[str, Any] | None
    clock: bool = False


def find(folder: str, chart: Chart) -> Found:
    """The chart in exactly this version. Raises NotThere."""
    archive, unpacked = f"{folder}/{chart.file}", f"{folder}/{chart.chart}"
    try:
        if os.path.isfile(archive):
            return _found(archive, chart, _archived(archive, chart.chart))
        if os.path.isfile(f"{unpacked}/Chart.yaml"):
            return _found(unpacked, chart, _unpacked(unpacked))
    except (OSError, tarfile.TarError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise NotThere(f"chart {chart.file} cannot be read: {' '.join(str(error).split())}") from None
    raise NotThere(f"there is no {chart.file} and no {chart.chart}/Chart.yaml in the folder of charts")


def _found(path: str, chart: Chart, read: tuple[Mapping[str, bytes], bool]) -> Found:
    files, clock = read
    about = yaml.safe_load(files.get("Chart.yaml", b"{}"))
    version = str(about.get("version")) if isinstance(about, dict) else "None"
    if version != chart.version:
        raise NotThere(f"chart {chart.chart} in the folder of charts is of version {version}, not {chart.version}")
    values = yaml.safe_load(files.get("values.yaml", b"{}")) or {}
    if not isinstance(values, dict):
        raise NotThere(f"values.yaml of chart {chart.file} is no mapping")
    schema = json.loads(files["values.schema.json"]) if "values.schema.json" in files else None
    return Found(path, values, schema, clock)


def _archived(path: str, name: str) -> tuple[Mapping[str, bytes], bool]:
    files: dict[str, bytes] = {}
    clock = False
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            inner = member.name.removeprefix("./").removeprefix(f"{name}/")
            if not member.isfile() or member.size > _MOST or not (inner in _NAMES or "templates/" in inner):
                continue
            stream = archive.extractfile(member)
            data = stream.read(_MOST) if stream is not None else b""
            if inner in _NAMES:
                files[inner] = data
            clock = clock or _CLOCK.search(data) is not None
    return files, clock


def _unpacked(path: str) -> tuple[Mapping[str, bytes], bool]:
    files = {name: _read(f"{path}/{name}") for name in _NAMES if os.path.isfile(f"{path}/{name}")}
    clock = False
    for above, _, names in os.walk(path):
        if f"{above}/".find("/templates/", len(path)) >= 0:
            clock = clock or any(_CLOCK.search(_read(f"{above}/{name}")) for name in names)
    return files, clock


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_MOST)
