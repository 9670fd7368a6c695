"""The pools of a fleet as simulated nodes: what planning counts with, as the real scheduler sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from fleetc.catalogue.accelerators import Vendor
from fleetc.emission.site import ClusterSite
from fleetc.language.amounts import count_range
from fleetc.language.pool import GPUPool
from fleetc.plan.capacity.pools import pool_site
from fleetc.plan.plan import CLUSTER_SUBJECT, Plan
from fleetc.resolve import World
from fleetc.resolve.pools import pods, room
from fleetc_kubernetes.pools import nodes as lowered
from fleetc_kubernetes.pools.devices import Devices, claims, devices_of
from fleetc_kubernetes.pools.sets import NodeSet, node_sets
from fleetc_rehearsal import Devices as Offered
from fleetc_rehearsal import NodePool, Taint


class Simulated(NamedTuple):
    """A pool, its devices, whether pods claim these, and a set of its nodes: all, or those that are kept for the same
    pods, or for none."""

    pool: GPUPool
    devices: Devices | None
    claimed: bool
    nodes: NodePool


def site_of(world: World, cluster: str) -> ClusterSite:
    """The site of a cluster."""
    plan = Plan(world)
    return cast(ClusterSite, plan.site(plan.subjects[CLUSTER_SUBJECT], world.index[cluster]))


def simulated(site: ClusterSite, *, guaranteed: bool = False) -> Iterator[Simulated]:
    """Every set of nodes of a cluster's pools, with as many nodes as it may have, or only those that are guaranteed."""
    for pool in site.pools:
        found = devices_of(pool)
        claimed = found is not None and claims(site, pool, found) is not None
        sets = node_sets(site, pool)
        assert sum(nodes.guaranteed for nodes in sets) == pool_site(pool, site.cluster).pool.guaranteed()
        assert sum(nodes.most for nodes in sets) == count_range(pool.nodes).most
        for nodes in sets:
            number = nodes.guaranteed if guaranteed else nodes.most
            yield Simulated(pool, found, claimed, _nodes(site, nodes, found, number, claimed=claimed))


def node_pools(world: World, cluster: str) -> list[NodePool]:
    """The nodes of every pool of a cluster."""
    return [one.nodes for one in simulated(site_of(world, cluster))]


def _nodes(site: ClusterSite, of: NodeSet, found: Devices | None, number: int, *, claimed: bool) -> NodePool:
    provider, pool = site.cluster.provider, of.pool
    left = room(pool, provider)
    return NodePool(
        of.name,
        number,
        cpu=f"{left.cpu_millis}m",
        memory=str(left.memory_bytes),
        pods=pods(pool, provider),
        extended={found.resource(provider): found.each_node} if found is not None and not claimed else {},
        devices=[_offered(found)] if found is not None and claimed else [],
        labels={**lowered.selector(pool, found, of.name), **lowered.operator_labels(pool, found)},
        taints=[Taint(taint["key"], taint.get("value", ""), taint["effect"]) for taint in lowered.taints(found)],
        zones=sorted(pool.zones or site.cluster.zones),
    )


def _offered(found: Devices) -> Offered:
    """The devices as their driver publishes them. Only of NVIDIA's is known what it says of a model."""
    driver = found.accelerator.driver
    assert driver is not None
    profile = found.accelerator.profile(found.mig) if found.mig is not None else None
    memory = found.accelerator.memory_mib if profile is None else profile.memory_mib
    attributes: dict[str, str | bool | int] = {}
    if found.accelerator.vendor is Vendor.NVIDIA:
        attributes["type"] = "gpu" if profile is None else "mig"
        # The catalogue has the label's spelling. The driver has spaces, some of which are dashes there, too.
        attributes["productName"] = found.accelerator.labels.gfd[0].replace("-", " ")
        if profile is not None:
            attributes["profile"] = profile.name
    return Offered(driver.name, found.each_node, attributes, {"memory": f"{memory}Mi"} if memory is not None else {})
