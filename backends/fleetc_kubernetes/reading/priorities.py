"""The priority classes that a team may use, read back from those that it is refused."""

from __future__ import annotations

from collections.abc import Sequence

from fleetc.emission.site import TeamSite
from fleetc_kubernetes.reading.values import Objects, items
from fleetc_kubernetes.tenancy.priority_quota import NAME


def read_priorities(sites: Sequence[TeamSite], every: Objects) -> list[str]:
    """The classes of its first cluster that the team is not refused, where more are refused than by default."""
    quota = every.get("ResourceQuota", sites[0].team.namespaces[0].name, NAME)
    refused = [
        value for rule in items(quota, "spec", "scopeSelector", "matchExpressions") for value in items(rule, "values")
    ]
    for_tenants = [item.name for item in sites[0].cluster.priority_classes if item.tenants]
    allowed = [name for name in for_tenants if name not in refused]
    known = sites[0].team.priority_classes or tuple(for_tenants)
    return allowed if refused and {*allowed} != {*known} else []
