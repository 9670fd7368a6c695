"""The devices of a pool, as pods ask for them: an extended resource of a device plugin, or claims of a DeviceClass."""

from __future__ import annotations

from typing import Final

from fleetc.catalogue.accelerators import Accelerator, accelerator
from fleetc.catalogue.allocation import DRA_DRIVERS, Place, allocation
from fleetc.emission.site import Site
from fleetc.language.amounts import devices
from fleetc.language.pool import GPUPool
from fleetc.tuples import NamedTuple

TIME_SLICING: Final = "timeSlicing"
MPS: Final = "mps"


class Devices(NamedTuple):
    """Devices of every node of a pool: how many, and how many containers each serves. `profile` is a MIG profile,
    timeSlicing, mps, or "" where a container has a device alone."""

    accelerator: Accelerator
    number: int
    profile: str
    shares: int

    @property
    def key(self) -> str:
        """By which quotas name them: ACCELERATOR, or ACCELERATOR/PROFILE."""
        return f"{self.accelerator.name}/{self.profile}" if self.profile else self.accelerator.name

    @property
    def mig(self) -> str | None:
        """The MIG profile, if devices are cut up."""
        return None if self.profile in ("", TIME_SLICING, MPS) else self.profile

    @property
    def each_node(self) -> int:
        """How many containers get one on a node."""
        return self.number * self.shares

    @property
    def device_class(self) -> str:
        """The name of the DeviceClass: of the accelerator, not of the pool. No attribute of a device tells its pool,
        and a quota by class has to count an accelerator in all pools; the pool is chosen by the node's label."""
        return f"{self.key.lower().replace('/', '-').replace('+', '-')}.fleetc.dev"

    def resource(self, provider: str) -> str:
        """The extended resource of the device plugin. GKE and time slicing keep the name of the whole device; the
        plugin of NVIDIA, with its strategy `mixed`, has one for each profile (`+me` is `.me` there)."""
        if self.mig is None or provider == "gke":
            return self.accelerator.resource
        return f"nvidia.com/mig-{self.mig.replace('+', '.')}"


def devices_of(pool: GPUPool) -> Devices | None:
    """The devices of a pool; None where its nodes have none."""
    asked = devices(pool.accelerators) if pool.accelerators is not None else None
    found = accelerator(asked.accelerator) if asked is not None else None
    if asked is None or found is None:
        return None
    sharing = pool.sharing
    if sharing.mig is not None:
        profile = found.profile(sharing.mig)
        return Devices(found, asked.number, sharing.mig, profile.instances if profile is not None else 1)
    if sharing.time_slicing is not None:
        return Devices(found, asked.number, TIME_SLICING, sharing.time_slicing)
    if sharing.mps is not None:
        return Devices(found, asked.number, MPS, sharing.mps)
    return Devices(found, asked.number, "", 1)


def claims(s: Site, pool: GPUPool, found: Devices) -> str | None:
    """The version of resource.k8s.io through which pods claim devices of a pool; None where a device plugin gives them.

    Sharing by time or MPS stays with the plugin: the driver has both behind gates that are off (TimeSlicingSettings and
    MPSSupport of dra-driver-nvidia-gpu 0.4.0).
    """
    driver = found.accelerator.driver
    if driver is None or pool.allocation == "devicePlugin" or found.profile in (TIME_SLICING, MPS):
        return None
    if pool.allocation == "auto" and DRA_DRIVERS.get(found.accelerator.vendor) not in s.cluster.components:
        return None
    minor = int(s.cluster.kubernetes.partition(".")[2])
    place = Place(s.cluster.provider, pool.provisioning, minor, found.accelerator.vendor, found.mig is not None)
    got = allocation(place, s.cluster.components)
    return got.version if got.dra else None
