"""LocalQueues: where workloads of a namespace queue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import TeamSite
from fleetc_kubernetes.metadata import team_metadata

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import LocalQueue

NAME: Final = "team-queue"
"""One name everywhere, so that workloads move between namespaces and clusters. Not `default`: Kueue would queue all
that names no queue, models that serve among it (LocalQueueDefaulting)."""


def local_queues(s: TeamSite) -> Iterator[LocalQueue]:
    """A LocalQueue in each namespace of the team, where there is a ClusterQueue."""
    version = served_in(s.cluster.components, "kueue.x-k8s.io", "LocalQueue", "v1beta2")
    if version is None or not s.pools.names():
        return
    for namespace in s.team.namespaces:
        yield {
            "apiVersion": version,
            "kind": "LocalQueue",
            "metadata": team_metadata(s, NAME, namespace.name),
            "spec": {"clusterQueue": s.team.name},
        }
