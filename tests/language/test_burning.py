"""Arithmetic of error budgets, held against what it means: how much of a budget has burnt when somebody is told."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.language.amounts import share, time
from fleetc.language.burning import (
    LEVELS,
    burns,
    decimal,
    duration,
    enough,
    nice,
    shortest_window,
    windows,
)

DAY = 86400
whole_days = st.integers(1, 90).map(lambda days: Fraction(days * DAY))


def test_thirty_days_are_those_of_the_workbook() -> None:
    found = [(b.severity, duration(b.long), duration(b.short), decimal(b.rate)) for b in burns(Fraction(30 * DAY))]
    assert found == [
        ("page", "1h", "5m", "14.4"),
        ("page", "6h", "30m", "6"),
        ("ticket", "1d", "2h", "3"),
        ("ticket", "3d", "6h", "1"),
    ]


@settings(deadline=None)
@given(whole_days)
def test_what_has_burnt_when_somebody_is_told(window: Fraction) -> None:
    """At the rate of a condition, its long window burns at least the level's share of the budget, and less than all."""
    for level, burn in zip(LEVELS, burns(window), strict=True):
        burnt = burn.rate * burn.long / window
        assert burnt >= level.budget or burn.rate == 1
        assert burnt == level.budget or burn.rate == 1
        assert burnt < 1
        assert burn.rate >= 1
        assert burn.short < burn.long
        assert burn.severity == level.severity


@settings(deadline=None)
@given(whole_days)
def test_faster_burning_is_told_sooner(window: Fraction) -> None:
    found = burns(window)
    assert [b.long for b in found] == sorted(b.long for b in found)
    assert [b.rate for b in found] == sorted((b.rate for b in found), reverse=True)
    assert windows(window) == tuple(sorted(set(windows(window))))
    assert max(windows(window)) < window


@settings(deadline=None)
@given(whole_days, st.integers(1, 400).map(Fraction))
def test_enough_samples(window: Fraction, interval: Fraction) -> None:
    if enough(window, interval):
        assert all(w >= 4 * interval for w in windows(window))
        assert len({b.long for b in burns(window)}) == len(LEVELS)


@pytest.mark.parametrize("interval", [5, 15, 30, 60])
def test_the_shortest_window_is_the_shortest(interval: int) -> None:
    least = shortest_window(Fraction(interval))
    assert enough(Fraction(least), Fraction(interval))
    assert not any(enough(Fraction(days * DAY), Fraction(interval)) for days in range(1, least // DAY))


@settings(deadline=None)
@given(st.fractions(min_value=1, max_value=10 * DAY))
def test_nice_lengths_are_near(seconds: Fraction) -> None:
    found = nice(seconds)
    assert found >= 60
    assert seconds < 60 or Fraction(1, 2) <= found / seconds <= 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", Fraction(1, 2)),
        ("2.5h", 9000),
        ("28d", 28 * DAY),
        ("1w", 7 * DAY),
        ("0.25s", Fraction(1, 4)),
        ("90m", 5400),
    ],
)
def test_lengths_of_time(text: str, seconds: Fraction) -> None:
    assert time(text) == seconds


@pytest.mark.parametrize(
    ("text", "value"), [("99.95%", Fraction(1999, 2000)), ("100%", 1), ("0%", 0), ("5%", Fraction(1, 20))]
)
def test_shares(text: str, value: Fraction) -> None:
    assert share(text) == value


@pytest.mark.parametrize(("seconds", "text"), [(60, "1m"), (5400, "90m"), (7200, "2h"), (DAY, "1d"), (61, "61s")])
def test_durations(seconds: int, text: str) -> None:
    assert duration(seconds) == text
