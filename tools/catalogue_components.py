"""Derives the catalogue's components from the index of a directory of upstream CRDs.

    python -m tools.catalogue_components DIR            write compiler/fleetc/catalogue/data/components.yaml
    python -m tools.catalogue_components DIR --check    fail when that file is not what DIR gives

DIR holds INDEX.tsv, with the columns project, version, commit, group, kind and versions_served; a served version that
its CRD calls deprecated has a mark in brackets. Projects without a released version (copies of a catalogue, snapshots
of a branch) are left out: nothing runs in such a version.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

TARGET = Path(__file__).parent.parent / "compiler/fleetc/catalogue/data/components.yaml"

_HEAD = """\
# Components and the API versions that their CRDs serve. Generated from upstream CRDs by tools/catalogue_components.py,
# not edited by hand. Beside each version: the upstream commit that the CRDs were read at.
"""

Row = dict[str, str]


def render(rows: Iterable[Row]) -> str:
    """The table's text: components by name, versions oldest first, groups and kinds by name."""
    found: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        if re.fullmatch(r"v\d+\.\d+\.\d+", row["version"]):
            found.setdefault(row["project"], {}).setdefault(row["version"], []).append(row)
    lines = [_HEAD.rstrip()]
    for project in sorted(found):
        lines += [f"- name: {project}", "  versions:"]
        for version in sorted(found[project], key=lambda v: [int(p) for p in v[1:].split(".")]):
            lines += _version(version, found[project][version])
    return "\n".join(lines) + "\n"


def _version(version: str, rows: list[Row]) -> Iterator[str]:
    commits = sorted({row["commit"][:12] for row in rows})
    yield f"  - version: {version} # {', '.join(commits)}"
    yield from _kinds("served", rows, lambda _: True)
    yield from _kinds("deprecated", rows, bool)


def _kinds(key: str, rows: list[Row], wanted: Callable[[str], bool]) -> Iterator[str]:
    """Groups, kinds and versions whose mark, the text in brackets after a served version, is wanted."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in sorted(rows, key=lambda r: (r["group"], r["kind"])):
        served = [text.partition("(") for text in row["versions_served"].split(",")]
        versions = [version for version, _, mark in served if wanted(mark)]
        if versions:
            found.setdefault(row["group"], {})[row["kind"]] = versions
    if found:
        yield f"    {key}:"
    for group, kinds in found.items():
        yield f"      {group}:"
        yield from (f"        {kind}: [{', '.join(versions)}]" for kind, versions in kinds.items())


def read(directory: Path) -> list[Row]:
    """The rows of the directory's index."""
    with (directory / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def derive(what: str, target: Path, render: Callable[[list[Row]], str], arguments: list[str]) -> int:
    """Write a table that follows from an index, or with --check say whether it is current: 0 when it is."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    text = render([*read(options.directory)])
    if options.check:
        current = target.read_text(encoding="utf-8") == text
        sys.stderr.write("" if current else f"{target.name} is not what {options.directory} gives\n")
        return 0 if current else 1
    target.write_text(text, encoding="utf-8")
    return 0


def main(arguments: list[str]) -> int:
    """Write the table, or check it: see `derive`."""
    return derive("Derive the catalogue's components from upstream CRDs.", TARGET, render, arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
