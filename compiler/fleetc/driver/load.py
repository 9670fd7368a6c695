"""Loading: the only place that reads specs. Files in, documents with their places out."""

from __future__ import annotations

import os
import re
import stat
from typing import Any

import fleetc
from fleetc.diagnostics import CODES, Diagnostic, Failure, Related, codes
from fleetc.driver.syntax import explained, is_template
from fleetc.language.table import TABLE_FILE
from fleetc.language.wording import nearest
from fleetc.source import yaml
from fleetc.source.span import Marks, Path, Span, Word
from fleetc.tuples import NamedTuple

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BY_NAME = {code.name: code for code in CODES.values()}


class Loaded(NamedTuple):
    """A file's documents (index in the file, value), and what is wrong with it."""

    documents: list[tuple[int, Any]]
    diagnostics: list[Diagnostic]


class Sources:
    """The text of the fleet's files: read once, parsed again with marks only when somebody asks where something
    stands."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = os.fspath(root)
        self._real = os.path.realpath(root)
        self._folders: dict[str, str] = {}
        self._bytes: dict[str, bytes] = {}
        self._marks: dict[str, list[Marks]] = {}

    def load(self, file: str) -> Loaded:
        """Read and parse a file."""
        try:
            parsed = yaml.parse(self.read(file))
        except Failure as failure:
            return Loaded([], list(failure.diagnostics))
        if not parsed.problems:
            return Loaded([(n, d.value) for n, d in enumerate(parsed.documents)], [])
        text = self.text(file) or ""
        problems = [explained(problem, text) for problem in parsed.problems]
        template = next((problem for problem in problems if is_template(problem)), None)
        if template is not None:
            return Loaded([], [self._diagnostic(file, template)])
        found = [self._diagnostic(file, problem) for problem in problems]
        return Loaded([(n, d.value) for n, d in enumerate(parsed.documents)], found)

    def read(self, file: str) -> bytes:
        """The bytes of a file below the root; Failure when it leads outside or cannot be read."""
        if file not in self._bytes:
            if file == TABLE_FILE:
                self._bytes[file] = read_table()
                return self._bytes[file]
            path = os.path.join(self.root, file)
            real = self._real_path(path)
            if os.path.commonpath([real, self._real]) != self._real:
                message, hint = f"{file} leads outside of the root", "copy the file into the root"
                raise Failure(Diagnostic(codes.OUTSIDE_ROOT, message, Span(file, 1, 1), hint))
            if _is_special(path):
                message, hint = f"{file} is no ordinary file", "replace it by one, or remove it"
                raise Failure(Diagnostic(codes.CANNOT_READ, message, Span(file, 1, 1), hint))
            try:
                with open(path, "rb") as stream:
                    self._bytes[file] = stream.read(yaml.MAX_BYTES + 1)
            except OSError as error:
                raise Failure(_cannot_read(file, error, link=os.path.islink(path))) from None
        return self._bytes[file]

    def _real_path(self, path: str) -> str:
        """As `os.path.realpath`, which looks at every folder above again for each file."""
        folder, name = os.path.split(path)
        if os.path.islink(path) or name in ("", ".", ".."):
            return os.path.realpath(path)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return os.path.join(self._folders[folder], name)

    def near(self, file: str) -> str | None:
        """The file that was probably meant by the name of one that is not there."""
        folder, name = os.path.split(file)
        stem, end = os.path.splitext(name)
        names = self.names(folder)
        found = nearest(stem, [n.removesuffix(end) for n in names if n.endswith(end) and n != name], 0.7)
        return os.path.join(folder, f"{found}{end}") if found else None

    def names(self, folder: str) -> list[str]:
        """The names in a folder of the root, sorted; none when it cannot be looked at."""
        try:
            return sorted(os.listdir(os.path.join(self.root, folder)))
        except OSError:
            return []

    def text(self, file: str) -> str | None:
        """The text of a file for messages, or None."""
        try:
            data = self.read(file)
        except Failure:
            return None
        return data.decode("utf-16" if data[:2] in _UTF16 else "utf-8", "replace")

    def locate(self, file: str, index: int, path: Path, key: bool = False) -> Span:
        """See `language.document.Locate`."""
        if path and isinstance(path[-1], Word):
            return self._word(self.locate(file, index, path[:-1], key), self._end(file, index, path[:-1]), path[-1])
        documents = self.marks(file)
        marks: Marks = documents[index] if index < len(documents) else {}
        for length in range(len(path), -1, -1):
            mark = marks.get(path[:length])
            if mark is not None:
                use_key = key or length < len(path)
                line, column = (mark.key_line, mark.key_column) if use_key else (mark.line, mark.column)
                return Span(file, line, column)
        return Span(file, 1, 1)

    def _end(self, file: str, index: int, path: Path) -> int:
        """The last line of a value; of what has no place of its own, none."""
        documents = self.marks(file)
        mark = documents[index].get(path) if index < len(documents) else None
        return mark.end_line if mark is not None else 0

    def _word(self, span: Span, end: int, word: str) -> Span:
        """Where a word stands first in a text, which begins at a span; the span where it is not found in that."""
        lines = (self.text(span.file) or "").splitlines()[:end]
        found = re.compile(rf"(?<![\w:]){re.escape(word)}(?![\w:])")
        for n, line in enumerate(lines[span.line - 1 :]):
            at = found.search(line, span.column - 1 if n == 0 else 0)
            if at is not None:
                return Span(span.file, span.line + n, at.start() + 1, len(word))
        return span

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


def _is_special(path: str) -> bool:
    """Whether a pipe, a device or a socket stands there: who opens one may wait for ever."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _cannot_read(file: str, error: OSError, *, link: bool) -> Diagnostic:
    """Why a file cannot be read."""
    message, hint = f"cannot read {file}: {error.strerror or error}", "check the file's permissions"
    if isinstance(error, IsADirectoryError):
        message, hint = f"{file} is a folder, not a file", "name the files in it"
        if link:
            message, hint = f"{file} is a link to a folder; such links are not followed", "move the folder here"
    elif isinstance(error, FileNotFoundError | NotADirectoryError):
        message, hint = f"there is no file {file}", "correct the name, or add the file"
        if link:
            message, hint = f"{file} is a link to a file that is not there", "correct the link, or remove it"
    return Diagnostic(codes.CANNOT_READ, message, Span(file, 1, 1), hint)


def read_table() -> bytes:
    """The built-in table."""
    # Not importlib.resources: it costs more than all else that is imported for a small edit.
    package = os.path.dirname(fleetc.__file__)
    with open(os.path.join(os.path.dirname(package), TABLE_FILE), "rb") as file:
        return file.read()
