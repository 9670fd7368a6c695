"""What the placement solver is asked: pools, workloads and quotas, apart from the kinds that people write.

Units throughout: CPU in millicores, memory in bytes, prices in millionths of the currency an hour, all integers.
"""

from __future__ import annotations

from typing import Final, Literal

from fleetc.tuples import NamedTuple

CapacityClass = Literal["reserved", "static", "onDemand", "spot"]
Spread = Literal["none", "cluster", "zone"]
Locks = Literal["hold", "improve"]
"""`hold`: a lock gives way only to a promise (Cargo's rule for build). `improve`: to an earlier alternative as well."""

CLASS_RANK: Final[dict[CapacityClass, int]] = {"reserved": 0, "static": 0, "onDemand": 1, "spot": 2}
"""What is used up first. Reserved and static nodes are paid for either way; spot nodes can be taken away."""


class Room(NamedTuple):
    """What a node offers or a pod takes. Devices are counted as they are allocated: whole ones, or shares of one."""

    devices: int
    cpu: int
    memory: int


class Range(NamedTuple):
    """The least and the most of something, both included."""

    least: int
    most: int


class Sharing(NamedTuple):
    """How a device is divided: the profile that pods ask for (`1g.10gb`, `timeSlicing`), and how many it makes."""

    profile: str
    units: int


EXCLUSIVE: Final = Sharing("", 1)


class Pool(NamedTuple):
    """Nodes of one shape in one cluster, with what is allocatable on each. `price` is that of a node.

    The accelerator is "" for nodes without. Nodes of several zones are taken to be balanced over them. Of a pool that
    `waits` nobody keeps nodes up: one comes when a pod waits for it. That decides nothing here.
    """

    id: str
    cluster: str
    region: str
    zones: tuple[str, ...]
    residency: str | None
    accelerator: str
    devices: int
    cpu: int
    memory: int
    nodes: Range
    capacity: CapacityClass
    price: int | None
    maintenance: bool = False
    sharing: Sharing = EXCLUSIVE
    waits: bool = False

    def node(self) -> Room:
        """What a node offers to pods."""
        return Room(self.devices * self.sharing.units, self.cpu, self.memory)

    def guaranteed(self) -> int:
        """The nodes that a promise may count on: all that are reserved or static, else those that are always up."""
        return self.nodes.most if self.capacity in {"reserved", "static"} else self.nodes.least


class Alternative(NamedTuple):
    """One way to run a replica. `name` is unique in its workload, and stable: locks refer to it.

    `devices`, `cpu` and `memory` are those of a pod; a replica is `nodes` pods. Above 1 each takes a whole node, all in
    one pool. `facts` (the fit's margin, say) is carried along and never read. `rank` is how much it is wanted, 0 the
    most, where that is not its place in the list: those of one rank are told apart by capacity and price.
    """

    name: str
    accelerator: str
    devices: int
    cpu: int
    memory: int
    nodes: int = 1
    profile: str = ""
    one_zone: bool = False
    facts: object = None
    rank: int = -1


class ClusterWeight(NamedTuple):
    """A cluster that a workload may run on, and its weight (1 or more) when replicas are split."""

    cluster: str
    weight: int = 1


class Excluded(NamedTuple):
    """A cluster that a workload may not run on, and the only reason (`residency eu`), as the caller words it."""

    cluster: str
    reason: str


class Locked(NamedTuple):
    """Where replicas were promised so far: pool, name of the alternative, replicas."""

    pool: str
    alternative: str
    replicas: int


class Workload(NamedTuple):
    """Something that runs as replicas: fleet totals, its ways to run from the most to the least wanted, and where.

    `cluster_count` bounds how many clusters share it. `failover` asks for two at least; `spread: cluster` for as many
    as may take a promised replica each; `spread: zone` for no zone with more than half of a cluster's replicas, where
    these are two or more. `move_cost` is what it takes to move a replica, in any unit that workloads share.
    """

    id: str
    team: str
    alternatives: tuple[Alternative, ...]
    replicas: Range
    clusters: tuple[ClusterWeight, ...]
    excluded: tuple[Excluded, ...] = ()
    spread: Spread = "none"
    failover: bool = False
    cluster_count: Range | None = None
    previous: tuple[Locked, ...] = ()
    move_cost: int = 1


class Quota(NamedTuple):
    """How many devices (or shares of that profile) the promises of a team may take: on a cluster, or with "" in the
    whole fleet. Absent: any number."""

    team: str
    accelerator: str
    devices: int
    profile: str = ""
    cluster: str = ""


class Problem(NamedTuple):
    """All that is placed together. The order of pools, workloads, clusters and quotas does not matter."""

    pools: tuple[Pool, ...]
    workloads: tuple[Workload, ...]
    quotas: tuple[Quota, ...] = ()
    locks: Locks = "hold"
