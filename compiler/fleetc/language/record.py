"""Immutable values with named fields: what the parts and nodes of the language are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, Self, dataclass_transform, get_origin

_NAMES: dict[type[Any], tuple[str, ...]] = {}


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """A value that is declared, and made, as a frozen dataclass with keyword-only fields and no defaults.

    Nothing is generated for it: every start makes some forty of these classes, for which `dataclasses` takes 30 ms.
    """

    def __init__(self, **values: Any) -> None:
        names = field_names(type(self))
        if values.keys() != {*names}:
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(names)}; got {', '.join(values)}")
        self.__dict__.update({name: values[name] for name in names})

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name}")

    def _fields(self) -> tuple[Any, ...]:
        # By attribute, not from __dict__: a recording twin writes down what is compared.
        return tuple([getattr(self, name) for name in field_names(self.__class__)])

    def __replace__(self, **changes: Any) -> Self:
        """A copy with other values, as `copy.replace` of Python 3.13 makes it."""
        cls = self.__class__
        return cls(**{**dict(zip(field_names(cls), self._fields(), strict=True)), **changes})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or self.__class__ is not other.__class__:
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(tuple([frozenset(v.items()) if isinstance(v, Mapping) else v for v in self._fields()]))

    def __repr__(self) -> str:
        shown = zip(field_names(self.__class__), self._fields(), strict=True)
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={value!r}' for name, value in shown)})"


def field_names(cls: type[Any]) -> tuple[str, ...]:
    """The fields of a record's class, those of its bases first."""
    got = _NAMES.get(cls)
    if got is None:
        bases = [base for base in reversed(cls.__mro__) if issubclass(base, Record)]
        every = {name: hint for base in bases for name, hint in base.__annotations__.items()}
        got = _NAMES[cls] = tuple(name for name, hint in every.items() if not _of_the_class(hint))
    return got


def _of_the_class(hint: Any) -> bool:
    return hint.startswith("ClassVar") if isinstance(hint, str) else hint is ClassVar or get_origin(hint) is ClassVar
