"""Rules on claims of devices, for dynamic resource allocation (pkg/apis/resource/validation)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Final

from fleetc.check.rules.access import Found, Map, at, exactly_one, items, problem, strings, whole
from fleetc.source.span import Path

_ATTRIBUTE: Final = re.compile(
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/[A-Za-z_][A-Za-z0-9_]*"
)


def claim(obj: Map) -> Found:
    """ResourceClaim, from v1beta2 on."""
    yield from _devices(at(obj, "spec", "devices"), ("spec", "devices"))


def claim_template(obj: Map) -> Found:
    """ResourceClaimTemplate, from v1beta2 on."""
    yield from _devices(at(obj, "spec", "spec", "devices"), ("spec", "spec", "devices"))


def _devices(devices: Map, path: Path) -> Found:
    seen: dict[str, int] = {}
    for index, request in items(devices, "requests"):
        here: Path = (*path, "requests", index)
        name = request.get("name")
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            yield problem((*here, "name"), f"`{name}` is the name of request {seen[name]} too")
        chosen = {**request, "firstAvailable": request.get("firstAvailable") or None}
        yield from exactly_one(chosen, ("exactly", "firstAvailable"), here, "a device request")
        yield from _count(at(request, "exactly"), (*here, "exactly"))
        subs: dict[str, int] = {}
        for number, sub in items(request, "firstAvailable"):
            below: Path = (*here, "firstAvailable", number)
            yield from _count(sub, below)
            name = sub.get("name")
            if isinstance(name, str) and subs.setdefault(name, number) != number:
                yield problem((*below, "name"), f"`{name}` is the name of item {subs[name]} too")
    names = frozenset(_names(devices))
    for index, constraint in items(devices, "constraints"):
        here = (*path, "constraints", index)
        yield from exactly_one(constraint, ("matchAttribute", "distinctAttribute"), here, "a constraint")
        yield from _attribute(constraint, here)
        yield from _requests(constraint, names, here)
    for index, config in items(devices, "config"):
        yield from _requests(config, names, (*path, "config", index))


def _count(request: Map, path: Path) -> Found:
    count = whole(request, "count")
    if request.get("allocationMode") == "All" and count:
        yield problem((*path, "count"), "cannot be set when `allocationMode` is All")
    elif count is not None and count < 0:
        yield problem((*path, "count"), f"must be at least 1, got {count}")


def _attribute(constraint: Map, path: Path) -> Found:
    for field in ("matchAttribute", "distinctAttribute"):
        name = constraint.get(field)
        if isinstance(name, str) and not _ATTRIBUTE.fullmatch(name):
            yield problem((*path, field), f"`{name}` is not an attribute with a domain, such as gpu.example.com/numa")


def _names(devices: Map) -> Iterator[str]:
    for _, request in items(devices, "requests"):
        yield str(request.get("name"))
        for _, sub in items(request, "firstAvailable"):
            yield f"{request.get('name')}/{sub.get('name')}"


def _requests(part: Map, names: Set[str], path: Path) -> Found:
    chosen = strings(part, "requests")
    for index, name in enumerate(chosen):
        if name not in names:
            yield problem((*path, "requests", index), f"the claim has no request `{name}`")
        elif name in chosen[:index]:
            yield problem((*path, "requests", index), f"`{name}` is in the list twice")
