"""Roles: what the team's members may do in each of its namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import TeamSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata
from fleetc_kubernetes.tenancy.members import memberships

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Role


def roles(s: TeamSite) -> Iterator[Role]:
    """A Role in each namespace for each kind of member that the team has."""
    for namespace in s.team.namespaces:
        for held in memberships(s):
            yield {
                "apiVersion": api_version("Role", s.cluster),
                "kind": "Role",
                "metadata": team_metadata(s, held.name, namespace.name),
                "rules": list(held.rules),
            }
