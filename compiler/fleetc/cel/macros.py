"""The macros of CEL: what `all`, `map` and their like stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fleetc.cel.lexer import SyntaxProblem
from fleetc.cel.tree import Call, Expression, Fold, ListOf, Literal, MapOf, Name, Select

CARRIED: Final = "@result"
UNUSED: Final = "#unused"
_RESULTS: Final = (CARRIED, "__result__")

_Expander = Callable[[int, Expression | None, tuple[Expression, ...]], Expression]


class Macros:
    """The macros of a server. `pairs`: those with two variables are there; `lists`: `sortBy` is; `bind`: `cel.bind`."""

    def __init__(self, *, pairs: bool = True, lists: bool = True, bind: bool = False) -> None:
        self._known: dict[tuple[str, int], _Expander] = {**_SINGLE}
        if pairs:
            self._known |= _PAIRS
        if lists:
            self._known["sortBy", 2] = _sort_by
        self._bind = bind

    def expand(
        self, offset: int, target: Expression | None, name: str, arguments: tuple[Expression, ...]
    ) -> Expression | None:
        """What a call stands for; None where it is no macro. Raises SyntaxProblem."""
        if target is None:
            return _has(offset, arguments) if (name, len(arguments)) == ("has", 1) else None
        if name == "bind" and self._bind and isinstance(target, Name) and target.name == "cel" and len(arguments) == 3:
            return _bind(offset, arguments[0], arguments[1], arguments[2])
        found = self._known.get((name, len(arguments)))
        return found(offset, target, arguments) if found else None


def _has(offset: int, arguments: tuple[Expression, ...]) -> Expression:
    tested = arguments[0]
    if not isinstance(tested, Select) or tested.test or tested.lenient:
        raise SyntaxProblem(_offset(tested), "invalid argument to has() macro")
    return Select(offset, tested.operand, tested.field, test=True)


def _offset(of: Expression) -> int:
    return of.offset


def _variable(given: Expression) -> str:
    if not isinstance(given, Name) or given.name.startswith("."):
        raise SyntaxProblem(given.offset, "argument must be a simple name")
    if given.name in _RESULTS:
        raise SyntaxProblem(given.offset, "iteration variable overwrites accumulator variable")
    return given.name


def _variables(first: Expression, second: Expression) -> tuple[str, str]:
    names = _variable(first), _variable(second)
    if names[0] == names[1]:
        raise SyntaxProblem(second.offset, f"duplicate variable name: {names[0]}")
    return names


class _Made:
    """Makes the parts of a fold at one place."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self.carried = Name(offset, CARRIED)

    def literal(self, value: object) -> Expression:
        return Literal(self._offset, value)

    def call(self, function: str, *arguments: Expression) -> Expression:
        return Call(self._offset, None, function, arguments)

    def items(self, *given: Expression) -> Expression:
        return ListOf(self._offset, given)

    def fold(
        self, over: Expression, names: tuple[str, str], start: Expression, step: Expression, **other: Expression
    ) -> Expression:
        condition = other.get("condition", self.literal(True))
        result = other.get("result", self.carried)
        return Fold(self._offset, over, *names, CARRIED, start, condition, step, result)


def _quantifier(name: str, offset: int, over: Expression, names: tuple[str, str], test: Expression) -> Expression:
    made = _Made(offset)
    if name == "all":
        going = made.call("@not_strictly_false", made.carried)
        return made.fold(over, names, made.literal(True), made.call("_&&_", made.carried, test), condition=going)
    if name == "exists":
        going = made.call("@not_strictly_false", made.call("!_", made.carried))
        return made.fold(over, names, made.literal(False), made.call("_||_", made.carried, test), condition=going)
    more = made.call("_+_", made.carried, made.literal(1))
    step = made.call("_?_:_", test, more, made.carried)
    return made.fold(over, names, made.literal(0), step, result=made.call("_==_", made.carried, made.literal(1)))


def _given(target: Expression | None) -> Expression:
    assert target is not None
    return target


