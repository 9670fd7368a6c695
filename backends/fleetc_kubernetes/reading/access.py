"""Members and ServiceAccounts read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fleetc.emission.site import Object, TeamSite
from fleetc_kubernetes.metadata import MANAGED_BY, PART_OF, TEAM
from fleetc_kubernetes.reading.values import Objects, items, mapping, name_of, text, texts
from fleetc_kubernetes.tenancy.members import ADMIN_ROLE, DEVELOPER_ROLE, VIEWER_ROLE
from fleetc_kubernetes.tenancy.service_account import DEFAULT

_ROLES: Final[Mapping[str, str]] = {"admins": ADMIN_ROLE, "developers": DEVELOPER_ROLE, "viewers": VIEWER_ROLE}
_PLAIN: Final = {"apiVersion", "kind", "metadata", "automountServiceAccountToken"}


def read_members(sites: Sequence[TeamSite], every: Objects) -> dict[str, Any]:
    """The groups that the RoleBindings of the first namespace bind."""
    first = sites[0].team.namespaces[0].name
    spec: dict[str, Any] = {}
    for field, role in _ROLES.items():
        groups = [text(item, "name") for item in items(every.get("RoleBinding", first, role), "subjects")]
        if groups and any(list(getattr(s.team.members, field)) != groups for s in sites):
            spec[field] = groups
    return spec


def read_accounts(sites: Sequence[TeamSite], every: Objects) -> list[dict[str, Any]]:
    """The ServiceAccounts that all of the team's namespaces have alike, without anything that a Team cannot say: others
    may be somebody else's."""
    first, *others = [namespace.name for namespace in sites[0].team.namespaces]
    spec: list[dict[str, Any]] = []
    for item in every.of("ServiceAccount", first):
        name, notes = name_of(item), texts(item, "metadata", "annotations")
        alike = [item, *(every.get("ServiceAccount", other, name) for other in others)]
        if name != DEFAULT and all(
            _is_plain(each) and texts(each, "metadata", "annotations") == notes for each in alike
        ):
            known = {account.name: dict(account.annotations) for account in sites[0].team.service_accounts}
            if known.get(name) != notes or len(sites) > 1:
                spec.append({"name": name, **({"annotations": notes} if notes else {})})
    return spec


def _is_plain(item: Object) -> bool:
    ours = {MANAGED_BY, PART_OF, TEAM}
    metadata = mapping(item, "metadata")
    return (
        item.get("automountServiceAccountToken") is False
        and item.keys() <= _PLAIN
        and metadata.keys() <= {"name", "namespace", "labels", "annotations"}
        and mapping(metadata, "labels").keys() <= ours
    )
