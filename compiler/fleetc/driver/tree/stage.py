"""New contents are written to the state folder first, by forked children when there are many."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from fleetc.driver.tree.lock import Lock
from fleetc.driver.tree.model import Content

FEW = 200
"""Below this number of files a fork costs more than it saves."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def shares(count: int, jobs: int) -> list[range]:
    """The files of each child: neighbours together, so that children rarely work in one folder."""
    jobs = 1 if count < FEW else max(1, min(jobs, count))
    return [range(count * k // jobs, count * (k + 1) // jobs) for k in range(jobs)]


def stage_names(count: int, jobs: int) -> list[str]:
    """Where each content is staged, relative to the stage folder; each child has a folder of its own."""
    return [f"{k}/{i}" for k, share in enumerate(shares(count, jobs)) for i in share]


def stage(contents: Sequence[Content], folder: str, lock: Lock, jobs: int) -> None:
    """Write each content to `folder` under its name from `stage_names`, mode 0644 less the umask.

    Raises OSError as the system gave it, and RuntimeError with a child's traceback. Children end with this process,
    however it ends, and none is left when this function is left, however that happens.
    """
    parts = shares(len(contents), jobs)
    for k in range(len(parts)):
        os.mkdir(f"{folder}/{k}")
    if len(parts) == 1:
        _write_share(contents, parts[0], f"{folder}/0", None)
        return
    prctl = _find_prctl()
    children: dict[int, int] = {}
    try:
        for k, share in enumerate(parts):
            pid, pipe = _fork(contents, share, f"{folder}/{k}", lock, prctl)
            children[pid] = pipe
        reports = [_report(pipe) for pipe in children.values()]
    finally:
        _reap(children)
    for number, text in reports:
        if number:
            raise OSError(number, os.strerror(number))
        if text:
            raise RuntimeError(text)


def _write_share(contents: Sequence[Content], share: range, folder: str, parent: int | None) -> None:
    """Write one share; stop when `parent` is no longer the parent."""
    names = (f"{folder}/{i}" for i in share)
    for i, name in zip(share, names, strict=True):
        content = contents[i]
        data = content if isinstance(content, bytes) else content()
        descriptor = os.open(name, _NEW, 0o644)
        try:
            done = os.write(descriptor, data)
            while done < len(data):  # a disk that gets full takes a part first, and refuses the next
                done += os.write(descriptor, data[done:])
        finally:
            os.close(descriptor)
        if parent is not None and os.getppid() != parent:
            os._exit(1)


def _fork(contents: Sequence[Content], share: range, folder: str, lock: Lock, prctl: object) -> tuple[int, int]:
    """Start a child; returns its id and the reading end of the pipe on which it reports."""
    reading, writing = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    try:
        _live_with_parent(parent, lock, prctl)
        os.write(writing, _run_share(contents, share, folder, parent))
    finally:
        os._exit(0)  # never back into the parent's code, its cleanups and buffers


def _live_with_parent(parent: int, lock: Lock, prctl: object) -> None:
    """In the child: let go of the lock, die with the parent, and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    lock.leave()
    if callable(prctl):
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it died before the call above
        os._exit(1)


def _run_share(contents: Sequence[Content], share: range, folder: str, parent: int) -> bytes:
    """Write one share; returns the report: an errno and a text, both empty when all went well."""
    try:
        _write_share(contents, share, folder, parent)
    except OSError as error:
        return b"%d\n" % (error.errno or errno.EIO)
    except Exception:
        text = str(importlib.import_module("traceback").format_exc())
        return b"0\n" + text.encode(errors="replace")[-4000:]  # under PIPE_BUF: one write
    return b"0\n"


def _report(pipe: int) -> tuple[int, str]:
    """A child's report; one that ended without a report was killed."""
    text = b"".join(iter(lambda: os.read(pipe, 65536), b""))
    number, newline, rest = text.partition(b"\n")
    return (
        (int(number), rest.decode(errors="replace"))
        if newline
        else (0, "a child process was killed while it staged files")
    )


def _reap(children: dict[int, int]) -> None:
    """Close the pipes, end the children (they have reported, unless this process was interrupted), and collect them."""
    for pid, pipe in children.items():
        os.close(pipe)
        os.kill(pid, signal.SIGKILL)  # not yet collected, so the id is still theirs
    for pid in children:
        os.waitpid(pid, 0)


def _find_prctl() -> object:
    """Linux's prctl, or None elsewhere. Imported here: ctypes takes milliseconds that only a large write has."""
    if sys.platform != "linux":
        return None
    with suppress(ImportError, OSError, AttributeError):
        return importlib.import_module("ctypes").CDLL(None).prctl
    return None
