"""A file's bytes as the text that every reader of YAML sees."""

from __future__ import annotations

import re
from typing import Final

from fleetc.tuples import NamedTuple

# What YAML takes, without what its readers disagree on: NEL, LS and PS break lines in YAML 1.1 and not in 1.2, and
# some skip a U+FEFF at the start of any line.
_REFUSED: Final = "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_ASCII_REFUSED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BREAK: Final = re.compile("\r\n?|\n")
"""A line's end."""


class Refusal(NamedTuple):
    """Why bytes are no text for YAML; `name` is that of its code, line and column count from 1."""

    name: str
    message: str
    line: int
    column: int
    hint: str


def decode(data: bytes, most: int) -> str | Refusal:
    """The text of `most` bytes at most, without a byte order mark."""
    if len(data) > most:
        hint = f"split it into files of less than {most // 2**20} MiB"
        return Refusal("too_large", f"the file is larger than {most // 2**20} MiB", 1, 1, hint)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Refusal("not_utf8", "the file is UTF-16", 1, 1, "save it as UTF-8")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = place(data[: error.start].decode("utf-8"))
        return Refusal("not_utf8", f"byte 0x{data[error.start]:02x} is not UTF-8", line, column, "save it as UTF-8")
    # The wide set takes milliseconds to compile, and most files are ASCII.
    found = _ASCII_REFUSED.search(text) if text.isascii() else re.search(_REFUSED, text)
    if found is None:
        return text
    line, column = place(text[: found.start()])
    message = f"the character U+{ord(found[0]):04X} may not stand in YAML: readers refuse it, or disagree on it"
    return Refusal("invalid_yaml", message, line, column, "remove it, or escape it in double quotes")


def place(before: str) -> tuple[int, int]:
    """The line and column, from 1, of what follows `before`."""
    lines = BREAK.split(before)
    return len(lines), len(lines[-1]) + 1
