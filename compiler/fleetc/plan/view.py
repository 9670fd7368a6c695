"""What `fleetc plan` tells: the answer of the solver with the facts around it that only the specs know.

The driver fills it, the command line prints it. Units: memory in bytes, CPU in millicores, prices in millionths of the
currency an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from fleetc.diagnostics import Diagnostic
from fleetc.plan.fit import Fit
from fleetc.plan.placement.result import Explanation, Result
from fleetc.tuples import NamedTuple

Way = tuple[str, str]
"""A workload (its id) and the name of one of its alternatives."""


class Asked(NamedTuple):
    """What a model is asked to serve: so many tokens for each of so many sequences at once, and in which formats."""

    context: int
    concurrency: int
    weights: str
    cache: str


class Boundary(NamedTuple):
    """How far a fit reaches: the longest context at the concurrency that is asked for, and the most sequences at once
    at the context that is asked for; None where sequences take no memory."""

    context: int
    concurrency: int | None


How = Literal["added", "changed", "removed"]


class LockChange(NamedTuple):
    """A lock file, by its path below the root, that is not what the plan says now."""

    workload: str
    file: str
    how: How


def unbounded(_workload: str, _alternative: str) -> Boundary | None:
    """No model, no boundary."""
    return None


class Refused(NamedTuple):
    """There is no plan: what is wrong with the specs, and the text of their files, for the lines that are shown."""

    diagnostics: tuple[Diagnostic, ...]
    text: Callable[[str], str | None]


def _no_text(_file: str) -> str | None:
    return None


class PlanView(NamedTuple):
    """A plan, ready to be told.

    `fits` has the verdict of each way to run a model, `boundary` how far it reaches; workloads that serve no model
    have neither. `better` has lines of what would serve a workload better, as `one node of H200:8 would hold it`.
    `titles` names accelerators in full, by what pools call them. `short` has the promises without room, as a build
    tells them. `explanation` is asked only for what is told.
    """

    result: Result
    explanation: Callable[[str], Explanation]
    fits: Mapping[Way, Fit] = {}
    boundary: Callable[[str, str], Boundary | None] = unbounded
    asked: Mapping[str, Asked] = {}
    better: Mapping[str, tuple[str, ...]] = {}
    titles: Mapping[str, str] = {}
    currency: str | None = None
    locks: tuple[LockChange, ...] = ()
    short: Refused = Refused((), _no_text)
