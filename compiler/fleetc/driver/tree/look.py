"""Reading one file of the tree: whose it is, and its digest."""

from __future__ import annotations

import os
import stat

from fleetc.driver.tree.header import HEAD_SIZE, State, may_be_ours, sha256, state_of
from fleetc.driver.tree.model import RACY_NS, Entry, Signature, signature_of
from fleetc.tuples import NamedTuple


class Look(NamedTuple):
    """A file that was read. `data` is kept for edited and conflicted files only; a foreign file has no digest."""

    path: str
    signature: Signature
    state: State
    digest: str = ""
    data: bytes = b""

    def entry(self, now: int) -> Entry | None:
        """What may be remembered of it, when read after `now` (ns); None when a later change could go unnoticed."""
        if self.state in {State.EDITED, State.CONFLICTED} or self.signature[2] > now - RACY_NS:
            return None
        return self.digest, self.signature


def look_at(path: str, name: str) -> Look | None:
    """Read the regular file `name`, known as `path`; of a foreign file only the start is read.

    None when no regular file is there any more. Raises OSError when it cannot be read.
    """
    try:
        # Not blocking: a pipe may have taken the file's place since the walk.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        signature = signature_of(status)
        data = os.read(descriptor, max(status.st_size + 1, HEAD_SIZE) if status.st_size < 1 << 16 else HEAD_SIZE)
        if not may_be_ours(data):
            return Look(path, signature, State.FOREIGN)
        while more := os.read(descriptor, 1 << 20):
            data += more
    finally:
        os.close(descriptor)
    state = state_of(data)
    if state is State.FOREIGN:
        return Look(path, signature, state)
    kept = b"" if state is State.OURS else data
    return Look(path, signature, state, sha256(data), kept)


def digest_of(name: str) -> str | None:
    """The hex sha256 of a regular file, "" for anything else that stands there, None when nothing does."""
    try:
        status = os.lstat(name)
        if not stat.S_ISREG(status.st_mode):
            return ""
        import hashlib  # noqa: PLC0415 - see `sha256`

        with open(name, "rb", opener=_no_follow) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _no_follow(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
