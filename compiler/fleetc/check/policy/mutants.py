"""Damaged objects: what a rule ought to refuse, and whether there is anything that it does refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.check.policy.engine import Unsure, evaluate
from fleetc.check.policy.examples import merged
from fleetc.check.policy.judge import Ready, bindings, concerns
from fleetc.check.policy.usage import Seen
from fleetc.check.policy.where import Part, parts
from fleetc.check.rules.access import Map
from fleetc.check.schemas import check_object
from fleetc.check.states import State
from fleetc.emission.admission import RuleOf, wrapped
from fleetc.source.span import Path

_DEEPEST: Final = 6


def mutants(ready: Ready, rule: RuleOf, obj: Map) -> Iterator[Mapping[str, Any]]:
    """An object with one thing changed: a part of it as in the rule's failing example, whole or field by field, or
    without one of its fields."""
    for part in parts(ready, rule, obj):
        value = _at(obj, part.path)
        changes = [rule.failing, *_single(rule.failing)] if rule.failing else []
        for change in changes:
            yield _put(obj, part.path, merged(value, change))
        yield from (_put(obj, part.path, less) for less in _without(value))


def witness(rule: RuleOf, seen: list[Seen]) -> Seen | None:
    """The first object that the rule is for of which some mutant does not meet it."""
    for one in seen:
        for mutant in mutants(one.ready, rule, one.obj):
            if breaks(one.ready, rule, mutant, one.space) and _taken(one, mutant):
                return one
    return None


def _taken(one: Seen, mutant: Map) -> bool:
    """Whether a mutant is an object still that the policy is for, and that an API server takes otherwise."""
    return concerns(one.ready, mutant, one.space) and check_object(mutant, one.ready.minor).state is not State.INVALID


def breaks(ready: Ready, rule: RuleOf, obj: Map, space: Map | None) -> bool:
    """Whether an object does not meet a rule, whatever exceptions say; where that cannot be told, it may not."""
    value = evaluate(wrapped(rule, []), bindings(ready, obj, space), ready.minor)
    return isinstance(value, Unsure) or value is not True


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _put(value: Any, path: Path, new: Any) -> Any:
    """A value with another one at a path in it."""
    if not path:
        return new
    changed = _put(value[path[0]], path[1:], new)
    if isinstance(value, list):
        return [changed if n == path[0] else item for n, item in enumerate(value)]
    return {**value, path[0]: changed}


def _single(change: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The fields of a change one by one."""
    if len(change) > 1:
        yield from ({name: value} for name, value in change.items())


def _without(value: Any, depth: int = 0) -> Iterator[Any]:
    """A value without each of its fields, at any depth."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield {k: v for k, v in value.items() if k != name}
            yield from ({**value, name: less} for less in _without(inner, depth + 1))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield [v for i, v in enumerate(value) if i != n]
            yield from ([less if i == n else v for i, v in enumerate(value)] for less in _without(inner, depth + 1))


__all__ = ["Part", "breaks", "mutants", "witness"]
