"""Numbers as people read them, by whole-number arithmetic only. What is not exact is rounded to the careful side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fleetc.language.wording import gib

_MILLION: Final = 1_000_000
_GIB: Final = 2**30
_MIB: Final = 2**20
_CENTS: Final = 2


def money(amount: int) -> str:
    """Millionths of the currency, exactly: `1,234.50`, with as many places as it takes and two at least."""
    whole, rest = divmod(abs(amount), _MILLION)
    places = f"{rest:06d}".rstrip("0").ljust(_CENTS, "0")
    return f"{'-' if amount < 0 else ''}{whole:,}.{places}"


def priced(amount: int, currency: str | None) -> str:
    """An amount with its currency, if that is known."""
    return f"{money(amount)} {currency}" if currency else money(amount)


def hourly(least: int, most: int, currency: str | None) -> str:
    """`2.50..7.50 USD/h`, or one price."""
    prices = money(least) if least == most else f"{money(least)}..{money(most)}"
    return f"{prices} {currency}/h" if currency else f"{prices} an hour"


def memory(size: int) -> str:
    """Bytes that are asked for or offered: exactly in GiB or MiB where that is short, else rounded up."""
    if size % _GIB == 0:
        return f"{size // _GIB:,} GiB"
    if size % _MIB == 0 and size < 10 * _GIB:
        return f"{size // _MIB:,} MiB"
    return gib(size, up=True)


def percent(part: int, whole: int) -> str:
    """Rounded down."""
    return f"{part * 100 // whole}%" if whole else "0%"


def basis(points: int) -> str:
    """Hundredths of a percent."""
    return f"{points // 100:,}.{points % 100:02d}%"


def cores(millicores: int) -> str:
    """Millicores as cores, exactly."""
    places = f"{millicores % 1000:03d}".rstrip("0")
    return f"{millicores // 1000:,}" + (f".{places}" if places else "")


def span(least: int, most: int) -> str:
    """`2..8`, or one number."""
    return f"{least:,}" if least == most else f"{least:,}..{most:,}"


def count(number: int, thing: str, things: str = "") -> str:
    """`1 node`, `2 nodes`."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def some(names: Sequence[str], most: int = 3) -> str:
    """`a, b and c`, or `a, b, c and 4 more`."""
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def to_point(amounts: Sequence[str]) -> list[str]:
    """Amounts padded so that their decimal points stand below each other when they are aligned at the right."""
    places = [len(a.rpartition(".")[2]) if "." in a else -1 for a in amounts]
    most = max(places, default=0)
    return [a + " " * (most - n) if a else a for a, n in zip(amounts, places, strict=True)]
