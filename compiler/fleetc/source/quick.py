"""The fast way through YAML that has nothing unusual in it: values without their places.

Anything else (anchors, tags, a value that readers disagree on, a duplicate key, an error) gives None, and the composer
in `yaml` reads the text again and says what it is. A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import yaml

from fleetc.source.scalars import Ambiguous, resolve

_NO_KEY: Final = object()
_memo: dict[str, Any] = {}
_MEMO_SIZE: Final = 50_000


def documents(get: Callable[[], Any], max_depth: int) -> list[Any] | None:
    """The values of all documents whose events `get` gives; None when there is anything unusual."""
    out: list[Any] = []
    try:
        while type(event := get()) is not yaml.StreamEndEvent:
            if type(event) is yaml.DocumentStartEvent:
                if event.version or event.tags:
                    return None
                root: list[Any] = []
                if not _document(get, root, max_depth):
                    return None
                out += root
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    return out


def _document(get: Callable[[], Any], root: list[Any], max_depth: int) -> bool:
    """Read one document into `root`; False when there is anything unusual."""
    top: Any = root
    key: Any = None  # what the next value belongs to: a key, or _NO_KEY between entries; in lists None
    stack: list[Any] = []
    known, scalar = _memo.get, yaml.ScalarEvent
    while True:
        event = get()
        cls = type(event)
        if cls is scalar:
            value = event.value
            if event.tag is not None or event.anchor is not None:
                return False
            if event.implicit[0]:
                value = known(value, _NO_KEY)
                if value is _NO_KEY and (value := _resolved(event.value)) is _NO_KEY:
                    return False
            if key is None:
                top.append(value)
            elif key is not _NO_KEY:
                top[key] = value
                key = _NO_KEY
            elif type(value) is not str or value in top:
                return False
            else:
                key = value
        elif cls is yaml.MappingStartEvent or cls is yaml.SequenceStartEvent:
            if key is _NO_KEY or event.tag is not None or event.anchor is not None or len(stack) == max_depth:
                return False
            stack.append(top)
            is_map = cls is yaml.MappingStartEvent
            child: Any = {} if is_map else []
            top = _attach(top, key, child)
            key = _NO_KEY if is_map else None
        elif cls is yaml.MappingEndEvent or cls is yaml.SequenceEndEvent:
            top = stack.pop()
            key = _between(top)
        else:
            return cls is yaml.DocumentEndEvent


def _between(top: Any) -> Any:
    """What the next value belongs to when an entry is done."""
    return _NO_KEY if type(top) is dict else None


def _attach(top: Any, key: Any, child: Any) -> Any:
    if key is None:
        top.append(child)
    else:
        top[key] = child
    return child


def _resolved(text: str) -> Any:
    value = resolve(text)
    if isinstance(value, Ambiguous):
        return _NO_KEY
    if len(_memo) >= _MEMO_SIZE:
        _memo.clear()
    _memo[text] = value
    return value
