"""Every Python on this machine that fleetc is for, with fleetc's dependencies at hand."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

from tests.driver.fleets import CHECKOUT

OLDEST = (3, 11)
_SAY_VERSION = "import sys, sysconfig; print(*sys.version_info[:3], sysconfig.get_config_var('Py_GIL_DISABLED') or 0)"


class Python(NamedTuple):
    """An interpreter, by its version."""

    version: tuple[int, int, int]
    path: Path


def pythons() -> list[Python]:
    """One of each minor version from the oldest on, by version: pyenv's, and what PATH names `python3.N`."""
    found: dict[tuple[int, int], Python] = {}
    for path in _candidates():
        done = subprocess.run([path, "-c", _SAY_VERSION], capture_output=True, text=True, check=False)
        numbers = [int(word) for word in done.stdout.split()] if done.returncode == 0 else []
        if len(numbers) == 4 and (numbers[0], numbers[1]) >= OLDEST and not numbers[3]:
            version = (numbers[0], numbers[1], numbers[2])
            found.setdefault(version[:2], Python(version, path))
    return sorted(found.values())


def _candidates() -> list[Path]:
    roots = [Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()]
    found = [path for root in roots for path in sorted(root.glob("versions/*/bin/python3"))]
    for folder in map(Path, os.environ.get("PATH", "").split(os.pathsep)):
        if folder.is_dir() and folder.name != "shims":
            found += sorted(p for p in folder.iterdir() if re.fullmatch(r"python3\.\d+", p.name))
    return [Path(sys.executable).resolve(), *found]


def with_dependencies(python: Python) -> Path:
    """The interpreter of a virtual environment with fleetc's dependencies, which is kept for the next time."""
    wanted = _requirements()
    key = hashlib.sha256(f"{python}{wanted}".encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "fleetc/venvs"
    folder = cache / f"{'.'.join(map(str, python.version))}-{key}"
    if not (folder / "ready").exists():
        subprocess.run([python.path, "-m", "venv", "--clear", folder], check=True)
        (folder / "requirements.txt").write_text(wanted, encoding="utf-8")
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
        subprocess.run([folder / "bin/python", *install, "-r", folder / "requirements.txt"], check=True)
        (folder / "ready").touch()
    return folder / "bin/python"


def _requirements() -> str:
    """The pins, with hashes, of what fleetc needs to run."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {_plain(re.split(r"[^\w.-]", text)[0]) for text in project["dependencies"]}
    pins = re.split(r"^(?=\S)", (CHECKOUT / "requirements/dev.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {_plain(pin.partition("==")[0]): pin for pin in pins if "==" in pin}
    return "".join(found[name] for name in sorted(names))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
