"""Runs one server and ends it when its owner is gone: `guard.py LIFELINE OWNER COMMAND...`.

The owner holds the other end of the pipe LIFELINE. When that closes, because the owner tears down or died in whatever
way, or when the guard finds itself with another parent than OWNER (a copy of the owner made by fork may keep the pipe
open), the server is killed. On Linux the server is also killed when the guard is. Nothing that a rehearsal holds is
worth a slow end, and an API server that lost its etcd takes a minute over SIGTERM.

A file of its own, run by path: it imports nothing of ours and starts in 20 ms. The exit status is the server's.
"""

from __future__ import annotations

import os
import select
import signal
import sys

POLL_SECONDS = 0.2
_SET_PARENT_DEATH_SIGNAL = 1


def main(arguments: list[str]) -> int:
    """Run it until either ends; returns the exit status."""
    lifeline, owner, command = int(arguments[0]), int(arguments[1]), arguments[2:]
    guard = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            os.close(lifeline)
            die_with(guard)
            os.execv(command[0], command)  # noqa: S606 - a server found by our finder, and no shell
        except OSError as error:
            sys.stderr.write(f"{command[0]}: {error.strerror}\n")
            sys.stderr.flush()
        finally:
            os._exit(127)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return _shown(status)
        gone, _, _ = select.select([lifeline], [], [], POLL_SECONDS)
        if gone or os.getppid() != owner:
            os.killpg(0, signal.SIGKILL)  # the group that was made for it: the server, what it started, and this


def die_with(parent: int) -> None:
    """Have Linux kill this process when its parent dies; elsewhere the pipe must do."""
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - only the copy that becomes a server needs it

    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be asked for
        os._exit(127)


def _shown(status: int) -> int:
    """An exit status as shells show it: 128 and the number for a signal."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
