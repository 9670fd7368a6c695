"""Optional values (cel-go, cel/library.go), there since 1.28."""

from __future__ import annotations

from typing import Any, Final

from fleetc.cel.functions import Library
from fleetc.cel.values import ABSENT, EvaluationError, Optional, is_zero

OPTIONALS: Final = Library(since=28)


def _nothing(*_given: Any) -> Any:
    raise AssertionError("the evaluator does it itself")


OPTIONALS.declare("_[?_]", "(list(V), int) -> optional(V)", "(map(K, V), K) -> optional(V)", run=_nothing)
OPTIONALS.declare("_[?_]", "(optional(list(V)), int) -> optional(V)", run=_nothing)
OPTIONALS.declare("_[?_]", "(optional(map(K, V)), K) -> optional(V)", run=_nothing)
OPTIONALS.declare("_[_]", "(optional(list(V)), int) -> optional(V)", run=_nothing)
OPTIONALS.declare("_[_]", "(optional(map(K, V)), K) -> optional(V)", run=_nothing)
OPTIONALS.declare("or", "optional(V).(optional(V)) -> optional(V)", run=_nothing)
OPTIONALS.declare("orValue", "optional(V).(V) -> V", run=_nothing)


@OPTIONALS("optional.of", "(V) -> optional(V)")
def _of(value: Any) -> Optional:
    return Optional(value)


@OPTIONALS("optional.ofNonZeroValue", "(V) -> optional(V)")
def _non_zero(value: Any) -> Optional:
    return ABSENT if is_zero(value) else Optional(value)


@OPTIONALS("optional.none", "() -> optional(V)")
def _none() -> Optional:
    return ABSENT


@OPTIONALS("value", "optional(V).() -> V")
def _value(of: Optional) -> Any:
    if not of.there:
        raise EvaluationError("optional.none() dereference")
    return of.value


@OPTIONALS("hasValue", "optional(V).() -> bool")
def _has_value(of: Optional) -> bool:
    return of.there


@OPTIONALS("first", "list(V).() -> optional(V)")
def _first(items: list[Any]) -> Optional:
    return Optional(items[0]) if items else ABSENT


@OPTIONALS("last", "list(V).() -> optional(V)")
def _last(items: list[Any]) -> Optional:
    return Optional(items[-1]) if items else ABSENT


@OPTIONALS("optional.unwrap", "(list(optional(V))) -> list(V)")
@OPTIONALS("unwrapOpt", "list(optional(V)).() -> list(V)")
def _unwrap(items: list[Any]) -> list[Any]:
    if not all(isinstance(item, Optional) for item in items):
        raise EvaluationError("no such overload")
    return [item.value for item in items if item.there]
