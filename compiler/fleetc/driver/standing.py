"""Whether the output folder is as the last run left it, also where its memory alone cannot tell."""

from __future__ import annotations

import time
from collections.abc import Mapping

from fleetc.driver.memory import Body, Head, Memory
from fleetc.driver.outputs import Outputs
from fleetc.driver.tree.look import look_at
from fleetc.driver.tree.model import Entry, Signature


def standing(memory: Memory, root: str, files: Mapping[str, Signature]) -> Head | None:
    """The head of the memory with all `files` that stand in the output folder known, when they are to the last byte as
    the last run left them; else None.

    What was written a moment before the end of that run is not known by its signature: it is read again.
    """
    head = memory.head
    if head.signatures.keys() - files.keys():
        return None
    signatures, digests, now = head.signatures.copy(), head.digests.copy(), time.time_ns()
    for path, signature in files.items():
        if head.signatures.get(path) != signature:
            entry = _read(root, path, now)
            if entry is None or entry[0] != _wanted(memory.body, head.outputs, path):
                return None
            digests[path], signatures[path] = entry
    return (
        head._replace(signatures=signatures, digests=digests)
        if sum(map(bool, digests.values())) == head.files
        else None
    )


def _read(root: str, path: str, now: int) -> Entry | None:
    try:
        look = look_at(path, f"{root}/{path}")
    except OSError:
        return None
    return look.entry(now) if look is not None else None


def _wanted(body: Body, outputs: Outputs, path: str) -> str | None:
    """The digest of a file as the last run wanted it."""
    name, file = outputs.place(path)
    cells = body.clusters[name].cells.values() if name in body.clusters else ()
    return next((body.cells[n].digest for n in cells if body.cells[n].file == file), None)
