"""The functions on lists: Kubernetes' own, those of cel-go (ext/lists.go of version 3), sets, and what macros use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from itertools import pairwise
from typing import Any, Final

from fleetc.cel.functions import Library
from fleetc.cel.libraries.standard import STANDARD
from fleetc.cel.types import Type
from fleetc.cel.values import Duration, EvaluationError, Uint, UndecidedError, equal, key_of, name_of, order

LISTS: Final = Library()
MORE_LISTS: Final = Library(since=34)
SETS: Final = Library(since=29)
PAIRS: Final = Library(since=32)
_SUMMED: Final[dict[str, Any]] = {"int": 0, "uint": Uint(0), "double": 0.0, "duration": Duration(0)}
_COMPARED: Final = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
_MOST: Final = 100_000


@LISTS("isSorted", *[f"list({t}).() -> bool" for t in _COMPARED])
def _is_sorted(items: list[Any]) -> bool:
    _comparable("isSorted", items)
    return not any(_ordered(a, b) == 1 for a, b in pairwise(items))


def _comparable(name: str, items: list[Any]) -> None:
    if not all(_short(item) in _COMPARED for item in items):
        raise EvaluationError(f"no such overload: {name}(list)")


def _ordered(a: Any, b: Any) -> int | None:
    """How two items compare; None where they do not, which the server passes over."""
    try:
        return order(a, b)
    except EvaluationError:
        return None


def _best(name: str, sign: int) -> Callable[[list[Any]], Any]:
    def run(items: list[Any]) -> Any:
        if not items:
            raise EvaluationError(f"{name} called on empty list")
        _comparable(name, items)
        best = items[0]
        for item in items[1:]:
            if _ordered(best, item) == sign:
                best = item
        return best

    return run


LISTS.declare("min", *[f"list({t}).() -> {t}" for t in _COMPARED], run=_best("min", 1))
LISTS.declare("max", *[f"list({t}).() -> {t}" for t in _COMPARED], run=_best("max", -1))


def _sum_from(zero: Any) -> Callable[[list[Any]], Any]:
    def run(items: list[Any]) -> Any:
        if not items and zero == 0 and not isinstance(zero, Duration):
            return zero
        total = zero if not items or name_of(items[0]) == name_of(zero) else _SUMMED.get(_short(items[0]), zero)
        for item in items:
            total = _added(total, item)
        return total

    return run


def _short(value: Any) -> str:
    return name_of(value).rpartition(".")[2].lower()


def _added(a: Any, b: Any) -> Any:
    if name_of(a) != name_of(b):
        raise EvaluationError("no such overload")
    for overload in STANDARD.overloads["_+_"]:
        if overload.run and overload.parameters[0].name == name_of(a) and overload.parameters[1].name == name_of(b):
            return overload.run(a, b)
    raise EvaluationError("no such overload")


for _name, _zero in _SUMMED.items():
    LISTS.declare("sum", f"list({_name}).() -> {_name}", run=_sum_from(_zero))


@LISTS("indexOf", "list(A).(A) -> int")
def _index_of(items: list[Any], item: Any) -> int:
    return next((n for n, each in enumerate(items) if equal(each, item)), -1)


@LISTS("lastIndexOf", "list(A).(A) -> int")
def _last_index_of(items: list[Any], item: Any) -> int:
    return next((n for n in reversed(range(len(items))) if equal(items[n], item)), -1)


@MORE_LISTS("slice", "list(T).(int, int) -> list(T)")
def _slice(items: list[Any], start: int, end: int) -> list[Any]:
    if start < 0 or end < 0:
        raise EvaluationError(f"cannot slice({start}, {end}), negative indexes not supported")
    if start > end:
        said = "start index must be less than or equal to end index"
        raise EvaluationError(f"cannot slice({start}, {end}), {said}")
    if len(items) < end:
        raise EvaluationError(f"cannot slice({start}, {end}), list is length {len(items)}")
    return items[start:end]


@MORE_LISTS("flatten", "list(list(T)).() -> list(T)", "list(dyn).(int) -> list(dyn)")
def _flatten(items: list[Any], depth: int = 1) -> list[Any]:
    if depth < 0:
        raise EvaluationError("level must be non-negative")
    out: list[Any] = []
    for item in items:
        out += _flatten(item, depth - 1) if isinstance(item, list) and depth else [item]
    return out


def _sorted_by(items: list[Any], by: list[Any]) -> list[Any]:
    if any(name_of(key) != name_of(by[0]) for key in by):
        raise EvaluationError("list elements must have the same type")
    if by and isinstance(by[0], (list, dict, Type)):
        raise EvaluationError("list elements must be comparable")
    if any(equal(a, b) for n, a in enumerate(by) for b in by[:n]) and items is not by:
        raise UndecidedError("the server puts items of equal keys in no certain order")

    # What has no order, such as NaN, is an error as in any other comparison.
    def compare(a: int, b: int) -> int:
        return order(by[a], by[b])

    return [items[n] for n in sorted(range(len(items)), key=cmp_to_key(compare))]


@MORE_LISTS("sort", *[f"list({t}).() -> list({t})" for t in _COMPARED])
def _sort(items: list[Any]) -> list[Any]:
    return _sorted_by(items, items)


@MORE_LISTS("@sortByAssociatedKeys", *[f"list(T).(list({t})) -> list(T)" for t in _COMPARED])
def _sort_by(items: list[Any], by: list[Any]) -> list[Any]:
    return _sorted_by(items, by)


@MORE_LISTS("lists.range", "(int) -> list(int)")
def _range(count: int) -> list[int]:
    if count > _MOST:
        raise UndecidedError("the list is so long that a server may stop")
    return list(range(count))


@MORE_LISTS("reverse", "list(T).() -> list(T)")
def _reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


@MORE_LISTS("distinct", "list(T).() -> list(T)")
def _distinct(items: list[Any]) -> list[Any]:
    out: list[Any] = []
    for item in items:
        if not any(equal(item, each) for each in out):
            out.append(item)
    return out


@SETS("sets.contains", "(list(T), list(T)) -> bool")
def _contains(items: list[Any], others: list[Any]) -> bool:
    return _all(items, others)


def _all(items: list[Any], others: list[Any]) -> bool:
    return all(any(equal(each, other) for each in items) for other in others)


@SETS("sets.equivalent", "(list(T), list(T)) -> bool")
def _equivalent(items: list[Any], others: list[Any]) -> bool:
    return _all(items, others) and _all(others, items)


@SETS("sets.intersects", "(list(T), list(T)) -> bool")
def _intersects(items: list[Any], others: list[Any]) -> bool:
    return any(equal(each, other) for each in items for other in others)


@PAIRS("cel.@mapInsert", "(map(K, V), K, V) -> map(K, V)", "(map(K, V), map(K, V)) -> map(K, V)")
def _insert(into: dict[Any, Any], *given: Any) -> dict[Any, Any]:
    added = given[0] if len(given) == 1 else {key_of(given[0]): given[1]}
    for key in added:
        if key in into:
            raise EvaluationError(f"insert failed: key {key} already exists")
    return {**into, **added}
