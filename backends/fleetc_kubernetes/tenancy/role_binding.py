"""RoleBindings: which groups of the identity provider hold the team's Roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import TeamSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata
from fleetc_kubernetes.tenancy.members import memberships

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import RoleBinding


def role_bindings(s: TeamSite) -> Iterator[RoleBinding]:
    """A RoleBinding in each namespace for each Role."""
    for namespace in s.team.namespaces:
        for held in memberships(s):
            yield {
                "apiVersion": api_version("RoleBinding", s.cluster),
                "kind": "RoleBinding",
                "metadata": team_metadata(s, held.name, namespace.name),
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": held.name},
                "subjects": [
                    {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group} for group in held.groups
                ],
            }
