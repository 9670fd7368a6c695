"""Damages objects in ways that an API server refuses. `mutate` runs every damage that applies to an object.

A damage is a generator from a deep copy to damaged copies; it yields nothing where it does not apply. It must never
make an object that is still right, since the tests read "not refused" as a hole in the checker.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import cast

from tests.check.damage import forms, meanings
from tests.check.damage.places import Damage, Object

DAMAGES: dict[str, Damage] = {
    name: cast(Damage, damage)
    for module in (forms, meanings)
    for name, damage in vars(module).items()
    if getattr(damage, "__module__", "") == module.__name__ and callable(damage)
}
"""Every damage by name."""


def mutate(obj: Object) -> Iterator[tuple[str, Object]]:
    """Every damaged copy of an object with the damage's name; several copies may share one."""
    for name, damage in DAMAGES.items():
        for damaged in damage(copy.deepcopy(obj)):
            yield name, damaged
