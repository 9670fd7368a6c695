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
    same. And how many nodes: one number, or the least and the most of a group that scales."""
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
            },
        }


def _labels(s: PoolSite, nodes: NodeSet, found: Devices | None) -> Labels:
    labels = selector(s.pool, found, nodes.name)
    return {**labels, **operator_labels(s.pool, found)} if "gpu-operator" in s.cluster.components else labels


def _number(s: PoolSite, nodes: NodeSet) -> str:
    return str(nodes.most) if s.pool.provisioning == "static" else f"{nodes.least}..{nodes.most}"
