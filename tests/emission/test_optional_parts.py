"""No part is optional: a recording twin would not note that one is there, only that one is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleetc.language.kinds import KINDS
from fleetc.language.schema import Keyed, Struct


@pytest.mark.parametrize("kind", KINDS)
def test_parts_are_always_there(kind: str) -> None:
    assert list(_optional(KINDS[kind].struct, kind)) == []


def _optional(struct: Struct, at: str) -> Iterator[str]:
    for name, field in struct.fields.items():
        inner = field.schema.item if isinstance(field.schema, Keyed) else field.schema
        if isinstance(inner, Struct):
            if field.optional:
                yield f"{at}.{name}"
            yield from _optional(inner, f"{at}.{name}")
