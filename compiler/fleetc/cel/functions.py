"""How functions are declared: what they take, what they give, and since when servers have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from fleetc.cel.types import (
    CIDR,
    DURATION,
    FORMAT,
    IP,
    PARAMETERS,
    PRIMITIVES,
    QUANTITY,
    SEMVER,
    TIMESTAMP,
    URL,
    Type,
    listing,
    mapping,
    optional,
    type_of,
)
from fleetc.tuples import NamedTuple

Implementation = Callable[..., Any]

_NAMED = {
    **PRIMITIVES,
    **PARAMETERS,
    "timestamp": TIMESTAMP,
    "duration": DURATION,
    "quantity": QUANTITY,
    "url": URL,
    "ip": IP,
    "cidr": CIDR,
    "format": FORMAT,
    "semver": SEMVER,
}
_SIGNATURE = re.compile(r"(?:(?P<target>.+)\.)?\((?P<given>.*)\) -> (?P<result>.+)")


class Overload(NamedTuple):
    """One way to call a function. `parameters`: the target first, where it is called on one. `run`: None where
    evaluating it is not decided here. `since`: the minor whose servers were the first to know it."""

    member: bool
    parameters: tuple[Type, ...]
    result: Type
    run: Implementation | None
    since: int


class Library:
    """Functions that came to the server together."""

    def __init__(self, since: int = 0, types: Iterable[Type] = ()) -> None:
        self.since = since
        self.types = tuple(types)
        self.overloads: dict[str, list[Overload]] = {}

    def __call__(self, name: str, *signatures: str) -> Callable[[Implementation], Implementation]:
        """Declare what a function takes and gives, as in `list(A).(int) -> A`."""

        def declare(run: Implementation) -> Implementation:
            self.declare(name, *signatures, run=run)
            return run

        return declare

    def declare(self, name: str, *signatures: str, run: Implementation | None) -> None:
        """The same as a call."""
        for text in signatures:
            found = _SIGNATURE.fullmatch(text)
            assert found is not None, text
            given = [parsed(part) for part in _split(found["given"])]
            target = [parsed(found["target"])] if found["target"] else []
            made = Overload(bool(target), (*target, *given), parsed(found["result"]), run, self.since)
            self.overloads.setdefault(name, []).append(made)


def parsed(text: str) -> Type:
    """A type as signatures write it."""
    name, bracket, rest = text.strip().partition("(")
    if not bracket:
        return _NAMED[name] if name in _NAMED else Type(name, (), "opaque")
    parts = [parsed(part) for part in _split(rest[:-1])]
    match name:
        case "list":
            return listing(parts[0])
        case "map":
            return mapping(parts[0], parts[1])
        case "optional":
            return optional(parts[0])
        case "type":
            return type_of(parts[0])
        case _:
            raise ValueError(text)


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]] if text.strip() else []
