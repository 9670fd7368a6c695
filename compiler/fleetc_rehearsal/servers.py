"""Starting servers on ports that are free, watching them, and ending them all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from fleetc_rehearsal import scratch
from fleetc_rehearsal.errors import ServerFailed
from fleetc_rehearsal.interrupts import deferred

LOOPBACK: Final = "127.0.0.1"
_TRIES: Final = 4
_READY_SECONDS: Final = 120.0
"""Many times what a quiet machine needs (4 s): continuous integration runs on busy ones."""
_FIRST_LINES: Final = 5
_LAST_LINES: Final = 20
_GUARD: Final = Path(__file__).with_name("guard.py")


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nothing listens on now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Servers:
    """The servers of one rehearsal, in a temporary folder of their own; `end` leaves neither."""

    def __init__(self) -> None:
        self._scratch = scratch.claim()
        self._watched, self._lifeline = os.pipe()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def folder(self) -> Path:
        """Where everything lies; only this user can look into it."""
        return self._scratch.path

    def start(
        self,
        name: str,
        command: Callable[[list[int]], Sequence[str]],
        ready: Callable[[list[int]], bool],
        ports: int = 1,
        env: Mapping[str, str] | None = None,
    ) -> list[int]:
        """Start a server on free ports and wait until it is ready; returns the ports.

        Its environment is PATH, a HOME and a TMPDIR that are the folder, and `env`. A port that was taken between
        finding and binding it costs another try. Raises ServerFailed.
        """
        for left in reversed(range(_TRIES)):
            found = free_ports(ports)
            self._spawn(name, command(found), env or {})
            try:
                self._await(name, partial(ready, found))
            except ServerFailed as error:
                if left == 0 or "address already in use" not in error.log:
                    raise
                self.running.pop(name)  # what is applied for the next try is to find no dead server
            else:
                return found
        raise AssertionError(name)

    def watch(self) -> None:
        """Raise ServerFailed where a server has ended by itself."""
        for name, process in self.running.items():
            status = process.poll()
            if status is not None:
                raise ServerFailed(name, f"ended with exit status {status}", self.log(name))

    def log(self, name: str) -> str:
        """A server's log: its first lines (a bad flag is named before the usage) and its last."""
        path = self.folder / f"{name}.log"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
        if len(lines) > _FIRST_LINES + _LAST_LINES:
            lines[_FIRST_LINES:-_LAST_LINES] = ["..."]
        return "\n".join(lines)

    def end(self) -> None:
        """Kill the servers, wait for them, and remove the folder."""
        with deferred():
            os.close(self._lifeline)
            for process in self.running.values():
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            os.close(self._watched)
            scratch.release(self._scratch)

    def _spawn(self, name: str, command: Sequence[str], more: Mapping[str, str]) -> None:
        """Start a server below a guard, in a session of its own: a terminal's ^C reaches it only through us."""
        kept = (self._watched, self._scratch.lock)
        words = [sys.executable, "-I", "-S", str(_GUARD), str(self._watched), str(os.getpid()), *command]
        # Nothing of the user's environment, such as a kubeconfig or settings below HOME, is to have a say.
        home = str(self.folder)
        env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "TMPDIR": home, **more}
        with deferred(), (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - what our finder found, and no shell
                words, cwd=home, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, pass_fds=kept,
            )  # fmt: skip

    def _await(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            self.watch()
            if ready():
                self.watch()
                return
            time.sleep(0.05)
        raise ServerFailed(name, f"was not ready after {_READY_SECONDS:.0f} s", self.log(name))
