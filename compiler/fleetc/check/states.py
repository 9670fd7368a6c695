"""How a check of one object can end, and what it found."""

from __future__ import annotations

from enum import StrEnum

from fleetc.source.span import Path
from fleetc.tuples import NamedTuple


class State(StrEnum):
    """The end of a check. Only VALID says that everything was looked at."""

    VALID = "valid"
    INVALID = "invalid"
    PARTIAL = "partial"
    REFERENCED = "referenced"
    SKIPPED = "skipped"
    FAILED = "failed"


class SchemaProblem(NamedTuple):
    """One thing that the API server would refuse: where in the object, what, and what to do (may be empty)."""

    path: Path
    message: str
    hint: str = ""


class Verdict(NamedTuple):
    """How the check of one object ended; `reason` says why it is partial or skipped."""

    state: State
    problems: tuple[SchemaProblem, ...] = ()
    reason: str = ""
