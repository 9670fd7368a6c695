"""Times and spans of time, to the nanosecond, as Go reads and writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Final

from fleetc.cel.values import HIGHEST, LOWEST, Duration, EvaluationError, Timestamp, UndecidedError

_SECOND: Final = 10**9
_UNITS: Final = {
    **{"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": _SECOND},
    **{"m": 60 * _SECOND, "h": 3600 * _SECOND},
}
_PART: Final = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)",
)
_ZONE: Final = re.compile(r"([+-]?)(\d\d):(\d\d)")
_FIRST: Final = -62135596800 * _SECOND
_LAST: Final = 253402300799 * _SECOND + 999_999_999
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def duration(text: str) -> Duration | None:
    """A span such as 1h30m; None where it is none. Raises EvaluationError for one that is too long."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return Duration(0)
    total, at = 0, 0
    while found := _PART.match(rest, at):
        total += int(Decimal(found[1]) * _UNITS[found[2]])
        at = found.end()
    if not rest or at != len(rest):
        return None
    return span(sign * total)


def span(nanoseconds: int) -> Duration:
    """A span, in its bounds. Raises EvaluationError."""
    if not LOWEST <= nanoseconds <= HIGHEST:
        raise EvaluationError("duration overflow")
    return Duration(nanoseconds)


def moment(nanoseconds: int, offset: int = 0) -> Timestamp:
    """A time, in its bounds. Raises EvaluationError."""
    if not _FIRST <= nanoseconds <= _LAST:
        raise EvaluationError("timestamp overflow")
    return Timestamp(nanoseconds, offset)


def timestamp(text: str) -> Timestamp | None:
    """A time as RFC 3339 writes it; None where it is none. Raises EvaluationError for one that is out of bounds."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[n]) for n in range(1, 7))
    try:
        zone = UTC if found[8] == "Z" else _offset(found[8])
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    fraction = int((found[7] or "0")[:9].ljust(9, "0"))
    seconds = (at - _EPOCH) // timedelta(seconds=1)
    return moment(seconds * _SECOND + fraction, (at.utcoffset() or timedelta()) // timedelta(minutes=1))


def _offset(text: str) -> timezone:
    found = _ZONE.fullmatch(text)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        raise ValueError(text)
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def local(time: Timestamp, zone: str = "UTC") -> datetime:
    """A time where a clock shows it, to the second. Raises EvaluationError and UndecidedError."""
    try:
        return (_EPOCH + timedelta(seconds=time.nanoseconds // _SECOND)).astimezone(_zone(zone))
    except OverflowError:
        raise UndecidedError("a time at the end of the calendar is not looked at here") from None


def _zone(name: str) -> tzinfo:
    if name in ("UTC", ""):
        return UTC
    if ":" in name:
        try:
            return _offset(name)
        except ValueError:
            raise EvaluationError(f"unknown time zone {name}") from None
    # Imported here: few expressions name a zone, and the tables are those of the machine.
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise UndecidedError(f"time zone {name} is not known on this machine") from None


def timestamp_text(time: Timestamp) -> str:
    """A time as Go writes it."""
    seconds, rest = divmod(time.nanoseconds, _SECOND)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    try:
        at = _EPOCH + timedelta(seconds=seconds, minutes=time.offset)
    except OverflowError:
        raise UndecidedError("a time at the end of the calendar is not written here") from None
    hours, minutes = divmod(abs(time.offset), 60)
    zone = f"{'-' if time.offset < 0 else '+'}{hours:02d}:{minutes:02d}" if time.offset else "Z"
    return f"{at.year:04d}-{at:%m-%dT%H:%M:%S}{fraction}{zone}"


def duration_text(time: Duration) -> str:
    """A span in seconds, as the server writes it."""
    whole, rest = divmod(abs(time.nanoseconds), _SECOND)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{'-' if time.nanoseconds < 0 else ''}{whole}{fraction}s"
