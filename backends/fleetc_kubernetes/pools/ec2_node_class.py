"""EC2NodeClasses: what EC2 has to know of the nodes that Karpenter makes for a pool."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fleetc.catalogue.components import served_in
from fleetc.emission.site import PoolSite
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.quantity import parse

if TYPE_CHECKING:
    from fleetc_kubernetes.pools.objects import BlockDevice, Ec2NodeClass, Ec2NodeClassSpec, TagTerm

DISCOVERY: Final = "karpenter.sh/discovery"
"""The tag of Karpenter's own documentation, for subnets, security groups and capacity reservations alike."""


def ec2_node_classes(s: PoolSite) -> Iterator[Ec2NodeClass]:
    """The node class of a pool that Karpenter makes on EKS. One for each pool, since the number of pods and the
    reservations are the pool's."""
    version = served_in(s.cluster.components, "karpenter.k8s.aws", "EC2NodeClass", "v1")
    if s.pool.provisioning != "karpenter" or version is None:
        return
    nodes = s.cluster.nodes
    # Resolve has refused pools of clusters that say less.
    assert nodes.role is not None
    assert nodes.image is not None
    assert nodes.discovery is not None
    spec: Ec2NodeClassSpec = {
        "role": nodes.role,
        "amiSelectorTerms": [{"alias": nodes.image}],
        "subnetSelectorTerms": [_tagged(nodes.discovery)],
        "securityGroupSelectorTerms": [_tagged(nodes.discovery)],
    }
    if s.pool.capacity == "reserved":
        own = s.pool.reservation
        spec["capacityReservationSelectorTerms"] = [_tagged(nodes.discovery) if own is None else {"id": own}]
    if s.pool.disk is not None:
        spec["blockDeviceMappings"] = [_root(nodes.image, s.pool.disk)]
    if s.pool.accelerators is not None:
        # Weights of models do not fit in the root volume: the local disks of such machines, where there are any, become
        # the ephemeral storage of pods.
        spec["instanceStorePolicy"] = "RAID0"
    if s.pool.max_pods is not None:
        spec["kubelet"] = {"maxPods": s.pool.max_pods}
    yield {
        "apiVersion": version,
        "kind": "EC2NodeClass",
        "metadata": cluster_metadata(s, s.pool.name),
        "spec": spec,
    }


def _root(image: str, size: str) -> BlockDevice:
    """The volume that pods share. Of Bottlerocket it is the second one: the first has the system, and is not written to
    (karpenter.sh/docs/concepts/nodeclasses, specblockdevicemappings)."""
    gib = math.ceil(parse(size).value / 2**30)
    return {
        "deviceName": "/dev/xvdb" if image.startswith("bottlerocket@") else "/dev/xvda",
        "rootVolume": True,
        "ebs": {"volumeSize": f"{gib}Gi", "volumeType": "gp3", "encrypted": True, "deleteOnTermination": True},
    }


def _tagged(value: str) -> TagTerm:
    return {"tags": {DISCOVERY: value}}
