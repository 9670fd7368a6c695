"""A fleet with other specs, compiled in memory: what documents of a test file stand for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.files import SPECS
from fleetc.driver.front import Front, front
from fleetc.driver.load import Loaded, Sources
from fleetc.driver.testing.fleet import Fleet, compiled
from fleetc.language.expectation import Case
from fleetc.language.wording import did_you_mean
from fleetc.source.span import Path, Span


class Altered(Sources):
    """The files of a fleet, some of them as a test has them: these are found in the test file."""

    def __init__(self, base: Sources, case: Case) -> None:
        super().__init__(base.root)
        self._base = base
        self._case = case

    def load(self, file: str) -> Loaded:
        """The documents of a file."""
        if file not in self._case.specs:
            return self._base.load(file)
        given = self._case.specs[file]
        if given is None:
            hint = "correct the name, or add the file"
            gone = Diagnostic(codes.CANNOT_READ, f"there is no file {file}", Span(file, 1, 1), hint)
            return Loaded([], [gone])
        return Loaded([(n, one.value) for n, one in enumerate(given)], [])

    def read(self, file: str) -> bytes:
        """The bytes of a file."""
        given = self._case.specs.get(file)
        return self._base.read(file) if given is None else json.dumps([one.value for one in given]).encode()

    def names(self, folder: str) -> list[str]:
        """The names in a folder."""
        given = {
            os.path.basename(file): docs for file, docs in self._case.specs.items() if os.path.dirname(file) == folder
        }
        kept = [name for name in super().names(folder) if name not in given]
        return sorted([*kept, *(name for name, docs in given.items() if docs is not None)])

    def text(self, file: str) -> str | None:
        """The text of a file for messages."""
        return self._base.text(file)

    def locate(self, file: str, index: int, path: Path, key: bool = False) -> Span:
        """Where something stands: of what the test gives, in the test file."""
        given = self._case.specs.get(file)
        if given is None:
            return self._base.locate(file, index, path, key)
        return self._case.doc.span(self._base.locate, (*given[index].at, *path), key or not path)


def altered(base: Fleet, case: Case) -> Fleet:
    """The fleet of a test with `specs`; nothing is written."""
    sources = Altered(base.sources, case)
    found = _front(base, sources, case)
    return compiled(base.sources.root, sources, found, base.lock_files, base)


def _front(base: Fleet, sources: Altered, case: Case) -> Front:
    """The front end; documents of files that stay, and include none that do not, are as they were."""
    was = base.front
    unchanged = {f: spec for f, spec in was.files.items() if case.specs.keys().isdisjoint((f, *spec.includes))}
    files = {*was.files, *(f for f in was.included if f.startswith(f"{SPECS}/"))}
    files = {f for f in {*files, *case.specs} if f not in case.specs or case.specs[f] is not None}
    return front(sources, sorted(files), unchanged, was.table)


def misplaced(base: Fleet, case: Case) -> Iterator[Diagnostic]:
    """Files to be removed that are not there."""
    known = base.front.files
    for file, given in case.specs.items():
        if given is None and file not in known and file not in base.front.included:
            at: Path = (*case.at, "specs", file)
            hint = did_you_mean(file, known, "the spec files are")
            span = case.doc.span(base.sources.locate, at, key=True)
            yield Diagnostic(codes.INVALID_VALUE, f"there is no file {file} to be removed", span, hint, at)
