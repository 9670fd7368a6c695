"""CEL text to tokens, as the language's definition has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fleetc.tuples import NamedTuple

_TOKEN: Final = re.compile(
    r"""(?P<skip>[\t \r\n\f]+|//[^\n]*)
    |(?P<double>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<uint>(?:0x[0-9a-fA-F]+|\d+)[uU])
    |(?P<int>0x[0-9a-fA-F]+|\d+)
    |(?P<text>(?:[bB][rR]?|[rR][bB]?)?(?:\"\"\"|'''|"|'))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<quoted>`[A-Za-z0-9_.\-/ ]+`)
    |(?P<sign>==|!=|<=|>=|&&|\|\||[<>()\[\]{}.,\-!?:+*/%=])""",
    re.VERBOSE,
)
_ESCAPES: Final = {
    **{"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"},
    **{c: c for c in "\\?\"'`"},
}
_ESCAPE: Final = re.compile(r"\\(?:([xX])([0-9a-fA-F]{2})|(u)([0-9a-fA-F]{4})|(U)([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))")
WORDS: Final = frozenset({"in", "true", "false", "null"})


class SyntaxProblem(Exception):  # noqa: N818 - it is a problem of the text that is read, not of ours
    """What is wrong, and where (an offset into the text)."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


class Token(NamedTuple):
    """A token. `kind`: name, quoted, int, uint, double, string, bytes, end; or the sign or word itself."""

    kind: str
    value: str | bytes
    offset: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens, the last is of the kind "end". Raises SyntaxProblem."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise SyntaxProblem(at, f"Syntax error: token recognition error at: '{text[at : at + 1]}'")
        kind, said = str(found.lastgroup), found[0]
        if kind == "text":
            token, at = _text(text, at, said)
            yield token
            continue
        if kind == "sign" or said in WORDS:
            yield Token(said, said, at)
        elif kind == "quoted":
            yield Token(kind, said[1:-1], at)
        elif kind != "skip":
            yield Token(kind, said, at)
        at = found.end()
    yield Token("end", "", at)


def _text(text: str, at: int, opening: str) -> tuple[Token, int]:
    """A string or bytes, and the offset behind it."""
    letters = opening.rstrip("\"'").lower()
    quote = opening[len(letters) :]
    start = end = at + len(opening)
    while not text.startswith(quote, end):
        if end >= len(text) or (len(quote) == 1 and text[end] in "\r\n"):
            raise SyntaxProblem(at, f"Syntax error: token recognition error at: '{text[at:end]}'")
        end += 2 if text[end] == "\\" and "r" not in letters else 1
    inner = text[start:end]
    raw = "r" in letters
    if "b" in letters:
        value: str | bytes = inner.encode() if raw else _bytes(inner, at)
        return Token("bytes", value, at), end + len(quote)
    return Token("string", inner if raw else _unescaped(inner, at), at), end + len(quote)


def _unescaped(inner: str, at: int) -> str:
    return "".join(chr(int(part)) if number else str(part) for part, number in _parts(inner, at))


def _bytes(inner: str, at: int) -> bytes:
    out = bytearray()
    for part, number in _parts(inner, at):
        if isinstance(part, int) and part > 255:
            raise SyntaxProblem(at, "Syntax error: invalid escape sequence in bytes")
        out += bytes([part]) if isinstance(part, int) and number else str(part).encode()
    return bytes(out)


def _parts(inner: str, at: int) -> Iterator[tuple[str | int, bool]]:
    """Pieces of plain text, and code points that were escaped."""
    done = 0
    for found in _ESCAPE.finditer(inner):
        yield inner[done : found.start()], False
        done = found.end()
        digits = found[2] or found[4] or found[6]
        if digits:
            code = int(digits, 16)
            if code > 0x10FFFF or (found[1] is None and 0xD800 <= code < 0xE000):
                raise SyntaxProblem(at, "Syntax error: invalid unicode code point")
            yield code, True
        elif found[7]:
            yield int(found[7], 8), True
        elif found[8] in _ESCAPES:
            yield _ESCAPES[found[8]], False
        else:
            raise SyntaxProblem(at, f"Syntax error: token recognition error at: '{found[0]}'")
    yield inner[done:], False
