"""What policies know of the world: which kinds hold pods, and the rules of packs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fleetc.catalogue.read import load, rows
from fleetc.tuples import NamedTuple

Path = tuple[str | int, ...]


class PodKind(NamedTuple):
    """A kind that holds pods, and where; `component` serves it, Kubernetes itself where there is none."""

    group: str
    version: str
    kind: str
    resource: str
    at: tuple[str, ...]
    component: str = ""

    def pods(self, obj: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """The pods that an object holds, with their paths."""
        for where in self.at:
            yield from _walk(obj, tuple(where.rstrip("?").split(".")) if where else (), ())


class PackRule(NamedTuple):
    """A rule of a pack, as one of a Policy's own."""

    name: str
    on: str
    expression: str
    message: str
    fix: str
    passing: Mapping[str, Any]
    failing: Mapping[str, Any]


class PackOf(NamedTuple):
    """A pack: its rules, and values of the parameters that they read."""

    rules: tuple[PackRule, ...]
    parameters: Mapping[str, str]


@cache
def pod_kinds() -> tuple[PodKind, ...]:
    """The kinds that hold pods."""
    return rows("pod_kinds", PodKind)


@cache
def pack(name: str) -> PackOf:
    """A pack, by its name."""
    found = load("policy_packs")[name]
    rules = [
        PackRule(r["name"], r["on"], r["expression"], r["message"], r["fix"], r["pass"], r["fail"])
        for r in found["rules"]
    ]
    return PackOf(tuple(rules), found.get("parameters", {}))


@cache
def pack_names() -> tuple[str, ...]:
    """The packs that there are."""
    return tuple(load("policy_packs"))


def _walk(value: Any, steps: tuple[str, ...], path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if not steps:
        if isinstance(value, Mapping):
            yield path, value
    elif steps[0] == "*":
        for n, item in enumerate(value if isinstance(value, list) else ()):
            yield from _walk(item, steps[1:], (*path, n))
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _walk(value[steps[0]], steps[1:], (*path, steps[0]))
