"""`fmt`: which files, what each of them becomes, and writing those that change."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.build import STATE, ignore
from fleetc.driver.files import is_yaml, spec_files, walk
from fleetc.driver.layout import NotKept, lay_out
from fleetc.driver.load import Sources
from fleetc.driver.tree.header import HEAD_SIZE, find_header
from fleetc.driver.tree.lock import locked
from fleetc.driver.tree.model import Place
from fleetc.driver.tree.single import replace_file
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple

STDIN: Final = "<stdin>"


class Change(NamedTuple):
    """A file that is laid out otherwise."""

    file: str
    before: bytes
    after: bytes


class Formatted(NamedTuple):
    """What became of files: those that change, how many are as they should be, and what is wrong with the others."""

    changes: tuple[Change, ...]
    unchanged: int
    diagnostics: tuple[Diagnostic, ...]


class Given(Sources):
    """One file that was read elsewhere."""

    def __init__(self, data: bytes) -> None:
        super().__init__(os.curdir)
        self._bytes[STDIN] = data


def formatted(sources: Sources, files: Iterable[str]) -> Formatted:
    """What files become; nothing is written."""
    changes: list[Change] = []
    found: list[Diagnostic] = []
    unchanged = 0
    for file in files:
        loaded = sources.load(file)
        if loaded.diagnostics:
            found += loaded.diagnostics
            continue
        before = sources.read(file)
        if find_header(before) is not None:
            found.append(_generated(file))
            continue
        try:
            after = lay_out(before)
        except NotKept as error:
            found.append(_not_kept(file, str(error)))
            continue
        if after == before:
            unchanged += 1
        else:
            changes.append(Change(file, before, after))
    return Formatted(tuple(changes), unchanged, tuple(found))


def _generated(file: str) -> Diagnostic:
    hint = "format the spec that it is made from; `fleetc build` writes this file as it should be"
    return Diagnostic(codes.GENERATED_FILE, f"{file} is made by fleetc, and is not formatted", Span(file, 1, 1), hint)


def _not_kept(file: str, why: str) -> Diagnostic:
    hint = "the file is as it was; please open an issue with it"
    return Diagnostic(codes.NOT_KEPT, f"{file} is not formatted: {why}", Span(file, 1, 1), hint)


def not_formatted(change: Change) -> Diagnostic:
    """That a file is laid out otherwise, and where that begins."""
    old, new = change.before.decode("utf-8-sig").split("\n"), change.after.decode().split("\n")
    differs = [a != b for a, b in zip(old, new, strict=False)]
    line = differs.index(True) + 1 if True in differs else min(len(old), len(new))
    message = f"{change.file} is not laid out as `fleetc fmt` does it, from line {line} on"
    return Diagnostic(codes.NOT_FORMATTED, message, Span(change.file, line, 1), f"run `fleetc fmt {change.file}`")


def chosen(root: str, paths: Sequence[str]) -> tuple[list[str], list[Diagnostic]]:
    """The files that paths name, relative to the root; without paths, all specs. And what is wrong with paths."""
    if not paths:
        return _once(root, spec_files(root)), []
    files: list[str] = []
    found: list[Diagnostic] = []
    for path in paths:
        absolute = os.path.abspath(path)
        inside = os.path.relpath(
            os.path.join(os.path.realpath(os.path.dirname(absolute)), os.path.basename(absolute)), root
        )
        if inside.split(os.sep)[0] == os.pardir:
            hint = "name files of this fleet, pass --root, or send it to the standard input of `fleetc fmt -`"
            found.append(Diagnostic(codes.OUTSIDE_ROOT, f"{path} lies outside of the root {root}", hint=hint))
        elif not os.path.lexists(absolute):
            hint = "correct the name"
            found.append(Diagnostic(codes.CANNOT_READ, f"there is no file or folder {path}", hint=hint))
        elif os.path.isdir(absolute) and not os.path.islink(absolute):
            names = [os.path.relpath(name, root) for name in walk(os.path.join(root, inside))]
            files += sorted(name for name in names if _is_meant(root, name))
        else:
            files.append(inside)
    return _once(root, [file.replace(os.sep, "/") for file in files]), found


def _is_meant(root: str, path: str) -> bool:
    """Whether a file in a folder that was named is one to format: not what fleetc or git keep there themselves."""
    if not is_yaml(path) or any(part.startswith(".") for part in path.split(os.sep)):
        return False
    try:
        with open(os.path.join(root, path), "rb") as file:
            return find_header(file.read(HEAD_SIZE)) is None
    except OSError:
        return True  # reading it says why


def _once(root: str, files: Iterable[str]) -> list[str]:
    """Files, each once; a link is the file that it leads to."""
    seen: dict[str, str] = {}
    for file in files:
        seen.setdefault(os.path.realpath(os.path.join(root, file)), file)
    return [*seen.values()]


def write_changes(root: str, changes: Sequence[Change]) -> None:
    """Give files their layout. Failure when the system refuses."""
    if not changes:
        return
    state = f"{root}/{STATE}"
    with locked(Place(root, ".", state)):
        ignore(state)
        for change in changes:
            # What a link leads to is written, not the link.
            target = os.path.realpath(os.path.join(root, change.file))
            inside = os.path.relpath(target, os.path.realpath(root)).replace(os.sep, "/")
            replace_file(root, state, inside, change.after, mode=stat.S_IMODE(os.stat(target).st_mode))


def diff(change: Change) -> Iterator[str]:
    """The lines of a unified diff, as `git apply` takes it."""
    import difflib  # noqa: PLC0415 - only who asks for a diff pays for it

    for line in difflib.unified_diff(
        _lines(change.before), _lines(change.after), f"a/{change.file}", f"b/{change.file}"
    ):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    """Lines with their ends: those that end in a line feed, as diffs have them."""
    lines = data.decode("utf-8", "replace").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
