"""ConfigMaps: what nodes that nobody makes for a pool have to be registered with, by whoever joins them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import PoolSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.pools.devices import Devices, devices_of
from fleetc_kubernetes.pools.nodes import operator_labels, selector, taints
from fleetc_kubernetes.pools.sets import NodeSet, node_sets

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Labels, Metadata
    from fleetc_kubernetes.pools.objects import ConfigMap

NAMESPACE: Final = "kube-system"
BY_OTHERS: Final = ("static", "clusterAutoscaler")
"""How nodes come of which no object of the cluster says what they are."""


def registrations(s: PoolSite) -> Iterator[ConfigMap]:
    """The labels and taints of a pool's nodes, as the kubelet takes them: --node-labels and --register-with-taints
    (kubernetes.io/docs/reference/command-line-tools-reference/kubelet); node groups of providers have fields for the
    same. And what else they have to be: how many (of a group that scales, the least and the most), which machines, and
    where."""
    if s.pool.provisioning not in BY_OTHERS:
        return
    found = devices_of(s.pool)
    for nodes in node_sets(s, s.pool):
        metadata: Metadata = {**cluster_metadata(s, f"fleetc-pool-{nodes.name}"), "namespace": NAMESPACE}
        yield {
            "apiVersion": api_version("ConfigMap", s.cluster),
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": {
                "nodes": _number(s, nodes),
                "node-labels": ",".join(f"{key}={value}" for key, value in _labels(s, nodes, found).items()),
                "register-with-taints": ",".join(f"{t['key']}={t['value']}:{t['effect']}" for t in taints(found)),
                **_wanted(s, found),
            },
        }


def _wanted(s: PoolSite, found: Devices | None) -> dict[str, str]:
    """What is asked of the machines; `max-pods` is the kubelet's own name for it."""
    pool = s.pool
    zones = ",".join(pool.zones or s.cluster.zones)
    accelerators = None if found is None else f"{found.accelerator.name}:{found.number}"
    sharing = None
    if found is not None and found.profile:
        sharing = found.profile if found.mig is not None else f"{found.profile}={found.shares}"
    capacity = None if pool.capacity == "onDemand" else pool.capacity
    asked = {
        "machine": pool.machine.type, "accelerators": accelerators, "topology": pool.topology, "sharing": sharing,
        "zones": zones or None, "capacity": capacity, "reservation": pool.reservation, "disk": pool.disk,
        "max-pods": None if pool.max_pods is None else str(pool.max_pods),
    }  # fmt: skip
    return {key: value for key, value in asked.items() if value is not None}


def _labels(s: PoolSite, nodes: NodeSet, found: Devices | None) -> Labels:
    labels = selector(s.pool, found, nodes.name)
    return {**labels, **operator_labels(s.pool, found)} if "gpu-operator" in s.cluster.components else labels


def _number(s: PoolSite, nodes: NodeSet) -> str:
    return str(nodes.most) if s.pool.provisioning == "static" else f"{nodes.least}..{nodes.most}"
