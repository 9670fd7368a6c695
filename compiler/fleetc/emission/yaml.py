"""The one canonical writer of YAML. Every golden file depends on it: what it writes never changes.

Block style as kubectl writes it, keys in the order of the object. A string is plain only where all readers of YAML 1.1
and 1.2 agree that it is one; texts of several lines are literal blocks where that keeps every byte; all else is in
double quotes. Lines are never folded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_PLAIN: Final = re.compile(r"(?:[A-Za-z/]|[._][A-Za-z])[ -~]*")
_UNSAFE: Final = re.compile(r": | #|:\Z| \Z|[\[\]{},]")
_WORDS: Final = frozenset(
    form
    for word in ("y", "n", "yes", "no", "on", "off", "true", "false", "null", ".inf", ".nan")
    for form in (word, word.title(), word.upper(), word.replace("nan", "NaN"))
)
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
# Control characters, line ends that only some readers see, and what a reviewer could not see: blanks of other widths,
# characters without width, and those that change the direction of text.
_UNSEEN: Final = "\x7f-\x9f\xa0\xad\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ud800-\udfff\ufff0-\uffff"
_ASCII_ESCAPED: Final = re.compile('["\\\\\x00-\x1f\x7f]')
_ASCII_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_LONGEST_KEY: Final = 900
"""A longer one is written with `? `: readers look ahead 1,024 characters for its colon."""

_MAPPINGS: Final = (dict, Mapping)
"""First what nearly all are: asking an abstract class costs ten times as much."""

_memo: dict[str, str] = {}
_MEMO_SIZE: Final = 50_000


def emit(value: Mapping[str, Any]) -> str:
    """An object as a YAML document, with a line feed at its end and without a `---` before it.

    It holds mappings with string keys, lists, strings, whole numbers, finite floats, booleans and None.
    """
    if not value:
        return "{}\n"
    out: list[str] = []
    _mapping(value, "", "", out)
    return "".join(out)


def _mapping(value: Mapping[str, Any], first: str, indent: str, out: list[str]) -> None:
    """Entries, the first after `first` and the others after `indent`."""
    lead = first
    for key, item in value.items():
        name = scalar(key)
        if len(name) > _LONGEST_KEY:
            out.append(f"{lead}? {name}\n{indent}:")
        else:
            out.append(f"{lead}{name}:")
        lead = indent
        if isinstance(item, _MAPPINGS):
            if item:
                out.append("\n")
                _mapping(item, f"{indent}  ", f"{indent}  ", out)
            else:
                out.append(" {}\n")
        elif isinstance(item, list | tuple):
            if item:
                out.append("\n")
                _sequence(item, indent, indent, out)
            else:
                out.append(" []\n")
        else:
            out.append(f" {_leaf(item, indent + '  ')}\n")


def _sequence(value: list[Any] | tuple[Any, ...], first: str, indent: str, out: list[str]) -> None:
    lead = first
    inner = f"{indent}  "
    for item in value:
        if isinstance(item, _MAPPINGS) and item:
            _mapping(item, f"{lead}- ", inner, out)
        elif isinstance(item, list | tuple) and item:
            _sequence(item, f"{lead}- ", inner, out)
        elif isinstance(item, _MAPPINGS):
            out.append(f"{lead}- {{}}\n")
        elif isinstance(item, list | tuple):
            out.append(f"{lead}- []\n")
        else:
            out.append(f"{lead}- {_leaf(item, inner)}\n")
        lead = indent


def _leaf(value: Any, indent: str) -> str:
    if type(value) is str:
        if "\n" in value and is_literal(value):
            return _literal(value, indent)
        return scalar(value)
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _leaf(str(value), indent)
    raise TypeError(f"{type(value).__name__} has no place in a Kubernetes object")


def scalar(text: str) -> str:
    """A string on one line: plain where that is safe, else in double quotes."""
    got = _memo.get(text)
    if got is None:
        if len(_memo) >= _MEMO_SIZE:
            _memo.clear()
        got = _memo[text] = text if _is_plain(text) else f'"{_escaped(text).sub(_escape, text)}"'
    return got


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and text not in _WORDS and _UNSAFE.search(text) is None


# Wide sets of characters take milliseconds to compile, and most fleets are ASCII.
def _escaped(text: str) -> re.Pattern[str]:
    return _ASCII_ESCAPED if text.isascii() else re.compile(f'["\\\\\x00-\x1f{_UNSEEN}]')


def _unseen(text: str) -> re.Pattern[str]:
    return _ASCII_UNSEEN if text.isascii() else re.compile(f"[\x00-\x08\x0b-\x1f{_UNSEEN}]")


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    known = _ESCAPES.get(char)
    if known:
        return known
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def is_literal(text: str) -> bool:
    """Whether a literal block keeps every byte of a text of several lines, and shows it."""
    if _unseen(text).search(text):
        return False
    lines = text.split("\n")
    # A reader takes the indentation from the first line that has text; a tab there, or a blank at an end, is unseen.
    first = next((line for line in lines if line), "")
    if not first or first[0] == " ":
        return False
    return not any(line and (line[-1] in " \t" or line[0] == "\t") for line in lines)


def _literal(text: str, indent: str) -> str:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    style = "|-" if ends == 0 else "|" if ends == 1 else "|+"
    lines = "\n".join([indent + line if line else "" for line in body.split("\n")])
    return f"{style}\n{lines}" + "\n" * (ends - 1)


def _float(value: float) -> str:
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        raise ValueError(f"{text} is no number that JSON has")
    mantissa, e, exponent = text.partition("e")
    # YAML 1.1 wants a point, and a sign in the exponent.
    return f"{mantissa}{'' if '.' in mantissa else '.0'}e{exponent}" if e else text
