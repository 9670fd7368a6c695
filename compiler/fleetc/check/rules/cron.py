"""The schedule syntax of CronJobs (robfig/cron v3, standard parser)."""

from __future__ import annotations

from functools import lru_cache

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_DAYS = {name: number for number, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 6, _DAYS),
)
_WORDS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}


@lru_cache(maxsize=1024)
def fault(schedule: str) -> str:
    """What is wrong with a schedule, in words; empty when it is well formed."""
    if "TZ=" in schedule:
        return "a time zone (use `timeZone`)"
    if schedule.startswith("@"):
        known = schedule in _WORDS or schedule.startswith("@every ")
        return "" if known else "an unknown word"
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        return f"{len(parts)} fields instead of 5"
    for part, (name, low, high, names) in zip(parts, _FIELDS, strict=True):
        if not all(_entry(entry, low, high, names) for entry in part.split(",") if entry):
            return f"a bad {name} `{part}`"
    return ""


def _entry(text: str, low: int, high: int, names: dict[str, int]) -> bool:
    """`*`, `n`, `n-m`, each with an optional `/step`."""
    span, slash, step = text.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    if span in ("*", "?"):
        return True
    first, dash, last = span.partition("-")
    start, end = _number(first, names), _number(last if dash else first, names)
    return start is not None and end is not None and low <= start <= end <= high


def _number(text: str, names: dict[str, int]) -> int | None:
    if text.isdecimal() and text.isascii():
        return int(text)
    return names.get(text.lower())
