"""GPUs and TPUs: what software sees of them, and by which names clusters know them."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from fleetc.catalogue.precisions import Precision
from fleetc.catalogue.read import rows
from fleetc.tuples import NamedTuple

_MIB = 2**20


class Vendor(StrEnum):
    """Who makes it: engines are built for a vendor."""

    NVIDIA = "nvidia"
    AMD = "amd"
    GOOGLE = "google"


class MigProfile(NamedTuple):
    """One way to slice a GPU: how many instances when all are of this profile, and a slice's memory where verified."""

    name: str
    instances: int
    memory_mib: int | None = None


class TpuSlice(NamedTuple):
    """One topology of a TPU slice: its chips, and the hosts they are on (1 also for a part of a host)."""

    topology: str
    chips: int
    hosts: int


class Labels(NamedTuple):
    """By which values nodes name the accelerator, as far as verified.

    `gfd`: nvidia.com/gpu.product of GPU feature discovery, `gke`: cloud.google.com/gke-accelerator (GPUs) or
    gke-tpu-accelerator (TPUs), `karpenter`: karpenter.k8s.aws/instance-gpu-name.
    """

    gfd: tuple[str, ...] = ()
    gke: tuple[str, ...] = ()
    karpenter: str | None = None


class Driver(NamedTuple):
    """Its driver for dynamic resource allocation, and the DeviceClasses that driver installs."""

    name: str
    device_class: str
    mig_class: str | None = None


class Accelerator(NamedTuple):
    """One accelerator.

    `memory_mib` is what management tools report (NVML; for TPUs the documented HBM), `allocatable_mib` what one
    process can allocate of it, where measured. `native` formats are computed in, `weights_only` formats are loaded and
    widened on the way to a computation. `fast_domain` counts the devices joined by NVLink, Infinity Fabric or ICI;
    `across_nodes` says that it is larger than a node.
    """

    name: str
    vendor: Vendor
    aliases: tuple[str, ...]
    memory_mib: int
    native: tuple[Precision, ...]
    fast_domain: int
    resource: str
    labels: Labels
    weights_only: tuple[Precision, ...] = ()
    compute_capability: str | None = None
    allocatable_mib: int | None = None
    across_nodes: bool = False
    driver: Driver | None = None
    mig: tuple[MigProfile, ...] = ()
    slices: tuple[TpuSlice, ...] = ()

    def loads(self, precision: Precision) -> bool:
        """Whether weights in this format can be served from it."""
        return precision in self.native or precision in self.weights_only

    def profile(self, name: str) -> MigProfile | None:
        """The MIG profile of that name, if this accelerator has it."""
        return next((p for p in self.mig if p.name == name), None)


@cache
def accelerators() -> tuple[Accelerator, ...]:
    """Every accelerator, in the order of the table: NVIDIA by age, then AMD, then Google."""
    return rows("accelerators", Accelerator)


@cache
def _by_name() -> dict[str, Accelerator]:
    named = {spelling.lower(): a for a in accelerators() for spelling in a.aliases}
    return {**named, **{a.name.lower(): a for a in accelerators()}}


def accelerator(name: str) -> Accelerator | None:
    """The accelerator of a canonical name or an alias, in any case; None when it is not in the catalogue."""
    return _by_name().get(name.lower())


def accelerator_names() -> tuple[str, ...]:
    """The canonical names, to propose one where a name is unknown."""
    return tuple(a.name for a in accelerators())
