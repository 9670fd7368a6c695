"""A team's members by role: what Roles and RoleBindings have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import TeamSite
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.tenancy.rules import ADMIN, DEVELOPER, VIEWER

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import PolicyRule

ADMIN_ROLE: Final = "team-admin"
DEVELOPER_ROLE: Final = "team-developer"
VIEWER_ROLE: Final = "team-viewer"


class Membership(NamedTuple):
    """The groups that hold a role. The name is that of the Role and of its RoleBinding."""

    name: str
    rules: tuple[PolicyRule, ...]
    groups: tuple[str, ...]


def memberships(s: TeamSite) -> Iterator[Membership]:
    """The roles that somebody holds; an unbound Role would only wait to be misused."""
    members = s.team.members
    for held in (
        Membership(ADMIN_ROLE, ADMIN, members.admins),
        Membership(DEVELOPER_ROLE, DEVELOPER, members.developers),
        Membership(VIEWER_ROLE, VIEWER, members.viewers),
    ):
        if held.groups:
            yield held
