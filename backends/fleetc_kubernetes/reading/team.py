"""A Team's spec from the objects that it emits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fleetc.emission.site import Object, TeamSite
from fleetc_kubernetes.reading.access import read_accounts, read_members
from fleetc_kubernetes.reading.limits import read_limits
from fleetc_kubernetes.reading.namespaces import read_namespaces
from fleetc_kubernetes.reading.network import read_network
from fleetc_kubernetes.reading.priorities import read_priorities
from fleetc_kubernetes.reading.quota import read_quota
from fleetc_kubernetes.reading.values import Objects


def read_team(sites: Sequence[TeamSite], objects: Iterable[Object]) -> dict[str, Any]:
    """The spec by which a team emits these objects, as far as a spec can say them.

    `sites`: the team on each of its clusters, as it is by its namespaces alone. What it is there anyway is left out.
    """
    every = Objects(objects)
    quota, shares = read_quota(sites, every)
    parts = {
        **read_namespaces(sites, every, shares),
        "members": read_members(sites, every),
        "serviceAccounts": read_accounts(sites, every),
        "quota": quota,
        "limits": read_limits(sites, every),
        "priorityClasses": read_priorities(sites, every),
        "network": read_network(sites, every),
    }
    return {field: value for field, value in parts.items() if value}
