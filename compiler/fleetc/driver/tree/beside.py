"""A survey of the output folder by a forked child, while this process imports the compiler and loads the specs."""

from __future__ import annotations

import marshal
import os
import signal
from collections.abc import Mapping
from contextlib import suppress

from fleetc.driver.tree.lock import Lock
from fleetc.driver.tree.model import Place, Signature
from fleetc.driver.tree.survey import Tree, survey


class Beside:
    """A survey under way, of a folder that is expected to stand as it was left: the files with their signatures.

    What differs is told: what the last run wrote at its very end, it could not remember (see `model.RACY_NS`).
    It has to be closed.
    """

    def __init__(self, place: Place, expected: Mapping[str, Signature], lock: Lock | None) -> None:
        self._place = place
        self._expected = expected
        self._pipe, writing = os.pipe()
        self._child = os.fork()
        if not self._child:
            try:
                # Ctrl-C is for the parent, which ends this child; and so is the lock.
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                if lock is not None:
                    lock.leave()
                os.close(self._pipe)
                with open(writing, "wb") as pipe:
                    pipe.write(_told(place, expected))
            finally:
                os._exit(0)  # never back into the parent's code, its cleanups and buffers
        os.close(writing)

    def tree(self) -> Tree:
        """What stands there. What the child cannot tell is looked at here."""
        # That it ends is not waited for: `close` does, when there is nothing else to do.
        told = b"".join(iter(lambda: os.read(self._pipe, 1 << 20), b""))
        found = Tree()
        try:
            found.folders, found.others, other, gone = marshal.loads(told)  # noqa: S302 - what the child has just written
        except (EOFError, ValueError, TypeError):  # nothing, or killed while it wrote
            return survey(self._place)
        found.files = {**self._expected, **other}
        for path in gone:
            del found.files[path]
        return found

    def close(self) -> None:
        """End the child, if it still is."""
        if self._child:
            child, self._child = self._child, 0
            os.close(self._pipe)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _told(place: Place, expected: Mapping[str, Signature]) -> bytes:
    try:
        found = survey(place)
    except OSError:
        return b""  # The parent meets it too, and tells.
    if found.diagnostics:
        return b""
    other = {path: signature for path, signature in found.files.items() if expected.get(path) != signature}
    gone = expected.keys() - found.files.keys()
    return marshal.dumps((found.folders, found.others, other, gone))
