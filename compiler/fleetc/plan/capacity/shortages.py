"""Why promised replicas have no room, and what would make it, in words; what is proposed is literally to be written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from fleetc.catalogue.accelerators import accelerator
from fleetc.language.amounts import millis
from fleetc.language.wording import gib
from fleetc.plan.capacity.capacity import Capacity
from fleetc.plan.capacity.groups import APART, ELSEWHERE, Group, widened
from fleetc.plan.capacity.pools import PoolSite
from fleetc.plan.capacity.proposals import Wish, elsewhere
from fleetc.plan.capacity.ways import Fits, ways
from fleetc.plan.placement.model import Range
from fleetc.plan.placement.reasons import (
    AllowCluster,
    EndMaintenance,
    FewerClusters,
    FewerReplicas,
    Full,
    InMaintenance,
    MoreNodes,
    OneZone,
    OtherAccelerator,
    OverQuota,
    PodTooLarge,
    RaiseQuota,
    RaiseQuotas,
    Rejected,
    Remedy,
    Resource,
    SeveralZones,
    TooFewNodes,
    Unsuited,
    UseAccelerator,
)
from fleetc.plan.placement.result import Explanation

MOST: Final = 3
"""How many of something are named."""
NEAR: Final = (Full, OverQuota, PodTooLarge, TooFewNodes, SeveralZones, InMaintenance, Unsuited)
"""What speaks against a pool that has what is asked for."""
SAID_BY: Final[dict[type, str]] = {TooFewNodes: "nodes", SeveralZones: "zones", InMaintenance: "maintenance"}
"""The field of the pool that says so."""


def some(names: list[str]) -> str:
    """The first of them, and how many more."""
    return ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")


def bound(made: Capacity, found: Explanation, group: Group) -> str:
    """What keeps a workload from having room."""
    whys = [r.why for r in found.rejected]
    match found.binding:
        case None | "accelerator":
            offered = sorted({why.offered for why in whys if isinstance(why, OtherAccelerator) and why.offered})
            wanted = some([*group.model.resources])
            return f"no pool has {wanted}; there {'are' if offered else 'is none'} {some(offered)}".rstrip()
        case "clusters":
            return "the pools with such devices are on clusters where it may not run"
        case "maintenance":
            pools = sorted({r.pool for r in found.rejected if isinstance(r.why, InMaintenance)})
            return f"{some(pools)} {'is' if len(pools) == 1 else 'are'} in maintenance"
        case "podSize":
            return "a pod is larger than any node"
        case "zones":
            return "the nodes of a replica have to be in one zone, and the pools are in several"
        case "nodes":
            if not any(isinstance(why, Full) for why in whys):
                return "its pools guarantee too few nodes for one replica"
            return "its pools have too few guaranteed nodes left"
        case "fragmentation":
            return "by numbers there is room, but pods may land so that no node has enough of it"
        case "quota":
            return "the quota of its team does not allow it"
        case "split":
            return _split(made, found, group)
        case _:
            assert_never(found.binding)


def _split(made: Capacity, found: Explanation, group: Group) -> str:
    """What of the placement asks for more clusters or zones than have room."""
    pools = [made.pools[r.pool].pool for r in found.rejected if isinstance(r.why, NEAR)]
    clusters, zones = sorted({p.cluster for p in pools}), sorted({z for p in pools for z in p.zones})
    placement = group.model.placement
    if placement.spread == "zone" and not placement.failover and placement.count is None:
        return f"`spread: zone` lets no zone have more than half of them, and its pools are in {some(zones)}"
    if placement.failover or placement.count is not None:
        why = (
            "`failover` wants a second cluster that holds all" if placement.failover else "`count` wants more clusters"
        )
        apart = [e.cluster for e in group.excluded if e.reason == APART]
        also = f"; an override makes {some(apart)} a group of its own, with its own replicas" if apart else ""
        return f"{why}, and pools that suit are on {some(clusters)}{also}"
    return "there is room, but not as its `placement` wants it spread"


def against(one: Rejected, site: PoolSite) -> str:
    """Why a pool that has what is asked for does not do."""
    match one.why:
        case Full():
            others = f" beside {some([*one.why.others])}" if one.why.others else ""
            guaranteed = f"; {_guaranteed(site)}" if site.pool.guaranteed() < site.pool.nodes.most else ""
            why = "what is left is scattered over nodes" if one.why.fragmented else "it is full"
            return f"no room for {one.why.replicas} x {one.alternative}{others}: {why}{guaranteed}"
        case OverQuota():
            return f"{one.alternative} takes {one.why.asked} of the team's quota, of which {one.why.left} are left"
        case PodTooLarge():
            asked, offered = (
                amount(one.why.resource, one.why.asked, most=True),
                amount(one.why.resource, one.why.offered),
            )
            return f"a pod of {one.alternative} asks for {asked}, and a node has {offered}"
        case TooFewNodes():
            many = f"{one.why.needed} node{'s' if one.why.needed > 1 else ''}"
            return f"a replica as {one.alternative} takes {many}, and {_guaranteed(site)}"
        case SeveralZones():
            return f"its nodes are in zones {some([*one.why.zones])}"
        case InMaintenance():
            return "it is in maintenance: nothing new is placed on it"
        case _:
            return "it has room, but by clusters, zones and weights the replicas cannot be split like that"


def _guaranteed(site: PoolSite) -> str:
    """What of a pool's nodes a promise may count on."""
    least, most = site.pool.nodes
    here = site.pool.guaranteed()
    kind = {"spot": "spot", "onDemand": "on-demand"}.get(site.pool.capacity)
    if kind is None or least == most:
        return f"the pool guarantees {here}"
    return f"of {least}..{most} {kind} nodes only the {least} that are always up are guaranteed"


