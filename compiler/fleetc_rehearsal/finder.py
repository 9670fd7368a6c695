"""Where the servers are that a rehearsal starts.

Looked for in this order:

1. `FLEETC_TOOLS`, where it is set, and nowhere else then: a folder with a folder for each tool, each with the binaries
   (`etcd/etcd`, `kubernetes-1.36/kube-apiserver`, `kwok/kwok`), as `python -m tools.build_tools --link DIR` makes it.
   This is how an installed wheel, which has no recipes, uses what a checkout built.
2. In a checkout: the cache folder named after the digest of the tool's recipe (see `recipes`), once that is built.
3. `PATH`. A kube-apiserver of another minor than the one asked for is not taken, nor a kwok, lws, kueue or argocd
   without the folder `data` beside it (stages, CRDs and webhooks are files of its source, not of its binary). A browser
   is not looked for there: what a page looks like depends on which it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from fleetc_rehearsal.errors import MissingTools, NoGo
from fleetc_rehearsal.packages import PACKAGES, PIN, package_of
from fleetc_rehearsal.recipes import CHECKOUT, CRDS, NAMES, recipe_of
from fleetc_rehearsal.recipes import VERSION as VERSION_FILE

VARIABLE: Final = "FLEETC_TOOLS"
_VERSION: Final = re.compile(r"\bv?(\d+\.\d+\.\d+\S*)")
_DATA: Final = "data"
_ASKED: Final = {"cue": ("version",), "helm": ("version", "--short")}
"""How programs are asked for their version that know no --version."""
_ITSELF: Final = (
    *("etcd", "kwok", "lws", "kueue", "helm", "cue"),
    *("argocd", "pulumi", "pulumi-language-python", "promtool", "prometheus", "kind"),
    *PACKAGES,
)
"""Tools whose main binary has their name."""
_MAIN: Final = {**{name: name for name in _ITSELF}, "kubernetes": "kube-apiserver"}


class Found(NamedTuple):
    """A tool that is there."""

    tool: str
    path: Path
    """Its main binary; of data, the folder that it is in."""
    version: str
    """Such as v1.36.3."""


def binary(tool: str, name: str = "") -> Path:
    """The path of a binary of a tool, its main one by default. Raises MissingTools."""
    main = locate(tool).path
    path = main.with_name(name) if name else main
    if not path.exists():
        raise MissingTools(tool, f"there is no {name} beside {main}")
    return path


def stages() -> list[Path]:
    """The files that tell kwok what to do, from the folder `data` beside it. Raises MissingTools."""
    return data("kwok")


def data(tool: str) -> list[Path]:
    """The files of a tool's source that are in the folder `data` beside its binary. Raises MissingTools."""
    return _files(tool, binary(tool).resolve().parent / _DATA)


def script(tool: str, name: str) -> Path:
    """A script of a tool's source, beside its other data. Raises MissingTools."""
    path = binary(tool).resolve().parent / _DATA / name
    if not path.is_file():
        raise MissingTools(tool, f"there is no {path}")
    return path


def crds(tool: str) -> list[Path]:
    """The CRDs that are a tool's data. Raises MissingTools."""
    return _files(tool, locate(tool).path)


def _files(tool: str, folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.yaml"))
    if not found:
        raise MissingTools(tool, f"its files are not in {folder}")
    return found


def locate(tool: str) -> Found:
    """A tool by its name: `etcd`, `kwok`, `kubernetes-` and a minor, or one that is data. Raises MissingTools."""
    main = _DATA if tool in CRDS else _MAIN.get(tool) or _MAIN.get(tool.partition("-")[0])
    if main is None:
        raise MissingTools(tool, f"no tool has that name; there are {', '.join((*NAMES, *PACKAGES))}")
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named).absolute() / tool / main
        if not path.exists():
            raise MissingTools(tool, f"{VARIABLE} is set and there is no {path}")
        return Found(tool, path, _version(tool, path))
    if tool in PACKAGES:
        return _fetched(tool, main)
    reason = f"it is neither named by {VARIABLE} nor on PATH"
    if (CHECKOUT / tool / "go.mod").is_file():
        try:
            made = recipe_of(tool, offline=True)
        except NoGo as error:
            reason = f"only Go can tell which build is the right one, and {' '.join(str(error).split())}"
        else:
            if made.is_built():
                return Found(tool, made.home / main, made.version)
            reason = "it is not built"
    elif tool not in NAMES:
        reason = f"fleetc has no recipe for it, only for {', '.join(NAMES)}"
    if main == _DATA:
        raise MissingTools(tool, reason)
    return _on_path(tool, main, reason)


def _fetched(tool: str, main: str) -> Found:
    """A tool that is a package."""
    if not (CHECKOUT / tool / PIN).is_file():
        raise MissingTools(tool, f"it is not named by {VARIABLE}")
    made = package_of(tool)
    if not made.is_built():
        reason = "it is not fetched" if made.fits() else f"there is none but for {', '.join(made.platforms)}"
        raise MissingTools(tool, reason)
    return Found(tool, made.home / main, made.version)


def _on_path(tool: str, main: str, reason: str) -> Found:
    path = shutil.which(main)
    if path is None:
        raise MissingTools(tool, reason)
    version = _version(tool, Path(path))
    minor = "" if tool in _MAIN else tool.partition("-")[2]
    if minor and not version.startswith(f"v{minor}."):
        raise MissingTools(tool, f"{reason}, and {path} is {version}")
    return Found(tool, Path(path), version)


def _version(tool: str, path: Path) -> str:
    """What a binary says of itself. Raises MissingTools where it does not start."""
    told = path.resolve().with_name(VERSION_FILE)
    if told.is_file():
        return told.read_text(encoding="utf-8").strip()
    try:
        words = [str(path), *_ASKED.get(tool, ("--version",))]
        # Found by the user's own settings, and no shell.
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - above
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingTools(tool, f"{path} does not tell its version: {error}") from None
    said = _VERSION.search(done.stdout)
    if said is None:
        raise MissingTools(tool, f"{path} does not tell its version")
    return f"v{said[1]}"
