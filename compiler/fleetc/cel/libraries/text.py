"""The functions on strings (cel-go, ext/strings.go of version 2) and those of Kubernetes with regular expressions."""

from __future__ import annotations

from typing import Any, Final

from fleetc.cel import regex
from fleetc.cel.functions import Library
from fleetc.cel.values import EvaluationError, UndecidedError

STRINGS: Final = Library(since=29)
REGEX: Final = Library()
_SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go takes for white space, which is less than Python does."""
_WIDEST: Final = 10**7


def _outside(index: int) -> EvaluationError:
    return EvaluationError(f"index out of range: {index}")


@STRINGS("charAt", "string.(int) -> string")
def _char_at(text: str, at: int) -> str:
    if not 0 <= at <= len(text):
        raise _outside(at)
    return text[at : at + 1]


@STRINGS("indexOf", "string.(string) -> int", "string.(string, int) -> int")
def _index_of(text: str, part: str, start: int = 0) -> int:
    if not part:
        return start
    if start < 0:
        raise _outside(start)
    return text.find(part, start)


@STRINGS("lastIndexOf", "string.(string) -> int", "string.(string, int) -> int")
def _last_index_of(text: str, part: str, last: int | None = None) -> int:
    if not part:
        return len(text) if last is None else last
    if last is None:
        return text.rfind(part)
    if last < 0:
        raise _outside(last)
    return text.rfind(part, 0, last + len(part)) if last < len(text) else -1


@STRINGS("lowerAscii", "string.() -> string")
def _lower(text: str) -> str:
    return "".join(c.lower() if c < "\x80" else c for c in text)


@STRINGS("upperAscii", "string.() -> string")
def _upper(text: str) -> str:
    return "".join(c.upper() if c < "\x80" else c for c in text)


@STRINGS("replace", "string.(string, string) -> string", "string.(string, string, int) -> string")
def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    if len(text) * len(new) > _WIDEST:
        raise UndecidedError("so long a text is not made here")
    return text.replace(old, new, max(count, -1))


@STRINGS("split", "string.(string) -> list(string)", "string.(string, int) -> list(string)")
def _split(text: str, separator: str, count: int = -1) -> list[str]:
    if count == 0:
        return []
    if separator:
        return text.split(separator, count - 1 if count > 0 else -1)
    if 0 < count < len(text):
        return [*text[: count - 1], text[count - 1 :]]
    return list(text)


@STRINGS("substring", "string.(int) -> string", "string.(int, int) -> string")
def _substring(text: str, start: int, end: int | None = None) -> str:
    if not 0 <= start <= len(text):
        raise _outside(start)
    if end is None:
        return text[start:]
    if start > end:
        raise EvaluationError(f"invalid substring range. start: {start}, end: {end}")
    if not 0 <= end <= len(text):
        raise _outside(end)
    return text[start:end]


@STRINGS("trim", "string.() -> string")
def _trim(text: str) -> str:
    return text.strip(_SPACE)


_QUOTES: Final = {
    **{"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"},
    **{"\\": "\\\\", '"': '\\"'},
}


@STRINGS("strings.quote", "(string) -> string")
def _quote(text: str) -> str:
    return '"' + "".join(_QUOTES.get(c, c) for c in text) + '"'


@STRINGS("join", "list(string).() -> string", "list(string).(string) -> string")
def _join(items: list[Any], separator: str = "") -> str:
    if not all(isinstance(item, str) for item in items):
        raise EvaluationError("no such overload")
    return separator.join(items)


@REGEX("find", "string.(string) -> string")
def _find(text: str, pattern: str) -> str:
    found = regex.compiled(pattern).search(text)
    return found[0] if found else ""


@REGEX("findAll", "string.(string) -> list(string)", "string.(string, int) -> list(string)")
def _find_all(text: str, pattern: str, most: int = -1) -> list[str]:
    out: list[str] = []
    end = -1
    for found in regex.compiled(pattern).finditer(text):
        if 0 <= most <= len(out):
            break
        # Unlike Python, Go takes no empty match that begins where the last one ended.
        if found[0] or found.start() != end:
            out.append(found[0])
        end = found.end()
    return out
