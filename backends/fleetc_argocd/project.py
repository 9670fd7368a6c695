"""AppProjects: the fences around what an owner's Applications may sync."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.delivery import table
from fleetc.emission.site import ProjectSite
from fleetc.language.delivered import ANY, PLATFORM
from fleetc_argocd.metadata import API_VERSION, FINALIZER, metadata

if TYPE_CHECKING:
    from fleetc_argocd.objects import AppProject, Destination, GroupKind

_WAVE: Final = -1
"""Before the Applications that name it."""


def projects(s: ProjectSite) -> Iterator[AppProject]:
    """An owner's project: from the one repository, to its own namespaces; the platform's, from those of components too,
    to everywhere."""
    owner = s.holding.name
    anything: GroupKind = {"group": "*", "kind": "*"}
    # Kinds without a namespace are told one by one: what is not permitted is not deleted either, so a kind stays here
    # also when the owner has none of it.
    scoped: list[GroupKind] = [{"group": one.group, "kind": one.kind} for one in table().of_teams]
    whose = "the platform" if owner == PLATFORM else f"team {owner}"
    yield {
        "apiVersion": API_VERSION,
        "kind": "AppProject",
        # It stays until the last Application that names it is gone, with all that this had synced.
        "metadata": {**metadata(s, owner, _WAVE), "finalizers": [FINALIZER]},
        "spec": {
            "description": f"What {whose} has on its clusters",
            "sourceRepos": sorted({s.fleet.repository.url or "", *s.holding.repositories}),
            "destinations": list(_destinations(s)),
            "clusterResourceWhitelist": [anything] if owner == PLATFORM else scoped,
            "namespaceResourceWhitelist": [anything],
        },
    }


def _destinations(s: ProjectSite) -> Iterator[Destination]:
    # A cluster that lags behind in a Rollout has what its own commit says: namespaces, perhaps, that the specs have no
    # more. Nothing comes in there that was not promoted.
    for held in s.holding.held:
        for namespace in (ANY,) if s.holding.name == PLATFORM else held.namespaces:
            yield {"name": held.cluster, "namespace": namespace}
