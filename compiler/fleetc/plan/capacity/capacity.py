"""The placement problem of a whole fleet, and what each number in it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fleetc.catalogue.accelerators import accelerator
from fleetc.language.amounts import count_range
from fleetc.language.team import Team
from fleetc.plan.capacity.asked import Asked, asked
from fleetc.plan.capacity.groups import APART, Group, Groups, models
from fleetc.plan.capacity.pools import Nodes, PoolSite, pool_site
from fleetc.plan.capacity.ways import Fits, Refused, Way, by_name, ways
from fleetc.plan.placement.model import ClusterWeight, Locked, Problem, Quota, Range, Workload
from fleetc.plan.plan import Plan
from fleetc.tuples import NamedTuple

Locks = Mapping[str, tuple[Locked, ...]]
"""Where the replicas of each model (by name) were promised so far."""


class Capacity(NamedTuple):
    """The problem; and by the ids in it, the pools, groups, what is asked, and the ways that fit or are refused.

    A group with something refused, or without a cluster, is not in the problem: its errors come first.
    """

    problem: Problem
    pools: dict[str, PoolSite]
    groups: dict[str, Group]
    asked: dict[str, Asked]
    ways: dict[tuple[str, str], Way]
    refused: dict[str, tuple[Refused, ...]]

    def sites(self, group: Group, plan: Plan) -> list[PoolSite]:
        """The pools of the clusters that a group may be on."""
        names = {plan.world.cluster_docs[n].name for n in group.clusters}
        return [site for site in self.pools.values() if site.cluster.name in names]


def capacity(plan: Plan, locks: Locks, only: str | None = None) -> Capacity:
    """What is asked of the planner: for all models, or `only` one (by id). The world is whole, and its names are known
    to be right."""
    made = Capacity(Problem((), ()), _pools(plan), {}, {}, {}, {})
    fits, grouped, kinds = Fits(), Groups(plan), _Kinds(plan, made.pools)
    workloads: list[Workload] = []
    for doc in models(plan) if only is None else [plan.world.docs[only]]:
        for group in grouped.of(doc):
            made.groups[group.id] = group
            wanted = asked(group.model)
            if wanted is None or not group.clusters:
                continue
            made.asked[group.id] = wanted
            found = ways(group.model, wanted, kinds.on(group.clusters), fits)
            made.refused[group.id] = found.refused
            made.ways.update({(group.id, way.alternative.name): way for way in found.ways})
            if not found.refused:
                workloads.append(_workload(plan, group, found.ways, locks.get(doc.name, ())))
    pools = tuple(site.pool for site in made.pools.values())
    return made._replace(problem=Problem(pools, tuple(workloads), tuple(_quotas(plan))))


def _pools(plan: Plan) -> dict[str, PoolSite]:
    world = plan.world
    return {node.key(): pool_site(node, world.clusters[world.index[node.cluster]]) for node in world.pools}


class _Kinds:
    """The kinds of nodes on clusters; many models may be on the same ones."""

    def __init__(self, plan: Plan, pools: Mapping[str, PoolSite]) -> None:
        self._names = [doc.name for doc in plan.world.cluster_docs]
        self._by_cluster: dict[str, dict[Nodes, None]] = {}
        self._known: dict[tuple[int, ...], list[Nodes]] = {}
        for site in pools.values():
            if site.nodes is not None:
                self._by_cluster.setdefault(site.cluster.name, {})[site.nodes] = None

    def on(self, clusters: tuple[int, ...]) -> list[Nodes]:
        """In the order of `by_name`."""
        found = self._known.get(clusters)
        if found is None:
            every = {nodes for n in clusters for nodes in self._by_cluster.get(self._names[n], ())}
            found = self._known[clusters] = sorted(every, key=by_name)
        return found


def _workload(plan: Plan, group: Group, found: tuple[Way, ...], locks: tuple[Locked, ...]) -> Workload:
    model, placement = group.model, group.model.placement
    names = [plan.world.cluster_docs[n].name for n in group.clusters]
    # A lock on a cluster that the model may not be on any more is the first group's: that it moves is said.
    apart = {e.cluster for e in group.excluded if e.reason == APART}
    at = {lock: lock.pool.partition("/")[0] for lock in locks}
    mine = tuple(lock for lock in locks if (at[lock] not in apart if group.id == group.doc.name else at[lock] in names))
    count = Range(*count_range(placement.count)) if placement.count is not None else None
    return Workload(
        group.id,
        model.team,
        tuple(way.alternative for way in found),
        Range(*count_range(model.replicas)),
        tuple(ClusterWeight(name, placement.weights.get(name, 1)) for name in names),
        group.excluded,
        placement.spread,
        placement.failover,
        count,
        mine,
    )


def _quotas(plan: Plan) -> Iterator[Quota]:
    for subject in plan.subjects.values():
        if subject.kind != "Team":
            continue
        for n, team in plan.teams(subject):
            yield from _quota(team, plan.world.cluster_docs[n].name)


def _quota(team: Team, cluster: str) -> Iterator[Quota]:
    for kind, count in team.quota.devices.items():
        name, _, profile = kind.partition("/")
        device = accelerator(name)
        if device is not None:
            yield Quota(team.name, device.name, count, profile, cluster)