def _single_quantifier(name: str) -> _Expander:
    def expand(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
        return _quantifier(name, offset, _given(target), (_variable(given[0]), ""), given[1])

    return expand


def _pair_quantifier(name: str) -> _Expander:
    def expand(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
        return _quantifier(name, offset, _given(target), _variables(given[0], given[1]), given[2])

    return expand


def _map(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
    name = (_variable(given[0]), "")
    return _collected(offset, _given(target), name, given[1:])


def _collected(offset: int, over: Expression, names: tuple[str, str], given: tuple[Expression, ...]) -> Expression:
    """`given`: a filter, where there is one, and what becomes of each."""
    made = _Made(offset)
    step = made.call("_+_", made.carried, made.items(given[-1]))
    if len(given) == 2:
        step = made.call("_?_:_", given[0], step, made.carried)
    return made.fold(over, names, made.items(), step)


def _filter(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
    made, name = _Made(offset), _variable(given[0])
    step = made.call("_+_", made.carried, made.items(given[0]))
    return made.fold(_given(target), (name, ""), made.items(), made.call("_?_:_", given[1], step, made.carried))


def _transform_list(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
    return _collected(offset, _given(target), _variables(given[0], given[1]), given[2:])


def _transform_map(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
    return _inserted(offset, _given(target), given, with_key=True)


def _transform_entry(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
    return _inserted(offset, _given(target), given, with_key=False)


def _inserted(offset: int, over: Expression, given: tuple[Expression, ...], *, with_key: bool) -> Expression:
    made, names = _Made(offset), _variables(given[0], given[1])
    key = (Name(given[0].offset, names[0]),) if with_key else ()
    step = made.call("cel.@mapInsert", made.carried, *key, given[-1])
    if len(given) == 4:
        step = made.call("_?_:_", given[2], step, made.carried)
    return made.fold(over, names, MapOf(offset, ()), step)


def _opt_map(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
    return _optional(offset, _given(target), given, wrapped=True)


def _opt_flat_map(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
    return _optional(offset, _given(target), given, wrapped=False)


def _optional(offset: int, target: Expression, given: tuple[Expression, ...], *, wrapped: bool) -> Expression:
    made, name = _Made(offset), _variable(given[0])
    result = given[1]
    value = Call(offset, target, "value", ())
    bound = Fold(offset, made.items(), UNUSED, "", name, value, made.literal(False), Name(offset, name), result)
    there: Expression = made.call("optional.of", bound) if wrapped else bound
    return made.call("_?_:_", Call(offset, target, "hasValue", ()), there, made.call("optional.none"))


def _bind(offset: int, variable: Expression, value: Expression, result: Expression) -> Expression:
    made = _Made(offset)
    if not isinstance(variable, Name):
        raise SyntaxProblem(variable.offset, "cel.bind() variable names must be simple identifiers")
    name = variable.name
    return Fold(offset, made.items(), UNUSED, "", name, value, made.literal(False), Name(offset, name), result)


def _sort_by(offset: int, target: Expression | None, given: tuple[Expression, ...]) -> Expression:
    over, name = _given(target), "@__sortBy_input__"
    if isinstance(over, (Literal, MapOf)):
        raise SyntaxProblem(
            over.offset, "sortBy can only be applied to a list, identifier, comprehension, call or select expression"
        )
    made, held = _Made(offset), Name(offset, name)
    keys = _map(offset, held, given)
    result = Call(offset, held, "@sortByAssociatedKeys", (keys,))
    return Fold(offset, made.items(), UNUSED, "", name, over, made.literal(False), held, result)


_SINGLE: Final[dict[tuple[str, int], _Expander]] = {
    ("all", 2): _single_quantifier("all"),
    ("exists", 2): _single_quantifier("exists"),
    ("exists_one", 2): _single_quantifier("exists_one"),
    ("map", 2): _map,
    ("map", 3): _map,
    ("filter", 2): _filter,
    ("optMap", 2): _opt_map,
    ("optFlatMap", 2): _opt_flat_map,
}
_PAIRS: Final[dict[tuple[str, int], _Expander]] = {
    ("all", 3): _pair_quantifier("all"),
    ("exists", 3): _pair_quantifier("exists"),
    ("exists_one", 3): _pair_quantifier("exists_one"),
    ("existsOne", 3): _pair_quantifier("exists_one"),
    ("transformList", 3): _transform_list,
    ("transformList", 4): _transform_list,
    ("transformMap", 3): _transform_map,
    ("transformMap", 4): _transform_map,
    ("transformMapEntry", 3): _transform_entry,
    ("transformMapEntry", 4): _transform_entry,
}
