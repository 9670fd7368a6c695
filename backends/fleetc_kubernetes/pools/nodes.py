"""By what nodes of a pool are known: the labels that they carry and workloads select, and the taint on accelerators.

One label, `fleetc.dev/pool`, wherever nodes can have it: Karpenter sets it, and whoever runs node groups or machines
has to. GKE's ComputeClass refuses label keys with a slash (a rule of its CRD on nodePoolConfig.nodeLabels),
so its nodes are known by the label that GKE itself sets, which is the one that makes it provision them, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fleetc.language.pool import GPUPool
from fleetc_kubernetes.pools.devices import MPS, TIME_SLICING, Devices

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import Labels, Toleration
    from fleetc_kubernetes.pools.objects import Taint

POOL: Final = "fleetc.dev/pool"
COMPUTE_CLASS: Final = "cloud.google.com/compute-class"
MIG_CONFIG: Final = "nvidia.com/mig.config"
PLUGIN_CONFIG: Final = "nvidia.com/device-plugin.config"

_GKE: Final = "cloud.google.com/gke"
_GKE_SHARING: Final = {TIME_SLICING: "time-sharing", MPS: "mps"}


def selector(pool: GPUPool, found: Devices | None, nodes: str | None = None) -> Labels:
    """The labels by which workloads, and flavors of quota, select a pool's nodes; of a pool that is divided, those that
    are called `nodes`.

    On GKE a workload asks for sharing, too: node auto-provisioning makes nodes as these selectors say
    (cloud.google.com/kubernetes-engine/docs/how-to/timesharing-gpus and .../gpus-multi).
    """
    name = pool.name if nodes is None else nodes
    if pool.provisioning != "computeClass":
        return {POOL: name}
    labels = {COMPUTE_CLASS: name}
    if found is not None and found.mig is not None:
        labels[f"{_GKE}-gpu-partition-size"] = found.mig
    elif found is not None and found.profile:
        labels[f"{_GKE}-gpu-sharing-strategy"] = _GKE_SHARING[found.profile]
        labels[f"{_GKE}-max-shared-clients-per-gpu"] = str(found.shares)
    return labels


def operator_labels(pool: GPUPool, found: Devices | None) -> Labels:
    """The labels by which NVIDIA's GPU operator shares the devices of a node: the layout that MIG manager applies, one
    of those it brings (`all-PROFILE`), or the key of the device plugin's configuration."""
    if found is None or not found.profile:
        return {}
    if found.mig is not None:
        return {MIG_CONFIG: f"all-{found.mig.replace('+', '.')}"}
    return {PLUGIN_CONFIG: pool.name}


def taints(found: Devices | None) -> list[Taint]:
    """The taint that keeps other pods off nodes with accelerators: its key is the device's resource, as on GKE, since
    that is what the DaemonSets of vendors tolerate, and what ExtendedResourceToleration adds tolerations for. A taint
    of our own would keep drivers away."""
    return [] if found is None else [{"key": found.accelerator.resource, "value": "present", "effect": "NoSchedule"}]


def tolerations(found: Devices | None) -> list[Toleration]:
    """The tolerations of pods on a pool: of whatever value the taint has, for operators of clusters write different
    ones."""
    if found is None:
        return []
    return [{"key": found.accelerator.resource, "operator": "Exists", "effect": "NoSchedule"}]
