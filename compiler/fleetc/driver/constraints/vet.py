"""One `cue vet` over all constraints, through pycue.

pycue runs one CUE file against one data file, without flags and without limits. What it takes for cue is a wrapper
which adds the other files, `--all-errors` and `--concrete`, and runs the real one within limits (`bounded`).
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from typing import Any, Final, Literal

from fleetc.driver.constraints import bounded
from fleetc.tuples import NamedTuple

SECONDS: Final = 120
"""Of processor time for all constraints together."""
BYTES: Final = 4 * 2**30
"""Of address space: what Go reserves is part of it."""
_PATIENCE: Final = 900
"""Seconds of the clock, on however busy a machine: for a cue that waits for something."""
_FLAGS: Final = ("--all-errors", "--concrete")
_SILENT: Final = "cue failed, and does not say why"
_ROOTS: Final = b"package fleet\n\nfleet: {...}\nemitted: {...}\n"
"""Makes the names of the data known to all files."""

Cut = Literal["", "time", "memory"]


class Said(NamedTuple):
    """What cue says: nothing where all holds. `cut`: the limit that it met."""

    text: str
    cut: Cut


class Limits(NamedTuple):
    """Seconds of processor time, and bytes of memory."""

    seconds: int = SECONDS
    bytes: int = BYTES


def vet(program: str, folder: str, files: Sequence[str], data: bytes, limits: Limits) -> Said:
    """Hold data against all files (relative to `folder`) at once."""
    with tempfile.TemporaryDirectory(prefix="fleetc-cue-") as home:
        roots, path = f"{home}/roots.cue", f"{home}/data.json"
        wrapper, end = f"{home}/cue", f"{home}/end.json"
        task = {
            "program": program,
            "flags": _FLAGS,
            "files": list(files),
            "folder": folder,
            "environment": _environment(home),
            "seconds": limits.seconds,
            "bytes": limits.bytes,
            "patience": _PATIENCE,
            "errors": f"{home}/errors",
            "end": end,
        }
        _write(roots, _ROOTS)
        _write(path, data)
        _write(f"{home}/task.json", json.dumps(task).encode())
        words = [sys.executable, "-I", "-S", bounded.__file__, f"{home}/task.json"]
        _write(wrapper, f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n'.encode(), mode=0o700)
        text = _pycue(wrapper, roots, path)
        with open(end, encoding="utf-8") as file:
            told: dict[str, Any] = json.load(file)
        return Said(text or _SILENT if told["status"] else "", told["cut"])


def _pycue(wrapper: str, file: str, data: str) -> str:
    """What pycue's validation says; "" where all holds."""
    # Imported here: an extra, which only those have who write constraints.
    import cue  # noqa: PLC0415

    # It has read CUE_EXE when it was imported, perhaps for another run of this process.
    cue.cue_exe = wrapper
    try:
        cue.vet.files(file, data)
    except cue.Error as error:
        return str(error)
    return ""


def _environment(home: str) -> dict[str, str]:
    """Nothing of the user's settings takes part, and nothing is fetched."""
    own = dict.fromkeys(("CUE_CACHE_DIR", "CUE_CONFIG_DIR"), f"{home}/own")
    return {"PATH": os.environ.get("PATH", ""), "HOME": home, "CUE_REGISTRY": "none", **own}


def _write(path: str, data: bytes, mode: int = 0o600) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
