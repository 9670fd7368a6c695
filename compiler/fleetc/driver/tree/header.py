"""The first line of every file that fleetc makes, and what it tells about the rest: ownership, source, hand edits."""

from __future__ import annotations

from enum import StrEnum

from fleetc.tuples import NamedTuple

_BEFORE = b"# Made by fleetc from "
_BETWEEN = b"; edit that instead. sha256:"
_HEX = frozenset(b"0123456789abcdef")
_FIRST_LINES = 8
"""A conflict touches the header on line 1, so a header stands in the first lines of every conflicted file of ours."""

HEAD_SIZE = 4096
"""Bytes enough to tell that a file is foreign."""


class Header(NamedTuple):
    """What the first line says: the spec that the file was made from, and the hex sha256 of the rest of the file."""

    source: str
    digest: str


class State(StrEnum):
    """Whose a file is, from its bytes alone."""

    OURS = "ours"
    EDITED = "edited"
    FOREIGN = "foreign"
    CONFLICTED = "conflicted"


def sha256(data: bytes) -> str:
    """The hex sha256 of some bytes."""
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which a run with nothing to do does without

    return hashlib.sha256(data).hexdigest()


def seal(body: bytes, source: str) -> bytes:
    """`body` under a header that names `source`, escaped where it does not print."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in source)
    return b"%b%b%b%b\n%b" % (_BEFORE, shown.encode(), _BETWEEN, sha256(body).encode(), body)


def read_header(first_line: bytes) -> Header | None:
    """The header in a line (its end does not matter), or None when it is another text."""
    line = first_line.rstrip(b"\r\n")
    if not line.startswith(_BEFORE):
        return None
    source, found, digest = line[len(_BEFORE) :].rpartition(_BETWEEN)
    if not found or not source or len(digest) != 64 or not _HEX.issuperset(digest):
        return None
    return Header(source.decode(errors="replace"), digest.decode())


def first_line(data: bytes) -> bytes:
    """The first line with its end."""
    return data[: data.find(b"\n") + 1] or data


def find_header(data: bytes) -> Header | None:
    """The first header in the first lines: the header of an own file, or one side's header of a conflicted file."""
    for line in data.split(b"\n", _FIRST_LINES)[:_FIRST_LINES]:
        if header := read_header(line):
            return header
    return None


def state_of(data: bytes) -> State:
    """Whose the file with these bytes is.

    OURS: a header whose digest fits the rest. CONFLICTED: git's conflict markers, and a header at the start or
    inside of a conflict at the start. EDITED: a header whose digest does not fit. FOREIGN: anything else.
    """
    line = first_line(data)
    header = read_header(line)
    if header and sha256(data[len(line) :]) == header.digest:
        return State.OURS
    if (header or is_marker(line, b"<")) and find_header(data) and _has_conflict(data):
        return State.CONFLICTED
    return State.EDITED if header else State.FOREIGN


def may_be_ours(head: bytes) -> bool:
    """False when a file that starts with `head` (HEAD_SIZE bytes, or all) is FOREIGN: the rest need not be read."""
    return head.startswith((_BEFORE, b"<<<<<<<"))


def is_marker(line: bytes, kind: bytes) -> bool:
    """Whether the line is git's conflict marker of a kind: `<`, `|`, `=` or `>`."""
    return line.startswith(kind * 7) and line[7:8] in {b"", b" ", b"\n", b"\r"}


def without_markers(data: bytes) -> list[bytes]:
    """The lines of both sides of a conflicted file, without markers and the common ancestor's part (diff3)."""
    kept: list[bytes] = []
    ancestor = False
    for line in data.split(b"\n"):
        if is_marker(line, b"|"):
            ancestor = True
        elif is_marker(line, b"="):
            ancestor = False
        elif not ancestor and not is_marker(line, b"<") and not is_marker(line, b">"):
            kept.append(line)
    return kept


def _has_conflict(data: bytes) -> bool:
    """Whether the three markers of one conflict stand there in their order."""
    due = [b">", b"=", b"<"]
    for line in data.split(b"\n"):
        if is_marker(line, due[-1]):
            due.pop()
            if not due:
                return True
    return False
