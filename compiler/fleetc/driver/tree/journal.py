"""The journal: one file that says how to get from the old tree to the new one, or back.

`<state>/journal` appears by one rename once all new files are staged, and goes once all are in place. A run that is
killed in between is finished by the next. An error in between turns it into `<state>/undo`, by one rename, and the old
tree is put back; a run that is killed then is undone by the next. Both can be killed again and repeated.

The promise is about killed processes, so nothing is synced to the disk. After a power cut a staged file may be short:
it is then not used, and the next build finds the rest.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from fleetc.diagnostics import Failure
from fleetc.driver.tree import messages
from fleetc.driver.tree.look import digest_of
from fleetc.tuples import NamedTuple

Write = tuple[str, str, str, str]
"""Path, name in the stage folder, new digest, old digest ("": nothing was there)."""

Delete = tuple[str, str]
"""Path, old digest."""

_FORMAT = 1


class Journal(NamedTuple):
    """All changes of a run. `make`: parents first; `drop`: children first. Old files are kept in `<stage>/old`."""

    writes: Sequence[Write]
    deletes: Sequence[Delete]
    make: Sequence[str]
    drop: Sequence[str]
    format: int = _FORMAT


def commit(journal: Journal, state: str, root: str) -> None:
    """Change the tree. On OSError the tree is put back as it was, and the error raised again."""
    import json  # noqa: PLC0415 - see `_load`

    text = json.dumps(journal._asdict(), ensure_ascii=False, separators=(",", ":"))
    with open(f"{state}/stage/journal", "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    os.rename(f"{state}/stage/journal", f"{state}/journal")
    try:
        _carry_out(journal, f"{state}/stage", root)
    except OSError:
        os.rename(f"{state}/journal", f"{state}/undo")
        _undo(journal, f"{state}/stage", root)
        _clear(state)
        raise
    with suppress(OSError):  # all is in place: what is left of the state is found as done by the next run
        _clear(state)


def recover(state: str, root: str) -> tuple[str, ...]:
    """Finish or undo what a killed run left, under the lock. Returns the paths left alone, as the user changed them.

    Raises Failure: FLT604 when the system refuses (the next run tries again), FLT609 when the journal is damaged.
    """
    left: list[str] = []
    try:
        if journal := _load(f"{state}/undo"):
            _undo(journal, f"{state}/stage", root)
        elif journal := _load(f"{state}/journal"):
            left = _finish(journal, f"{state}/stage", root)
        _clear(state)
    except OSError as error:
        raise Failure(messages.cannot_write(str(error.filename or root), error.errno or errno.EIO)) from None
    return tuple(left)


def clear_stage(state: str) -> None:
    """Drop staged files; there must be no journal."""
    with suppress(FileNotFoundError):
        _remove(f"{state}/stage")


def _remove(folder: str) -> None:
    with os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                _remove(entry.path)
            else:
                os.unlink(entry.path)
    os.rmdir(folder)


def _carry_out(journal: Journal, stage: str, root: str) -> None:
    """The usual way: what stands there was checked a moment ago. Old files are set aside until all is done."""
    os.mkdir(f"{stage}/old")
    for number, (path, _) in enumerate(journal.deletes, len(journal.writes)):
        os.rename(f"{root}/{path}", f"{stage}/old/{number}")
    _change_folders(journal, root)
    rename = os.rename
    for number, (path, staged, _, old) in enumerate(journal.writes):
        target = f"{root}/{path}"
        if old:
            _set_aside(target, f"{stage}/old/{number}")
        rename(f"{stage}/{staged}", target)


def _set_aside(target: str, name: str) -> None:
    """Keep the old file by a second link, so that its path is never empty; by a rename where there are no links."""
    try:
        os.link(target, name, follow_symlinks=False)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK}:
            raise
        os.rename(target, name)


def _change_folders(journal: Journal, root: str) -> None:
    for folder in journal.drop:
        with suppress(OSError):  # the user put something in, or deleted it
            os.rmdir(f"{root}/{folder}")
    for folder in journal.make:
        with suppress(FileExistsError):
            os.mkdir(f"{root}/{folder}")


def _finish(journal: Journal, stage: str, root: str) -> list[str]:
    """Do what is not yet done, where the user has changed nothing since."""
    left: list[str] = []
    for path, old in journal.deletes:
        standing = digest_of(f"{root}/{path}")
        if standing == old:
            os.unlink(f"{root}/{path}")
        elif standing is not None:
            left.append(path)
    _change_folders(journal, root)
    for path, staged, new, old in journal.writes:
        standing = digest_of(f"{root}/{path}")
        if standing == new:
            continue
        if standing in {None, old} and digest_of(f"{stage}/{staged}") == new:
            os.rename(f"{stage}/{staged}", f"{root}/{path}")
        else:
            left.append(path)
    return left


def _undo(journal: Journal, stage: str, root: str) -> None:
    """Put the old tree back, where the user has changed nothing since."""
    for path, _, new, old in journal.writes:
        if not old and digest_of(f"{root}/{path}") == new:
            os.unlink(f"{root}/{path}")
    for folder in reversed(journal.make):
        with suppress(OSError):
            os.rmdir(f"{root}/{folder}")
    for folder in reversed(journal.drop):
        with suppress(FileExistsError):
            os.mkdir(f"{root}/{folder}")
    for number, (path, _, new, old) in enumerate(journal.writes):
        if old and digest_of(f"{root}/{path}") in {new, None}:
            _put_back(f"{stage}/old/{number}", f"{root}/{path}")
    for number, (path, _) in enumerate(journal.deletes, len(journal.writes)):
        if digest_of(f"{root}/{path}") is None:
            _put_back(f"{stage}/old/{number}", f"{root}/{path}")


def _put_back(aside: str, target: str) -> None:
    with suppress(FileNotFoundError):  # it was put back before, or never set aside
        os.rename(aside, target)


def _clear(state: str) -> None:
    """Drop the journals first: without one, a stage that is left is only rubbish."""
    for name in ("journal", "undo"):
        with suppress(FileNotFoundError):
            os.unlink(f"{state}/{name}")
    clear_stage(state)


def _load(name: str) -> Journal | None:
    try:
        with open(name, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except FileNotFoundError:
        return None
    import json  # noqa: PLC0415 - a run with nothing to do has no journal, and ends sooner without

    try:
        data: dict[str, Any] = json.loads(text)
        known_format = data["format"] == _FORMAT
        writes = [(str(p), str(s), str(n), str(o)) for p, s, n, o in data["writes"]]
        deletes = [(str(p), str(o)) for p, o in data["deletes"]]
        journal = Journal(writes, deletes, [str(f) for f in data["make"]], [str(f) for f in data["drop"]])
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(messages.broken_journal(name, f"{type(error).__name__}: {error}")) from None
    if not known_format:
        raise Failure(messages.broken_journal(name, "it is of another version of fleetc"))
    return journal
