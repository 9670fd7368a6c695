"""The type of every message that a user sees."""

from __future__ import annotations

from enum import StrEnum

from fleetc.source.span import Path, Span, render_path
from fleetc.tuples import NamedTuple


class Severity(StrEnum):
    """An error stops the build; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Code(NamedTuple):
    """A stable code, named after the bad thing, such as FLT102 `duplicate_key`. `title` is one line for lists of
    codes."""

    code: str
    name: str
    title: str
    severity: Severity = Severity.ERROR


class Related(NamedTuple):
    """Another place that takes part, such as the other side of a conflict."""

    span: Span
    message: str


class Diagnostic(NamedTuple):
    """One finding. `path` is the data path in the document or emitted object; `hint` says how to mend it."""

    code: Code
    message: str
    span: Span | None = None
    hint: str = ""
    path: Path = ()
    related: tuple[Related, ...] = ()

    @property
    def data_path(self) -> str:
        """The data path as text."""
        return render_path(self.path)


def sort_key(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    """By place, then code and text: the order in which diagnostics are printed."""
    span = diagnostic.span or Span("", 0, 0)
    return span.file, span.line, span.column, diagnostic.code.code, diagnostic.message


class Failure(Exception):  # noqa: N818 - it carries findings, it is not itself an error of the program
    """The run cannot go on (exit 2); raised only where the world is touched (loading, writing), caught by the command
    line."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(f"{d.code.code} {d.message}" for d in diagnostics))
        self.diagnostics = diagnostics
