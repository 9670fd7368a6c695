"""NodePools: what Karpenter may make for a pool, how much of it, and when it takes nodes away."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.catalogue.machines import machine
from fleetc.emission.site import PoolSite
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.pools.devices import Devices, devices_of
from fleetc_kubernetes.pools.nodes import operator_labels, selector, taints
from fleetc_kubernetes.pools.sets import NodeSet, node_sets
from fleetc_kubernetes.quantity import parse, write

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import Disruption, NodePool, NodeRequirement, NodeTemplateSpec

# karpenter.sh/capacity-type; `reserved` are capacity reservations and capacity blocks that the node class selects.
_CAPACITY: Final = {"reserved": "reserved", "onDemand": "on-demand", "spot": "spot"}
# Which pool a pod gets that could have several: what is paid for anyway, then what nobody takes away.
_WEIGHT: Final = {"reserved": 100, "onDemand": 50, "spot": 10}

# A node with accelerators takes long to start, and what runs on it long to load: it is given back when it has been
# empty for a while, and one at a time is replaced, where the image or the pool changed (drift). Karpenter's expiry has
# no budgets ("forceful" in its documentation), so nodes do not expire: they are renewed with the pinned image.
_ACCELERATED: Final[Disruption] = {
    "consolidationPolicy": "WhenEmpty",
    "consolidateAfter": "10m",
    "budgets": [{"nodes": "1"}],
}
_PLAIN: Final[Disruption] = {
    "consolidationPolicy": "WhenEmptyOrUnderutilized",
    "consolidateAfter": "5m",
    "budgets": [{"nodes": "10%"}],
}


def node_pools(s: PoolSite) -> Iterator[NodePool]:
    """The NodePool of a pool that Karpenter makes on EKS, or one for each set of its nodes: they are of one class."""
    version = served_in(s.cluster.components, "karpenter.sh", "NodePool", "v1")
    if s.pool.provisioning != "karpenter" or version is None:
        return
    if served_in(s.cluster.components, "karpenter.k8s.aws", "EC2NodeClass", "v1") is None:
        return  # A NodePool without its node class makes nothing, and other providers' classes are not known here.
    found = devices_of(s.pool)
    for nodes in node_sets(s, s.pool):
        labels = {**selector(s.pool, found, nodes.name)}
        if "gpu-operator" in s.cluster.components:
            labels |= operator_labels(s.pool, found)
        yield {
            "apiVersion": version,
            "kind": "NodePool",
            "metadata": cluster_metadata(s, nodes.name),
            "spec": {
                "template": {"metadata": {"labels": labels}, "spec": _nodes(s, found)},
                "disruption": _PLAIN if found is None else _ACCELERATED,
                "limits": _limits(nodes, found),
                "weight": _WEIGHT[s.pool.capacity],
            },
        }


def _nodes(s: PoolSite, found: Devices | None) -> NodeTemplateSpec:
    made: NodeTemplateSpec = {
        "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": s.pool.name},
        "requirements": list(_requirements(s, found)),
    }
    if found is not None:
        made["taints"] = taints(found)
    if s.cluster.network.cni == "cilium":
        # No pod starts before its policies hold; Cilium takes the taint away (docs.cilium.io, installation/taints).
        made["startupTaints"] = [{"key": "node.cilium.io/agent-not-ready", "value": "true", "effect": "NoExecute"}]
    if found is not None:
        made["expireAfter"] = "Never"
    return made


def _requirements(s: PoolSite, found: Devices | None) -> Iterator[NodeRequirement]:
    pool = s.pool
    if pool.machine.type is not None:
        yield _is("node.kubernetes.io/instance-type", pool.machine.type)
    elif found is not None and found.accelerator.labels.karpenter is not None:
        yield _is("karpenter.k8s.aws/instance-gpu-name", found.accelerator.labels.karpenter)
        yield _is("karpenter.k8s.aws/instance-gpu-count", str(found.number))
    if pool.machine.type is None and pool.machine.cpu is not None and pool.machine.memory is not None:
        # The plan counts on both. What has as many cores and more memory is as good.
        yield _is("karpenter.k8s.aws/instance-cpu", str(math.ceil(parse(pool.machine.cpu).value)))
        less = math.ceil(parse(pool.machine.memory).value / 2**20) - 1
        yield {"key": "karpenter.k8s.aws/instance-memory", "operator": "Gt", "values": [str(less)]}
    zones = pool.zones or s.cluster.zones
    if zones:
        yield _is("topology.kubernetes.io/zone", *zones)
    yield _is("karpenter.sh/capacity-type", _CAPACITY[pool.capacity])


def _is(key: str, *values: str) -> NodeRequirement:
    return {"key": key, "operator": "In", "values": list(values)}


def _limits(nodes: NodeSet, found: Devices | None) -> dict[str, str]:
    """The most nodes, in what Karpenter counts: devices, or cores. It makes none while nothing new is placed there."""
    if found is not None:
        return {found.accelerator.resource: str(nodes.room * found.number)}
    value, binary = parse(cores(nodes.pool.machine.cpu, nodes.pool.machine.type))
    return {"cpu": write(parse("0")._replace(value=value * nodes.room, binary=binary))}


def cores(cpu: str | None, name: str | None) -> str:
    """The CPU of a node: as given, or as the catalogue has the machine type."""
    known = machine(name) if name is not None else None
    return cpu if cpu is not None else str(known.cpu if known is not None else 0)
