"""Where something stands inside of a text of a spec, however the text is written in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fleetc.source.span import Span

_ESCAPE: Final = re.compile(r"\\(x..|u.{4}|U.{8}|.)")
_HEADER: Final = re.compile(r"[|>]([-+]?[1-9]?|[1-9][-+])\s*(#.*)?$")


def inside(text: str, span: Span, line: int, column: int) -> Span:
    """The place of a line and column (from 1) of a text that starts at `span` in a file; where that cannot be told, as
    in a text that is folded over lines, the text's own place."""
    lines = text.split("\n")
    if not 1 <= span.line <= len(lines):
        return span
    rest = lines[span.line - 1][span.column - 1 :]
    if _HEADER.match(rest):
        return _in_block(lines, span, line, column) if rest[0] == "|" else span
    if line > 1:
        return span
    if rest[:1] in ("'", '"'):
        places = [*_quoted(rest)]
        return span._replace(column=span.column + places[column - 1]) if column <= len(places) else span
    return span._replace(column=span.column + column - 1) if column <= len(rest) else span


def _in_block(lines: list[str], span: Span, line: int, column: int) -> Span:
    first = next((text for text in lines[span.line :] if text.strip()), "")
    indent = len(first) - len(first.lstrip(" "))
    return span._replace(line=span.line + line, column=indent + column)


def _quoted(rest: str) -> Iterator[int]:
    """Where each character of a quoted text stands, and its end."""
    quote, n = rest[0], 1
    while n < len(rest):
        escape = _ESCAPE.match(rest, n) if quote == '"' else None
        if rest[n] == quote and not (quote == "'" and rest[n : n + 2] == "''"):
            yield n
            return
        yield n
        n += len(escape[0]) if escape else 2 if rest[n : n + 2] == "''" and quote == "'" else 1
