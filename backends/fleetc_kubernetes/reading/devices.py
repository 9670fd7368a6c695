"""A team's quota of devices read back."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from fleetc.emission.site import TeamSite
from fleetc_kubernetes.pools.devices import Devices, devices_of
from fleetc_kubernetes.pools.quota import canonical, nodes_in_order
from fleetc_kubernetes.reading.values import Objects, amount, items, mapping, text
from fleetc_kubernetes.tenancy.device_quota import NAME, by_way, class_resource


def read_devices(sites: Sequence[TeamSite], every: Objects, names: Sequence[str]) -> dict[str, int]:
    """How many devices of each kind the team has, all its namespaces together; those of the first cluster with pools.

    A device plugin has one name for all accelerators of a vendor: their sum is told apart by the team's ClusterQueue,
    where there is one.
    """
    site = next((s for s in sites if s.pools.names()), sites[0])
    hard = [mapping(every.get("ResourceQuota", name, NAME), "spec", "hard") for name in names]
    totals = {resource: _sum([each.get(resource) for each in hard]) for resource in hard[0]}
    claimed, plugged = by_way(site)
    out = {
        key: totals[name] for key, found in claimed.items() if (name := class_resource(found.device_class)) in totals
    }
    queued = _queued(site, every)
    for name, keys in _by_name(site, plugged).items():
        if name in totals:
            out |= {keys[0]: totals[name]} if len(keys) == 1 else {key: queued.get(key, 0) for key in keys}
    known = [canonical(s.team.quota.devices) for s in sites]
    return {key: count for key, count in out.items() if any(here.get(key) != count for here in known)}


def _by_name(site: TeamSite, plugged: dict[str, Devices]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for key, found in plugged.items():
        out.setdefault(f"requests.{found.resource(site.cluster.provider)}", []).append(key)
    return out


def _sum(parts: Sequence[object]) -> int:
    return int(sum((found.value for part in parts if (found := amount(part)) is not None), Fraction(0)))


def _queued(site: TeamSite, every: Objects) -> dict[str, int]:
    """What the team's ClusterQueue has of each kind, over all nodes that have it."""
    key_of = {nodes.name: found.key for nodes in nodes_in_order(site) if (found := devices_of(nodes.pool)) is not None}
    out: dict[str, int] = {}
    for group in items(every.get("ClusterQueue", "", site.team.name), "spec", "resourceGroups"):
        for flavor in items(group, "flavors"):
            key = key_of.get(text(flavor, "name"))
            for resource in items(flavor, "resources"):
                if key is not None and text(resource, "name") not in ("cpu", "memory"):
                    out[key] = out.get(key, 0) + _sum([resource.get("nominalQuota")])
    return out
