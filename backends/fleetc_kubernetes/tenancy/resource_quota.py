"""ResourceQuotas: the team's total on the cluster, split over its namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from fleetc.emission.site import TeamSite
from fleetc.language.team import Quota
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata
from fleetc_kubernetes.quantity import BYTES, COUNTS, MILLICORES, Units, split

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import ResourceQuota

NAME: Final = "team-quota"


class Total(NamedTuple):
    """What a team may use of a resource, all its namespaces together; None for as much as there is."""

    resource: str
    amount: str | int | None
    units: Units


def totals(quota: Quota) -> Iterator[Total]:
    """The team's totals by the names that ResourceQuota has for them. CPU, memory and local storage count as requested:
    that is what the scheduler sets aside."""
    yield Total("requests.cpu", quota.cpu, MILLICORES)
    yield Total("requests.memory", quota.memory, BYTES)
    yield Total("requests.ephemeral-storage", quota.ephemeral_storage, BYTES)
    yield Total("requests.storage", quota.storage, BYTES)
    yield Total("persistentvolumeclaims", quota.persistent_volume_claims, COUNTS)
    yield Total("pods", quota.pods, COUNTS)
    yield Total("services", quota.services, COUNTS)
    yield Total("services.loadbalancers", quota.load_balancers, COUNTS)
    yield Total("services.nodeports", quota.node_ports, COUNTS)
    yield Total("configmaps", quota.config_maps, COUNTS)
    yield Total("secrets", quota.secrets, COUNTS)
    yield Total("count/jobs.batch", quota.jobs, COUNTS)


def resource_quotas(s: TeamSite) -> Iterator[ResourceQuota]:
    """A ResourceQuota in each namespace with its share; they sum to the team's totals."""
    namespaces = s.team.namespaces
    hard: list[dict[str, str]] = [{} for _ in namespaces]
    for total in totals(s.team.quota):
        if total.amount is not None:
            parts = split(str(total.amount), [namespace.share for namespace in namespaces], total.units)
            for amounts, part in zip(hard, parts, strict=True):
                amounts[total.resource] = part
    for namespace, amounts in zip(namespaces, hard, strict=True):
        if amounts:
            yield {
                "apiVersion": api_version("ResourceQuota", s.cluster),
                "kind": "ResourceQuota",
                "metadata": team_metadata(s, NAME, namespace.name),
                "spec": {"hard": amounts},
            }
