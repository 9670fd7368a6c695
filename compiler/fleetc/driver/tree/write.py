"""Carrying out a plan: stage, check once more, journal, rename."""

from __future__ import annotations

import errno
import os
import signal
import stat
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from functools import partial

from fleetc.diagnostics import Diagnostic, Failure
from fleetc.driver.tree import messages
from fleetc.driver.tree.edits import save_patch
from fleetc.driver.tree.journal import Journal, clear_stage, commit
from fleetc.driver.tree.lock import Lock
from fleetc.driver.tree.model import RACY_NS, Entry, Plan, Wanted, Written, signature_of
from fleetc.driver.tree.stage import stage, stage_names


def apply(plan: Plan, lock: Lock, jobs: int = 1) -> Written:
    """Make the tree as planned, under the lock of the plan's place, with up to `jobs` processes.

    The bytes do not depend on `jobs`. Raises Failure with the plan's own diagnostics, with FLT601 or FLT603 (the tree
    changed since it was planned), or with FLT604 to FLT606 (the system refused): the tree is then as it was before.
    A process that is killed leaves a tree that the next `locked` finishes. Nothing is synced to the disk: the promise
    is about killed processes, not about power cuts.
    """
    if plan.diagnostics:
        raise Failure(*plan.diagnostics)
    known = dict(plan.known or {})
    if not plan.writes and not plan.deletes:
        return Written((), (), None, known)
    with _interrupts_can_wait() as hold:
        patch, staged_at = _write(plan, lock, jobs, hold)
    for change in (*plan.writes, *plan.deletes):
        known.pop(change.path, None)
    known.update(_learn(plan, staged_at))
    return Written(tuple(c.path for c in plan.writes), tuple(c.path for c in plan.deletes), patch, known)


@contextmanager
def _interrupts_can_wait() -> Generator[Callable[[], object]]:
    """Gives a function; once that is called, Ctrl-C waits until the context is left.

    While files are renamed the tree is half old, half new; and once they are, the patch is all that is left of edits.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        yield partial(signal.pthread_sigmask, signal.SIG_BLOCK, (signal.SIGINT,))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _write(plan: Plan, lock: Lock, jobs: int, hold: Callable[[], object]) -> tuple[str | None, int]:
    """Returns the patch's name and the time at which the last new file was staged. `hold`: see above."""
    place, state, folder = plan.place, plan.place.state, f"{plan.place.state}/stage"
    patch: str | None = None
    wanted = [change.wanted for change in plan.writes if change.wanted]
    names = stage_names(len(wanted), jobs)
    try:
        os.mkdir(folder)
        stage([want.content for want in wanted], folder, lock, jobs)
        staged_at = time.time_ns()
        _refuse_moved(plan)
        hold()
        patch = save_patch(place, plan.edits, folder)
        commit(_journal(plan, names, wanted), state, place.root)
    except BaseException as error:
        _give_up(plan, patch)
        if isinstance(error, OSError):
            raise Failure(messages.cannot_write(_blamed(plan, error), error.errno or errno.EIO)) from None
        raise
    return patch, staged_at


def _give_up(plan: Plan, patch: str | None) -> None:
    """Drop the stage and the patch, unless a journal still needs them: after a failed undo."""
    state = plan.place.state
    if os.path.lexists(f"{state}/journal") or os.path.lexists(f"{state}/undo"):
        return
    with suppress(OSError):
        clear_stage(state)
    if patch:
        with suppress(OSError):
            os.unlink(plan.place.path(patch))  # the edits are where they were


def _refuse_moved(plan: Plan) -> None:
    if moved := tuple(_moved(plan)):
        raise Failure(*moved)


def _journal(plan: Plan, names: list[str], wanted: list[Wanted]) -> Journal:
    writes = [(c.path, name, w.digest, c.old) for c, name, w in zip(plan.writes, names, wanted, strict=True)]
    return Journal(writes, [(c.path, c.old) for c in plan.deletes], plan.make, plan.drop)


def _blamed(plan: Plan, error: OSError) -> str:
    """The path to name, relative to the root: the target of a rename rather than its staged source."""
    named = error.filename2 or error.filename
    if not isinstance(named, str):
        return plan.place.folder or "."
    return named.removeprefix(f"{plan.place.root}/")


def _moved(plan: Plan) -> Iterable[Diagnostic]:
    """What changed in the tree since it was planned: nothing of that may be overwritten."""
    folders: set[str] = set()
    # In a folder that is not there yet, nothing can have changed.
    absent = {folder for folder in plan.make if not os.path.lexists(plan.place.path(folder))}
    for change in (*plan.deletes, *plan.writes):
        folder = change.path.rpartition("/")[0]
        folders.add(folder)
        if folder in absent:
            continue
        try:
            found = signature_of(os.lstat(plan.place.path(change.path)))
        except (FileNotFoundError, NotADirectoryError):
            found = None
        except OSError as error:
            yield messages.cannot_write(change.path, error.errno or errno.EIO)
            continue
        if found != change.signature and not (change.signature is None and change.path in plan.drop):
            yield messages.changed_meanwhile(change.path)
    for folder in sorted(folders):
        with suppress(OSError):
            if stat.S_ISLNK(os.lstat(plan.place.path(folder)).st_mode) and folder:
                yield messages.foreign(folder, "a symbolic link", folder)


def _learn(plan: Plan, staged_at: int) -> dict[str, Entry]:
    """What can be remembered: the new files that nobody can have changed since under the staged file's time stamp."""
    known: dict[str, Entry] = {}
    latest = staged_at - RACY_NS
    for change in plan.writes:
        with suppress(OSError):
            found = os.stat(plan.place.path(change.path), follow_symlinks=False)
            if found.st_mtime_ns <= latest and change.wanted:
                known[change.path] = change.wanted.digest, signature_of(found)
    return known
