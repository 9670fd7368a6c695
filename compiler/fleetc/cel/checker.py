"""The types of an expression, and what is wrong with them, as cel-go's checker finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fleetc.cel.functions import Overload
from fleetc.cel.tree import Call, Entry, Expression, Fold, ListOf, Literal, MapOf, Name, Select
from fleetc.cel.types import (
    BOOL,
    DYN,
    ERROR,
    INT,
    PRIMITIVES,
    Messages,
    Type,
    is_open,
    listing,
    mapping,
    optional,
    type_of,
)
from fleetc.cel.unify import Bound, assignable, closed, most_general, resolved
from fleetc.cel.values import UndecidedError, runtime_type
from fleetc.tuples import NamedTuple


class Found(NamedTuple):
    """Something wrong at an offset."""

    offset: int
    reason: str


class Scope(NamedTuple):
    """What an expression may speak of."""

    variables: Mapping[str, Type]
    functions: Mapping[str, Sequence[Overload]]
    messages: Messages
    types: Mapping[str, Type]


TYPES: Final[dict[str, Type]] = {
    **{name: type_of(t) for name, t in PRIMITIVES.items() if name != "dyn"},
    "list": type_of(listing(DYN)),
    "map": type_of(mapping(DYN, DYN)),
    "type": type_of(type_of(DYN)),
    "optional_type": type_of(optional(DYN)),
}


def qualified(node: Expression) -> str:
    """The dotted name that an expression may be; else empty."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Select) and not node.test and not node.lenient:
        above = qualified(node.operand)
        return f"{above}.{node.field}" if above else ""
    return ""


