"""What speaks against a place, for a move and for a remedy, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from fleetc.cli.planning.units import cores, count, hourly, memory, some, span
from fleetc.plan.placement.model import Alternative, CapacityClass, Pool, Problem, Workload
from fleetc.plan.placement.reasons import (
    AllowCluster,
    AlternativeGone,
    Beaten,
    ClusterExcluded,
    Component,
    EndMaintenance,
    FewerClusters,
    FewerReplicas,
    Full,
    GivesWay,
    Improves,
    InMaintenance,
    MoreNodes,
    MoveReason,
    NoLongerSuits,
    OneZone,
    OtherAccelerator,
    OverQuota,
    PodTooLarge,
    PoolGone,
    RaiseQuota,
    RaiseQuotas,
    Remedy,
    Resource,
    SeveralZones,
    SplitChanged,
    TooFewNodes,
    Unsuited,
    UseAccelerator,
    Why,
)
from fleetc.plan.placement.result import Move
from fleetc.tuples import NamedTuple

CLASSES: Final[dict[CapacityClass, str]] = {
    "reserved": "reserved",
    "static": "static",
    "onDemand": "on-demand",
    "spot": "spot",
}
COMPONENTS: Final[dict[Component, str]] = {
    "broken": "promises that hold",
    "moves": "fewer moves",
    "alternatives": "which choice it is",
    "capacityClass": "which capacity is used first",
    "unpriced": "a known price",
    "price": "price",
    "parts": "fewer places",
    "balance": "balance",
    "names": "names",
}
"""What a component of the cost is about."""


class Fleet(NamedTuple):
    """What names in reasons stand for."""

    workloads: Mapping[str, Workload]
    pools: Mapping[str, Pool]
    currency: str | None

    @classmethod
    def of(cls, problem: Problem, currency: str | None) -> Fleet:
        """The fleet of a problem; workloads and pools by id."""
        return cls({w.id: w for w in problem.workloads}, {p.id: p for p in problem.pools}, currency)

    def money(self, least: int, most: int | None = None) -> str:
        """A price an hour, or from one to another."""
        return hourly(least, least if most is None else most, self.currency)


def takes(alternative: Alternative) -> str:
    """What a replica asks for: `H100:4`, `2x H100:8` (a node each), `A100/1g.10gb:1`, or CPU and memory."""
    name = "/".join(p for p in (alternative.accelerator, alternative.profile) if p)
    pod = f"{name}:{alternative.devices}" if name else f"{cores(alternative.cpu)} CPU, {memory(alternative.memory)}"
    return f"{alternative.nodes}x {pod}" if alternative.nodes > 1 else pod


def against(why: Why, fleet: Fleet) -> str:
    """Why a pool does not take an alternative, or was not chosen."""
    match why:
        case OtherAccelerator():
            return f"has {why.offered}" if why.offered else "has no accelerator"
        case InMaintenance():
            return "in maintenance"
        case ClusterExcluded():
            return f"cluster excluded: {why.reason}"
        case PodTooLarge():
            return f"a pod asks {_amount(why.resource, why.asked)}, a node has {_amount(why.resource, why.offered)}"
        case SeveralZones():
            return f"nodes are in zones {some(why.zones)}, and a replica must be in one"
        case TooFewNodes():
            return f"a replica needs {count(why.needed, 'node')}, {why.guaranteed:,} guaranteed"
        case Full():
            return _full(why)
        case OverQuota():
            return f"over the team's quota: asks {count(why.asked, 'device')}, {why.left:,} left"
        case Beaten():
            return _beaten(why, fleet)
        case Unsuited():
            return "has room, but no split by weight, spread and failover uses it"
        case _:
            assert_never(why)


def _full(why: Full) -> str:
    beside = f" beside {some(why.others)}" if why.others else ""
    if why.fragmented:
        return f"no sure room for {count(why.replicas, 'replica')}{beside}: enough in all, but pods may land in the way"
    return f"no room for {count(why.replicas, 'replica')}{beside}"


def _beaten(why: Beaten, fleet: Fleet) -> str:
    match why.by:
        case "price":
            return f"fits, for {fleet.money(why.own - why.chosen)} more"
        case "alternatives":
            return "fits, as a later choice"
        case "capacityClass":
            return "fits, on capacity that is used later"
        case "unpriced":
            return "fits, at an unknown price"
        case "parts":
            return f"fits, in {why.own:,} places instead of {why.chosen:,}"
        case "balance":
            return "fits as well, and leaves pools less evenly used"
        case "names":
            return "fits as well; names decide"
        case "moves":
            return "fits, but replicas would move"
        case "broken":
            return "fits, but a promise would break"
        case _:
            assert_never(why.by)


def _amount(resource: Resource, value: int) -> str:
    match resource:
        case "devices":
            return count(value, "device")
        case "cpu":
            return f"{cores(value)} CPU"
        case "memory":
            return memory(value)
        case _:
            assert_never(resource)


def moved(why: MoveReason, fleet: Fleet) -> str:
    """Why replicas leave a pool."""
    match why:
        case PoolGone():
            return "the pool is gone"
        case NoLongerSuits():
            return against(why.why, fleet)
        case AlternativeGone():
            return "that choice is no longer listed"
        case SplitChanged():
            return "fewer replicas belong there by weight, count of clusters, spread and failover"
        case GivesWay():
            return f"gives way to {some(why.others)}" if why.others else "gives way to its own promise"
        case Improves():
            return f"better elsewhere: {COMPONENTS[why.by]}"
        case _:
            assert_never(why)


def leaving(move: Move, fleet: Fleet) -> str:
    """A move in words."""
    leave = "leaves" if move.replicas == 1 else "leave"
    return f"{count(move.replicas, 'replica')} ({move.alternative}) {leave} {move.pool}: {moved(move.why, fleet)}"


def remedied(remedy: Remedy, workload: Workload) -> str:
    """What would work, as something to do."""
    match remedy:
        case MoreNodes():
            return f"guarantee {count(remedy.nodes, 'more node', 'more nodes')} in {remedy.pool}"
        case FewerReplicas():
            return f"promise {count(remedy.least, 'replica')} instead of {workload.replicas.least:,}"
        case AllowCluster():
            return f"allow cluster {remedy.cluster} (excluded: {remedy.reason})"
        case EndMaintenance():
            return f"end the maintenance of {remedy.pool}"
        case OneZone():
            return f"give {remedy.pool} one zone, such as {remedy.zone}: the nodes of a replica have to be in one"
        case RaiseQuota() | RaiseQuotas():
            what = "/".join(p for p in (remedy.accelerator, remedy.profile) if p)
            named = remedy.cluster if isinstance(remedy, RaiseQuota) else "each cluster"
            where = f" on {named}" if named else ""
            return f"raise the quota of team {remedy.team} to {remedy.devices:,} {what}{where}"
        case FewerClusters():
            number = count(remedy.clusters, "cluster")
            return f"let {number} be enough: it fits there without failover, spread and count of clusters"
        case UseAccelerator():
            what = "/".join(p for p in (remedy.accelerator, remedy.profile) if p)
            return f"list {what} as another choice: {remedy.pool} has room for pods of that size"
        case _:
            assert_never(remedy)


def replicas(least: int, most: int) -> str:
    """`2..8 replicas`."""
    return f"{span(least, most)} replica{'' if (least, most) == (1, 1) else 's'}"
