"""Diagnostics as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.

    ::error title=FLT121 unknown_field,file=specs/fleet.yaml,line=3,endLine=3,col=5,endColumn=9::message

The runner takes a line as a command when it begins with `::`. Of the message it decodes %25, %0D and %0A, of properties
%3A and %2C as well; nothing else can be escaped.
"""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.cli.findings import Report
from fleetc.cli.places import file_of, region_of, repository_of
from fleetc.cli.render import ordered
from fleetc.diagnostics import Diagnostic, Severity
from fleetc.diagnostics.codes import SECRET_VALUE


def text(found: Report, command: str) -> str:
    """A line for each diagnostic and note; nothing where there is none."""
    repository = repository_of(found.root)
    lines = [_line(d, found, repository) for d in ordered(found.diagnostics)]
    lines += [f"::error title={_property(f'fleetc {command}')}::{_message(note)}" for note in found.notes]
    return "".join(f"{line}\n" for line in lines)


def _line(diagnostic: Diagnostic, found: Report, repository: str) -> str:
    code = diagnostic.code
    level = "error" if code.severity is Severity.ERROR else "warning"
    properties = {"title": f"{code.code} {code.name}"}
    if diagnostic.span:
        at = region_of(diagnostic.span, found.read, hidden=code is SECRET_VALUE)
        properties["file"] = file_of(diagnostic.span.file, found.root, repository).path
        properties |= {"line": str(at.line), "endLine": str(at.line), "col": str(at.column)}
        if at.end:
            properties["endColumn"] = str(at.end)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = "\n".join(_lines(diagnostic, found, repository))
    return f"::{level} {listed}::{_message(message)}"


def _lines(diagnostic: Diagnostic, found: Report, repository: str) -> Iterator[str]:
    yield diagnostic.message
    for related in diagnostic.related:
        path = file_of(related.span.file, found.root, repository).path
        label = f": {related.message}" if related.message else ""
        yield f"see {path}:{related.span.line}:{related.span.column}{label}"
    if diagnostic.hint:
        yield f"fix: {diagnostic.hint}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
