"""Where fleetc may write at all: checked before anything is read."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator

from fleetc.diagnostics import Diagnostic
from fleetc.driver.tree import messages
from fleetc.driver.tree.model import Place, parents_of


def check_output(place: Place) -> list[Diagnostic]:
    """FLT607, FLT603, FLT606: each output folder lies in the root, is no link, and shares the state's file system."""
    return [found for folder in place.folders for found in _check_folder(place, folder)]


def _check_folder(place: Place, folder: str) -> list[Diagnostic]:
    if os.path.isabs(folder) or folder == ".." or folder.startswith("../") or "\0" in folder:
        written = place.output if folder == place.folder else place.second
        return [messages.outside(written, "the output folder lies outside of the root")]
    steps = [*reversed(parents_of(folder)), folder] if folder else []
    nearest = os.stat(place.root).st_dev if os.path.isdir(place.root) else None
    for step in steps:
        try:
            status = os.lstat(place.path(step))
        except FileNotFoundError:
            break
        except OSError as error:
            return [messages.cannot_write(step, error.errno or 0)]
        if not stat.S_ISDIR(status.st_mode):
            return [messages.foreign(step, kind_of(status.st_mode), folder)]
        nearest = status.st_dev
    device = _device(place.state)
    if nearest is not None and device is not None and nearest != device:
        return [messages.other_filesystem(folder or ".", place.state)]
    return []


def check_wanted(place: Place, wanted: Iterable[str]) -> list[Diagnostic]:
    """FLT607: paths outside of the output folder. FLT608: paths that cannot stand side by side on every file system."""
    paths = sorted(wanted)
    return [*_outside(place, paths), *_same_name(paths), *_file_and_folder(paths)]


def kind_of(mode: int) -> str:
    """What stands somewhere, in words."""
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a file" if stat.S_ISREG(mode) else "a special file"


def _outside(place: Place, paths: list[str]) -> Iterator[Diagnostic]:
    prefixes = tuple([f"{folder}/" if folder else "" for folder in place.folders])
    state = f"/{os.path.relpath(place.state, place.root)}/"
    for path in paths:
        padded = f"/{path}/"
        if not path.startswith(prefixes) or "//" in padded or "/./" in padded or "/../" in padded or "\0" in path:
            yield messages.outside(path, f"lies outside of the output folder {place.output}")
        elif padded.startswith(state) or "/.git/" in padded:
            yield messages.outside(path, "belongs to git or to fleetc's state")


def _same_name(paths: list[str]) -> Iterator[Diagnostic]:
    """Some file systems fold case and normalise Unicode, so these would be one file there."""
    first: dict[str, str] = {}
    for path in paths:
        folded = path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()
        other = first.setdefault(folded, path)
        if other is not path:
            yield messages.path_conflict(path, other, "differs only by case from")


def _file_and_folder(paths: list[str]) -> Iterator[Diagnostic]:
    known = set(paths)
    folders: dict[str, str] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], path)
    for path in folders.values():
        for parent in parents_of(path):
            if parent in known:
                yield messages.path_conflict(path, parent, "needs a folder where a file is wanted:")


def _device(path: str) -> int | None:
    """The device of a folder, or of the nearest folder above that exists."""
    path = os.path.abspath(path)
    while True:
        try:
            return os.stat(path).st_dev
        except OSError:
            above = os.path.dirname(path)
            if above == path:
                return None
            path = above
