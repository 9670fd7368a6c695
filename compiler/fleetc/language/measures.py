"""What measures an Objective: the metric of an engine, in its version, or of Kueue."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from fleetc.catalogue.metrics import Metric, source
from fleetc.language.objective import Indicator, Objective

QUEUES: Final = "kueue"
"""The source that measures queues of teams."""
ENGINE_INTERVAL: Final = Fraction(15)
"""How often engines are read, in seconds."""
_ROLES: Final[Mapping[Indicator, str]] = {
    "timeToFirstToken": "timeToFirstToken",
    "timePerOutputToken": "timePerOutputToken",
    "queueWait": "queueTime",
    "availability": "requests",
}


def measure(indicator: Indicator, exposes: str, version: str | None) -> Metric | None:
    """The metric by which a source, an engine's name or `kueue`, measures an indicator; None where it does not."""
    found = source(exposes)
    return found.of_role(_ROLES[indicator], version) if found is not None else None


def is_latency(objective: Objective) -> bool:
    """Whether it is about what is faster than a threshold."""
    return objective.indicator != "availability"


def neighbours(buckets: tuple[float, ...], wanted: Fraction) -> tuple[str, ...]:
    """The boundaries next to a length of time in seconds, as they are written; empty when it is one itself."""
    bounds = [Fraction(str(bound)) for bound in buckets]
    if wanted in bounds:
        return ()
    below, above = [b for b in bounds if b < wanted], [b for b in bounds if b > wanted]
    return tuple([written(bound) for bound in (*below[-1:], *above[:1])])


def written(seconds: Fraction) -> str:
    """A length of time as specs have it: in milliseconds below a second, in seconds with their decimals above."""
    if seconds < 1 and (seconds * 1000).denominator == 1:
        return f"{seconds * 1000}ms"
    return f"{float(seconds):g}s"
