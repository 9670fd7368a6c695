"""Sites from texts of specs, and what the lowerings make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from tests.check.fleet.clusters import world

from fleetc.emission.site import ClusterSite, ManifestSite, Object, Site, TeamSite
from fleetc.plan import Plan

ORGANISATION = {"app.kubernetes.io/managed-by": "fleetc", "app.kubernetes.io/part-of": "acme"}
OWNED = {**ORGANISATION, "fleetc.dev/team": "t"}


def site(subject: str, *texts: str) -> Site:
    """The site of a subject on the first cluster."""
    plan = Plan(world(*texts))
    return plan.site(plan.subjects[subject], 0)


def team_site(*texts: str) -> TeamSite:
    """The site of team t."""
    return cast(TeamSite, site("Team/t", *texts))


def cluster_site(*texts: str) -> ClusterSite:
    """The site of the cluster."""
    return cast(ClusterSite, site("Cluster", *texts))


def manifest_site(*texts: str) -> ManifestSite:
    """The site of Manifest m."""
    return cast(ManifestSite, site("Manifest/m", *texts))


def made(lower: Callable[[Any], Iterable[Any]], at: Site) -> list[dict[str, Any]]:
    """What a lowering makes at a site."""
    return [dict(cast(Object, item)) for item in lower(at)]


def named(objects: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Objects by `namespace/name`, or by name."""
    out: dict[str, dict[str, Any]] = {}
    for item in objects:
        metadata = item["metadata"]
        out[f"{metadata['namespace']}/{metadata['name']}" if "namespace" in metadata else metadata["name"]] = item
    return out