def amount(resource: Resource, value: int, most: bool = False) -> str:
    """A number of devices, millicores or bytes in words; `most`: rounded up."""
    match resource:
        case "devices":
            return f"{value} devices"
        case "cpu":
            return f"{value / 1000:g} CPU"
        case "memory":
            return f"{gib(value, up=most)} of memory"
        case _:
            assert_never(resource)


def remedies(made: Capacity, wish: Wish, group: Group, found: Explanation) -> list[str]:
    """What would work, the easiest first."""
    said = [text for one in found.remedies if (text := _remedy(made, wish, group, one))]
    if not said and found.binding == "podSize":
        said = [*_smaller_pod(group, found)]
    if not said and found.binding in ("accelerator", "clusters"):
        said = [f"write {one}" for one in elsewhere(wish)]
    return said[:MOST]


def _smaller_pod(group: Group, found: Explanation) -> Iterator[str]:
    """The CPU and memory that the largest node has for a pod."""
    whys = [(r.why, r.alternative) for r in found.rejected if isinstance(r.why, PodTooLarge)]
    for why, name in sorted(whys, key=lambda item: -item[0].offered)[:1]:
        if why.resource == "devices":
            continue
        unit, suffix = (1000, "") if why.resource == "cpu" else (2**30, "Gi")
        devices = int(name.partition(" ")[0].rpartition(":")[2]) if ":" in name else 0
        over = why.asked - why.offered
        field, value = f"pod.{why.resource}", why.offered
        if devices:
            pod = group.model.pod.per_device
            from_text = pod.cpu if why.resource == "cpu" else pod.memory
            field, value = f"pod.perDevice.{why.resource}", _number(from_text, why.resource) - -(-over // devices)
        if value >= unit:
            yield f"write `{field}: {value // unit}{suffix}` or less"


def _number(text: str, resource: Resource) -> int:
    return millis(text) if resource == "cpu" else millis(text) // 1000


def _remedy(made: Capacity, wish: Wish, group: Group, remedy: Remedy) -> str:
    """A remedy as something to write; "" for one that does not hold, for memory or overrides which placement does not
    know."""
    match remedy:
        case FewerReplicas():
            _, dots, most = group.model.replicas.partition("..")
            return f"write `replicas: {remedy.least}{dots}{most}`"
        case FewerClusters():
            return f"remove {_spreading(group)}: all replicas then are on {remedy.clusters} cluster" + (
                "s" if remedy.clusters > 1 else ""
            )
        case EndMaintenance():
            return f"end the maintenance of GPUPool {remedy.pool}"
        case RaiseQuota() | RaiseQuotas():
            kind = "/".join(part for part in (remedy.accelerator, remedy.profile) if part)
            where = f" for cluster {remedy.cluster}" if isinstance(remedy, RaiseQuota) and remedy.cluster else ""
            return f"write `quota: {{devices: {{{kind}: {remedy.devices}}}}}` in Team {remedy.team}{where}"
        case MoreNodes():
            return _more(made.pools[remedy.pool], remedy.nodes)
        case OneZone():
            return f"give GPUPool {remedy.pool} one zone: `zones: {remedy.zone}`"
        case AllowCluster():
            return "" if remedy.reason == APART else _allow(made, group, remedy)
        case UseAccelerator():
            text = _other(made, wish, group, remedy)
            return f"write `resources: [{text}]`, for which GPUPool {remedy.pool} has room" if text else ""
        case _:
            assert_never(remedy)


def _allow(made: Capacity, group: Group, remedy: AllowCluster) -> str:
    cluster = next(site.cluster for site in made.pools.values() if site.cluster.name == remedy.cluster)
    parts = [widened(group.model.placement, cluster)]
    if ELSEWHERE in remedy.reason:
        parts.append(f"place Team {group.model.team} on cluster {remedy.cluster}")
    known = " and ".join(part for part in parts if part)
    return known or f"allow cluster {remedy.cluster} (left out: {remedy.reason})"


def _spreading(group: Group) -> str:
    placement = group.model.placement
    given = {
        "`failover`": placement.failover,
        f"`spread: {placement.spread}`": placement.spread != "none",
        "`count`": placement.count is not None,
    }
    return " and ".join(name for name, is_given in given.items() if is_given)


def _more(site: PoolSite, nodes: int) -> str:
    """So many guaranteed nodes more: whole slices, and where nodes may not come, those that are always up."""
    hosts = (site.nodes.hosts if site.nodes else None) or 1
    least, most = site.pool.nodes
    more = -(-nodes // hosts) * hosts
    wanted = Range(least, most + more)
    if site.pool.capacity in ("onDemand", "spot"):
        wanted = Range(least + more, max(most, least + more))
    elif least == most:
        wanted = Range(most + more, most + more)
    text = str(wanted.least) if wanted.least == wanted.most else f"{wanted.least}..{wanted.most}"
    return f"write `nodes: {text}` in GPUPool {site.pool.id}"


def _other(made: Capacity, wish: Wish, group: Group, remedy: UseAccelerator) -> str:
    """Another accelerator as `resources`, if the model fits there in pods of the size that was tried; else ""."""
    nodes = made.pools[remedy.pool].nodes
    first = next((way.alternative for (of, _), way in made.ways.items() if of == group.id), None)
    if nodes is None or first is None or accelerator(remedy.accelerator) is None:
        return ""
    text = f"{nodes.accelerator.name}:{first.devices * first.nodes}"
    model = wish.model.__replace__(resources=(text,))
    found = ways(model, wish.asked, [nodes], Fits())
    same = [w for w in found.ways if (w.alternative.devices, w.alternative.nodes) == (first.devices, first.nodes)]
    return text if same and not found.refused else ""
