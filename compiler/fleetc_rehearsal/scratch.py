"""Temporary folders that outlive nobody: each is locked by its owner and by the servers that run in it.

The lock is flock's on the folder itself, so the system drops it when the last process that has it is gone, in
whatever way.
A folder that nobody locks belongs to nobody, and whoever starts next removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

PREFIX: Final = "fleetc-rehearsal-"
_PATIENCE: Final = 10.0
"""Seconds that killed servers get to be gone."""


class Scratch(NamedTuple):
    """A folder of ours, and the descriptor that holds its lock; a server that inherits it holds it too."""

    path: Path
    lock: int


def claim() -> Scratch:
    """Make a folder and lock it."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = _opened(path)
        if lock is None:
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            return Scratch(path, lock)
        os.close(lock)  # swept away by another start before it was locked


def release(scratch: Scratch) -> None:
    """Let go of a folder, wait until its servers are gone too, and remove it."""
    os.close(scratch.lock)
    deadline = time.monotonic() + _PATIENCE
    while not _removed(scratch.path):
        if time.monotonic() > deadline:  # a server that not even the system can end
            remove(scratch.path)
            return
        time.sleep(0.02)


def sweep() -> list[Path]:
    """Remove this user's folders whose owners and servers are all dead; returns them."""
    return [path for path in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")) if _ours(path) and _removed(path)]


def _ours(path: Path) -> bool:
    try:
        return path.lstat().st_uid == os.geteuid()
    except FileNotFoundError:
        return False


def _removed(path: Path) -> bool:
    """Remove a folder unless somebody has it locked; returns whether it is gone."""
    lock = _opened(path)
    if lock is None:
        return not path.exists()
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        remove(path)
        return not path.exists()
    finally:
        os.close(lock)


def remove(path: Path) -> None:
    """Remove a folder and all in it, also where a server has closed some of it to its own user, as Argo CD's does."""
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        for folder, names, _ in os.walk(path):
            for name in names:
                below = Path(folder, name)
                if not below.is_symlink():
                    with suppress(OSError):
                        below.chmod(0o700)
        shutil.rmtree(path, ignore_errors=True)


def _opened(path: Path) -> int | None:
    """A descriptor of a folder, never of what a link leads to."""
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
