"""ResourceQuotas that refuse pods of priorities which are not the team's to use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import TeamSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import ResourceQuota

NAME: Final = "refused-priorities"

# Every API server makes these two, and admits them in any namespace unless a quota says otherwise.
SYSTEM: Final = ("system-node-critical", "system-cluster-critical")


def priority_quotas(s: TeamSite) -> Iterator[ResourceQuota]:
    """In each namespace: no pods of classes that are not for tenants, or that the team's list leaves out.

    A pod that names no class has the cluster's default one: the API server writes it in before it checks quotas.
    """
    refused = [*SYSTEM, *_refused(s)]
    for namespace in s.team.namespaces:
        yield {
            "apiVersion": api_version("ResourceQuota", s.cluster),
            "kind": "ResourceQuota",
            "metadata": team_metadata(s, NAME, namespace.name),
            "spec": {
                "hard": {"pods": "0"},
                "scopeSelector": {
                    "matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": list(refused)}]
                },
            },
        }


def _refused(s: TeamSite) -> Iterator[str]:
    allowed = s.team.priority_classes
    for item in s.cluster.priority_classes:
        if (allowed and item.name not in allowed) or not item.tenants:
            yield item.name
