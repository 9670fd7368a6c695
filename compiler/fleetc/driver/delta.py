"""What is otherwise in a tuple of plain data: writing that down takes less than writing all of it anew."""

from __future__ import annotations

from typing import Any

Delta = list[tuple[Any, ...]]
"""For each field: nothing where it is as it was, (its new value), or of a mapping (what is new in it, what went)."""
_NONE = object()


def delta(before: tuple[Any, ...], now: tuple[Any, ...]) -> Delta:
    """What turns one into the other. The order of keys may be lost. Plain tuples stand for named ones."""
    return [_field(one, other) for one, other in zip(before, now, strict=True)]


def applied(before: tuple[Any, ...], changes: Delta) -> tuple[Any, ...]:
    """`now`, as plain data. `before` is left as it is, and shares with it what did not change."""
    return tuple([_changed(value, change) for value, change in zip(before, changes, strict=True)])


def _field(before: Any, now: Any) -> tuple[Any, ...]:
    if not isinstance(before, dict) or not isinstance(now, dict):
        return () if before == now else (now,)
    get = before.get
    # Most values are the same objects; what is not is compared.
    new = {k: value for k, value in now.items() if (old := get(k, _NONE)) is not value and _differs(old, value)}
    gone = [*(before.keys() - now.keys())] if len(before) + len(new) > len(now) else []
    return ({key: _plain(value) for key, value in new.items()}, gone) if new or gone else ()


def _differs(before: Any, now: Any) -> bool:
    # By repr what can hold anything: to Python 1, 1.0 and True are equal.
    return before != now or (isinstance(now, dict) and repr(before) != repr(now))


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, tuple) else value


def _changed(value: Any, change: tuple[Any, ...]) -> Any:
    match change:
        case ():
            return value
        case (now,):
            return now
        case (new, gone):
            out = {**value, **new}
            for key in gone:
                del out[key]
            return out
        case _:
            raise ValueError(f"no change of a field has {len(change)} parts")
