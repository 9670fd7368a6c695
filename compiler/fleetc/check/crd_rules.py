"""The CEL rules of CRDs, run on new objects as the API server runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.cel import (
    CompileError,
    Failure,
    Program,
    Unsupported,
    UnsupportedError,
    Value,
    compile,  # noqa: A004 - the name of what it does
)
from fleetc.cel.types import optional
from fleetc.cel.values import ABSENT
from fleetc.check.formats import UNCHECKED
from fleetc.check.states import SchemaProblem
from fleetc.check.typed import schema_type, typed
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

_OLD: Final = re.compile(r"\boldSelf\b")
_compiled: dict[tuple[int, str, bool, bool, str], tuple[Mapping[str, Any], Program]] = {}
"""Programs by the place of a schema, which is kept with them so that no other one is taken for it."""


class NotRunError(RuntimeError):
    """Why a rule is not run."""


class Place(NamedTuple):
    """A place of an object, with the schema that is there."""

    path: Path
    node: Mapping[str, Any]
    value: Any
    minor: str


def run(schema: Mapping[str, Any], obj: Mapping[str, Any], minor: str) -> tuple[list[SchemaProblem], list[str]]:
    """The rules of a schema on a new object that meets its structure: what they find, and why some were not run."""
    found: list[SchemaProblem] = []
    unrun: list[str] = []
    for path, node, value in _places(schema, defaulted(schema, obj), ()):
        if isinstance(value, str):
            unrun += [f"the format `{name}` is not looked at" for name in _formats(node) if name in UNCHECKED]
        for rule in node.get("x-kubernetes-validations", ()):
            try:
                found += _rule(rule, Place(path, node, value, minor))
            except NotRunError as error:
                unrun.append(str(error))
    return found, unrun


def _formats(node: Mapping[str, Any]) -> Iterator[str]:
    """The formats that a text has to meet."""
    yield str(node.get("format", ""))
    for key in ("allOf", "anyOf", "oneOf"):
        for branch in node.get(key, ()):
            yield from _formats(branch)


def applies(rule: Mapping[str, Any]) -> bool:
    """Whether a rule says something of a new object, and not of transitions alone."""
    return bool(rule.get("optionalOldSelf")) or not _OLD.search(str(rule["rule"]))


def compiled(expression: str, node: Mapping[str, Any], *, root: bool, old: bool, minor: str) -> Program:
    """An expression of a rule, with the types of the schema where it is. `old`: `oldSelf` may be absent.

    Raises NotRunError.
    """
    key = (id(node), expression, root, old, minor)
    known = _compiled.get(key)
    if known is None:
        declared = schema_type(node, root=root)
        variables = {"self": declared.type, "oldSelf": optional(declared.type) if old else declared.type}
        try:
            program = compile(expression, variables, minor, messages=declared.messages)
        except (CompileError, UnsupportedError) as error:
            raise NotRunError(f"`{' '.join(expression.split())}` does not compile: {error}") from None
        known = _compiled[key] = (node, program)
    return known[1]


def _evaluated(expression: str, rule: Mapping[str, Any], place: Place) -> Value | Failure:
    old = bool(rule.get("optionalOldSelf"))
    program = compiled(expression, place.node, root=not place.path, old=old, minor=place.minor)
    outcome = program.evaluate({"self": typed(place.node, place.value), "oldSelf": ABSENT})
    if isinstance(outcome, Unsupported):
        raise NotRunError(f"`{' '.join(expression.split())}`: {outcome.reason}")
    return outcome


def _rule(rule: Mapping[str, Any], place: Place) -> Iterator[SchemaProblem]:
    if not applies(rule):
        return
    expression = str(rule["rule"])
    outcome = _evaluated(expression, rule, place)
    if outcome == Value(True):
        return
    why = f" ({outcome.text})" if isinstance(outcome, Failure) else ""
    message = rule.get("message") or f"fails the CEL rule `{' '.join(expression.split())}`"
    if "messageExpression" in rule:
        message = _message(rule, place) or message
    at = (*place.path, *re.findall(r"[^.\[\]']+", str(rule.get("fieldPath", ""))))
    reason = rule.get("reason", "")
    yield SchemaProblem(at, f"{message}{why}{f' ({reason})' if reason else ''}", "see the CEL rule in the CRD")


def _message(rule: Mapping[str, Any], place: Place) -> str:
    try:
        outcome = _evaluated(str(rule["messageExpression"]), rule, place)
    except NotRunError:
        return ""  # As in the API server, the plain message takes its place.
    return outcome.value if isinstance(outcome, Value) and isinstance(outcome.value, str) else ""


def _places(node: Mapping[str, Any], value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any], Any]]:
    """Every place of an object with the schema that is there."""
    if value is None:
        return
    yield path, node, value
    if isinstance(value, dict):
        for name, child in value.items():
            below = _below(node, name)
            if below is not None:
                yield from _places(below, child, (*path, name))
    elif isinstance(value, list) and isinstance(node.get("items"), dict):
        for n, child in enumerate(value):
            yield from _places(node["items"], child, (*path, n))


def _below(node: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    properties: Mapping[str, Any] = node.get("properties", {})
    found = properties.get(name, node.get("additionalProperties"))
    return found if isinstance(found, dict) else None


def defaulted(node: Mapping[str, Any], value: Any) -> Any:
    """A value with the schema's defaults filled in, as the API server does before it validates."""
    if isinstance(value, dict):
        fields: Mapping[str, Any] = node.get("properties", {})
        lacks = {n: s["default"] for n, s in fields.items() if "default" in s and _absent(s, value.get(n))}
        whole = {**value, **lacks}
        return {n: v if (s := _below(node, n)) is None else defaulted(s, v) for n, v in whole.items()}
    if isinstance(value, list) and isinstance(node.get("items"), dict):
        return [defaulted(node["items"], child) for child in value]
    return value


def _absent(node: Mapping[str, Any], value: Any) -> bool:
    return value is None and not node.get("nullable")
