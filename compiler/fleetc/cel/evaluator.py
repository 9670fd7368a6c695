"""What an expression comes to, by the rules of CEL: errors are values that `&&`, `||` and `?:` may never look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fleetc.cel.checker import TYPES, qualified
from fleetc.cel.functions import Overload
from fleetc.cel.tree import Call, Expression, Fold, ListOf, Literal, MapOf, Name, Select
from fleetc.cel.types import Type
from fleetc.cel.values import (
    ABSENT,
    EvaluationError,
    Optional,
    UndecidedError,
    is_number,
    key_of,
    keys,
    name_of,
    runtime_type,
)

_STEPS: Final = 100_000
"""Beyond that, a server may well stop: its limit is a million of what it calls cost, of which a step is one or more."""


_LARGEST: Final = 1_000_000
"""Characters of a text, or items of a list."""


class Evaluator:
    """Evaluates one expression. `functions` are all that any server knows: which are there was checked before."""

    def __init__(
        self, functions: Mapping[str, Sequence[Overload]], types: Mapping[str, Type], values: Mapping[str, Any]
    ) -> None:
        self._functions = functions
        self._types = types
        self._values = values
        self._locals: list[dict[str, Any]] = []
        self._steps = 0

    def run(self, node: Expression) -> Any:
        """Its value. Raises EvaluationError and UndecidedError."""
        self._steps += 1
        if self._steps > _STEPS:
            raise UndecidedError("it takes so many steps that a server may stop it")
        match node:
            case Literal():
                return node.value
            case Name():
                return self._name(node.name)
            case Select():
                return self._select(node)
            case Call():
                return self._call(node)
            case ListOf():
                return list(self._items(node))
            case MapOf():
                return self._map(node)
            case Fold():
                return self._fold(node)

    def _find(self, name: str) -> tuple[bool, Any]:
        for scope in reversed(self._locals):
            if name in scope:
                return True, scope[name]
        if name in self._values:
            return True, self._values[name]
        known = self._types.get(name) or TYPES.get(name)
        if known is not None:
            return True, known.parameters[0]
        return False, None

    def _name(self, name: str) -> Any:
        found, value = self._find(name.removeprefix("."))
        if not found:
            raise UndecidedError(f"the value of `{name}` is not known here")
        if isinstance(value, EvaluationError):
            raise value
        return value

    def _select(self, node: Select) -> Any:
        name = qualified(node)
        if "." in name:
            found, value = self._find(name)
            if found:
                return value
        target = self.run(node.operand)
        if isinstance(target, Optional):
            if not target.there:
                return False if node.test else ABSENT
            inner = _field(target.value, node.field, lenient=True)
            return inner.there if node.test else inner
        if node.test:
            return _has(target, node.field)
        return _field(target, node.field, lenient=node.lenient)

    def _items(self, node: ListOf) -> Iterator[Any]:
        for n, item in enumerate(node.items):
            value = self.run(item)
            if n not in node.optional:
                yield value
            elif _unwrapped(value).there:
                yield value.value

    def _map(self, node: MapOf) -> Any:
        if node.message:
            raise UndecidedError("objects of a message type are not made here")
        out: dict[Any, Any] = {}
        for entry in node.entries:
            key, value = key_of(self.run(entry.key)), self.run(entry.value)
            if not entry.optional:
                out[key] = value
            elif _unwrapped(value).there:
                out[key] = value.value
        return out

    def _call(self, node: Call) -> Any:
        match node.function:
            case "_&&_" | "_||_":
                return self._logical(node)
            case "_?_:_":
                test = self.run(node.arguments[0])
                if not isinstance(test, bool):
                    raise EvaluationError("no such overload")
                return self.run(node.arguments[1 if test else 2])
            case "_[_]" | "_[?_]":
                return self._index(node, lenient=node.function == "_[?_]")
            case "@not_strictly_false":
                return self._not_false(node.arguments[0])
            case "or" | "orValue" if node.target is not None:
                return self._alternative(node, node.target)
            case _:
                return self._function(node)

    def _function(self, node: Call) -> Any:
        member = node.target is not None
        name = node.function.removeprefix(".")
        prefix = qualified(node.target) if node.target is not None else ""
        if prefix and f"{prefix}.{name}" in self._functions:
            name, member = f"{prefix}.{name}", False
        given = [self.run(argument) for argument in node.arguments]
        if member and node.target is not None:
            given.insert(0, self.run(node.target))
        return self.apply(name, given, member=member)

    def _index(self, node: Call, *, lenient: bool) -> Any:
        target, index = self.run(node.arguments[0]), self.run(node.arguments[1])
        if not isinstance(target, Optional):
            return _at(target, index, lenient=lenient)
        return _at(target.value, index, lenient=True) if target.there else ABSENT

    def apply(self, name: str, given: list[Any], *, member: bool) -> Any:
        """What a function gives. Raises EvaluationError where it takes no such values."""
        for overload in self._functions.get(name, ()):
            if overload.member == member and _takes(overload.parameters, given):
                if overload.run is None:
                    raise UndecidedError(f"`{name}` asks what only a server knows")
                return _of_a_size(overload.run(*given))
        raise EvaluationError("no such overload")

    def _logical(self, node: Call) -> Any:
        """The operator's own value decides, whatever the other side is, an error too."""
        decides = node.function == "_||_"
        failure: EvaluationError | None = None
        for argument in node.arguments:
            try:
                value = self.run(argument)
            except EvaluationError as error:
                failure = failure or error
                continue
            if value is decides:
                return decides
            if not isinstance(value, bool):
                failure = failure or EvaluationError("no such overload")
        if failure is not None:
            raise failure
        return not decides

    def _not_false(self, node: Expression) -> bool:
        try:
            return self.run(node) is not False
        except EvaluationError:
            return True

    def _alternative(self, node: Call, target: Expression) -> Any:
        value = self.run(target)
        if not isinstance(value, Optional):
            raise EvaluationError("no such overload")
        if value.there:
            return value.value if node.function == "orValue" else value
        return self.run(node.arguments[0])

    def _fold(self, node: Fold) -> Any:
        over = self.run(node.over)
        held: dict[str, Any] = {}
        self._locals.append(held)
        try:
            self._carry(held, node.carried, node.start)
            for first, second in _pairs(over, bool(node.second)):
                self._locals.append({node.first: first, node.second: second})
                try:
                    if not self._goes_on(node):
                        break
                    self._carry(held, node.carried, node.step)
                finally:
                    self._locals.pop()
            return self.run(node.result)
        finally:
            self._locals.pop()

    def _carry(self, held: dict[str, Any], name: str, node: Expression) -> None:
        """The next value of what a fold carries, which may be an error that a later value takes the place of."""
        try:
            held[name] = self.run(node)
        except EvaluationError as error:
            held[name] = error

    def _goes_on(self, node: Fold) -> bool:
        return self.run(node.condition) is not False


