"""The texts of the output tree's diagnostics, FLT601 to FLT609."""

from __future__ import annotations

import errno
import os
import re

from fleetc.diagnostics import Code, Diagnostic, Related, codes
from fleetc.source.span import Span

_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}


def _at(code: Code, path: str, message: str, hint: str = "", line: int = 1) -> Diagnostic:
    return Diagnostic(code, message, Span(path, line, 1) if path else None, hint)


def hand_edited(path: str, source: str, line: int, *, stale: bool) -> Diagnostic:
    """An own file was changed by hand, and would be replaced, or deleted (`stale`)."""
    what = "no spec makes it any more, and it was edited by hand" if stale else "edited by hand since fleetc made it"
    carry = f"carry the change into {source}" + ("" if stale else ", as `fleetc adopt` does it")
    hint = f"{carry}, or use --discard-edits, which saves it as a patch first"
    return _at(codes.HAND_EDITED, path, f"{path}: {what}", hint, line)


def changed_meanwhile(path: str) -> Diagnostic:
    """A file changed between planning and writing."""
    return _at(
        codes.HAND_EDITED, path, f"{path}: changed while fleetc was running; nothing was written", "run fleetc again"
    )


def run_in_progress(pid: str) -> Diagnostic:
    """Another run holds the lock; `pid` is empty when it has not yet said who it is."""
    holder = f"process {pid}" if pid else "its process id is not known yet"
    return _at(
        codes.RUN_IN_PROGRESS,
        "",
        f"another fleetc run is in progress ({holder})",
        "wait until it ends; the lock goes with the process, however that ends",
    )


def foreign(path: str, kind: str, wanted: str) -> Diagnostic:
    """Something that is not ours (`kind`: "a file", "a folder" ...) stands at a wanted path or above it."""
    need = "must write a file" if path == wanted else f"must write {wanted}"
    what = f"{path}: {kind} that fleetc did not make stands where it {need}"
    return _at(codes.FOREIGN_FILE, path, what, "move it away, or rename what makes the wanted path")


def cannot_write(path: str, number: int) -> Diagnostic:
    """The system refuses; one of the other codes where the errno says more."""
    if number in _FULL:
        return disk_full(number)
    if number == errno.EXDEV:
        return other_filesystem(path, "")
    return _at(
        codes.CANNOT_WRITE,
        path,
        f"{path}: cannot be written: {os.strerror(number)} ({errno.errorcode.get(number, number)})",
        "see to it that the user who runs fleetc may write there",
    )


def disk_full(number: int) -> Diagnostic:
    """No space for the new files."""
    words = _FULL.get(number, _FULL[errno.ENOSPC])
    return _at(codes.DISK_FULL, "", f"{words}; nothing was changed", "make room, then run fleetc again")


def other_filesystem(path: str, state: str) -> Diagnostic:
    """State folder and output are on two file systems, so that no file can be renamed into place."""
    where = f" than the state folder {state}" if state else " than the state folder"
    return _at(
        codes.OTHER_FILESYSTEM,
        path,
        f"{path}: lies on another file system{where}, so files cannot be renamed into place",
        "keep the state folder and the output on one file system",
    )


def outside(path: str, what: str) -> Diagnostic:
    """A path to write escapes the place where fleetc may write."""
    return _at(codes.OUTPUT_OUTSIDE_ROOT, path, f"{path}: {what}", "choose a path inside of the root")


def path_conflict(path: str, other: str, what: str) -> Diagnostic:
    """Two wanted paths cannot both be files; `what` says why."""
    return Diagnostic(
        codes.PATH_CONFLICT,
        f"{path}: {what} {other}",
        Span(path, 1, 1),
        "rename one of the two",
        related=(Related(Span(other, 1, 1), "the other path"),),
    )


def broken_journal(path: str, why: str) -> Diagnostic:
    """A killed run left a journal that cannot be understood; what the reader of JSON says of it helps nobody."""
    why = "it is damaged" if re.match(r"\w+Error: ", why) else why
    return _at(
        codes.BROKEN_JOURNAL,
        "",
        f"{path}: the journal of a killed run cannot be read: {why}",
        f"delete {path} and build again; files that the killed run did not reach are found as usual",
    )
