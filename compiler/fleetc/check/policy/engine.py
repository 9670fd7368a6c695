"""Expressions of policies: compiled once for a Kubernetes minor, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from fleetc import cel
from fleetc.cel import DYN, CompileError, Failure, Program, Type, Unsupported, UnsupportedError, Value
from fleetc.cel.types import Messages
from fleetc.check.served import version_of
from fleetc.check.typed import object_type, part
from fleetc.emission.admission import Kind
from fleetc.language.policy import On
from fleetc.tuples import NamedTuple

SEEN: Final[Mapping[On, tuple[str, ...]]] = {
    "object": ("object", "namespaceObject", "params"),
    "pod": ("object", "namespaceObject", "params", "pod"),
    "container": ("object", "namespaceObject", "params", "pod", "container"),
}
"""The variables that a rule's expression has."""
SERVER_ONLY: Final = ("request", "oldObject", "authorizer")
"""What only the API server knows, when it is asked."""
_INSIDE: Final = ("object", "namespaceObject", "params", "variables", *SERVER_ONLY)


_PARTS: Final = {"pod": ("spec", "template"), "container": ("spec", "template", "spec", "containers", 0)}
"""Where a Deployment, and every other kind of Kubernetes' own, holds what rules are on."""


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


class Mistyped(NamedTuple):
    """What a kind does not have that an expression reads of it."""

    kind: str
    wrong: Wrong


def mistyped(expression: str, on: On, names: tuple[str, ...], kinds: Sequence[Kind], minor: str) -> Iterator[Mistyped]:
    """What is wrong with an expression by the types of the kinds that it is for, once for all of them. A server only
    warns of it, and then cannot evaluate the expression for any of their objects."""
    seen = set[Wrong]()
    for about, types, messages in _typed(on, names, kinds, minor):
        try:
            cel.compile(expression, {**dict.fromkeys(names, DYN), **types}, minor, messages=messages)
        except CompileError as error:
            for found in error.problems:
                wrong = Wrong(found.line, found.column, found.reason)
                if wrong not in seen:
                    seen.add(wrong)
                    yield Mistyped(about, wrong)
        except UnsupportedError:
            continue


def _typed(
    on: On, names: tuple[str, ...], kinds: Sequence[Kind], minor: str
) -> Iterator[tuple[str, dict[str, Type], Messages]]:
    """The variables that have types, by the kind that these are of."""
    if on == "object":
        for kind in kinds:
            version = version_of(kind.group, kind.kind, minor)
            declared = object_type(version, kind.kind, minor) if version is not None else None
            if declared is not None:
                yield kind.text, {"object": declared.type}, declared.messages
        return
    holder = object_type("apps/v1", "Deployment", minor)
    for name, path in _PARTS.items() if holder is not None else ():
        declared = part(holder, path) if name in names and holder is not None else None
        if declared is not None:
            yield f"a {name}", {name: declared.type}, declared.messages


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