def _unwrapped(value: Any) -> Optional:
    if not isinstance(value, Optional):
        raise EvaluationError(f"cannot initialize optional entry from non-optional value {value}")
    return value


def _has(target: Any, field: str) -> bool:
    return isinstance(target, Mapping) and field in target


def _field(target: Any, field: str, *, lenient: bool) -> Any:
    """A field; with `lenient`, an optional of it."""
    if isinstance(target, list):
        raise EvaluationError("unsupported index type 'string' in list")
    if isinstance(target, Mapping) and field in target:
        value = target[field]
        return Optional(value) if lenient else value
    name_of(target)  # What is not known may have it.
    if lenient:
        return ABSENT
    raise EvaluationError(f"no such key: {field}")


def _at(target: Any, index: Any, *, lenient: bool) -> Any:
    """An item of a list, or an entry of a map; with `lenient`, an optional of it."""
    if isinstance(target, Mapping):
        key = key_of(index)
        if key in target:
            return Optional(target[key]) if lenient else target[key]
    elif isinstance(target, list):
        at = _position(index)
        if 0 <= at < len(target):
            return Optional(target[at]) if lenient else target[at]
        if not lenient:
            raise EvaluationError(f"index out of bounds: {at}")
    name_of(target)
    if lenient:
        return ABSENT
    raise EvaluationError(f"no such key: {index}")


def _position(index: Any) -> int:
    if not is_number(index):
        raise EvaluationError(f"unsupported index type '{name_of(index)}' in list")
    if int(index) != index:
        raise EvaluationError(f"unsupported index value {index} in list")
    return int(index)


def _pairs(over: Any, both: bool) -> Iterator[tuple[Any, Any]]:
    """What the variables of a fold are, in turn."""
    if isinstance(over, Mapping):
        for key in keys(over):
            yield key, over[key_of(key)] if both else None
    elif isinstance(over, list):
        for n, item in enumerate(over):
            yield (n, item) if both else (item, None)
    else:
        raise EvaluationError(f"got 'types.{name_of(over).rpartition('.')[2].title()}', expected iterable type")


def _of_a_size(value: Any) -> Any:
    if isinstance(value, (str, bytes, list)) and len(value) > _LARGEST:
        raise UndecidedError("it makes so much that a server may stop it")
    return value


def _takes(asked: Sequence[Type], given: Sequence[Any]) -> bool:
    return len(asked) == len(given) and all(
        t.kind == "parameter" or t.name in ("dyn", runtime_type(value).name)
        for t, value in zip(asked, given, strict=True)
    )
