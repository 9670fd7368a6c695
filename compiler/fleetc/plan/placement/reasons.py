"""Why something is where it is, why not elsewhere, and what would work: closed unions, for `match`."""

from __future__ import annotations

from typing import Final, Literal, assert_never

from fleetc.tuples import NamedTuple

Resource = Literal["devices", "cpu", "memory"]
Component = Literal[
    "broken", "moves", "alternatives", "capacityClass", "unpriced", "price", "parts", "balance", "names"
]
"""What is compared, in the order of importance; with locks that improve, alternatives come before moves.

Broken promises (workloads); replicas moved times their cost; replicas times the place of their alternative, from 0;
replicas times the rank of the capacity; replicas whose price is unknown; price of the promises, in millionths an hour;
parts; the sum of squares of the pools' use in thousandths; names in alphabetical order.
"""

# Why a pool does not take an alternative of a workload.


class OtherAccelerator(NamedTuple):
    """The nodes have another accelerator, or divide it in another way."""

    offered: str


class InMaintenance(NamedTuple):
    """The pool is in maintenance."""


class ClusterExcluded(NamedTuple):
    """The workload may not run on the cluster; the reason as the caller words it."""

    reason: str


class PodTooLarge(NamedTuple):
    """An empty node does not hold a pod."""

    resource: Resource
    asked: int
    offered: int


class SeveralZones(NamedTuple):
    """All nodes of a replica must be in one zone, and those of the pool are in several."""

    zones: tuple[str, ...]


class TooFewNodes(NamedTuple):
    """Even an otherwise empty pool does not guarantee the nodes of one replica."""

    needed: int
    guaranteed: int


class Full(NamedTuple):
    """Beside the promises of others (ids), the pool does not always have room for its share of replicas.

    `fragmented`: by numbers alone there would be room, but pods may land so that no node has enough of it.
    """

    replicas: int
    others: tuple[str, ...]
    fragmented: bool


class OverQuota(NamedTuple):
    """The promise is above what is left of the team's quota, in devices."""

    asked: int
    left: int


class Beaten(NamedTuple):
    """It would fit, and is worse than what was chosen: the first component that differs, the choice's and its own."""

    by: Component
    chosen: int
    own: int


class Unsuited(NamedTuple):
    """It has room, but no split of replicas by weight, count of clusters, spread and failover uses it."""


Why = (
    OtherAccelerator
    | InMaintenance
    | ClusterExcluded
    | PodTooLarge
    | SeveralZones
    | TooFewNodes
    | Full
    | OverQuota
    | Beaten
    | Unsuited
)


class Rejected(NamedTuple):
    """A pool and an alternative that were not chosen."""

    pool: str
    cluster: str
    alternative: str
    why: Why


# Why a part of a workload is where it is.


class Kept(NamedTuple):
    """It was there before, and nothing forces it away."""


class OnlyWay(NamedTuple):
    """No other placement would keep its promise beside those of others."""


class Better(NamedTuple):
    """It beats the best other placement (its pools): the first component that differs, its own and the other's."""

    by: Component
    own: int
    other: int
    pools: tuple[str, ...]


Reason = Kept | OnlyWay | Better


# Why replicas leave a pool.


class PoolGone(NamedTuple):
    """The pool does not exist any more."""


class NoLongerSuits(NamedTuple):
    """The pool does not take that alternative any more."""

    why: Why


class AlternativeGone(NamedTuple):
    """The workload does not list that alternative any more."""


class SplitChanged(NamedTuple):
    """By weight, count of clusters, spread and failover, fewer replicas belong there now."""


class GivesWay(NamedTuple):
    """Were it held there, other promises (ids of workloads) or its own would be broken."""

    others: tuple[str, ...]


class Improves(NamedTuple):
    """Elsewhere it is better (locks that improve)."""

    by: Component


MoveReason = PoolGone | NoLongerSuits | AlternativeGone | SplitChanged | GivesWay | Improves


# What would work.


class MoreNodes(NamedTuple):
    """That many guaranteed nodes more in a pool."""

    pool: str
    nodes: int


class FewerReplicas(NamedTuple):
    """A minimum of that many replicas."""

    least: int


class AllowCluster(NamedTuple):
    """The cluster, which only that reason excludes."""

    cluster: str
    reason: str


class EndMaintenance(NamedTuple):
    """The pool, once it is out of maintenance."""

    pool: str


class RaiseQuota(NamedTuple):
    """A quota of that many devices, on a cluster or with "" in the fleet."""

    team: str
    accelerator: str
    profile: str
    devices: int
    cluster: str = ""


class RaiseQuotas(NamedTuple):
    """A quota of that many devices on each cluster that has one: on one of them alone it is of no use."""

    team: str
    accelerator: str
    profile: str
    devices: int


class OneZone(NamedTuple):
    """The pool, were all of its nodes in one zone (which is one of those that it has)."""

    pool: str
    zone: str


class FewerClusters(NamedTuple):
    """No more than that many clusters have to share it: without failover, spread or the count of clusters."""

    clusters: int


class UseAccelerator(NamedTuple):
    """Another alternative: a pool where it may run has room for pods of the same size, on another accelerator.

    Whether the workload fits that accelerator's memory is for the caller to say.
    """

    pool: str
    accelerator: str
    profile: str


Remedy = (
    MoreNodes
    | FewerReplicas
    | AllowCluster
    | EndMaintenance
    | RaiseQuota
    | RaiseQuotas
    | OneZone
    | FewerClusters
    | UseAccelerator
)

Binding = Literal[
    "accelerator", "clusters", "maintenance", "podSize", "zones", "nodes", "fragmentation", "quota", "split"
]
"""What keeps a workload from being placed: the last of these that some pool gets as far as."""

BINDINGS: Final[tuple[Binding, ...]] = (
    "accelerator",
    "clusters",
    "maintenance",
    "podSize",
    "zones",
    "nodes",
    "fragmentation",
    "quota",
    "split",
)


def binding(why: Why) -> Binding:
    """How far a pool gets."""
    match why:
        case OtherAccelerator():
            return "accelerator"
        case ClusterExcluded():
            return "clusters"
        case InMaintenance():
            return "maintenance"
        case PodTooLarge():
            return "podSize"
        case SeveralZones():
            return "zones"
        case TooFewNodes():
            return "nodes"
        case Full():
            return "fragmentation" if why.fragmented else "nodes"
        case OverQuota():
            return "quota"
        case Beaten() | Unsuited():
            return "split"
        case _:
            assert_never(why)
