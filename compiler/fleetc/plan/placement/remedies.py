"""What would let a workload be placed, with all others where they are. Each is tried, not guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fleetc.plan.placement.exact import MOST_OPTIONS
from fleetc.plan.placement.greedy import best
from fleetc.plan.placement.model import ClusterWeight, Pool, Problem, Quota, Range, Workload
from fleetc.plan.placement.options import Choices, Option
from fleetc.plan.placement.reasons import (
    AllowCluster,
    EndMaintenance,
    FewerClusters,
    FewerReplicas,
    MoreNodes,
    OneZone,
    RaiseQuota,
    RaiseQuotas,
    Remedy,
    UseAccelerator,
)
from fleetc.plan.placement.standing import Standing, rebuilt

MOST_NODES: Final = 64
MOST_POOLS: Final = 8
"""Pools that are tried, and how many nodes more in each."""

Try = Callable[[Problem, Workload], tuple[Standing, Option] | None]


def remedies(problem: Problem, at: Standing, workload: Workload) -> Iterator[Remedy]:
    """What works on its own, in the order in which people can do it most easily."""

    def attempt(changed: Problem, one: Workload) -> tuple[Standing, Option] | None:
        if changed is problem:
            # The same pools and quotas: what is promised stands as it is.
            known = best(Choices(at.table, one), at.ledger, MOST_OPTIONS)
            return None if known is None else (at, known)
        workloads = tuple(one if w.id == one.id else w for w in changed.workloads)
        after = rebuilt(changed._replace(workloads=workloads), at.placed, at.ledger.worst, one.id)
        option = best(Choices(after.table, one), after.ledger, MOST_OPTIONS)
        return None if option is None else (after, option)

    yield from _fewer_replicas(problem, workload, attempt)
    yield from _fewer_clusters(problem, workload, attempt)
    yield from _maintenance(problem, workload, attempt)
    yield from _quota(problem, at, workload, attempt)
    yield from _one_zone(problem, workload, attempt)
    yield from _more_nodes(problem, workload, attempt)
    yield from _clusters(problem, workload, attempt)
    yield from _accelerators(problem, workload, attempt)


def _fewer_replicas(problem: Problem, workload: Workload, attempt: Try) -> Iterator[Remedy]:
    for least in range(min(workload.replicas.least - 1, MOST_NODES), 0, -1):
        if attempt(problem, workload._replace(replicas=Range(least, workload.replicas.most))):
            yield FewerReplicas(least)
            return


def _fewer_clusters(problem: Problem, workload: Workload, attempt: Try) -> Iterator[Remedy]:
    bound = workload.failover or workload.spread != "none" or workload.cluster_count is not None
    looser = workload._replace(failover=False, spread="none", cluster_count=None)
    if bound and (worked := attempt(problem, looser)):
        after, option = worked
        yield FewerClusters(len({after.table.pools[p.seat.pool].cluster for p in option.parts}))


def _maintenance(problem: Problem, workload: Workload, attempt: Try) -> Iterator[Remedy]:
    for pool in _matching(problem, workload):
        if pool.maintenance and attempt(_with(problem, pool._replace(maintenance=False)), workload):
            yield EndMaintenance(pool.id)


def _quota(problem: Problem, at: Standing, workload: Workload, attempt: Try) -> Iterator[Remedy]:
    own = sorted(q for q in problem.quotas if q.team == workload.team)
    found = False
    for quota in own:
        devices = _needed(problem, at, workload, [quota], attempt)
        if devices > quota.devices:
            found = True
            yield RaiseQuota(quota.team, quota.accelerator, quota.profile, devices, quota.cluster)
    if found:
        return
    kinds: dict[tuple[str, str], list[Quota]] = {}
    for quota in own:
        if quota.cluster:
            kinds.setdefault((quota.accelerator, quota.profile), []).append(quota)
    for kind, quotas in kinds.items():
        devices = _needed(problem, at, workload, quotas, attempt) if len(quotas) > 1 else 0
        if devices > min(quota.devices for quota in quotas):
            yield RaiseQuotas(workload.team, *kind, devices)


def _needed(problem: Problem, at: Standing, workload: Workload, quotas: list[Quota], attempt: Try) -> int:
    """What is taken from the quotas (the most of any) when the workload is placed without them; 0 if it is not."""
    without = problem._replace(quotas=tuple(q for q in problem.quotas if q not in quotas))
    worked = attempt(without, workload)
    if worked is None:
        return 0
    _, option = worked
    # Used is counted for quotas only, so it is asked of the ledger that has these.
    at.ledger.add(workload, option.parts)
    devices = max(at.ledger.used((q.team, q.accelerator, q.profile, q.cluster)) for q in quotas)
    at.ledger.remove(workload, option.parts)
    return devices


def _one_zone(problem: Problem, workload: Workload, attempt: Try) -> Iterator[Remedy]:
    """A pool of several zones for a replica of several nodes. Which of the zones makes no difference to a replica."""
    if not any(a.one_zone and a.nodes > 1 for a in workload.alternatives):
        return
    for pool in [p for p in _matching(problem, workload) if len(p.zones) > 1][:MOST_POOLS]:
        for zone in pool.zones[:1]:
            if attempt(_with(problem, pool._replace(zones=(zone,))), workload):
                yield OneZone(pool.id, zone)


def _more_nodes(problem: Problem, workload: Workload, attempt: Try) -> Iterator[Remedy]:
    """The pools for which fewest nodes suffice."""
    found: list[MoreNodes] = []
    allowed = {c.cluster for c in workload.clusters}
    pools = [p for p in _matching(problem, workload) if p.cluster in allowed and not p.maintenance]
    fewest = MOST_NODES
    for pool in pools[:MOST_POOLS]:
        # No more than were enough elsewhere: of pools that need more nothing is said.
        if attempt(_with(problem, _grown(pool, fewest)), workload):
            fewest = _fewest(problem, workload, pool, fewest, attempt)
            found.append(MoreNodes(pool.id, fewest))
    yield from (f for f in found if f.nodes == fewest)


def _fewest(problem: Problem, workload: Workload, pool: Pool, enough: int, attempt: Try) -> int:
    """The fewest nodes that are enough: few mostly are, so from one upwards, in ever larger steps."""
    too_few, step = 0, 1
    while enough - too_few > 1:
        tried = min(too_few + step, (too_few + enough) // 2) if step else (too_few + enough) // 2
        if attempt(_with(problem, _grown(pool, tried)), workload):
            enough, step = tried, 0
        else:
            too_few, step = tried, 2 * step
    return enough


def _grown(pool: Pool, more: int) -> Pool:
    """The pool with more guaranteed nodes."""
    least, most = pool.nodes
    if pool.capacity in {"reserved", "static"}:
        return pool._replace(nodes=Range(least, most + more))
    return pool._replace(nodes=Range(least + more, max(most, least + more)))


def _clusters(problem: Problem, workload: Workload, attempt: Try) -> Iterator[Remedy]:
    for excluded in sorted(workload.excluded):
        wider = workload._replace(clusters=(*workload.clusters, ClusterWeight(excluded.cluster)))
        if any(p.cluster == excluded.cluster for p in _matching(problem, workload)) and attempt(problem, wider):
            yield AllowCluster(excluded.cluster, excluded.reason)


def _accelerators(problem: Problem, workload: Workload, attempt: Try) -> Iterator[Remedy]:
    """Pods of the size of the first alternative on each accelerator that it does not name, where it may run."""
    known = {(a.accelerator, a.profile) for a in workload.alternatives}
    allowed = {c.cluster for c in workload.clusters}
    for pool in sorted(problem.pools, key=lambda p: p.id):
        key = (pool.accelerator, pool.sharing.profile)
        if key in known or not pool.accelerator or pool.sharing.profile or pool.cluster not in allowed:
            continue
        for first in workload.alternatives[:1]:
            other = first._replace(accelerator=pool.accelerator, profile="", name=f"{pool.accelerator}:{first.devices}")
            if first.devices and attempt(problem, workload._replace(alternatives=(other,), previous=())):
                known.add(key)
                yield UseAccelerator(pool.id, *key)


def _matching(problem: Problem, workload: Workload) -> list[Pool]:
    """The pools of an accelerator that the workload names, by id."""
    wanted = {(a.accelerator, a.profile) for a in workload.alternatives}
    pools = sorted(problem.pools, key=lambda p: p.id)
    return [p for p in pools if (p.accelerator, p.sharing.profile) in wanted]


def _with(problem: Problem, pool: Pool) -> Problem:
    return problem._replace(pools=tuple(pool if p.id == pool.id else p for p in problem.pools))
