"""`format` of strings (cel-go, ext/formatting.go)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Any, Final

from fleetc.cel.libraries.conversions import text_of
from fleetc.cel.libraries.text import STRINGS
from fleetc.cel.types import Type
from fleetc.cel.values import Duration, EvaluationError, Timestamp, UndecidedError, key_of, keys, name_of
from fleetc.tuples import NamedTuple

_CLAUSE: Final = re.compile(r"%(?:(%)|(?:\.(\d+))?(.)|$)", re.DOTALL)
_WIDEST: Final = 1e15
_STRINGS: Final = "strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps"
TAKES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "s": (
        frozenset(
            (
                *("list", "map", "int", "uint", "double", "bool", "string", "bytes", "type", "null_type"),
                *("google.protobuf.Timestamp", "google.protobuf.Duration"),
            )
        ),
        f"string clause can only be used on {_STRINGS}",
    ),
    "d": (frozenset({"int", "uint"}), "decimal clause can only be used on integers"),
    "f": (frozenset({"double", "string"}), "fixed-point clause can only be used on doubles"),
    "e": (frozenset({"double", "string"}), "scientific clause can only be used on doubles"),
    "b": (frozenset({"int", "uint", "bool"}), "only integers and bools can be formatted as binary"),
    "o": (frozenset({"int", "uint"}), "octal clause can only be used on integers"),
    **dict.fromkeys(
        "xX",
        (
            frozenset({"int", "uint", "string", "bytes"}),
            "only integers, byte buffers, and strings can be formatted as hex",
        ),
    ),
}
"""The types that each clause takes, and what is said of others."""


class Clause(NamedTuple):
    """A place in a format for the next argument."""

    letter: str
    precision: int


def clauses(text: str) -> list[str | Clause]:
    """The pieces of a format. Raises EvaluationError."""
    out: list[str | Clause] = []
    done = 0
    for found in _CLAUSE.finditer(text):
        out.append(text[done : found.start()])
        done = found.end()
        if found[1]:
            out.append("%")
        elif not found[3]:
            raise EvaluationError("unexpected end of string")
        elif found[3] not in TAKES:
            said = (
                "error while parsing precision" if found[3] == "." else f'unrecognized formatting clause "{found[3]}"'
            )
            raise EvaluationError(f"could not parse formatting clause: {said}")
        elif len(found[2] or "") > 1 and found[3] in "ef":
            raise UndecidedError("so many digits are not written here")
        else:
            out.append(Clause(found[3], int((found[2] or "6")[:3])))
    return [*out, text[done:]]


@STRINGS("format", "string.(list(dyn)) -> string")
def _format(text: str, given: list[Any]) -> str:
    out: list[str] = []
    used = 0
    for piece in clauses(text):
        if isinstance(piece, str):
            out.append(piece)
            continue
        if used >= len(given):
            raise EvaluationError(f"index {used} out of range")
        out.append(_written(piece, given[used]))
        used += 1
    return "".join(out)


def _written(clause: Clause, value: Any) -> str:
    names, said = TAKES[clause.letter]
    if name_of(value) not in names:
        raise EvaluationError(f"error during formatting: {said}, was given {name_of(value)}")
    return _WRITERS[clause.letter](value, clause.precision)


def _text(value: Any, _precision: int = 0) -> str:
    if isinstance(value, Mapping):
        entries = [(_quoted(key), _quoted(value[key_of(key)])) for key in keys(value)]
        return "{" + ", ".join(f"{key}:{item}" for key, item in sorted(entries)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_quoted, value)) + "]"
    if value is None:
        return "null"
    return value.name if isinstance(value, Type) else text_of(value)


def _quoted(value: Any) -> str:
    """A value within a list or a map."""
    match value:
        case str():
            return _in_quotes(value)
        case bytes():
            raise UndecidedError("how a server writes bytes within a list or a map is not repeated here")
        case float():
            return _in_quotes(text_of(value)) if math.isinf(value) or math.isnan(value) else f"{value:.6f}"
        case Timestamp():
            return f'timestamp("{text_of(value)}")'
        case Duration():
            return f'duration("{text_of(value)}")'
        case _ if name_of(value) in TAKES["s"][0]:
            return _text(value)
        case _:
            raise EvaluationError(f"no formatting function for {name_of(value)}")


def _in_quotes(text: str) -> str:
    if not text.isprintable():
        raise UndecidedError("how a server writes such characters within a list or a map is not repeated here")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _fixed(value: Any, precision: int) -> str:
    """With a comma at the thousands, as it is written in English."""
    if not isinstance(value, float) or math.isinf(value) or math.isnan(value) or abs(value) >= _WIDEST:
        raise UndecidedError("how a server writes such a number with %f is not repeated here")
    exact = Decimal(repr(value))
    low = exact.quantize(Decimal(1).scaleb(-precision), ROUND_HALF_DOWN)
    if low != exact.quantize(Decimal(1).scaleb(-precision), ROUND_HALF_UP):
        raise UndecidedError("which way a server rounds such a number is not known here")
    return f"{low:,f}"


def _scientific(_value: Any, _precision: int) -> str:
    raise UndecidedError("how a server writes a number with %e is not repeated here")


def _hex(value: Any, _precision: int) -> str:
    if isinstance(value, (str, bytes)):
        return (value.encode() if isinstance(value, str) else value).hex()
    return format(int(value), "x")


def _whole(code: str) -> Callable[[Any, int], str]:
    return lambda value, _precision: format(int(value), code)


_WRITERS: Final[dict[str, Callable[[Any, int], str]]] = {
    "s": _text,
    "d": _whole("d"),
    "f": _fixed,
    "e": _scientific,
    "b": _whole("b"),
    "o": _whole("o"),
    "x": _hex,
    "X": lambda value, precision: _hex(value, precision).upper(),
}
