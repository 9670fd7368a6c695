"""A value or key that cannot be read is told of once: nothing is reported that only follows from it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleetc.diagnostics import codes
from fleetc.driver.files import spec_files
from fleetc.driver.front import Front, front
from fleetc.driver.load import Sources
from fleetc.source import yaml

SPECS = Path(__file__).parents[2] / "specs"
FILES = sorted(path.relative_to(SPECS.parent).as_posix() for path in SPECS.rglob("*.yaml"))
DISPUTED = "0o17"
MOST = 60
"""In a longer file, places that are evenly spread."""
_BLOCK_END = re.compile(r":(?= |$)| #| *$")
_FLOW_END = re.compile(r":(?= |$)|[],}]| #| *$")


@pytest.mark.parametrize("file", FILES)
def test_nothing_follows(file: str, tmp_path: Path) -> None:
    shutil.copytree(SPECS, tmp_path / "specs")
    sources = Sources(tmp_path)
    whole = front(sources, list(spec_files(tmp_path)), {})
    assert whole.diagnostics == []
    text = (tmp_path / file).read_text(encoding="utf-8")
    variants = list(_variants(text))
    assert len(variants) > 5
    for broken in variants[:: 1 + len(variants) // MOST]:
        found = _front(tmp_path, file, broken, whole)
        assert {d.code for d in found.diagnostics} == {codes.AMBIGUOUS_SCALAR}, broken


def _front(root: Path, file: str, text: str, whole: Front) -> Front:
    (root / file).write_text(text, encoding="utf-8")
    known = {name: spec for name, spec in whole.files.items() if name != file and file not in spec.includes}
    return front(Sources(root), list(spec_files(root)), known)


def _variants(text: str) -> Iterator[str]:
    """The text with each of its keys and scalars in turn replaced by what YAML readers disagree on."""
    places: set[tuple[int, int]] = set()
    for document in yaml.parse(text.encode(), marks=True).documents:
        for mark in (document.marks or {}).values():
            places |= {(mark.key_line, mark.key_column), (mark.line, mark.column)}
    lines = text.split("\n")
    for line, column in sorted(places):
        row, start = lines[line - 1], column - 1
        end = _end(row, start)
        if end is not None:
            yield "\n".join([*lines[: line - 1], row[:start] + DISPUTED + row[end:], *lines[line:]])


def _end(row: str, start: int) -> int | None:
    """Where the key or scalar that starts there ends; None where a collection starts, or a text of several lines."""
    rest = row[start:]
    if rest[:1] in ("", "[", "{", "|", ">", "-"):
        return None
    if rest[0] in "\"'":
        return start + rest.index(rest[0], 1) + 1
    inside = sum(map(row[:start].count, "[{")) > sum(map(row[:start].count, "]}"))
    found = (_FLOW_END if inside else _BLOCK_END).search(rest)
    assert found is not None
    return start + found.start()
