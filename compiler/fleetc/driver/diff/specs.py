"""The specs on both sides: which files changed, in which lines, and the fleet that the revision's specs describe."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Final

from fleetc.diagnostics import Failure
from fleetc.driver.build import Outcome
from fleetc.driver.diff.git import Files, Hunk, Revision
from fleetc.driver.diff.lines import hunks
from fleetc.driver.files import CONSTRAINT, LOCK, SPECS, spec_files
from fleetc.driver.front import Front, front
from fleetc.driver.load import Sources
from fleetc.driver.outputs import Outputs
from fleetc.driver.recall import remembered_front, spec_names
from fleetc.driver.tree.model import Signature
from fleetc.language.document import Doc, lookup
from fleetc.language.table import TABLE_FILE

_UNKNOWN: Final[Signature] = (0, 0, 0, 0)


class Specs:
    """Spec files, lock files, and files that specs include."""

    def __init__(self, revision: Revision, files: Files, outcome: Outcome) -> None:
        self._revision = revision
        self._outcome = outcome
        self.sources = outcome.sources or Sources(revision.root)
        self.listed = {path for path in files.blobs if path.startswith(f"{SPECS}/")}
        seen = outcome.seen
        inputs = {**(seen.inputs or spec_files(revision.root, locks=True))}
        # Constraints decide nothing that is emitted.
        inputs = {path: signature for path, signature in inputs.items() if not path.endswith(CONSTRAINT)}
        for path in seen.front.included if seen.front is not None else ():
            inputs.setdefault(path, _UNKNOWN)
        self.inputs = inputs
        self._blobs = {p: blob for p, blob in files.blobs.items() if p in self.listed or p in inputs}
        went = {path for path in self._blobs if path.startswith(f"{SPECS}/") and path not in inputs}
        went = {path for path in went if path.lower().endswith((".yaml", ".yml", LOCK))}
        self._differing = {p for p in inputs if p not in files.blobs or p in files.changed} | went
        self._differing |= {path for path, data in seen.locks.items() if data is not None or path in inputs}

    @property
    def revision(self) -> str:
        """The revision, as it was named."""
        return self._revision.name

    @cached_property
    def before(self) -> Mapping[str, bytes]:
        """The files that differ, as they were; those that there were not are left out."""
        wanted = {path: self._blobs[path] for path in self._differing if path in self._blobs}
        found = self._revision.contents(wanted.values())
        return {path: found[blob] for path, blob in wanted.items()}

    @cached_property
    def changed(self) -> dict[str, tuple[Hunk, ...]]:
        """The files that differ by path, each with its changed lines."""
        out: dict[str, tuple[Hunk, ...]] = {}
        for path in sorted(self._differing):
            found = tuple(hunks(self.before.get(path, b""), self.now(path)))
            if found:
                out[path] = found
        return out

    @property
    def edited(self) -> dict[str, tuple[Hunk, ...]]:
        """The same without lock files: what people wrote."""
        return {path: found for path, found in self.changed.items() if not path.endswith(LOCK)}

    def now(self, path: str) -> bytes:
        """A file as a build of the working tree leaves it; b"" where it is not there."""
        if path in self._outcome.seen.locks:
            return self._outcome.seen.locks[path] or b""
        if path not in self.inputs and not os.path.isfile(f"{self._revision.root}/{path}"):
            return b""
        try:
            return self.sources.read(path)
        except Failure:
            return b""

    @cached_property
    def front(self) -> Front:
        """The documents of the working tree."""
        seen = self._outcome.seen
        if seen.front is not None:
            return seen.front
        return remembered_front(self.sources, seen.memory, self.inputs, ())

    @cached_property
    def old_front(self) -> Front:
        """The documents of the revision; it has diagnostics where this fleetc cannot read them."""
        now = self.front
        touched = {
            f for f, spec in now.files.items() if f in self._differing or not self._differing.isdisjoint(spec.includes)
        }
        remembered = {file: spec for file, spec in now.files.items() if file not in touched}
        names = sorted({*remembered, *(p for p in self._old_names() if p not in remembered)})
        return front(self.old_sources, names, remembered, now.table)

    @cached_property
    def old_differing(self) -> Front:
        """What stood in files which differ, whatever is wrong with it; without `old_front`."""
        names = [path for path in self._old_names() if path in self._differing]
        return front(self.old_sources, names, {}, self.front.table)

    def old_locks(self) -> list[str]:
        """The lock files of the revision."""
        return sorted(path for path in self._blobs if path.endswith(LOCK))

    @cached_property
    def old_sources(self) -> Sources:
        """The files of the revision."""
        return _OldSources(self._revision.root, self.before)

    def _old_names(self) -> Collection[str]:
        return [p for p in spec_names(dict.fromkeys(self._blobs, _UNKNOWN)) if p.lower().endswith((".yaml", ".yml"))]


class _OldSources(Sources):
    """The files of a revision: those that differ, and the others as they stand."""

    def __init__(self, root: str, before: Mapping[str, bytes]) -> None:
        super().__init__(root)
        self._before = before

    def read(self, file: str) -> bytes:
        """See `Sources.read`."""
        return self._before[file] if file in self._before and file != TABLE_FILE else super().read(file)


def old_outputs(specs: Specs, outputs: Outputs) -> Outputs:
    """The output folders of the revision, which its Fleet names."""
    if not any(b"Fleet" in data for path, data in specs.before.items() if not path.endswith(LOCK)):
        return outputs
    fleet = next((doc for doc in specs.old_differing.docs.values() if doc.kind == "Fleet"), None)
    if fleet is None:
        return outputs
    return Outputs(*(_named(specs, fleet, name, now) for name, now in outputs._asdict().items()))


def _named(specs: Specs, fleet: Doc, name: str, now: str) -> str:
    """A folder as a Fleet names it, or as it is by default."""
    for tree in (fleet.tree["spec"], specs.front.table.tree["Fleet"]):
        found, folder = lookup(tree, ("outputs", name))
        if found:
            return os.path.normpath(str(folder))
    return now
