"""How a scalar is written: quoted only where it has to be, and never so that readers of YAML 1.1 and 1.2 disagree."""

from __future__ import annotations

import re
from typing import Final

from fleetc.source.concrete.nodes import Scalar
from fleetc.source.scalars import resolve

_PLAIN: Final = re.compile(r"[A-Za-z0-9/._+][^\x00-\x1f\x7f-\xa0\xad\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff]*")
_UNSAFE: Final = re.compile(r":(?:\s|\Z)|\s#|\s\Z|\A\.\.\.")
_UNSAFE_IN_FLOW: Final = re.compile(r"[\[\]{},?]|:(?![A-Za-z0-9/])|#\Z")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNSEEN: Final = re.compile(
    '["\\\\\x00-\x1f\x7f-\x9f\xa0\xad\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ud800-\udfff\ufff0-\uffff]'
)
_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off"))


def plain_is_safe(text: str, *, flow: bool) -> bool:
    """Whether every reader takes a text without quotes for this very text."""
    if not _PLAIN.fullmatch(text) or _UNSAFE.search(text) or (flow and _UNSAFE_IN_FLOW.search(text)):
        return False
    return type(resolve(text)) is str


def quoted(text: str) -> str:
    """A text in quotes, on one line: double ones, unless single ones spare escapes."""
    if (
        ('"' in text or "\\" in text)
        and "'" not in text
        and not _UNSEEN.search(text.replace('"', "").replace("\\", ""))
    ):
        return f"'{text}'"
    return f'"{_UNSEEN.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return _ESCAPES.get(match[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def one_line(scalar: Scalar, *, flow: bool = False, key: bool = False) -> str:
    """A scalar on one line, without its anchor."""
    if scalar.style is None and not (flow and _UNSAFE_IN_FLOW.search(scalar.value)):
        return scalar.value  # what it is was read from it, so that readers agree
    text = scalar.value
    if key and text.lower() in _WORDS:
        return quoted(text)
    return text if plain_is_safe(text, flow=flow) else quoted(text)


def block(scalar: Scalar, indent: str) -> tuple[str, list[str]] | None:
    """A text of several lines that was written as a block: what stands behind its name, and its lines. None when it
    is none: then it goes on one line."""
    text = scalar.value
    if scalar.style == ">" and scalar.lines and scalar.lines[0][:1] not in ("", " ", "\t"):
        lines = list(scalar.lines)
    elif text.strip("\n"):
        scalar.style = "|"
        lines = text.rstrip("\n").split("\n")
    else:
        return None
    first = next(line for line in lines if line)
    ends = len(text) - len(text.rstrip("\n"))
    chomp = "-" if ends == 0 else "" if ends == 1 else "+"
    explicit = "2" if first[0] in " \t" else ""
    shown = [indent + line if line else "" for line in lines]
    return f"{scalar.style}{explicit}{chomp}", [*shown, *[""] * (ends - 1)]
