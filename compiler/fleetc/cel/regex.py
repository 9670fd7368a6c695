"""Regular expressions of RE2, which the server reads, for the engines at hand.

What these read otherwise is rewritten, and what cannot be is not decided.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from fleetc.cel.values import EvaluationError, UndecidedError

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

_CLASSES: Final = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_POSIX: Final = {
    **{"alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ", "cntrl": r"\x00-\x1F\x7F"},
    **{"digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "space": r"\t\n\v\f\r ", "upper": "A-Z"},
    **{"punct": r"!-/:-@\[-`{-~", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f"},
}
_COUNT: Final = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_WRONG: Final = (
    *("missing ), unterminated", "unbalanced parenthesis", "unterminated character set", "nothing to repeat"),
    *("multiple repeat", "bad character range", "min repeat greater", "missing <", "bad character in group name"),
    *("redefinition of group name", "unexpected end of pattern", "missing >"),
)
_MOST: Final = 1000


class _Reader:
    """Rewrites one expression, for Python's engine or for the `linear` one of jsonschema-rs."""

    def __init__(self, pattern: str, *, linear: bool = False) -> None:
        self._text = pattern
        self._end_of_text = r"\z" if linear else r"\Z"
        self._ascii = "-u" if linear else "a"
        self._at = 0
        self._out: list[str] = []
        self._lines = [False]
        """Whether `^` and `$` mean lines, within each group that is open."""
        self._flagged = [0]
        """How many groups stand for flags within each group that is open: they end with it."""

    def run(self) -> str:
        while self._at < len(self._text):
            char = self._text[self._at]
            match char:
                case "\\":
                    self._out.append(self._escape(in_class=False))
                case "[":
                    self._out.append(self._class())
                case "(":
                    self._group()
                case "{":
                    self._repeat()
                case "*" | "+" | "?":
                    self._quantifier(char)
                case ")":
                    self._end()
                case "|":
                    self._or()
                case "$" | "^":
                    self._anchor(char)
                case _:
                    self._out.append(char)
                    self._at += 1
        if len(self._flagged) != 1:
            raise EvaluationError("error parsing regexp: missing closing )")
        return "".join(self._out) + ")" * self._flagged[0]

    def _end(self) -> None:
        if len(self._flagged) == 1:
            raise EvaluationError("error parsing regexp: unexpected )")
        self._put(")" * (1 + self._flagged.pop()), 1)
        self._lines.pop()

    def _open(self) -> None:
        self._flagged.append(0)
        self._lines.append(self._lines[-1])

    def _or(self) -> None:
        if self._flagged[-1]:
            raise UndecidedError("an expression with flags amidst alternatives")
        self._put("|", 1)

    def _anchor(self, char: str) -> None:
        text = self._end_of_text if char == "$" else "^"
        self._out.append(f"(?m:{char})" if self._lines[-1] else text)
        self._at += 1

    def _quantifier(self, said: str) -> None:
        self._at += len(said)
        rest = self._text[self._at :]
        lazy = "?" if rest.startswith("?") else ""
        self._at += len(lazy)
        if self._text[self._at : self._at + 1] in ("*", "+", "?") or _COUNT.match(self._text, self._at):
            raise EvaluationError(f"error parsing regexp: invalid nested repetition operator: `{said}{lazy}`")
        self._out.append(said + lazy)

    def _repeat(self) -> None:
        found = _COUNT.match(self._text, self._at)
        if found is None:
            self._out.append(r"\{")
            self._at += 1
            return
        low, high = (min(int(part[:5]), _MOST + 1) for part in (found[1], found[3] or found[1]))
        if max(low, high) > _MOST or high < low or len(found[0]) > 12:
            raise EvaluationError(f"error parsing regexp: invalid repeat count: `{found[0]}`")
        self._quantifier(found[0])

    def _group(self) -> None:
        rest = self._text[self._at :]
        named = re.match(r"\(\?P?<([A-Za-z0-9_]+)>", rest)
        flags = re.match(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])", rest)
        if named:
            if named[1][0].isdigit():
                raise UndecidedError("a group whose name begins with a digit")
            self._open()
            self._put(f"(?P<{named[1]}>", named.end())
        elif flags:
            self._flags(flags)
        elif rest.startswith("(?"):
            raise EvaluationError(f"error parsing regexp: invalid or unsupported Perl syntax: `{rest[:3]}`")
        else:
            self._open()
            self._put("(", 1)

    def _flags(self, found: re.Match[str]) -> None:
        on, off, end = found[1], found[2] or "", found[3]
        if "U" in on + off:
            raise UndecidedError(f"an expression with the flags {found[0]}")
        kept = "".join(c for c in dict.fromkeys(on) if c != "m")
        minus = f"-{off.replace('m', '')}" if off.replace("m", "") else ""
        if end == ":":
            self._open()
        else:
            self._flagged[-1] += 1
        if "m" in on + off:
            self._lines[-1] = "m" not in off
        self._put(f"(?{kept}{minus}:", found.end())

    def _put(self, text: str, length: int) -> None:
        self._out.append(text)
        self._at += length

    def _escape(self, *, in_class: bool) -> str:
        """What stands for an escape, in brackets already where it is a class of its own."""
        char = self._text[self._at + 1 : self._at + 2]
        self._at += 2
        if not char:
            raise EvaluationError("error parsing regexp: trailing backslash at end of expression")
        if char.lower() in _CLASSES:
            inner = _CLASSES[char.lower()]
            if in_class and char.isupper():
                raise UndecidedError(f"\\{char} within brackets")
            return inner if in_class else f"[{'^' if char.isupper() else ''}{inner}]"
        if char in "bB" and not in_class:
            return rf"(?{self._ascii}:\{char})"
        if char in "Az" and not in_class:
            return r"\A" if char == "A" else self._end_of_text
        if char == "x":
            return self._code()
        if char in "afnrtv":
            return f"\\{char}"
        if char in "pPQE" or char.isdigit() or char == "C":
            if char in "123456789" and not self._text[self._at : self._at + 1].isdigit():
                raise EvaluationError(f"error parsing regexp: invalid escape sequence: `\\{char}`")
            raise UndecidedError(f"an expression with \\{char}")
        if char.isalnum():
            raise EvaluationError(f"error parsing regexp: invalid escape sequence: `\\{char}`")
        return f"\\{char}" if char != "_" else "_"

    def _code(self) -> str:
        found = re.compile(r"\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2})").match(self._text, self._at)
        if found is None or int(found[1] or found[2], 16) > 0x10FFFF:
            raise EvaluationError("error parsing regexp: invalid escape sequence: `\\x`")
        self._at = found.end()
        return re.escape(chr(int(found[1] or found[2], 16)))

    def _class(self) -> str:
        """A class in brackets."""
        start = self._at
        self._at += 1
        out = ["["]
        if self._text.startswith("^", self._at):
            out.append("^")
            self._at += 1
        first = True
        while first or not self._text.startswith("]", self._at):
            if self._at >= len(self._text):
                raise EvaluationError(f"error parsing regexp: missing closing ]: `{self._text[start:]}`")
            out.append(self._item())
            first = False
        self._at += 1
        return "".join(out) + "]"

    def _item(self) -> str:
        posix = re.compile(r"\[:(\^?)([a-z]+):\]").match(self._text, self._at)
        if posix:
            if posix[1]:
                raise UndecidedError(f"{posix[0]} within brackets")
            if posix[2] not in _POSIX:
                raise EvaluationError(f"error parsing regexp: invalid character class range: `{posix[0]}`")
            self._at = posix.end()
            return _POSIX[posix[2]]
        char = self._text[self._at]
        if char == "\\":
            return self._escape(in_class=True)
        self._at += 1
        return f"\\{char}" if char in "[]&|~^" else char


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """An expression for Python's engine. Raises EvaluationError where it is none, UndecidedError where it is not read
    here."""
    text = _Reader(pattern).run()
    try:
        return re.compile(text)
    except re.error as error:
        said = str(error)
        if any(said.startswith(known) for known in _WRONG):
            raise EvaluationError(f"error parsing regexp: {said}: `{pattern}`") from None
        raise UndecidedError(f"the regular expression `{pattern}`: {said}") from None


def matches(pattern: str, text: str) -> bool:
    """Whether an expression is found in a text, in a time that is linear in it. Raises as `compiled` does."""
    compiled(pattern)
    try:
        return bool(_linear(pattern).is_valid(text))
    except ValueError as error:
        raise UndecidedError(f"the regular expression `{pattern}`: {error}") from None


@lru_cache(maxsize=1024)
def _linear(pattern: str) -> Draft202012Validator:
    # Imported here: 20 ms that only who matches texts pays.
    from jsonschema_rs import Draft202012Validator, RegexOptions  # noqa: PLC0415

    return Draft202012Validator({"pattern": _Reader(pattern, linear=True).run()}, pattern_options=RegexOptions())
