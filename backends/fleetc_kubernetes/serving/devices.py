"""The devices of a part: claimed by dynamic resource allocation (DRA) where its pool gives them so, else extended
resources of a device plugin."""

from __future__ import annotations

from typing import Final

from fleetc.catalogue.accelerators import Accelerator, accelerator
from fleetc.emission.site import ModelSite
from fleetc.language.pool import GPUPool
from fleetc.language.serving import ServingPart
from fleetc.tuples import NamedTuple
from fleetc_kubernetes.pools.devices import MPS, TIME_SLICING, Devices, claims, devices_of

CLAIM: Final = "devices"
"""The name of the claim within a pod."""


def accelerator_of(part: ServingPart) -> Accelerator | None:
    """What the part's devices are; None without devices."""
    return accelerator(part.accelerator) if part.devices else None


def pool_of(s: ModelSite, part: ServingPart) -> GPUPool:
    """The part's pool, which is on the cluster since the plan chose it."""
    found = s.pools.get(part.pool)
    assert found is not None, part.pool
    return found


def shares(s: ModelSite, part: ServingPart) -> int:
    """How many containers have one device, and its memory, together."""
    if part.profile not in (TIME_SLICING, MPS):
        return 1
    pool = pool_of(s, part)
    return pool.sharing.time_slicing or pool.sharing.mps or 1


class Claimed(NamedTuple):
    """The DeviceClass that devices are claimed from, and the version of resource.k8s.io that claims are written in."""

    device_class: str
    version: str


def claimed(s: ModelSite, part: ServingPart) -> Claimed | None:
    """How the part's devices are claimed; None where a device plugin gives them out."""
    pool = pool_of(s, part)
    found = _devices(part, pool)
    version = claims(s, pool, found) if found is not None else None
    return Claimed(found.device_class, version) if found is not None and version is not None else None


def extended_resource(s: ModelSite, part: ServingPart) -> str | None:
    """The resource by which a device plugin gives the part's devices out; None without devices."""
    found = _devices(part, pool_of(s, part))
    return found.resource(s.cluster.provider) if found is not None else None


def _devices(part: ServingPart, pool: GPUPool) -> Devices | None:
    """The pool's devices; None where the part takes none of them."""
    return devices_of(pool) if part.devices else None
