"""Tools that are taken from packages of npm as they were published, instead of being built: a browser.

A tool is a folder of the checkout's `tools/` with a pin.json: the package, its version, the sha512 of its tarball, the
platforms that it is for, and which of its files become what. `tools/fetch_package.py` fetches it once, into a folder of
the user's cache that is named after a digest of the tool's files and the platform.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fleetc_rehearsal.errors import ToolError
from fleetc_rehearsal.recipes import CHECKOUT, cache_folder

PIN: Final = "pin.json"
PACKAGES: Final = ("chromium",)
"""Every tool of this sort: the folders of CHECKOUT."""


@dataclass(frozen=True)
class Package:
    """One tool as it would be fetched now. `files`: those of the package by path, and what they become below its
    folder; of what becomes a folder, the archive is unpacked there."""

    name: str
    source: Path
    package: str
    version: str
    integrity: str
    """As npm has it: `sha512-` and the digest of the tarball in Base64."""
    platforms: tuple[str, ...]
    files: Mapping[str, str]
    home: Path
    """The folder that holds its binary, once that is fetched."""

    def is_built(self) -> bool:
        """Whether the folder is there; it appears whole or not at all."""
        return self.home.is_dir()

    def fits(self) -> bool:
        """Whether it is for this platform."""
        return here() in self.platforms


def here() -> str:
    """This platform, as pins name it."""
    return f"{platform.system().lower()}-{platform.machine()}"


def package_of(name: str) -> Package:
    """One tool of this checkout by its name. Raises ToolError for a name that is no such tool."""
    source = CHECKOUT / name
    if name not in PACKAGES or not source.is_dir():
        raise ToolError(f"no tool is named `{name}`; there are {', '.join(PACKAGES)}")
    pin = json.loads((source / PIN).read_text(encoding="utf-8"))
    digest = hashlib.sha256(here().encode())
    for path in sorted(path for path in source.iterdir() if path.is_file()):
        content = path.read_bytes()
        digest.update(f"\n{path.name} {len(content)}\n".encode() + content)
    home = cache_folder() / digest.hexdigest()[:32]
    version = f"v{pin['version']}"
    return Package(name, source, pin["package"], version, pin["integrity"], tuple(pin["platforms"]), pin["files"], home)
