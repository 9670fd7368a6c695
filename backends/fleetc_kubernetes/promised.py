"""What is promised to models on a cluster: it is set aside in quotas, which batch and other namespaces share the rest
of."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from fleetc.emission.site import Site
from fleetc.language.serving import ServingPart


class Room(NamedTuple):
    """Pods of a team's models, with the cores and bytes that they ask for together."""

    pods: int
    cpu: Fraction
    memory: Fraction


def devices_by_pool(s: Site) -> dict[str, int]:
    """Devices that are promised, by pool."""
    return _sums((part.pool, part) for serving in s.servings for part in serving.parts)


def devices_of_team(s: Site, team: str) -> dict[str, int]:
    """Devices that are promised to a team's models, by what quotas call them."""
    return _sums((f"{p.accelerator}/{p.profile}" if p.profile else p.accelerator, p) for p in _parts(s, team))


def room_of_team(s: Site, team: str) -> Room:
    """What is promised to a team's models besides devices."""
    pods, cpu, memory = 0, 0, 0
    for part in _parts(s, team):
        many = part.least * part.nodes
        pods, cpu, memory = pods + many, cpu + many * part.cpu, memory + many * part.memory
    return Room(pods, Fraction(cpu, 1000), Fraction(memory))


def _parts(s: Site, team: str) -> Iterator[ServingPart]:
    return (part for serving in s.servings if serving.team == team for part in serving.parts)


def _sums(parts: Iterator[tuple[str, ServingPart]]) -> dict[str, int]:
    out: dict[str, int] = {}
    for key, part in parts:
        out[key] = out.get(key, 0) + part.least * part.nodes * part.devices
    return out
