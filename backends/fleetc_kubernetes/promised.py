"""Devices that are promised to models on a cluster: quotas set them aside, and batch and other namespaces share the
rest."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.emission.site import Site
from fleetc.language.serving import ServingPart


def devices_by_nodes(s: Site) -> dict[str, int]:
    """Devices that are promised, by what the nodes are called."""
    return _sums((part.node_set(), part) for serving in s.servings for part in serving.parts)


def devices_of_team(s: Site, team: str) -> dict[str, int]:
    """Devices that are promised to a team's models, by what quotas call them."""
    return _sums((f"{p.accelerator}/{p.profile}" if p.profile else p.accelerator, p) for p in _parts(s, team))


def _parts(s: Site, team: str) -> Iterator[ServingPart]:
    return (part for serving in s.servings if serving.team == team for part in serving.parts)


def _sums(parts: Iterator[tuple[str, ServingPart]]) -> dict[str, int]:
    out: dict[str, int] = {}
    for key, part in parts:
        out[key] = out.get(key, 0) + part.least * part.nodes * part.devices
    return out
