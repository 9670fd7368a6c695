"""Work that is done once for each object: a thousand clusters share most of their trees, and so what is made of
them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Once:
    """Results by the identity of what they were made from, which is kept, so that no identity comes back as another's.

    Only for values that never change.
    """

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[tuple[int, ...], tuple[tuple[Any, ...], Any]] = {}

    def get(self, make: Callable[..., T], *values: Any) -> T:
        """`make(*values)`, made once for these very values."""
        key = (id(make), *[id(value) for value in values])
        got = self._made.get(key)
        if got is None:
            got = self._made[key] = ((make, values), make(*values))
        result: T = got[1]
        return result
