"""The Cohort of all teams: the devices that no team was given, for all of them to borrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.catalogue.components import served_in
from fleetc.emission.site import ClusterSite
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.pools.devices import devices_of
from fleetc_kubernetes.pools.quota import COHORT, device_group, nodes_in_order, queued, spread
from fleetc_kubernetes.promised import devices_by_nodes

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import Cohort, CohortSpec


def cohorts(s: ClusterSite) -> Iterator[Cohort]:
    """The cohort of a cluster with pools, without what is promised to models."""
    version = served_in(s.cluster.components, "kueue.x-k8s.io", "Cohort", "v1beta2")
    if version is None or not s.pools.names():
        return
    left: dict[str, int] = {}
    taken = devices_by_nodes(s)
    for nodes in nodes_in_order(s):
        found = devices_of(nodes.pool)
        if found is not None:
            left[nodes.name] = nodes.containers(found) - taken.get(nodes.name, 0)
    for team in s.teams:
        for name, part in spread(s, queued(s, team)).items():
            left[name] -= part
    group = device_group(s, {name: max(0, count) for name, count in left.items()})
    spec: CohortSpec = {"resourceGroups": [group]} if group is not None else {}
    yield {"apiVersion": version, "kind": "Cohort", "metadata": cluster_metadata(s, COHORT), "spec": spec}
