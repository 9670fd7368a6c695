"""Diagnostics as people read them, and as programs do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fleetc.cli.style import Style
from fleetc.diagnostics import Diagnostic, Severity, sort_key
from fleetc.diagnostics.codes import SECRET_VALUE
from fleetc.source.span import Span

Text = Callable[[str], str | None]
"""The text of a file, for the lines that are shown."""

_WIDEST = 160
_BLOCK_END = re.compile(r":(?= |$)| +#| *$")
_FLOW_END = re.compile(r":(?= |$)|[],}]| +#| *$")
"""Where a plain scalar ends, outside and inside of brackets."""


def text(diagnostics: Sequence[Diagnostic], read: Text, style: Style) -> str:
    """All diagnostics, each with the lines that it is about, and a count."""
    diagnostics = ordered(diagnostics)
    blocks = ["\n".join(block(d, read, style)) for d in diagnostics]
    return "\n\n".join([*blocks, count(diagnostics, style)]) + "\n" if blocks else ""


def ordered(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """By place, each once."""
    return sorted(dict.fromkeys(diagnostics), key=sort_key)


def block(diagnostic: Diagnostic, read: Text, style: Style) -> Iterator[str]:
    """The lines of one diagnostic."""
    code = diagnostic.code
    level = style.red("error") if code.severity is Severity.ERROR else style.yellow("warning")
    yield f"{level}[{code.code} {code.name}]: {style.bold(diagnostic.message)}"
    margin = max([len(str(s.line)) for s in _spans(diagnostic)], default=1)
    if diagnostic.span:
        yield from _snippet(diagnostic.span, "", read, style, margin, hidden=code is SECRET_VALUE)
    for related in diagnostic.related:
        yield from _snippet(related.span, related.message, read, style, margin)
    if diagnostic.hint:
        yield f"{' ' * margin} {style.blue('=')} {style.green('fix')}: {diagnostic.hint}"


def _spans(diagnostic: Diagnostic) -> list[Span]:
    return [*([diagnostic.span] if diagnostic.span else []), *(r.span for r in diagnostic.related)]


def _snippet(span: Span, label: str, read: Text, style: Style, margin: int, *, hidden: bool = False) -> Iterator[str]:
    pad = " " * margin
    yield f"{pad}{style.blue('-->')} {span}{f': {label}' if label else ''}"
    content = read(span.file)
    lines = content.split("\n") if content is not None else []
    if 0 < span.line <= len(lines):
        line = lines[span.line - 1].rstrip("\r").replace("\t", " ")
        odd = not line.isprintable()  # Most lines are not, and a line may be as long as a file.
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line) if odd else line
        if hidden:
            shown = _without_value(shown, span.column - 1)
        cut = max(0, span.column - _WIDEST // 2) if len(shown) > _WIDEST else 0
        yield f"{str(span.line).rjust(margin)} {style.blue('|')} {shown[cut : cut + _WIDEST]}"
        width = min(span.length or width_of(shown, span.column - 1), cut + _WIDEST - span.column + 1)
        yield f"{pad} {style.blue('|')} {' ' * (span.column - 1 - cut)}{style.red('^' * max(width, 1))}"


def _without_value(line: str, start: int) -> str:
    """Of a line only the name that starts at a place: what is printed ends up in the logs of CI."""
    end = start + width_of(line, start)
    name = f"{line[start:end]}: " if line[end : end + 1] == ":" else ""
    return f"{' ' * start}{name}(hidden)"


def width_of(line: str, start: int) -> int:
    """The number of characters of the name or scalar that starts there; 1 for a mapping or a list."""
    rest = line[start:]
    quote = rest[:1]
    if quote in ('"', "'"):
        end = rest.find(quote, 1)
        return end + 1 if end > 0 else len(rest)
    if not quote.strip() or quote in ("[", "{", "|", ">") or rest[:2] == "- ":
        return 1
    inside = line[:start].count("[") + line[:start].count("{") > line[:start].count("]") + line[:start].count("}")
    found = (_FLOW_END if inside else _BLOCK_END).search(rest)
    return found.start() if found else len(rest.rstrip())


def count(diagnostics: Sequence[Diagnostic], style: Style) -> str:
    """How many there are."""
    errors = sum(d.code.severity is Severity.ERROR for d in diagnostics)
    warnings = len(diagnostics) - errors
    parts = [f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n]
    return style.bold(" and ".join(parts)) + "; `fleetc explain CODE` tells more"


def json(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """All diagnostics as data."""
    return [
        {
            "code": d.code.code,
            "name": d.code.name,
            "severity": str(d.code.severity),
            "message": d.message,
            **_place(d.span),
            "path": d.data_path,
            "hint": d.hint,
            "related": [{**_place(r.span), "message": r.message} for r in d.related],
        }
        for d in ordered(diagnostics)
    ]


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"file": None, "line": None, "column": None}
    return {"file": span.file, "line": span.line, "column": span.column}
