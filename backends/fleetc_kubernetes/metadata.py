"""The metadata that every object carries: who manages it, what it is part of, and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ModelSite, ObjectiveSite, Site, TeamSite
from fleetc.language.team import TEAM_LABEL

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Metadata

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
PART_OF: Final = "app.kubernetes.io/part-of"
TEAM: Final = TEAM_LABEL
COST_CENTER: Final = "fleetc.dev/cost-center"
CONTACT: Final = "fleetc.dev/contact"

NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"
"""The label that the API server itself sets on each Namespace: the one that nobody can forge."""


def common_labels(s: Site) -> dict[str, str]:
    """The labels of an object that no team owns."""
    return {MANAGED_BY: "fleetc", PART_OF: s.fleet.organisation}


def team_labels(s: TeamSite | ModelSite | ObjectiveSite) -> dict[str, str]:
    """The labels of a team's object."""
    return {**common_labels(s), TEAM: s.team.name}


def cluster_metadata(s: Site, name: str) -> Metadata:
    """The metadata of a cluster-scoped object that no team owns."""
    return {"name": name, "labels": common_labels(s)}


def team_metadata(s: TeamSite | ModelSite | ObjectiveSite, name: str, namespace: str) -> Metadata:
    """The metadata of an object in one of the team's namespaces."""
    return {"name": name, "namespace": namespace, "labels": team_labels(s)}
