"""Syntax errors in plain words. The parser says what it was doing; people want to know what they wrote.

Each case was found by breaking specs; the messages it matches are those of libyaml 0.2.5 (scanner.c, parser.c).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from fleetc.source.yaml import Problem
from fleetc.tuples import NamedTuple

NO_TEMPLATES: Final = "specs are no templates"
_CONFLICT: Final = re.compile(r"(?m)^(<{7}|={7}|>{7})( |$)")
_TEMPLATE: Final = re.compile(r"\{\{|\{%")


class _Case(NamedTuple):
    """What the parser says, and what it means: a message, a hint, and whether the error is where the parser started."""

    said: str
    message: str
    hint: str
    at_start: bool = False


_CASES: Final = (
    _Case("found unexpected end of stream", "a quote is not closed", "add the closing quote", at_start=True),
    _Case("while scanning a quoted scalar", "a quote is not closed", "add the closing quote", at_start=True),
    _Case("expected ',' or ']'", "a list in brackets is not closed", "add the closing `]`, or a comma", at_start=True),
    _Case("expected ',' or '}'", "a mapping in braces is not closed", "add the closing `}`, or a comma", at_start=True),
    _Case(
        "could not find expected ':'",
        "this line is neither `name: value` nor a list item",
        "write a colon and a space between name and value",
        at_start=True,
    ),
    _Case("found unexpected ':'", "a `:` stands where none may be", "put a space after it, or the value in quotes"),
    _Case("escape character", "`\\` starts an escape in double quotes", "use single quotes, or write `\\\\`"),
    _Case(
        "did not find expected hexdecimal", "an escape needs hexadecimal digits", "use single quotes, or write `\\\\`"
    ),
    _Case(
        "did not find expected <document start>",
        "there is text after the end of a document",
        "start another document with a line `---`",
    ),
    _Case("expected comment or line break", "text may not follow `|` or `>` on their line", "put it on the next line"),
)


def explained(problem: Problem, text: str) -> Problem:
    """A problem of a file as people understand it."""
    template = _template(problem, text)
    if template is not None:
        return template
    if problem.name == "ambiguous_scalar" and ("base 60" in problem.message or "a date" in problem.message):
        return problem._replace(hint=problem.hint.removesuffix(", or as a plain number"))
    if problem.name == "unsupported_yaml":
        return problem._replace(message=problem.message.replace("tag:yaml.org,2002:", "!!"))
    if problem.name != "invalid_yaml" or not problem.message.startswith("not YAML:"):
        return problem
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        line = text[: conflict.start()].count("\n") + 1
        hint = "keep one side, and remove the lines with <<<<<<<, ======= and >>>>>>>"
        return Problem(problem.name, "a merge conflict is not resolved", line, 1, hint)
    for case in _CASES:
        if case.said in problem.message:
            return _said(problem, case, text)
    return next((found for rule in _RULES if (found := rule(problem, text)) is not None), problem)


def is_template(problem: Problem) -> bool:
    """Whether a problem is that the file is a template: then nothing in it says what it seems to say."""
    return problem.message == NO_TEMPLATES


def _template(problem: Problem, text: str) -> Problem | None:
    if problem.name not in ("invalid_yaml", "unsupported_yaml"):
        return None
    found = _TEMPLATE.search(_line(text, problem.line))
    if found is None:
        return None
    hint = "write the value; what differs between clusters goes into defaults and overrides"
    return Problem(problem.name, NO_TEMPLATES, problem.line, found.start() + 1, hint)


def _said(problem: Problem, case: _Case, text: str) -> Problem:
    if not case.at_start or not problem.related:
        return problem._replace(message=case.message, hint=case.hint)
    line, column, _ = problem.related[0]
    related = ((problem.line, problem.column, "noticed here"),) if _line(text, problem.line).strip() else ()
    return Problem(problem.name, case.message, line, column, case.hint, related)


def _indentation(problem: Problem, text: str) -> Problem | None:
    """A line that starts at a column where no line above does, or whose `- ` is missing."""
    line = _line(text, problem.line)
    first = len(line) - len(line.lstrip()) + 1
    if "did not find expected key" in problem.message and first == problem.column and problem.related:
        start_line, start, _ = problem.related[0]
        related = ((start_line, start, f"the lines around it start in column {start}"),)
        message = f"this line is indented by {first - 1}, which fits no line above"
        return Problem(problem.name, message, problem.line, first, "line it up with its siblings", related)
    if "did not find expected key" in problem.message:
        hint = "put the whole value in quotes"
        return problem._replace(message="something follows a value that has ended", hint=hint, related=())
    if "did not find expected '-' indicator" in problem.message:
        message, hint = "a list ends here without a reason", "put `- ` in front, or line it up with the list's name"
        return problem._replace(message=message, hint=hint)
    return None


def _colon(problem: Problem, text: str) -> Problem | None:
    if "mapping values are not allowed" not in problem.message:
        return None
    before = _line(text, problem.line)[: problem.column - 1]
    if ": " in before:
        message, hint = "a value holds `: `", "put the value in quotes"
    else:
        message, hint = "a name with `:` stands inside of another value", "check the indentation here and just above"
    return problem._replace(message=message, hint=hint, related=())


def _first_character(problem: Problem, text: str) -> Problem | None:
    """Characters that mean something of their own."""
    line = _line(text, problem.line)
    if "cannot start any token" in problem.message:
        character, column = line[problem.column - 1 : problem.column], problem.column
    elif "while scanning an alias" in problem.message or "while scanning an anchor" in problem.message:
        column = problem.related[0][1] if problem.related else max(line.rfind(c, 0, problem.column) for c in "*&") + 1
        character = line[column - 1 : column]
    else:
        return None
    shown = "a backtick" if character == "`" else f"`{character}`"
    message, hint = f"a value may not start with {shown}", "put the value in quotes"
    return Problem(problem.name, message, problem.line, column, hint)


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number - 1] if 0 < number <= len(lines) else ""


_RULES: Final[tuple[Callable[[Problem, str], Problem | None], ...]] = (_indentation, _colon, _first_character)
