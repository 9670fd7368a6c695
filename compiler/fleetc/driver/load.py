"""Loading: the only place that reads specs. Files in, documents with their places out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import resources
from pathlib import Path as FilePath
from typing import Any, Final, NamedTuple

from fleetc.diagnostics import CODES, Diagnostic, Failure, Related, codes
from fleetc.driver.tree.model import Signature, signature_of
from fleetc.language.table import TABLE_FILE
from fleetc.source import yaml
from fleetc.source.span import Marks, Path, Span

SPECS: Final = "specs"
_BY_NAME = {code.name: code for code in CODES.values()}


def find_root(start: FilePath) -> FilePath:
    """The nearest folder upward whose specs/ holds a Fleet."""
    for folder in (start, *start.parents):
        if any(_may_hold_fleet(path) for path in _walk(str(folder / SPECS)) if path.endswith((".yaml", ".yml"))):
            return folder
    hint = f"run it in a folder below one whose {SPECS}/ holds a Fleet, or pass --root"
    raise Failure(Diagnostic(codes.NO_ROOT, f"no {SPECS}/ with a Fleet in {start} or above", hint=hint))


def _may_hold_fleet(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b"Fleet" in file.read()
    except OSError:
        return False


def spec_files(root: FilePath) -> dict[str, Signature]:
    """The YAML files below specs/, by path relative to the root, sorted, with their signatures."""
    base = len(str(root)) + 1
    found: dict[str, Signature] = {}
    for path in _walk(str(root / SPECS)):
        if path.endswith((".yaml", ".yml")):
            found[path[base:].replace(os.sep, "/")] = signature_of(os.stat(path))
    return dict(sorted(found.items()))


def _walk(folder: str) -> Iterator[str]:
    try:
        # Files first: the Fleet is mostly found at the top.
        entries = sorted(os.scandir(folder), key=lambda e: (e.is_dir(follow_symlinks=False), e.name))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif entry.is_symlink() and os.path.isdir(entry.path):
            continue  # A linked folder could lead anywhere, and in circles.
        elif os.path.exists(entry.path):
            yield entry.path


class Loaded(NamedTuple):
    """A file's documents (index in the file, value), and what is wrong with it."""

    documents: list[tuple[int, Any]]
    diagnostics: list[Diagnostic]


class Sources:
    """The text of the fleet's files: read once, parsed again with marks only when somebody asks where something
    stands."""

    def __init__(self, root: FilePath) -> None:
        self.root = root
        self._real = os.path.realpath(root)
        self._bytes: dict[str, bytes] = {}
        self._marks: dict[str, list[Marks]] = {}

    def load(self, file: str) -> Loaded:
        """Read and parse a file."""
        try:
            parsed = yaml.parse(self.read(file))
        except Failure as failure:
            return Loaded([], list(failure.diagnostics))
        found = [self._diagnostic(file, problem) for problem in parsed.problems]
        return Loaded([(n, d.value) for n, d in enumerate(parsed.documents)], found)

    def read(self, file: str) -> bytes:
        """The bytes of a file below the root; Failure when it leads outside or cannot be read."""
        if file not in self._bytes:
            if file == TABLE_FILE:
                self._bytes[file] = read_table()
                return self._bytes[file]
            path = os.path.join(self.root, file)
            real = os.path.realpath(path)
            if os.path.commonpath([real, self._real]) != self._real:
                hint = "copy the file to the place where it is used"
                raise Failure(Diagnostic(codes.OUTSIDE_ROOT, f"{file} leads outside the root", Span(file, 1, 1), hint))
            try:
                with open(path, "rb") as stream:
                    self._bytes[file] = stream.read(yaml.MAX_BYTES + 1)
            except OSError as error:
                hint = "check the file's name and permissions"
                message = f"cannot read {file}: {error.strerror or error}"
                raise Failure(Diagnostic(codes.CANNOT_READ, message, Span(file, 1, 1), hint)) from error
        return self._bytes[file]

    def text(self, file: str) -> str | None:
        """The text of a file for messages, or None."""
        try:
            return self.read(file).decode("utf-8", "replace")
        except Failure:
            return None

    def locate(self, file: str, index: int, path: Path, key: bool = False) -> Span:
        """See `language.document.Locate`."""
        documents = self.marks(file)
        marks: Marks = documents[index] if index < len(documents) else {}
        for length in range(len(path), -1, -1):
            mark = marks.get(path[:length])
            if mark is not None:
                use_key = key or length < len(path)
                line, column = (mark.key_line, mark.key_column) if use_key else (mark.line, mark.column)
                return Span(file, line, column)
        return Span(file, 1, 1)

    def marks(self, file: str) -> list[Marks]:
        """The marks of a file's documents."""
        if file not in self._marks:
            try:
                parsed = yaml.parse(self.read(file), marks=True)
            except Failure:
                parsed = yaml.Parsed([], [])
            self._marks[file] = [d.marks or {} for d in parsed.documents]
        return self._marks[file]

    def _diagnostic(self, file: str, problem: yaml.Problem) -> Diagnostic:
        related = tuple(Related(Span(file, line, column), text) for line, column, text in problem.related)
        span = Span(file, problem.line, problem.column)
        return Diagnostic(_BY_NAME[problem.name], problem.message, span, problem.hint, (), related)


def read_table() -> bytes:
    """The built-in table."""
    package, _, name = TABLE_FILE.rpartition("/")
    return resources.files(package.replace("/", ".")).joinpath(name).read_bytes()
