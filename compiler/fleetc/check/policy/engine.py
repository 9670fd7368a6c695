"""Expressions of policies: compiled once for a Kubernetes minor, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from fleetc import cel
from fleetc.cel import DYN, CompileError, Failure, Program, Unsupported, UnsupportedError, Value
from fleetc.language.policy import On

SEEN: Final[Mapping[On, tuple[str, ...]]] = {
    "object": ("object", "namespaceObject", "params"),
    "pod": ("object", "namespaceObject", "params", "pod"),
    "container": ("object", "namespaceObject", "params", "pod", "container"),
}
"""The variables that a rule's expression has."""
SERVER_ONLY: Final = ("request", "oldObject", "authorizer")
"""What only the API server knows, when it is asked."""
_INSIDE: Final = ("object", "namespaceObject", "params", "variables", *SERVER_ONLY)


class Wrong(NamedTuple):
    """Why an expression is not accepted; line and column from 1, within it."""

    line: int
    column: int
    reason: str


@lru_cache(maxsize=4096)
def compiled(expression: str, names: tuple[str, ...], minor: str) -> Program | tuple[Wrong, ...] | str:
    """The program; else what is wrong with the expression, or, as text, why that cannot be told here."""
    try:
        return cel.compile(expression, dict.fromkeys(names, DYN), minor)
    except CompileError as error:
        return tuple([Wrong(p.line, p.column, p.reason) for p in error.problems])
    except UnsupportedError as error:
        return str(error)


class Unsure(NamedTuple):
    """Why it cannot be told here what an expression comes to."""

    reason: str


class Error(NamedTuple):
    """An error at run time, which is not `false`."""

    text: str


def evaluate(expression: str, values: Mapping[str, Any], minor: str) -> Any | Error | Unsure:
    """What an expression inside a policy comes to."""
    program = compiled(expression, _INSIDE, minor)
    if not isinstance(program, Program):
        return Unsure(program if isinstance(program, str) else program[0].reason)
    match program.evaluate(values):
        case Value(value):
            return value
        case Failure(text):
            return Error(text)
        case Unsupported(reason):
            return Unsure(reason)
