"""Which files there are: looked up before anything is read, so that a run with nothing to do imports no more than
this."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.driver.tree.model import Signature, signature_of

SPECS: Final = "specs"
LOCK: Final = ".lock"
"""How the names of lock files end, which stand beside the specs."""
CONSTRAINT: Final = ".cue"
"""How the names of files of constraints end, which stand beside the specs, too."""


def root_of(given: str | None) -> str:
    """The root that is meant: looked for upward from the folder that was named, or else from the working directory."""
    try:
        start = os.path.realpath(given) if given else os.getcwd()
    except OSError as error:
        message = f"the folder to start from cannot be found: {error.strerror}"
        raise Failure(Diagnostic(codes.NO_ROOT, message, hint="go to a folder that exists, or pass --root")) from None
    return find_root(start)


def find_root(start: str) -> str:
    """The nearest folder upward whose specs/ holds a Fleet, else the nearest with specs/ at all."""
    folders = [folder for folder in _upward(start) if os.path.isdir(os.path.join(folder, SPECS))]
    for folder in folders:
        if any(_may_hold_fleet(path) for path in walk(os.path.join(folder, SPECS)) if is_yaml(path)):
            return folder
    if folders:
        return folders[0]  # That it has no Fleet is said of its specs.
    where = os.path.relpath(start)
    where = "here" if where == "." else f"in {where}"
    hint = f"run it in a folder below one with {SPECS}/, or pass --root"
    raise Failure(Diagnostic(codes.NO_ROOT, f"there is no folder {SPECS}/ {where} or in a folder above", hint=hint))


def _upward(folder: str) -> Iterator[str]:
    """The folder, and those above it."""
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def is_yaml(path: str) -> bool:
    """Whether a file is, by its name, YAML."""
    return path.lower().endswith((".yaml", ".yml"))


def _may_hold_fleet(path: str) -> bool:
    if not os.path.isfile(path):
        return False  # To open a pipe is to wait for whoever writes to it.
    try:
        with open(path, "rb") as file:
            return b"Fleet" in file.read()
    except OSError:
        return False


def yaml_files(root: str, folder: str) -> list[str]:
    """The YAML files below a folder of the root, by path relative to the root, sorted; and links to folders."""
    base = root.rstrip("/") + "/"
    found = [path for path in walk(base + folder) if is_yaml(path) or os.path.isdir(path)]
    return sorted(path.removeprefix(base).replace(os.sep, "/") for path in found)


def spec_files(root: str | os.PathLike[str], *, locks: bool = False) -> dict[str, Signature]:
    """The YAML files below specs/ (and with `locks` what stands beside them: lock files and constraints), by path
    relative to the root, sorted, with their signatures; and links to folders, which are not followed: reading one says
    so."""
    base = os.fspath(root).rstrip("/") + "/"
    found: dict[str, Signature] = {}
    for path in walk(base + SPECS):
        if is_yaml(path) or (locks and path.endswith((LOCK, CONSTRAINT))) or os.path.isdir(path):
            with suppress(FileNotFoundError):  # it went since its folder was listed
                found[path.removeprefix(base).replace(os.sep, "/")] = _signature(path)
    return dict(sorted(found.items()))


def _signature(path: str) -> Signature:
    try:
        return signature_of(os.stat(path))
    except OSError:  # a link that leads nowhere, or to what may not be looked at
        return signature_of(os.lstat(path))


def walk(folder: str) -> Iterator[str]:
    """The files below a folder, and links; no link to a folder is followed."""
    try:
        # Files first: the Fleet is mostly found at the top.
        entries = sorted(os.scandir(folder), key=lambda e: (e.is_dir(follow_symlinks=False), e.name))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path)
        elif entry.is_file() or entry.is_symlink():  # A pipe would be waited for.
            # A link that leads nowhere, too, or to a folder, which could lead in circles: reading it says so.
            yield entry.path


def constraint_names(inputs: Iterable[str]) -> list[str]:
    """Which of the inputs are constraints."""
    return [name for name in sorted(inputs) if name.startswith(f"{SPECS}/") and name.endswith(CONSTRAINT)]
