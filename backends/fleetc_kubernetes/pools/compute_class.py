"""ComputeClasses: what GKE makes for a pool."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.catalogue.accelerators import Vendor
from fleetc.catalogue.machines import machine
from fleetc.emission.site import PoolSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.pools.devices import Devices, devices_of
from fleetc_kubernetes.pools.sets import node_sets
from fleetc_kubernetes.quantity import parse

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import ComputeClass, ComputePriority, Reservations


def compute_classes(s: PoolSite) -> Iterator[ComputeClass]:
    """The ComputeClass of a pool, or one for each set of its nodes. GKE itself serves the kind, and sets the label and
    the taints of its nodes."""
    pool = s.pool
    if pool.provisioning != "computeClass":
        return
    found = devices_of(pool)
    for nodes in node_sets(s, pool):
        yield {
            "apiVersion": api_version("ComputeClass", s.cluster),
            "kind": "ComputeClass",
            "metadata": cluster_metadata(s, nodes.name),
            "spec": {
                "priorities": [_priority(s, found)],
                # In maintenance what runs stays, and nothing is made.
                "nodePoolAutoCreation": {"enabled": not pool.maintenance},
                # An accelerator takes long to start and a model long to load: the pause between two jobs is waited for.
                "autoscalingPolicy": {"consolidationDelayMinutes": 5 if found is None else 10},
                # Any other machine would not be what the plan counted on.
                "whenUnsatisfiable": "DoNotScaleUp",
            },
        }


def _priority(s: PoolSite, found: Devices | None) -> ComputePriority:
    pool = s.pool
    made: ComputePriority = {"spot": pool.capacity == "spot"}
    if pool.machine.type is not None:
        made["machineType"] = pool.machine.type
    elif pool.machine.cpu is not None and pool.machine.memory is not None:
        made["minCores"] = math.ceil(parse(pool.machine.cpu).value)
        made["minMemoryGb"] = math.ceil(parse(pool.machine.memory).value / 2**30)
    if found is not None:
        _accelerator(made, pool.machine.type, pool.topology, found)
    if pool.capacity == "reserved":
        made["reservations"] = _reservations(pool.reservation)
    zones = pool.zones or s.cluster.zones
    if zones:
        made["location"] = {"zones": list(zones)}
    if pool.max_pods is not None:
        made["maxPodsPerNode"] = pool.max_pods
    if pool.disk is not None:
        made["storage"] = {"bootDiskSize": math.ceil(parse(pool.disk).value / 2**30)}
    return made


def _reservations(name: str | None) -> Reservations:
    """The reservation that is named, and no other; else any of those that need no naming."""
    if name is None:
        return {"affinity": "AnyBestEffort"}
    *project, own = name.removeprefix("projects/").split("/reservations/")
    return {"affinity": "Specific", "specific": [{"name": own, "project": project[0]} if project else {"name": own}]}


def _accelerator(made: ComputePriority, name: str | None, topology: str | None, found: Devices) -> None:
    known = machine(name) if name is not None else None
    label = known.gke_label if known is not None and known.gke_label is not None else None
    label = label or next(iter(found.accelerator.labels.gke), None)
    if label is None:
        return  # The machine type alone says it.
    if found.accelerator.vendor is Vendor.GOOGLE:
        made["tpu"] = {"type": label, "count": found.number}
        if topology is not None:
            made["tpu"]["topology"] = topology
    else:
        made["gpu"] = {"type": label, "count": found.number}
