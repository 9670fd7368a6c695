"""What a walk over a document finds wrong."""

from __future__ import annotations

from fleetc.diagnostics import Code
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple


class Problem(NamedTuple):
    """Something wrong at a path as written in the n-th source; `key` when it is the key that is wrong. `related`: path,
    text and source of other places."""

    code: Code
    message: str
    path: Path
    hint: str
    key: bool = False
    related: tuple[tuple[Path, str, int], ...] = ()
    source: int = 0