class Checker:
    """Checks one expression. `types` holds the type of each part afterwards."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._locals: list[dict[str, Type]] = []
        self._bound: Bound = {}
        self._fresh = 0
        self.types: dict[Expression, Type] = {}
        self.found: list[Found] = []

    def run(self, node: Expression) -> Type:
        """The type of the whole."""
        self._check(node)
        self.types = {part: closed(self._bound, t) for part, t in self.types.items()}
        return self.types[node]

    def _wrong(self, offset: int, reason: str) -> None:
        self.found.append(Found(offset, reason))

    def _undeclared(self, node: Expression, name: str) -> Type:
        self._wrong(node.offset, f"undeclared reference to '{name}' (in container '')")
        return ERROR

    def _look_up(self, name: str) -> Type | None:
        if name.startswith("."):
            name = name[1:]
        else:
            for scope in reversed(self._locals):
                if name in scope:
                    return scope[name]
        return self._scope.variables.get(name) or self._scope.types.get(name)

    def _check(self, node: Expression) -> Type:
        if node in self.types:
            return self.types[node]  # Where a macro uses a part twice.
        match node:
            case Literal():
                found = runtime_type(node.value)
            case Name():
                found = self._look_up(node.name) or self._undeclared(node, node.name)
            case Select():
                found = self._select(node)
            case Call():
                found = self._call(node)
            case ListOf():
                found = self._list(node)
            case MapOf():
                found = self._message(node) if node.message else self._map(node)
            case Fold():
                found = self._fold(node)
        self.types[node] = found
        return found

    def _assignable(self, given: Sequence[Type], asked: Sequence[Type]) -> bool:
        bound = assignable(self._bound, tuple(given), tuple(asked))
        if bound is None:
            return False
        self._bound = bound
        return True

    def _said(self, t: Type) -> str:
        return str(resolved(self._bound, t))

    def _mismatch(self, node: Expression, asked: Type, given: Type) -> None:
        self._wrong(node.offset, f"expected type '{self._said(asked)}' but found '{self._said(given)}'")

    def _variable(self) -> Type:
        self._fresh += 1
        return Type(f"_var{self._fresh}", (), "parameter")

    def _select(self, node: Select) -> Type:
        name = qualified(node)
        whole = self._look_up(name) if name else None
        if whole is not None:
            return whole
        operand = resolved(self._bound, self._check(node.operand))
        target = operand.parameters[0] if operand.name == "optional_type" else operand
        found = self._field(node, node.field, target)
        if operand.name == "optional_type" or node.lenient:
            found = optional(found)
        return BOOL if node.test else resolved(self._bound, found)

    def _field(self, node: Expression, field: str, target: Type) -> Type:
        if target.name == "map":
            return target.parameters[1]
        if target.kind == "message":
            found = self._scope.messages.get(target.name, {}).get(field)
            if found is None:
                self._wrong(node.offset, f"undefined field '{field}'")
            return found or ERROR
        if target.kind == "parameter":
            self._assignable((DYN,), (target,))
        elif not is_open(target):
            self._wrong(node.offset, f"type '{self._said(target)}' does not support field selection")
        return DYN

    def _call(self, node: Call) -> Type:
        given = [self._check(argument) for argument in node.arguments]
        if node.function in ("_&&_", "_||_"):
            return self._logical(node)
        if node.target is None:
            name = node.function.removeprefix(".")
            overloads = self._scope.functions.get(name)
            return self._undeclared(node, name) if overloads is None else self._resolve(node, overloads, given)
        prefix = qualified(node.target)
        if prefix and (overloads := self._scope.functions.get(f"{prefix}.{node.function}")):
            return self._resolve(node, overloads, given, name=f"{prefix}.{node.function}")
        given = [self._check(node.target), *given]
        overloads = self._scope.functions.get(node.function)
        if overloads is None:
            return self._undeclared(node, node.function)
        return self._resolve(node, overloads, given, member=True)

    def _logical(self, node: Call) -> Type:
        for argument in node.arguments:
            if not self._assignable((self._check(argument),), (BOOL,)):
                self._mismatch(argument, BOOL, self._check(argument))
        return BOOL

    def _resolve(
        self, node: Call, known: Sequence[Overload], given: list[Type], *, member: bool = False, name: str = ""
    ) -> Type:
        result: Type | None = None
        for overload in known:
            if overload.member != member:
                continue
            fresh: Bound = {}
            asked = [self._instance(fresh, t) for t in overload.parameters]
            made = self._instance(fresh, overload.result)
            if not self._assignable(given, asked):
                continue
            found = resolved(self._bound, made)
            result = found if result in (None, found) else DYN
        if result is None:
            self._wrong(
                node.offset,
                f"found no matching overload for '{name or node.function}' applied to '{self._applied(given, member)}'",
            )
        return result or ERROR

    def _applied(self, given: list[Type], member: bool) -> str:
        said = [str(closed(self._bound, t)) for t in given]
        return f"{said[0]}.({', '.join(said[1:])})" if member else f"({', '.join(said)})"

    def _instance(self, fresh: Bound, t: Type) -> Type:
        """The type in a declaration, with parameters of its own for this call."""
        if t.kind == "parameter":
            return fresh.get(t) or fresh.setdefault(t, self._variable())
        return t._replace(parameters=tuple(self._instance(fresh, part) for part in t.parameters))

    def _join(self, before: Type | None, now: Type) -> Type:
        if before is None:
            return now
        if self._assignable((before,), (now,)):
            return most_general(before, now)
        return DYN

    def _there(self, node: Expression, lenient: bool) -> Type:
        """The type of an item, without the optional that it is given in."""
        t = self._check(node)
        if lenient and t.name == "optional_type":
            return t.parameters[0]
        if lenient and t != DYN:
            self._mismatch(node, optional(t), t)
        return t

    def _list(self, node: ListOf) -> Type:
        joined: Type | None = None
        for n, item in enumerate(node.items):
            joined = self._join(joined, self._there(item, n in node.optional))
        return listing(joined or self._variable())

    def _map(self, node: MapOf) -> Type:
        key: Type | None = None
        value: Type | None = None
        for entry in node.entries:
            key = self._join(key, self._check(entry.key))
            value = self._join(value, self._there(entry.value, entry.optional))
        return mapping(key or self._variable(), value or self._variable())

    def _message(self, node: MapOf) -> Type:
        if node.message.removeprefix(".").startswith("google.protobuf."):
            raise UndecidedError("objects of protobuf types are not read here")
        known = self._look_up(node.message)
        if known is None:
            return self._undeclared(node, node.message)
        made = known.parameters[0] if known.name == "type" else known
        if known.name != "type" or made.kind != "message":
            said = "type" if known.name != "type" else "message type"
            self._wrong(node.offset, f"'{made.name}' is not a {said}")
            return ERROR
        for entry in node.entries:
            self._set_field(made, entry)
        return made

    def _set_field(self, made: Type, entry: Entry) -> None:
        assert isinstance(entry.key, Literal)
        given = self._there(entry.value, entry.optional)
        asked = self._scope.messages.get(made.name, {}).get(str(entry.key.value))
        if asked is None:
            self._wrong(entry.offset, f"undefined field '{entry.key.value}'")
        elif not self._assignable((asked,), (given,)):
            said = f"'{self._said(asked)}' but value type is '{self._said(given)}'"
            self._wrong(entry.offset, f"expected type of field '{entry.key.value}' is {said}")

    def _fold(self, node: Fold) -> Type:
        over = resolved(self._bound, self._check(node.over))
        start = self._check(node.start)
        first, second = self._loop_variables(node, over)
        self._locals.append({node.carried: start})
        self._locals.append({node.first: first, **({node.second: second} if node.second else {})})
        self._must(node.condition, BOOL)
        self._must(node.step, start)
        self._locals.pop()
        result = self._check(node.result)
        self._locals.pop()
        return resolved(self._bound, result)

    def _must(self, node: Expression, asked: Type) -> None:
        given = self._check(node)
        if not self._assignable((asked,), (given,)):
            self._mismatch(node, asked, given)

    def _loop_variables(self, node: Fold, over: Type) -> tuple[Type, Type]:
        if over.name == "list":
            return (INT, over.parameters[0]) if node.second else (over.parameters[0], DYN)
        if over.name == "map":
            return over.parameters[0], over.parameters[1]
        if is_open(over) or over.kind == "parameter":
            self._assignable((DYN,), (over,))
            return DYN, DYN
        said = "(must be list, map, or dynamic)"
        self._wrong(
            node.over.offset, f"expression of type '{self._said(over)}' cannot be range of a comprehension {said}"
        )
        return ERROR, ERROR
