"""ConfigMaps: what nodes that nobody makes for a pool have to be registered with, by whoever joins them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import PoolSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.pools.devices import devices_of
from fleetc_kubernetes.pools.nodes import operator_labels, selector, taints

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Metadata
    from fleetc_kubernetes.pools.objects import ConfigMap

NAMESPACE: Final = "kube-system"
BY_OTHERS: Final = ("static", "clusterAutoscaler")
"""How nodes come of which no object of the cluster says what they are."""


def registrations(s: PoolSite) -> Iterator[ConfigMap]:
    """The labels and taints of a pool's nodes, as the kubelet takes them: --node-labels and --register-with-taints
    (kubernetes.io/docs/reference/command-line-tools-reference/kubelet); node groups of providers have fields for the
    same."""
    if s.pool.provisioning not in BY_OTHERS:
        return
    found = devices_of(s.pool)
    labels = selector(s.pool, found)
    if "gpu-operator" in s.cluster.components:
        labels = {**labels, **operator_labels(s.pool, found)}
    metadata: Metadata = {**cluster_metadata(s, f"fleetc-pool-{s.pool.name}"), "namespace": NAMESPACE}
    yield {
        "apiVersion": api_version("ConfigMap", s.cluster),
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {
            "node-labels": ",".join(f"{key}={value}" for key, value in labels.items()),
            "register-with-taints": ",".join(f"{t['key']}={t['value']}:{t['effect']}" for t in taints(found)),
        },
    }
