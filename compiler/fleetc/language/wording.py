"""How messages name values, fields and choices, and what they propose instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from fleetc.language.schema import Scalar, Struct
from fleetc.language.types import Text

_LONGEST = 60
_GIB: Final = 2**30
_PLAIN_TYPES = {str: "a string", int: "a whole number", bool: "true or false"}
_BARE: Final[dict[type, Callable[[str], bool]]] = {int: str.isdecimal, bool: lambda text: text in ("true", "false")}
"""Strings that are values of another type as soon as their quotes are removed."""


def describe(value: Any) -> str:
    """A value as messages name it."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the string {quoted(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def quoted(value: str) -> str:
    """A text as messages show it."""
    shown = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 3]}..."
    return f"`{shown}`" if value.strip() and value.isprintable() else json.dumps(shown)


def in_list(value: Any) -> str:
    """A scalar as the only item of a list, as it is written in YAML."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"[{text}]" if not isinstance(value, str) or text.replace("-", "").isalnum() else f"[{json.dumps(text)}]"


def listing(names: Iterable[str]) -> str:
    """Names as messages list them; long lists are cut."""
    names = list(names)
    shown = ", ".join(f"`{n}`" for n in names[:12])
    return f"{shown} ..." if len(names) > 12 else shown


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that was probably meant."""
    known = list(known)
    same = [k for k in known if k.lower() == name.lower()]
    if same:
        return same[0]
    import difflib  # noqa: PLC0415 - only who has made a mistake pays for it

    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=cutoff)), None)


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "the fields are") -> str:
    """A hint with the nearest of the known names, else all of them after `otherwise`."""
    known = list(known)
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else f"{otherwise} {listing(sorted(known))}"


def wanted(schema: Scalar) -> str:
    """What a field takes, in words."""
    if schema.choices:
        return f"one of {listing(schema.choices)}"
    return schema.text.what if schema.text is not None else _PLAIN_TYPES[schema.type]


def retyped(schema: Scalar, value: Any) -> str:
    """How to write a value that is of another type than the field's."""
    if isinstance(value, list) and len(value) == 1:
        return "write the value alone, not in a list"
    if schema.type is str and type(value) in (int, float, bool) and not (schema.choices and type(value) is bool):
        return "put the value in quotes"
    bare = _BARE.get(schema.type)
    if isinstance(value, str) and bare is not None and bare(value):
        return "remove the quotes"
    return _example(schema.text) if schema.text is not None else f"write {wanted(schema)}"


def misfit(text: Text, value: str) -> tuple[str, str]:
    """Why a text does not meet a constraint, and how to mend it."""
    if len(value) > text.limit:
        return f"{quoted(value)} has {len(value)} characters, and {text.what} has at most {text.limit}", "shorten it"
    meant = text.meant(value)
    what = quoted(value) if value else "an empty text"
    return f"{what} is not {text.what}", f"did you mean `{meant}`?" if meant else _example(text)


def out_of_range(value: int, low: int, high: int) -> tuple[str, str]:
    """Why a number is refused, and which ones are not."""
    bound = f"less than {low}" if value < low else f"more than {high}"
    return f"{value} is {bound}", f"write a number from {low} to {high}"


def fields_of(schema: Struct) -> str:
    """A hint that lists the fields of a part."""
    return f"its fields are {listing(schema.fields)}"


def _example(text: Text) -> str:
    return f"write something like {text.example}"


def gib(size: int, *, up: bool = False) -> str:
    """Bytes as GiB with one place: rounded down, so that no room is promised; up for what is taken."""
    tenths = -(-size * 10 // _GIB) if up else size * 10 // _GIB
    whole, place = divmod(abs(tenths), 10)
    return f"{'-' if tenths < 0 else ''}{whole:,}.{place} GiB"
