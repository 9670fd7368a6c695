"""An expression: compiled, then evaluated on plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from fleetc.cel.types import DYN, Type


class Problem(NamedTuple):
    """Why an expression does not compile; line and column count from 1, within the expression."""

    line: int
    column: int
    reason: str


class CompileError(ValueError):
    """An expression that no server of this minor takes."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.line}:{p.column}: {p.reason}" for p in problems))
        self.problems = problems


class UnsupportedError(RuntimeError):
    """An expression of which this library cannot tell whether it compiles."""


class Value(NamedTuple):
    """What an expression came to, as plain data."""

    value: Any


class Failure(NamedTuple):
    """An error at run time."""

    text: str


class Unsupported(NamedTuple):
    """Why this library cannot tell what an expression comes to."""

    reason: str


Outcome = Value | Failure | Unsupported


class Program:
    """A compiled expression; `output` is its type."""

    def __init__(self, expression: str, output: Type, compiled: Any) -> None:
        self.expression = expression
        self.output = output
        self._compiled = compiled

    def evaluate(self, values: Mapping[str, object]) -> Outcome:
        """What it comes to with values of its variables."""
        result = self._compiled.eval(data=dict(values))
        if result.type().name() == "ERROR":
            return Failure(str(result.plain_value()))
        return Value(result.plain_value())


def compile(expression: str, variables: Mapping[str, Type], minor: str) -> Program:
    """An expression as a server of this minor takes a new one. Raises CompileError and UnsupportedError."""
    assert minor
    environment = _environment(tuple(sorted(variables)))
    try:
        compiled = environment.compile(expression)
    except RuntimeError as error:
        raise _problems(" ".join(str(error).split())) from None
    return Program(expression, DYN, compiled)


def _problems(text: str) -> Exception:
    found = re.search(r"ERROR: <input>:(\d+):(\d+): ", text)
    if found is None or "Syntax error" not in text:
        return UnsupportedError(text)
    return CompileError((Problem(int(found[1]), int(found[2]), text[found.end() :].partition(" | ")[0]),))


@lru_cache(maxsize=64)
def _environment(names: tuple[str, ...]) -> Any:
    try:
        # Imported here: 30 ms and 16 MB, only where expressions are compiled.
        from cel_expr_python import cel  # noqa: PLC0415
        from cel_expr_python.ext import ext_optional, ext_strings  # noqa: PLC0415
    except ImportError:
        raise UnsupportedError("cel-expr-python is not installed") from None
    return cel.NewEnv(
        variables=dict.fromkeys(names, cel.Type.DYN), extensions=[ext_strings.ExtStrings(), ext_optional.ExtOptional()]
    )
