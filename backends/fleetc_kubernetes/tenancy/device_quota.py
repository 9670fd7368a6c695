"""ResourceQuotas of devices: the team's total on the cluster by accelerator, split over its namespaces.

What is promised to its models is the first namespace's, where they are: planning knows no namespaces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from fleetc.emission.site import TeamSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import team_metadata
from fleetc_kubernetes.pools.devices import Devices, claims, devices_of
from fleetc_kubernetes.pools.quota import canonical
from fleetc_kubernetes.promised import devices_of_team
from fleetc_kubernetes.quantity import COUNTS, split

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import ResourceQuota

NAME: Final = "team-devices"


def device_quotas(s: TeamSite) -> Iterator[ResourceQuota]:
    """A ResourceQuota of devices in each namespace, where the team has a quota of what the cluster's pools have."""
    quota = canonical(s.team.quota.devices)
    totals = _totals(s, quota, quota) if quota else {}
    if not totals:
        return
    namespaces = s.team.namespaces
    hard: list[dict[str, str]] = [{} for _ in namespaces]
    promised = _totals(s, devices_of_team(s, s.team.name), quota)
    for resource, total in totals.items():
        shares, first = [namespace.share for namespace in namespaces], Fraction(promised.get(resource, 0))
        parts = split(str(total), shares, COUNTS, first)
        for amounts, part in zip(hard, parts, strict=True):
            amounts[resource] = part
    for namespace, amounts in zip(namespaces, hard, strict=True):
        yield {
            "apiVersion": api_version("ResourceQuota", s.cluster),
            "kind": "ResourceQuota",
            "metadata": team_metadata(s, NAME, namespace.name),
            "spec": {"hard": amounts},
        }


def _totals(s: TeamSite, amounts: Mapping[str, int], quota: Mapping[str, int]) -> dict[str, int]:
    """The totals of amounts, of what there is a quota of, by the names that ResourceQuota has for them
    (kubernetes.io/docs/concepts/policy/resource-quotas).

    A device plugin has one name for all accelerators of a vendor: their quotas are one sum, and where one of them has
    no quota, that name cannot have one. Claims count by class. The driver's own classes, which take any of its devices,
    would be a way around that: they are closed, unless pods are given the vendor's devices by a plugin, too, since
    such pods may count for the driver's class (KEP 5004).
    """
    claimed, plugged = by_way(s)
    by_name: dict[str, list[str]] = {}
    for found in plugged.values():
        by_name.setdefault(f"requests.{found.resource(s.cluster.provider)}", []).append(found.key)
    totals = {
        name: sum(amounts.get(key, 0) for key in keys)
        for name, keys in by_name.items()
        if all(key in quota for key in keys)
    }
    vendors = {found.accelerator.vendor for found in plugged.values()}
    for key, found in claimed.items():
        if key in quota:
            totals[class_resource(found.device_class)] = amounts.get(key, 0)
            driver = found.accelerator.driver
            if driver is not None and found.accelerator.vendor not in vendors:
                for own in (driver.device_class, driver.mig_class):
                    totals |= {class_resource(own): 0} if own is not None else {}
    return dict(sorted(totals.items()))


def by_way(s: TeamSite) -> tuple[dict[str, Devices], dict[str, Devices]]:
    """The devices of the cluster's pools by what quotas call them: those that pods claim, and those of a plugin."""
    claimed: dict[str, Devices] = {}
    plugged: dict[str, Devices] = {}
    for pool in s.pools:
        found = devices_of(pool)
        if found is not None:
            way = claimed if claims(s, pool, found) is not None else plugged
            way[found.key] = found
    return claimed, plugged


def class_resource(name: str) -> str:
    """What a ResourceQuota calls the devices of a class."""
    return f"{name}.deviceclass.resource.k8s.io/devices"
