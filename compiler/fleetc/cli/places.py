"""Places as CI systems want them: files below the root of the git repository, columns in UTF-16 code units."""

from __future__ import annotations

import os

import fleetc
from fleetc.cli.render import Text, width_of
from fleetc.language.table import TABLE_FILE
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple


class File(NamedTuple):
    """A file: its path, relative to a folder, or absolute where it lies in neither."""

    path: str
    within: str
    """`repository`, `fleetc` (a table that is part of the program), or empty: `path` is absolute."""


class Region(NamedTuple):
    """A line from 1, and columns in UTF-16 code units from 1. `end` is the column behind the last, None where it is
    not known."""

    line: int
    column: int
    end: int | None


def repository_of(folder: str | None) -> str:
    """The root of the git repository that a folder is in; the folder itself where it is in none."""
    start = os.path.realpath(folder or os.curdir)
    here = start
    while True:
        # In a worktree and in a submodule it is a file.
        if os.path.lexists(os.path.join(here, ".git")):
            return here
        above = os.path.dirname(here)
        if above == here:
            return start
        here = above


def program_folder() -> str:
    """The folder that the tables of the program are relative to."""
    return os.path.dirname(os.path.dirname(os.path.realpath(fleetc.__file__)))


def file_of(name: str, root: str | None, repository: str) -> File:
    """The file of a span: `name` is relative to the root of the fleet, or absolute."""
    if name == TABLE_FILE:
        return File(name, "fleetc")
    # Not the real path: a link is what git has.
    path = os.path.normpath(os.path.join(os.path.realpath(root or os.curdir), name))
    if path == repository or not path.startswith(repository.rstrip("/") + "/"):
        return File(path, "")
    return File(path[len(repository.rstrip("/")) + 1 :], "repository")


def region_of(span: Span, read: Text, *, hidden: bool = False) -> Region:
    """Where a span is. Of one that is `hidden`, the end is not told: it would tell the length of a secret."""
    line = max(span.line, 1)
    content = read(span.file)
    lines = content.split("\n") if content is not None else []
    if line > len(lines):
        return Region(line, max(span.column, 1), None)
    text = lines[line - 1].rstrip("\r")
    start = max(span.column - 1, 0)
    column = _units(text[:start]) + max(start - len(text), 0) + 1
    if hidden or start >= len(text):
        return Region(line, column, None)
    length = span.length or width_of(text, start)
    return Region(line, column, column + max(_units(text[start : start + length]), 1))


def _units(text: str) -> int:
    return len(text) + sum(c > "\uffff" for c in text)
