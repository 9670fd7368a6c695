"""What a plain scalar means: YAML 1.2's core schema, and a refusal where YAML 1.1 readers would see something else.

kubectl, Argo CD and many editors read YAML 1.1, so a value that the two disagree on is a trap for whoever reads the
file next. Sources: the core schema of YAML 1.2.2 (10.3.2), and the types of YAML 1.1 (bool, int, float, timestamp).
"""

from __future__ import annotations

import re
from typing import Final


class Ambiguous:
    """A plain scalar that readers disagree on: what to do about it."""

    __slots__ = ("hint", "why")

    def __init__(self, why: str, hint: str) -> None:
        self.why = why
        self.hint = hint


_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BOOLEAN_1_1: Final = {
    form: "true" if word in ("y", "yes", "on") else "false"
    for word in ("y", "yes", "on", "n", "no", "off")
    for form in (word, word.capitalize(), word.upper())
}
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"(\.[0-9]+|[-+]?(0|[1-9][0-9]*)\.[0-9]*)([eE][-+][0-9]+)?")
_SPECIAL: Final = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))")
_LOOKS_NUMERIC: Final = re.compile(r"[-+.0-9]")
# These are held against the text without its underscores, which some readers take as part of a number.
_DISPUTED: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"[-+]?0[0-9]+"), "octal to some readers and decimal to others"),
    (re.compile(r"[-+]?0[oO][-+]?[0-7]+"), "octal to some readers and a string to others"),
    (re.compile(r"[-+]?0[bB][-+]?[01]+"), "binary to some readers and a string to others"),
    (re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?"), "a number in base 60 to some readers"),
    (
        re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)"),
        "a number to some readers and a string to others",
    ),
    (
        re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?"),
        "a date to some readers and a string to others",
    ),
)
_NO_DIGITS: Final = re.compile(r"[-+]?(\.([eE][-+]?[0-9]+)?|0[oxb])?")
"""What is left of a number that is all underscores: some readers fail on it."""


def resolve(text: str) -> object:
    """The value of a plain scalar: None, a boolean, integer, float or string; or why it is Ambiguous."""
    if text in _WORDS:
        return _WORDS[text]
    if text in _BOOLEAN_1_1:
        meant = _BOOLEAN_1_1[text]
        return Ambiguous(
            f"`{text}` is {meant} to YAML 1.1 readers and a string to others", f'write {meant} or "{text}" in quotes'
        )
    if text in ("=", "<<"):
        return Ambiguous(f"`{text}` is a special value to YAML 1.1 readers", f'write "{text}" in quotes')
    if not _LOOKS_NUMERIC.match(text):
        return text
    return _number(text)


def _number(text: str) -> object:
    if _INTEGER.fullmatch(text):
        # int() refuses more than 4,300 digits; nothing in Kubernetes has more than 19.
        return int(text) if len(text) <= 1000 else Ambiguous("the number is too long", "write it in quotes")
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if abs(value) != float("inf") else Ambiguous("the number is too large", "write it in quotes")
    if _HEXADECIMAL.fullmatch(text):
        number = int(text, 16)
        return number if number < 2**64 else Ambiguous("the number is too large", "write it in quotes")
    if _SPECIAL.fullmatch(text):
        return Ambiguous(f"`{text}` is no number that JSON has", f'leave it out, or write "{text}" in quotes')
    digits = text.replace("_", "")
    for pattern, why in _DISPUTED:
        if pattern.fullmatch(digits):
            return Ambiguous(f"`{text}` is {why}", f'write "{text}" in quotes, or as a plain number')
    if "_" in text and _NO_DIGITS.fullmatch(digits):
        return Ambiguous(f"`{text}` is a broken number to some readers", f'write "{text}" in quotes')
    return text
