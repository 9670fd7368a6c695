"""Named tuples whose classes are made quickly: a start makes some 160 of them, for which `typing` takes 15 ms."""

from __future__ import annotations

from collections.abc import Iterable
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, Self

__all__ = ["NamedTuple"]

_CODE: Final[dict[int, CodeType]] = {}
"""The code of `__new__` by the number of fields, with names that stand for theirs."""
_GLOBALS: Final[dict[str, Any]] = {"new": tuple.__new__}


class _Values(tuple[Any, ...]):
    """What all named tuples have, as `collections.namedtuple` gives it to each."""

    __slots__ = ()
    if TYPE_CHECKING:  # Who asks for the fields of a named tuple by its annotations finds no others.
        _fields: tuple[str, ...]
        _field_defaults: dict[str, Any]

    @classmethod
    def _make(cls, values: Iterable[Any]) -> Self:
        """From the values of all fields, in order."""
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields; got {len(made)} values")
        return made

    def _replace(self, /, **changes: Any) -> Self:
        """A copy with other values."""
        made = tuple.__new__(type(self), map(changes.pop, self._fields, self))
        if changes:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(changes)}")
        return made

    __replace__ = _replace

    def _asdict(self) -> dict[str, Any]:
        """The values by field."""
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        shown = ", ".join([f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True)])
        return f"{type(self).__name__}({shown})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)


class _Maker(type):
    """Makes the class of a named tuple from the body of a class that names its fields."""

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        if len(bases) > 1 or "__annotate_func__" in body:
            raise TypeError(f"{name} needs `from __future__ import annotations` above it, and no other base")
        fields = tuple(body.get("__annotations__", ()))
        defaults = {field: body[field] for field in fields if field in body}
        if (*defaults,) != fields[len(fields) - len(defaults) :]:
            raise TypeError(f"{name} has a field without a default behind one that has it")
        new = _new(fields, tuple(defaults.values()))
        new.__qualname__ = f"{body['__qualname__']}.__new__"
        made = {**body, "_fields": fields, "_field_defaults": defaults, "__match_args__": fields, "__new__": new}
        for n, field in enumerate(fields):
            made[field] = _getter(n, "")
        return type.__new__(type, name, (_Values,), {**made, "__slots__": ()})


def _new(fields: tuple[str, ...], defaults: tuple[Any, ...]) -> FunctionType:
    """`__new__` with these parameters. To compile one for each class would take most of the time again."""
    code = _CODE.get(len(fields))
    if code is None:
        names = "".join([f"_{n}, " for n in range(len(fields))])
        made: FunctionType = eval(f"lambda cls, {names}: new(cls, ({names}))")  # noqa: S307 - nothing but numbers
        code = _CODE[len(fields)] = made.__code__
    named = code.replace(co_varnames=("_cls", *fields), co_name="__new__")
    return FunctionType(named, _GLOBALS, "__new__", defaults)


if TYPE_CHECKING:
    from typing import NamedTuple

    def _getter(n: int, doc: str) -> property: ...

else:
    from _collections import _tuplegetter as _getter

    NamedTuple = type.__new__(_Maker, "NamedTuple", (), {})
