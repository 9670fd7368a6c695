"""Which folders of CRDs a run takes. Imports no more than a run with nothing to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from fleetc.diagnostics import Diagnostic, Failure, codes

CRDS: Final = "crds"
"""The root's own folder of CRDs, which `fleetc schema pull` fills."""
NONE: Final = "none"
"""In place of a folder: take none."""


def folders_of(root: str, named: Sequence[str] | None) -> tuple[str, ...]:
    """The folders that are named; where none is, the root's own, if there is one. Raises Failure for those that are not
    there: all of them at once."""
    own = f"{root}/{CRDS}"
    if not named:
        return (os.path.realpath(own),) if os.path.isdir(own) else ()
    if list(named) == [NONE]:
        return ()
    problems = [_missing(folder) for folder in named if not os.path.isdir(folder)]
    if problems:
        raise Failure(*problems)
    return tuple(map(os.path.realpath, named))


def _missing(folder: str) -> Diagnostic:
    if folder == NONE:
        return Diagnostic(codes.BAD_USAGE, "`--crds none` stands beside another --crds", hint="remove one of them")
    return Diagnostic(codes.CANNOT_READ, f"there is no folder {folder}", hint="correct --crds")


def shown(folder: str, root: str) -> str:
    """A folder as messages name it: below the root, from there."""
    below = os.path.realpath(root) + os.sep
    return folder.removeprefix(below)
