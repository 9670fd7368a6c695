"""One run: what changed is compiled, what is wanted is compared with what stands there, and written."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fleetc.diagnostics import Diagnostic, Failure
from fleetc.driver import memory as memories
from fleetc.driver.files import constraint_names, spec_files
from fleetc.driver.memory import Head, Memory
from fleetc.driver.outputs import Outputs
from fleetc.driver.summary import Summary
from fleetc.driver.tree import messages
from fleetc.driver.tree.lock import Lock, locked
from fleetc.driver.tree.model import Change, Place, Signature
from fleetc.driver.tree.survey import survey
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.driver.constraints.program import Program
    from fleetc.driver.front import Front
    from fleetc.driver.load import Sources
    from fleetc.driver.tree.beside import Beside
    from fleetc.plan.plan import Servings

STATE = ".fleetc"
MANY = 2_000
"""Below this number of files a second process that looks at them costs more than it saves."""
_IGNORE_ALL = b"*\n"


class Options(NamedTuple):
    """What the command line asks for."""

    root: str
    write: bool = True
    jobs: int = 1
    discard_edits: bool = False
    cold: bool = False
    """Remember nothing of earlier runs."""
    locked: bool = False
    """Refuse to change a lock file."""
    crds: tuple[str, ...] = ()
    """Folders of CRDs."""
    date: str = ""
    """The day on which exceptions of policies are looked at (YYYY-MM-DD); today, if it is empty."""

    def today(self) -> str:
        """That day. Nothing that is emitted depends on it."""
        return self.date or time.strftime("%Y-%m-%d", time.gmtime())


class Seen:
    """What a run looked at and decided, for who looks further; empty where it did not come so far.

    `front`, `servings`: None when nothing had to be compiled: they are as remembered. `standing`: the files of the
    finished tree, and the digests of those among them that stand as they should; `changes`: the files that the run
    writes or deletes, `edits` those of them that a hand edited.
    """

    def __init__(self) -> None:
        self.memory: Memory | None = None
        self.inputs: Mapping[str, Signature] = {}
        self.front: Front | None = None
        self.servings: Servings | None = None
        self.locks: Mapping[str, bytes | None] = {}
        self.outputs = Outputs("", "")
        self.standing: Collection[str] = ()
        self.digests: Mapping[str, str] = {}
        self.changes: tuple[Change, ...] = ()
        self.edits: tuple[str, ...] = ()


class Outcome:
    """What a run came to. Times are in seconds, by stage, in the order of stages."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.summary: Summary | None = None
        self.written: tuple[str, ...] = ()
        self.deleted: tuple[str, ...] = ()
        self.patch: str | None = None
        self.times: dict[str, float] = {}
        self.sources: Sources | None = None
        self.seen = Seen()

    @contextmanager
    def timed(self, stage: str) -> Generator[None]:
        """Count the time of a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.times[stage] = self.times.get(stage, 0.0) + time.perf_counter() - start


def run(options: Options) -> Outcome:
    """Build, or with `write` off, check: everything that build checks, writing nothing."""
    root = options.root
    state = f"{root}/{STATE}"
    if not options.write:
        return _run(options, root, None)
    with locked(Place(root, ".", state)) as lock:
        ignore(state)
        return _run(options, root, lock)


def ignore(state: str) -> None:
    """The state folder is nobody's business in git."""
    ignore = f"{state}/.gitignore"
    try:
        # Read, not only looked for: a run may have been killed between making it and writing it.
        if _read(ignore) != _IGNORE_ALL:
            with open(ignore, "wb") as file:
                file.write(_IGNORE_ALL)
    except OSError as error:
        raise Failure(messages.cannot_write(ignore, error.errno or errno.EIO)) from None


def _read(name: str) -> bytes | None:
    try:
        with open(name, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _run(options: Options, root: str, lock: Lock | None) -> Outcome:
    outcome = Outcome()
    state = f"{root}/{STATE}"
    tool = memories.tool_digest(options.crds)
    with outcome.timed("remember"):
        memory = None if options.cold else memories.load(state, tool)
        if memory is not None and options.today() > memory.head.until:
            memory = None
    with outcome.timed("look"):
        looked = time.time_ns()
        inputs = inputs_of(root, memory)
        changed = changed_of(inputs, memory)
        cue = _cue(inputs)
        if cue and memory and memory.head.cue != cue.identity:
            changed.update(constraint_names(inputs))
    head = memory.head if memory else None
    place = Place(root, head.output, state, head.stacks) if head else Place(root, ".", state)
    beside = _beside(place, head, lock) if head and changed else None
    try:
        with outcome.timed("look"):
            tree = survey(place) if memory and not beside else None
        stands = memory.head if memory and tree is not None and whole(memory.head, tree.files) else None
        seen = outcome.seen
        seen.memory, seen.inputs = memory, inputs
        if stands and not changed:
            seen.outputs, seen.digests = stands.outputs, stands.digests
            seen.standing = [path for path, digest in seen.digests.items() if digest]
            outcome.summary = Summary(*stands.summary)
            return outcome
        if memory and not memory.whole():
            return _run(options._replace(cold=True), root, lock)
        # Only now: a run with nothing to do imports none of the compiler.
        from fleetc.driver import rebuild  # noqa: PLC0415

        job = rebuild.Job(options, root, tool, memory, looked, inputs, changed, tree, lock, stands, beside, cue)
        return rebuild.rebuild(job, outcome)
    finally:
        if beside:
            beside.close()


def _cue(inputs: Mapping[str, Signature]) -> Program | None:
    """What checks constraints, where there are any."""
    if not constraint_names(inputs):
        return None
    # Imported here: who has none does without.
    from fleetc.driver.constraints.program import program  # noqa: PLC0415

    return program()


def _beside(place: Place, head: Head, lock: Lock | None) -> Beside | None:
    """A second process that looks at the output folder, where there is much to do meanwhile, and a core for it."""
    if len(head.signatures) < MANY or not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2:
        return None
    # Imported here: a run with nothing to do does without.
    from fleetc.driver.tree.beside import Beside  # noqa: PLC0415

    return Beside(place, head.signatures, lock)


def inputs_of(root: str, memory: Memory | None) -> dict[str, Signature]:
    """The spec files, what stands beside them, and the files that they are known to include."""
    found = spec_files(root, locks=True)
    for names in memory.head.listed.values() if memory else ():
        for name in names:
            if name not in found:
                stamp = memories.stamp(f"{root}/{name}")
                if stamp:
                    found[name] = stamp
    return found


def changed_of(inputs: Mapping[str, Signature], memory: Memory | None) -> set[str]:
    """Inputs that are not as remembered, those that went, and spec files that include such a file."""
    if memory is None:
        return set(inputs)
    head = memory.head
    changed = {path for path, stamp in inputs.items() if head.inputs.get(path) != stamp}
    changed |= {*head.specs, *head.locks, *head.constraints, *head.listed_files()} - inputs.keys()
    return changed | {file for file, names in head.listed.items() if not changed.isdisjoint(names)}


def whole(head: Head, standing: Mapping[str, Signature]) -> bool:
    """Whether the output folder is to the last file as the last run left it: every file of ours is known, and as it
    was."""
    return head.signatures == standing and sum(map(bool, head.digests.values())) == head.files
