"""What stands in the output folders: one walk that never follows a symbolic link and opens no file."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable

from fleetc.diagnostics import Diagnostic
from fleetc.driver.tree import messages
from fleetc.driver.tree.model import Place, Signature, parents_of


class Tree:
    """By path: regular files with signatures, folders with their number of entries, the rest with its kind in words."""

    def __init__(self) -> None:
        self.files: dict[str, Signature] = {}
        self.folders: dict[str, int] = {}
        self.others: dict[str, str] = {}
        self.diagnostics: list[Diagnostic] = []

    def only(self, paths: Iterable[str]) -> Tree:
        """The same with these files alone."""
        part = Tree()
        part.files = {path: self.files[path] for path in paths if path in self.files}
        part.folders, part.others, part.diagnostics = self.folders, self.others, self.diagnostics
        return part


def survey(place: Place) -> Tree:
    """Walk the output folders, but not git's folders and the state folder. Folders that cannot be read are FLT604."""
    tree = Tree()
    state = _state_folder(place)
    pending = [folder for folder in place.folders if not _behind_link(place, folder)]
    while pending:
        folder = pending.pop()
        try:
            _scan(place, folder, state, tree, pending)
        except FileNotFoundError:
            continue  # no output folder yet, or deleted during the walk
        except OSError as error:
            tree.diagnostics.append(messages.cannot_write(folder or ".", error.errno or errno.EIO))
    return tree


def _behind_link(place: Place, folder: str) -> bool:
    """Whether an output folder, or one above it in the root, is a link: what stands there is not looked at."""
    return any(os.path.islink(place.path(step)) for step in (folder, *parents_of(folder)) if step)


def _state_folder(place: Place) -> tuple[str, int]:
    """Name and inode of the state folder, which may lie in the output folder."""
    try:
        return os.path.basename(os.path.abspath(place.state)), os.stat(place.state).st_ino
    except OSError:
        return "", -1


def _scan(place: Place, folder: str, state: tuple[str, int], tree: Tree, pending: list[str]) -> None:
    """One folder; its folders are appended to `pending`."""
    prefix = f"{folder}/" if folder else ""
    files, count = tree.files, 0
    with os.scandir(place.path(folder)) as entries:
        for entry in entries:
            count += 1
            if entry.is_file(follow_symlinks=False):
                s = entry.stat(follow_symlinks=False)
                files[prefix + entry.name] = (s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino)
            elif not entry.is_dir(follow_symlinks=False):
                tree.others[prefix + entry.name] = "a symbolic link" if entry.is_symlink() else "a special file"
            elif entry.name != ".git" and (entry.name, entry.inode()) != state:
                pending.append(prefix + entry.name)
    tree.folders[folder] = count
