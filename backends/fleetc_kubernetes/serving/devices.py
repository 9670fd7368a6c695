"""The devices of a part: claimed by dynamic resource allocation (DRA) where that works, else extended resources."""

from __future__ import annotations

from typing import Final, NamedTuple

from fleetc.catalogue.accelerators import Accelerator, Vendor, accelerator
from fleetc.catalogue.allocation import Place, allocation
from fleetc.emission.site import ModelSite
from fleetc.language.pool import GPUPool
from fleetc.language.serving import ServingPart

CLAIM: Final = "devices"
"""The name of the claim within a pod."""

SHARED_IN_TIME: Final = ("timeSlicing", "mps")
"""Profiles whose devices containers have together."""

_DRIVERS: Final = {Vendor.NVIDIA: "nvidia-dra-driver"}
"""The component that brings the DeviceClasses. Of other vendors the catalogue has none: a pool has to ask for DRA."""


def accelerator_of(part: ServingPart) -> Accelerator | None:
    """What the part's devices are; None without devices."""
    return accelerator(part.accelerator) if part.devices else None


def pool_of(s: ModelSite, part: ServingPart) -> GPUPool | None:
    """The part's pool."""
    return s.pools.get(f"{s.cluster.name}/{part.pool}")


def shares(s: ModelSite, part: ServingPart) -> int:
    """How many containers have one device, and its memory, together."""
    if part.profile not in SHARED_IN_TIME:
        return 1
    pool = pool_of(s, part)
    return (pool.sharing.time_slicing or pool.sharing.mps or 1) if pool is not None else 1


class Claimed(NamedTuple):
    """The DeviceClass that devices are claimed from, and the version of resource.k8s.io that claims are written in."""

    device_class: str
    version: str


def claimed(s: ModelSite, part: ServingPart) -> Claimed | None:
    """How the part's devices are claimed; None where the device plugin gives them out."""
    device = accelerator_of(part)
    # What shares a device in time or by MPS with DRA is behind feature gates of the driver that are alpha.
    if device is None or device.driver is None or part.profile in SHARED_IN_TIME:
        return None
    found = device.driver.mig_class if part.profile else device.driver.device_class
    pool = pool_of(s, part)
    if found is None or pool is None or pool.allocation == "devicePlugin":
        return None
    minor = int(s.cluster.kubernetes.partition(".")[2])
    place = Place(s.cluster.provider, pool.provisioning, minor, device.vendor, sharing=bool(part.profile))
    version = allocation(place, s.components).version
    installed = pool.allocation == "dra" or _DRIVERS.get(device.vendor) in s.components
    return Claimed(found, version) if version is not None and installed else None


def extended_resource(s: ModelSite, part: ServingPart, device: Accelerator) -> str:
    """The resource by which the device plugin gives a part's devices out.

    MIG: strategy `mixed` of the NVIDIA device plugin names profiles; GKE's names none, and selects nodes instead
    (https://docs.cloud.google.com/kubernetes-engine/docs/how-to/gpus-multi).
    """
    if not part.profile or part.profile in SHARED_IN_TIME or s.cluster.provider == "gke":
        return device.resource
    return f"nvidia.com/mig-{part.profile.replace('+', '.')}"
