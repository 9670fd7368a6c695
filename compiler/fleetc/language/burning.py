"""Arithmetic of error budgets: over which windows, and how fast, a budget has to burn for somebody to be told.

An error budget is the share of requests that may be bad, `1 - target`, over the window of the objective. A burn rate is
the share of bad requests against the budget: at 1, the budget lasts exactly as long as the window. Windows and shares
are those of "Alerting on SLOs" in Google's Site Reliability Workbook (chapter 5, table 5-8), which are for 30 days; for
other windows they are in proportion.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

from fleetc.tuples import NamedTuple

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_NICE: Final = (
    *(n * _MINUTE for n in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(n * _HOUR for n in (1, 2, 3, 4, 6, 8, 12)),
    *(n * _DAY for n in (1, 2, 3, 4, 5, 7, 10, 14)),
)
"""The lengths in seconds that windows of alerts have: what people name."""
SAMPLES: Final = 4
"""How many samples a window has at least: a rate needs two, and one or the other may be missing."""


class Level(NamedTuple):
    """When somebody is told: when `budget` of the whole budget has burnt within the long window, a share of the
    objective's window."""

    severity: Literal["page", "ticket"]
    budget: Fraction
    share: Fraction


LEVELS: Final = (
    Level("page", Fraction(2, 100), Fraction(1, 720)),
    Level("page", Fraction(5, 100), Fraction(1, 120)),
    Level("ticket", Fraction(10, 100), Fraction(1, 30)),
    Level("ticket", Fraction(10, 100), Fraction(1, 10)),
)
SHORT: Final = 12
"""The short window, which says that it still burns, is a twelfth of the long one."""


class Burn(NamedTuple):
    """One condition: over both windows (seconds), the budget burns at `rate` or faster."""

    severity: Literal["page", "ticket"]
    long: int
    short: int
    rate: Fraction


@lru_cache(maxsize=256)
def burns(window: Fraction) -> tuple[Burn, ...]:
    """The conditions for an objective's window in seconds, fastest first.

    With the long window as it is rounded, the rate is the one at which the level's share of the budget burns within it;
    it is never below 1, at which the budget would last.
    """
    made: list[Burn] = []
    for level in LEVELS:
        long = nice(window * level.share)
        rate = max(Fraction(1), level.budget * window / long)
        made.append(Burn(level.severity, long, nice(Fraction(long, SHORT)), rate))
    return tuple(made)


def nice(seconds: Fraction) -> int:
    """The nearest length that people name, of two equally near ones the longer."""
    return min(_NICE, key=lambda n: (abs(n - seconds), -n))


def windows(window: Fraction) -> tuple[int, ...]:
    """All windows of the conditions in seconds, shortest first."""
    return tuple(sorted({w for burn in burns(window) for w in (burn.long, burn.short)}))


def shortest_window(interval: Fraction) -> int:
    """The shortest objective's window in seconds, in whole days, whose conditions have enough samples."""
    days = 1
    while not enough(Fraction(days * _DAY), interval):
        days += 1
    return days * _DAY


def enough(window: Fraction, interval: Fraction) -> bool:
    """Whether conditions are told apart, and the shortest has enough samples of what is read every `interval` seconds.

    Below a day the windows of two conditions are hardly apart.
    """
    found = burns(window)
    longs = [burn.long for burn in found]
    return longs == sorted(set(longs)) and windows(window)[0] >= SAMPLES * interval


def duration(seconds: int) -> str:
    """A length of time as Prometheus writes it: `90m`, `3d`."""
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if seconds % unit == 0:
            return f"{seconds // unit}{name}"
    return f"{seconds}s"


def decimal(value: Fraction, places: int = 12) -> str:
    """A number as PromQL reads it, without an exponent and without zeros at its end."""
    scaled = round(value * 10**places)
    sign, digits = "-" if scaled < 0 else "", f"{abs(scaled):0{places + 1}d}"
    whole, part = digits[:-places], digits[-places:].rstrip("0")
    return f"{sign}{whole}.{part}" if part else f"{sign}{whole}"
