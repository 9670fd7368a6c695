"""`fleetc check --base`: what is dangerous about a change is found among what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from fleetc.diagnostics import sort_key
from fleetc.driver.build import Outcome
from fleetc.driver.diff.allow import allowed
from fleetc.driver.diff.diff import diff
from fleetc.driver.diff.guard import Guard
from fleetc.driver.load import Sources


def guard(root: str, base: str, allows: Sequence[str], outcome: Outcome) -> None:
    """Add what is found to the diagnostics of a run that found nothing wrong. Raises Failure: FLT610, FLT611,
    FLT903."""
    words = allowed(allows)
    with outcome.timed("guard"):
        found = Guard(diff(root, base, outcome), words).diagnostics()
    outcome.sources = outcome.sources or Sources(root)
    outcome.diagnostics = sorted([*outcome.diagnostics, *found], key=sort_key)
