"""An expression: compiled, then evaluated on plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleetc.cel.checker import TYPES, Checker, Found, Scope
from fleetc.cel.environment import EVERYTHING, Environment, environment
from fleetc.cel.evaluator import Evaluator
from fleetc.cel.lexer import SyntaxProblem
from fleetc.cel.literals import literal_problems
from fleetc.cel.parser import parse
from fleetc.cel.tree import Expression, Fold, ListOf, parts
from fleetc.cel.types import Messages, Type
from fleetc.cel.values import EvaluationError, UndecidedError, Unknown
from fleetc.tuples import NamedTuple


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

    def __init__(self, expression: str, output: Type, tree: Expression) -> None:
        self.expression = expression
        self.output = output
        self._tree = tree

    @property
    def loops(self) -> bool:
        """Whether it goes through lists or maps of a length that is known only when it runs."""
        return any(isinstance(part, Fold) and not isinstance(part.over, ListOf) for part, _ in parts(self._tree))

    def evaluate(self, values: Mapping[str, object]) -> Outcome:
        """What it comes to with values of its variables: JSON-like data, and the types of `fleetc.cel.values`."""
        try:
            value = Evaluator(EVERYTHING.functions, EVERYTHING.types, values).run(self._tree)
            return Unsupported(value.reason) if isinstance(value, Unknown) else Value(value)
        except EvaluationError as error:
            return Failure(str(error))
        except UndecidedError as error:
            return Unsupported(str(error))
        except RecursionError:
            return Unsupported("it is nested too deeply")


def compile(
    expression: str,
    variables: Mapping[str, Type],
    minor: str,
    *,
    messages: Messages | None = None,
    within: Environment | None = None,
) -> Program:
    """An expression as a server of this minor takes a new one. Raises CompileError and UnsupportedError.

    `messages`: the fields of the message types among the variables. `within`: functions beside those of every place.
    """
    there = within or environment(minor)
    try:
        tree = parse(expression, there.macros)
        output, found = _checked(tree, Scope(variables, there.functions, messages or {}, {**TYPES, **there.types}))
    except SyntaxProblem as problem:
        raise _error(expression, [Found(problem.offset, problem.reason)]) from None
    except UndecidedError as error:
        raise UnsupportedError(str(error)) from None
    except RecursionError:
        raise UnsupportedError("it is nested too deeply") from None
    if found:
        raise _error(expression, found)
    return Program(expression, output, tree)


def _checked(tree: Expression, scope: Scope) -> tuple[Type, list[Found]]:
    """The type of an expression, and what is wrong with it."""
    checker = Checker(scope)
    output = checker.run(tree)
    return output, checker.found or list(literal_problems(tree, checker.types))


def _error(expression: str, found: list[Found]) -> CompileError:
    return CompileError(tuple(_placed(expression, each) for each in sorted(found)))


def _placed(expression: str, found: Found) -> Problem:
    before = expression[: found.offset]
    return Problem(before.count("\n") + 1, found.offset - (before.rfind("\n") + 1) + 1, found.reason)
