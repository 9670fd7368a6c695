"""Texts in objects that are JSON themselves, an entry a line: what stands in them is explained like the object around.

Only a text that is exactly as it is written here is one: every byte of it follows from what it says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fleetc.emission.yaml import is_literal
from fleetc.source.span import Path

_FIRST = "{\n"


def document(value: Mapping[str, Any]) -> str:
    """JSON with an entry a line. What a reviewer could not see is escaped."""
    text = _dumped(value, ascii=False)
    return text if is_literal(text) else _dumped(value, ascii=True)


def _dumped(value: Mapping[str, Any], *, ascii: bool) -> str:
    return f"{json.dumps(value, indent=2, ensure_ascii=ascii)}\n"


def opened(value: Any) -> Any:
    """Plain data, in which texts that are documents are what they say."""
    if type(value) is str:
        found = parsed(value) if value.startswith(_FIRST) else None
        return value if found is None else found
    if isinstance(value, dict):
        made = {key: opened(item) for key, item in value.items()}
        return made if any(made[key] is not item for key, item in value.items()) else value
    if isinstance(value, list | tuple):
        items = [opened(item) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    return value


@lru_cache(maxsize=64)
def parsed(text: str) -> dict[str, Any] | None:
    """What a document says; None for any other text."""
    try:
        found = json.loads(text)
        same = isinstance(found, dict) and bool(found) and document(found) == text
    except (ValueError, RecursionError):
        return None
    return found if same else None


def lines_in(value: Any, path: Path, start: int, out: dict[Path, range]) -> int:
    """The lines of all that stands in a document, whose value at `path` is on line `start`; returns its end."""
    end = start + 1
    if isinstance(value, dict | list) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            end = lines_in(item, (*path, key), end, out)
        end += 1
    out[path] = range(start, end)
    return end
