"""What runs on this machine, as Linux tells it."""

from __future__ import annotations

import os
from pathlib import Path


def of(folder: Path) -> list[str]:
    """The command lines of the processes that work in a folder or name it, ours left out."""
    out: list[str] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            working = str((entry / "cwd").readlink())
        except OSError:  # it ended meanwhile
            continue
        if int(entry.name) != os.getpid() and (working.startswith(str(folder)) or str(folder) in words):
            out.append(words)
    return out
