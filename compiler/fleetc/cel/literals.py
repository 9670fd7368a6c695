"""What the server finds wrong with constants once the types are right (cel-go, cel/validator.go and the planner)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fleetc.cel import regex
from fleetc.cel.checker import Found
from fleetc.cel.environment import EVERYTHING
from fleetc.cel.evaluator import Evaluator
from fleetc.cel.libraries import conversions, formatting
from fleetc.cel.tree import Call, Entry, Expression, ListOf, Literal, MapOf, parts
from fleetc.cel.types import Type
from fleetc.cel.values import EvaluationError

_EXPRESSIONS: Final = frozenset({"matches", "find", "findAll"})


def literal_problems(tree: Expression, types: Mapping[Expression, Type]) -> Iterator[Found]:
    """What is wrong with the constants of an expression whose types are right. Raises UndecidedError."""
    seen: set[Expression] = set()
    for node, formatted in parts(tree):
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, ListOf) and not formatted:
            yield from _alike([(item, n in node.optional) for n, item in enumerate(node.items)], types)
        elif isinstance(node, MapOf) and not node.message and not formatted:
            yield from _alike([(entry.key, False) for entry in node.entries], types)
            yield from _alike([(entry.value, entry.optional) for entry in node.entries], types)
        elif isinstance(node, Call):
            yield from _call(node, types)


def _entry(entry: Entry) -> tuple[Expression, Expression]:
    return entry.key, entry.value


def _alike(items: list[tuple[Expression, bool]], types: Mapping[Expression, Type]) -> Iterator[Found]:
    """Constants of a list or a map have one type."""
    first: Type | None = None
    for item, optional in items:
        found = types[item].parameters[0] if optional and types[item].parameters else types[item]
        first = first or found
        if first != found:
            yield Found(item.offset, f"expected type '{first}' but found '{found}'")
            return


def _call(node: Call, types: Mapping[Expression, Type]) -> Iterator[Found]:
    given = [*([node.target] if node.target is not None else []), *node.arguments]
    if node.target is None and len(given) == 1 and node.function in conversions.NAMES:
        yield from _converted(node, given[0])
    elif node.function in _EXPRESSIONS and len(given) > 1 and isinstance(pattern := given[1], Literal):
        try:
            regex.compiled(str(pattern.value))
        except EvaluationError:
            yield Found(pattern.offset, f"invalid {node.function} argument")
    elif node.function == "format" and isinstance(node.target, Literal) and isinstance(node.arguments[0], ListOf):
        yield from _formatted(node, str(node.target.value), node.arguments[0], types)


def _converted(node: Call, given: Expression) -> Iterator[Found]:
    if not isinstance(given, Literal):
        return
    try:
        Evaluator(EVERYTHING.functions, {}, {}).run(node)
    except EvaluationError as error:
        if node.function in ("duration", "timestamp"):
            yield Found(given.offset, f"invalid {node.function} argument")
        else:
            yield Found(node.offset, f"program instantiation failed: {error}")


def _formatted(node: Call, text: str, given: ListOf, types: Mapping[Expression, Type]) -> Iterator[Found]:
    try:
        clauses = [piece for piece in formatting.clauses(text) if not isinstance(piece, str)]
    except EvaluationError as error:
        yield Found(node.offset, str(error))
        return
    for n, clause in enumerate(clauses):
        if n >= len(given.items):
            yield Found(node.offset, f"index {n} out of range")
            return
        names, said = formatting.TAKES[clause.letter]
        wrong = _unwritable(given.items[n], names, types, deep=clause.letter == "s")
        if wrong is not None:
            yield Found(wrong.offset, f"error during formatting: {said}, was given {types[wrong].name}")
            return
    if len(given.items) > len(clauses):
        said = f"(expected {len(clauses)}, got {len(given.items)})"
        yield Found(node.offset, f"too many arguments supplied to string.format {said}")


def _unwritable(
    node: Expression, names: frozenset[str], types: Mapping[Expression, Type], *, deep: bool
) -> Expression | None:
    """The part that a clause does not take."""
    if types[node].name not in ("dyn", "any", *names):
        return node
    if deep and isinstance(node, ListOf):
        below = list(node.items)
    elif deep and isinstance(node, MapOf):
        below = [part for entry in node.entries for part in _entry(entry)]
    else:
        below = []
    return next((bad for part in below if (bad := _unwritable(part, names, types, deep=deep)) is not None), None)
