"""Which `cue` there is. A run with nothing to do asks this too, so little is imported here."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from typing import Final

from fleetc.driver.memory import stamp
from fleetc.tuples import NamedTuple

VARIABLE: Final = "CUE_EXE"
NO_CUE: Final = (
    "there is no cue: it is neither named by CUE_EXE or FLEETC_TOOLS, nor built by `make tools`, nor on PATH"
)
NO_PYCUE: Final = "pycue is not installed, with which constraints are checked: install the extra `cue` of fleetc"


class Program(NamedTuple):
    """The program that checks constraints; with a reason there is none."""

    path: str
    reason: str = ""

    @property
    def identity(self) -> str:
        """What tells one state of affairs from another: what is remembered of constraints holds for one."""
        return f"{self.path} {stamp(self.path) if self.path else ''} {self.reason}"


def program() -> Program:
    """The cue that is named by CUE_EXE (none, where that is empty); else that of the folder that FLEETC_TOOLS names, of
    what `make tools` built for this user, and of PATH, in this order."""
    if importlib.util.find_spec("cue") is None:
        return Program("", NO_PYCUE)
    named = os.environ.get(VARIABLE)
    if named is not None and not named:
        return Program("", NO_CUE)
    if named:
        found = _which(named)
        return Program(os.path.abspath(found)) if found else Program("", f"CUE_EXE names {named}, which is no program")
    path = next(_candidates(), None)
    return Program(path) if path else Program("", NO_CUE)


def _candidates() -> Iterator[str]:
    tools = os.environ.get("FLEETC_TOOLS")
    if tools and os.access(f"{tools}/cue/cue", os.X_OK):
        yield os.path.abspath(f"{tools}/cue/cue")
    yield from _built()
    found = _which("cue")
    if found:
        yield os.path.abspath(found)


def _which(name: str) -> str | None:
    """The program of a name or at a path. `shutil.which` would do, and importing it takes longer than all else here."""
    folders = [""] if os.path.dirname(name) else os.environ.get("PATH", os.defpath).split(os.pathsep)
    paths = (os.path.join(folder, name) for folder in folders)
    return next((path for path in paths if os.access(path, os.X_OK) and os.path.isfile(path)), None)


def _built() -> list[str]:
    """What is in the cache folder of built tools: of the newest version first."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    folder = f"{base if base.startswith('/') else os.path.expanduser('~/.cache')}/fleetc/tools"
    found: list[tuple[list[int], str]] = []
    try:
        homes = sorted(os.listdir(folder))
    except OSError:
        return []
    for home in homes:
        path = f"{folder}/{home}/cue"
        # Only what appeared whole has this name: one that is being built starts with a dot.
        if not home.startswith(".") and os.access(path, os.X_OK) and os.path.isfile(path):
            found.append((_version(f"{folder}/{home}/VERSION"), path))
    return [path for _, path in sorted(found, reverse=True)]


def _version(file: str) -> list[int]:
    try:
        with open(file, encoding="utf-8") as opened:
            return [int(part) for part in opened.read().strip().removeprefix("v").split(".") if part.isdigit()]
    except (OSError, UnicodeDecodeError):
        return []
