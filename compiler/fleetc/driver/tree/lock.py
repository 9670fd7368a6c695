"""One run at a time: an exclusive lock that the kernel gives back when its holder ends, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from fleetc.diagnostics import Failure
from fleetc.driver.tree import messages
from fleetc.driver.tree.journal import recover
from fleetc.driver.tree.model import Place
from fleetc.tuples import NamedTuple

_PAUSE: Final = 0.01
_PATIENCE: Final = 500
"""Pauses that a lock without a living holder is waited for: five seconds in all."""


class Lock(NamedTuple):
    """Proof that this run holds the lock of `place`.

    A forked child shares the lock and would keep it when its parent is killed: it calls `leave` first.
    """

    place: Place
    descriptor: int

    def leave(self) -> None:
        """In a forked child: give up the child's share; the parent still holds the lock."""
        os.close(self.descriptor)


@contextmanager
def locked(place: Place) -> Generator[Lock]:
    """Hold the lock of `place`, and finish what a killed run left there. Raises Failure (FLT602, FLT604, FLT609)."""
    name = f"{place.state}/lock"
    try:
        os.makedirs(place.state, exist_ok=True)
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Failure(messages.cannot_write(name, error.errno or errno.EIO)) from None
    try:
        _take(descriptor)
        recover(place.state, place.root)
        yield Lock(place, descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    """Lock, and write down who holds it, for the message that a second run gets."""
    patience = _PATIENCE
    while not _try(descriptor):
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
        if patience == 0 or _lives(holder):
            raise Failure(messages.run_in_progress(holder))
        # Its holder was killed, and a child that it had just forked lets go of the lock at its first step.
        patience -= 1
        time.sleep(_PAUSE)
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
    except OSError:
        return  # a full disk: the lock holds all the same, only its message is poorer


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lives(holder: str) -> bool:
    """Whether a process of that id is there; without an id, the holder is just writing it down."""
    if not holder.isdigit():
        return False
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
