"""The configuration of NVIDIA's device plugin: how pools share their devices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import ClusterSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.pools.devices import Devices, devices_of
from fleetc_kubernetes.pools.nodes import PLUGIN_CONFIG, operator_labels

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Metadata
    from fleetc_kubernetes.pools.objects import ConfigMap

NAME: Final = "fleetc-device-plugin"
NAMESPACE: Final = "gpu-operator"
"""Where the operator's documentation installs it: the plugin reads the ConfigMap of its own namespace."""
EXCLUSIVE: Final = "fleetc-exclusive"
"""The key for nodes without the label: of a ConfigMap with one key alone, the plugin would take that for all nodes."""


def plugin_configs(s: ClusterSite) -> Iterator[ConfigMap]:
    """One ConfigMap with a key for each pool that is shared by time or MPS; nodes name theirs by the label
    nvidia.com/device-plugin.config.

    The operator's ClusterPolicy has to point here: values devicePlugin.config.name and .default of its chart. It is the
    chart's object, whole, so it is not emitted.
    """
    if "gpu-operator" not in s.cluster.components:
        return
    data = {EXCLUSIVE: "version: v1\n"}
    for pool in s.pools:
        found = devices_of(pool)
        if found is not None and pool.provisioning != "computeClass" and PLUGIN_CONFIG in operator_labels(pool, found):
            data[pool.name] = _config(found)
    if len(data) > 1:
        metadata: Metadata = {**cluster_metadata(s, NAME), "namespace": NAMESPACE}
        yield {
            "apiVersion": api_version("ConfigMap", s.cluster),
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": data,
        }


def _config(found: Devices) -> str:
    """NVIDIA/k8s-device-plugin README, "With CUDA Time-Slicing" and "With CUDA MPS"."""
    resource = found.accelerator.resource
    lines = ("version: v1", "sharing:", f"  {found.profile}:", "    resources:", f"    - name: {resource}")
    return "\n".join((*lines, f"      replicas: {found.shares}", ""))
