"""What a process does not get of a device's memory."""

from __future__ import annotations

from functools import cache

from fleetc.catalogue.read import load, typed
from fleetc.tuples import NamedTuple


class Reserve(NamedTuple):
    """The share that driver and error correction keep, for devices whose own figure is not in the catalogue."""

    reserve_permille: int


@cache
def reserve() -> Reserve:
    """The reserve of a device that nobody measured."""
    return typed(Reserve, load("memory"), "memory")
