"""What could stand in a spec so that something else is emitted: guesses, of which a build in memory proves one or none.

A value that is carried as it is written gives itself. Others are part of a text, in another unit, or a share of a sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from fleetc.check.rules import quantity

_WORD: Final = re.compile(r"[A-Za-z0-9.]*")
_UNITS: Final = ("s", "m", "h", "Ki", "Mi", "Gi", "Ti", "k", "M", "G")
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]*)")
MOST: Final = 12


def inversions(written: Any, before: Any, after: Any) -> list[Any]:
    """Values for a place of a spec where `written` stands, so that `after` may be emitted in place of `before`; the
    likeliest first."""
    out: dict[str, Any] = {}
    for value in _guesses(written, before, after):
        if type(value) is not type(written) or value != written:
            out.setdefault(repr(value), value)
    return [*out.values()][:MOST]


def _guesses(written: Any, before: Any, after: Any) -> Iterator[Any]:
    if isinstance(after, dict | list) or isinstance(written, dict | list):
        if isinstance(written, type(after)):
            yield after
        return
    yield from _typed(written, after)
    if isinstance(written, bool):
        yield not written
        return
    if isinstance(before, str) and isinstance(after, str):
        yield from (value for text in _texts(str(written), before, after) for value in _typed(written, text))
    elif str(before) in str(written):
        yield from _typed(written, str(written).replace(str(before), str(after), 1))
    yield from (value for text in _numbers(written, before, after) for value in _typed(written, text))


def _typed(written: Any, value: Any) -> Iterator[Any]:
    """A value as its like is written: a number stays one, a text stays one."""
    if isinstance(written, str):
        yield value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, str) and not isinstance(written, str):
        if re.fullmatch(r"-?\d{1,18}", value):
            yield int(value)
        if value in ("true", "false"):
            yield value == "true"
    yield value


def _texts(written: str, before: str, after: str) -> Iterator[str]:
    """What is written is part of what is emitted, or the other way round; or a word in both is another one."""
    if written and written in before:
        head, _, tail = before.partition(written)
        if after.startswith(head) and after.endswith(tail) and len(after) >= len(head) + len(tail):
            yield after[len(head) : len(after) - len(tail)]
    if before and before in written:
        yield written.replace(before, after, 1)
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if old and old in written:
        yield written.replace(old, new, 1)
    left, right = _widened(before, start, len(before) - end)
    word = before[left:right]
    if word and word in written:
        yield written.replace(word, after[left : len(after) - (len(before) - right)], 1)


def _alike(one: str, two: str) -> int:
    """How many characters two texts begin with alike."""
    return next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """A part of a text, as far as the word around it goes."""
    while start > 0 and _WORD.fullmatch(text[start - 1]):
        start -= 1
    while end < len(text) and _WORD.fullmatch(text[end]):
        end += 1
    return start, end


def _numbers(written: Any, before: Any, after: Any) -> Iterator[str]:
    """Amounts: as much more or less, or as many times as much; in the unit that is written."""
    ours, was, now = _amount(written), _amount(before), _amount(after)
    if ours is None or was is None or now is None:
        return
    shape = _AMOUNT.fullmatch(str(written))
    unit = shape[2] if shape else ""
    size = ours / Decimal(shape[1]) if shape and Decimal(shape[1]) else Decimal(1)
    for amount in ([ours * now / was] if was else []) + [ours + now - was]:
        told = amount / size
        if told == told.to_integral_value():
            yield f"{int(told)}{unit}"
        elif told * 1000 == (told * 1000).to_integral_value():
            yield f"{told.normalize():f}{unit}"
        yield quantity.text(amount, binary=unit.endswith("i"))
    if isinstance(after, int) and unit in _UNITS:
        yield f"{after}{unit}"
        yield f"{after}s"


def _amount(value: Any) -> Decimal | None:
    found = quantity.parse(value)
    if found is None and isinstance(value, str):
        shape = _AMOUNT.fullmatch(value)
        return Decimal(shape[1]) if shape else None
    return found
