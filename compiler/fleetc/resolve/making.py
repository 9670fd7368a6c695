"""Whether anything makes the nodes of a pool, as the pool says: what its provider and provisioning cannot do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fleetc.catalogue.accelerators import Accelerator, Vendor
from fleetc.catalogue.allocation import DRA_DRIVERS, Place, allocation
from fleetc.catalogue.components import served_in
from fleetc.diagnostics import Diagnostic, codes
from fleetc.language.amounts import millis
from fleetc.language.cluster import Cluster
from fleetc.language.document import lookup
from fleetc.language.pool import GPUPool
from fleetc.language.wording import listing
from fleetc.resolve.facts import devices_of
from fleetc.resolve.places import Places
from fleetc.source.span import Path

KARPENTER: Final = "karpenter"
KARPENTER_ON_EKS: Final = "karpenter-provider-aws"
"""The component that makes nodes of EC2: without it, nobody asks for what they need."""
_OBJECTS: Final = ((KARPENTER, "karpenter.sh", "NodePool"), (KARPENTER_ON_EKS, "karpenter.k8s.aws", "EC2NodeClass"))
_CAPACITY_RESERVATION: Final = re.compile(r"cr-[0-9a-z]+")
"""The pattern of EC2NodeClass's CRD."""
_LEAST_DISK: Final = 10 * 2**30
"""What a ComputeClass takes at least (bootDiskSize of its CRD)."""


def making_findings(pool: GPUPool, cluster: Cluster, at: Places) -> Iterator[Diagnostic]:
    """What is wrong with how the nodes of a pool come, and how devices of theirs are given out."""
    yield from _karpenter(pool, cluster, at)
    yield from _capacity(pool, at)
    yield from _reservation(pool, at)
    yield from _disk(pool, at)
    found = devices_of(pool.accelerators)
    if found is not None:
        yield from _given_out(pool, cluster, found[0], at)


def _karpenter(pool: GPUPool, cluster: Cluster, at: Places) -> Iterator[Diagnostic]:
    """Karpenter makes nodes of EC2, where it runs, and of whose role, image and network the cluster tells."""
    if pool.provisioning != "karpenter":
        return
    path: Path = ("provisioning",) if lookup(at.doc.tree, ("spec", "provisioning"))[0] else ("cluster",)
    if cluster.provider != "eks":
        message = f"no object makes its nodes: for Karpenter on {cluster.provider} there is none that fleetc knows"
        yield at.problem(codes.NODES_NOT_MADE, message, path, "use one of clusterAutoscaler, static")
        return
    absent = [
        (name, kind) for name, group, kind in _OBJECTS if served_in(cluster.components, group, kind, "v1") is None
    ]
    if absent:
        kinds = " and ".join(kind for _, kind in absent)
        message = f"no object makes its nodes: on cluster {cluster.name} nothing serves {kinds} v1"
        hint = f"add {_named([name for name, _ in absent])} to it or its platform, or set another `provisioning`"
        yield at.problem(codes.NODES_NOT_MADE, message, path, hint)
    unsaid = [f"nodes.{field}" for field in ("role", "image", "discovery") if getattr(cluster.nodes, field) is None]
    if unsaid:
        verb = "are" if len(unsaid) > 1 else "is"
        message = f"{listing(unsaid)} {verb} missing in Cluster {cluster.name}, where Karpenter makes this pool"
        hint = f"add {'them' if len(unsaid) > 1 else 'it'} to the cluster, or set another `provisioning`"
        yield at.problem(codes.MISSING_FIELD, message, ("cluster",), hint)


def _named(components: list[str]) -> str:
    return f"component{'s' if len(components) > 1 else ''} {' and '.join(components)}"


def _capacity(pool: GPUPool, at: Places) -> Iterator[Diagnostic]:
    path = ("capacity",)
    if pool.provisioning == "static" and pool.capacity == "spot":
        how = (("provisioning",), "provisioning is set here")
        message = "a static pool has nodes that stay, and those of spot capacity are taken away"
        yield at.problem(codes.INVALID_VALUE, message, path, "use an autoscaler, or leave `capacity` out", how)
    found = devices_of(pool.accelerators)
    chips = found is not None and found[0].vendor is Vendor.GOOGLE
    reserved = pool.capacity == "reserved" and pool.provisioning == "computeClass"
    if reserved and pool.machine.type is None and not chips:
        message = "a ComputeClass takes reservations of a machine type only, and the pool names none"
        yield at.problem(codes.MISSING_FIELD, message, ("machine",), "add `machine.type`", (path, "reserved"))


def _reservation(pool: GPUPool, at: Places) -> Iterator[Diagnostic]:
    path, name = ("reservation",), pool.reservation
    if name is None:
        return
    if pool.capacity != "reserved":
        message = f"`reservation` of a pool whose capacity is {pool.capacity}"
        yield at.problem(codes.INVALID_VALUE, message, path, "write `capacity: reserved`, or remove it")
    if pool.provisioning == "karpenter" and not _CAPACITY_RESERVATION.fullmatch(name):
        message = f"`{name}` is no id of a capacity reservation of EC2"
        hint = "write its id, such as cr-0123456789abcdef0; without one, those with the cluster's tag are taken"
        yield at.problem(codes.INVALID_VALUE, message, path, hint)


def _disk(pool: GPUPool, at: Places) -> Iterator[Diagnostic]:
    if pool.disk is None or pool.provisioning != "computeClass":
        return
    if millis(pool.disk) // 1000 < _LEAST_DISK:
        message = f"a ComputeClass makes no disk as small as {pool.disk}"
        yield at.problem(codes.INVALID_VALUE, message, ("disk",), "write 10Gi or more")


def _given_out(pool: GPUPool, cluster: Cluster, device: Accelerator, at: Places) -> Iterator[Diagnostic]:
    """Claims, where they are asked for; and slices that Karpenter makes no node for."""
    against = unclaimable(pool, cluster, device)
    if pool.allocation == "dra" and against:
        message = f"claims cannot give out {device.name} on cluster {cluster.name}: {against}"
        hint = "write `allocation: auto`: the device plugin gives them out"
        yield at.problem(codes.DEVICES_NOT_GIVEN_OUT, message, ("allocation",), hint)
    driver = DRA_DRIVERS.get(device.vendor) in cluster.components
    claimed = not against and (pool.allocation == "dra" or (pool.allocation == "auto" and driver))
    if pool.provisioning == "karpenter" and pool.sharing.mig is not None and not claimed:
        slices = f"nvidia.com/mig-{pool.sharing.mig}"
        message = f"Karpenter knows no machine that has {slices}, and makes no node for pods that ask for it"
        hint = "set another `provisioning`, share by `timeSlicing` or `mps`, or have them claimed (`allocation: dra`)"
        yield at.problem(codes.DEVICES_NOT_GIVEN_OUT, message, ("sharing", "mig"), hint)


def unclaimable(pool: GPUPool, cluster: Cluster, device: Accelerator) -> str:
    """Why no claims can give out the devices of a pool; "" where they can."""
    if device.driver is None:
        return "it has no driver for claims"
    if pool.sharing.time_slicing is not None or pool.sharing.mps is not None:
        return "its driver shares by time and MPS behind gates that are off"
    minor = int(cluster.kubernetes.partition(".")[2])
    place = Place(cluster.provider, pool.provisioning, minor, device.vendor, pool.sharing.mig is not None)
    got = allocation(place, cluster.components)
    return "" if got.dra else got.reason
