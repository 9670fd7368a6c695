"""ResourceQuotas: the team's total on the cluster, split over its namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import TeamSite
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata
from fleetc_kubernetes.quantity import BYTES, COUNTS, MILLICORES, Units, split

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import ResourceQuota

NAME: Final = "team-quota"


class Resource(NamedTuple):
    """A resource by the name that ResourceQuota has for it, the field of a Quota that limits it, and what it is split
    in."""

    name: str
    field: str
    units: Units


RESOURCES: Final = (
    # CPU, memory and local storage count as requested: that is what the scheduler sets aside.
    Resource("requests.cpu", "cpu", MILLICORES),
    Resource("requests.memory", "memory", BYTES),
    Resource("requests.ephemeral-storage", "ephemeral_storage", BYTES),
    Resource("requests.storage", "storage", BYTES),
    Resource("persistentvolumeclaims", "persistent_volume_claims", COUNTS),
    Resource("pods", "pods", COUNTS),
    Resource("services", "services", COUNTS),
    Resource("services.loadbalancers", "load_balancers", COUNTS),
    Resource("services.nodeports", "node_ports", COUNTS),
    Resource("configmaps", "config_maps", COUNTS),
    Resource("secrets", "secrets", COUNTS),
    Resource("count/jobs.batch", "jobs", COUNTS),
)
"""What a team's quota can limit, in the order of emission."""


def resource_quotas(s: TeamSite) -> Iterator[ResourceQuota]:
    """A ResourceQuota in each namespace with its share; they sum to the team's totals."""
    namespaces = s.team.namespaces
    hard: list[dict[str, str]] = [{} for _ in namespaces]
    for resource in RESOURCES:
        total: str | int | None = getattr(s.team.quota, resource.field)
        if total is not None:
            parts = split(str(total), [namespace.share for namespace in namespaces], resource.units)
            for amounts, part in zip(hard, parts, strict=True):
                amounts[resource.name] = part
    for namespace, amounts in zip(namespaces, hard, strict=True):
        if amounts:
            yield {
                "apiVersion": api_version("ResourceQuota", s.cluster),
                "kind": "ResourceQuota",
                "metadata": team_metadata(s, NAME, namespace.name),
                "spec": {"hard": amounts},
            }
