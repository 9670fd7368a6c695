"""ClusterQueues: what a team's batch workloads have of each pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.catalogue.components import served_in
from fleetc.emission.site import TeamSite
from fleetc_kubernetes.metadata import NAMESPACE_NAME, team_labels
from fleetc_kubernetes.pools.quota import COHORT, queued, resource_group, spread

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import ClusterQueue


def cluster_queues(s: TeamSite) -> Iterator[ClusterQueue]:
    """The team's ClusterQueue, where its cluster has Kueue and pools.

    Of the team's quota, batch has what is not promised to its models. Of what it has no quota, the team has nothing for
    sure: it borrows what the cohort and others leave.
    """
    version = served_in(s.cluster.components, "kueue.x-k8s.io", "ClusterQueue", "v1beta2")
    if version is None:
        return
    group = resource_group(s, spread(s, queued(s, s.team)))
    if group is None:
        return
    namespaces = [namespace.name for namespace in s.team.namespaces]
    yield {
        "apiVersion": version,
        "kind": "ClusterQueue",
        "metadata": {"name": s.team.name, "labels": team_labels(s)},
        "spec": {
            "cohortName": COHORT,
            # By name, as in network policies: any other label could be given to a namespace that is not the team's.
            "namespaceSelector": {
                "matchExpressions": [{"key": NAMESPACE_NAME, "operator": "In", "values": namespaces}]
            },
            "resourceGroups": [group],
            # Its own is the team's at any time; within the team, priority decides.
            "preemption": {"reclaimWithinCohort": "Any", "withinClusterQueue": "LowerPriority"},
        },
    }
