"""Which way of allocating devices works where: dynamic resource allocation (DRA) or a device plugin."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

from fleetc.catalogue.accelerators import Vendor
from fleetc.catalogue.engines import order
from fleetc.catalogue.read import load, typed
from fleetc.tuples import NamedTuple

DRA_DRIVERS: Final = {Vendor.NVIDIA: "nvidia-dra-driver"}
"""The components that are drivers for claims. Of vendors without one, only a pool says that there is one."""

Stage = Literal["alpha", "beta", "stable"]


class ResourceApi(NamedTuple):
    """The versions of resource.k8s.io that a Kubernetes minor serves, newest first, and whether claims are on."""

    minor: int
    versions: tuple[str, ...]
    enabled: bool


class Feature(NamedTuple):
    """A feature of DRA: the first minor in which it had each stage."""

    name: str
    alpha: int | None = None
    beta: int | None = None
    stable: int | None = None

    def stage(self, minor: int) -> Stage | None:
        """Its stage in Kubernetes 1.`minor`; None before it existed."""
        if self.stable is not None and minor >= self.stable:
            return "stable"
        if self.beta is not None and minor >= self.beta:
            return "beta"
        return "alpha" if self.alpha is not None and minor >= self.alpha else None


class Rule(NamedTuple):
    """Where the fields that are given agree, `dra` says whether claims work, and `reason` why. The first rule wins.

    With a `component`, it applies while that is older than `below`, and where its version is not known.
    """

    dra: bool
    reason: str
    provider: str | None = None
    provisioning: str | None = None
    vendor: Vendor | None = None
    sharing: bool | None = None
    component: str | None = None
    below: str | None = None


class Place(NamedTuple):
    """A pool as far as allocation goes: `sharing` says that a device serves several containers (MIG, time, MPS)."""

    provider: str
    provisioning: str
    minor: int
    vendor: Vendor
    sharing: bool = False


class Allocation(NamedTuple):
    """Whether claims work, through which version of resource.k8s.io, and why or why not."""

    dra: bool
    version: str | None
    reason: str


class _Table(NamedTuple):
    resource_api: tuple[ResourceApi, ...]
    features: tuple[Feature, ...]
    rules: tuple[Rule, ...]


@cache
def _table() -> _Table:
    return typed(_Table, load("allocation"), "allocation")


def resource_api(minor: int) -> ResourceApi | None:
    """What Kubernetes 1.`minor` serves of resource.k8s.io; None for a minor outside the table."""
    return next((r for r in _table().resource_api if r.minor == minor), None)


def dra_feature(name: str) -> Feature | None:
    """A feature of DRA by name; None when it is not in the catalogue."""
    return next((f for f in _table().features if f.name == name), None)


def dra_feature_names() -> tuple[str, ...]:
    """The features' names, to propose one where a name is unknown."""
    return tuple(f.name for f in _table().features)


def allocation(place: Place, versions: Mapping[str, str]) -> Allocation:
    """Which allocation works at a place, where components run in these versions.

    Where claims do not work, the device plugin's extended resource does, everywhere in the table.
    """
    api = resource_api(place.minor)
    if api is None or not api.enabled:
        return Allocation(False, None, f"Kubernetes 1.{place.minor} has no resource claims that are on")
    for rule in _table().rules:
        if _applies(rule, place, versions):
            return Allocation(rule.dra, api.versions[0] if rule.dra else None, rule.reason)
    return Allocation(True, api.versions[0], f"resource.k8s.io/{api.versions[0]} is on in Kubernetes 1.{place.minor}")


def _applies(rule: Rule, place: Place, versions: Mapping[str, str]) -> bool:
    return (
        rule.provider in (None, place.provider)
        and rule.provisioning in (None, place.provisioning)
        and rule.vendor in (None, place.vendor)
        and rule.sharing in (None, place.sharing)
        and (rule.component is None or _older(versions.get(rule.component), rule.below))
    )


def _older(version: str | None, than: str | None) -> bool:
    return version is None or than is None or order(version) < order(than)
