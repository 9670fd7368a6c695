"""What of the plan cannot be kept, with the nearest thing that works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from fleetc.diagnostics import Code, Diagnostic, Related, codes
from fleetc.language.amounts import count_range
from fleetc.language.document import Locate
from fleetc.plan.capacity.capacity import Capacity
from fleetc.plan.capacity.groups import APART, Group
from fleetc.plan.capacity.misfits import fits_on, proposals, reason
from fleetc.plan.capacity.ways import Misfit, Refused
from fleetc.plan.placement import explain
from fleetc.plan.placement.reasons import (
    AllowCluster,
    Binding,
    EndMaintenance,
    FewerClusters,
    FewerReplicas,
    Full,
    MoreNodes,
    OverQuota,
    PodTooLarge,
    RaiseQuota,
    Rejected,
    Remedy,
    UseAccelerator,
)
from fleetc.plan.placement.result import Explanation, Result
from fleetc.plan.plan import Plan
from fleetc.source.span import Path

_MOST = 3
_PAIR = 2
_EXPLAINED = 10
"""Of how many models without room the reasons are looked for: what would work for one, the others would take."""


def findings(plan: Plan, made: Capacity, result: Result, locate: Locate) -> list[Diagnostic]:
    """Models that do not fit, have nowhere to be, or whose promise does not hold."""
    found: list[Diagnostic] = []
    for group in made.groups.values():
        refused = made.refused.get(group.id, ())
        found += [_refused(plan, made, group, one, locate) for one in refused]
        if not group.clusters:
            found.append(_nowhere(group, locate))
    for number, unplaced in enumerate(result.unplaced):
        if number < _EXPLAINED:
            found.append(_unplaced(plan, made, explain(result, unplaced.workload), locate))
        else:
            found.append(_left_out(plan, made.groups[unplaced.workload], locate))
    return found


def _refused(plan: Plan, made: Capacity, group: Group, one: Refused, locate: Locate) -> Diagnostic:
    asked, text = made.asked[group.id], group.model.resources[one.item]
    on = "" if text == "auto" else f" on {text}"
    path: Path = ("resources", one.item)
    if isinstance(one.why, Misfit):
        why, hint = reason(asked, one.why), proposals(asked, one.why, made.sites(group, plan))
        on = on or f" on any device there is; of {one.why.nodes.accelerator.name}"
    else:
        why, hint = one.why
    message = f"Model {group.doc.name} does not fit{on}: {why}"
    return _at(plan, group, path, codes.DOES_NOT_FIT, message, hint, locate)


def _at(plan: Plan, group: Group, path: Path, code: Code, message: str, hint: str, locate: Locate) -> Diagnostic:
    """A finding at the place that set a value of a model; at its name where that was no spec."""
    cluster = group.clusters[0] if group.clusters else 0
    origins = list(plan.world.origins(group.doc.id, cluster, path))
    own = next((o for o in origins if o.role == "value" and o.via != "table"), None)
    doc, where = (own.doc, own.path) if own else (group.doc, ("metadata", "name"))
    return Diagnostic(code, message, doc.span(locate, where), hint, path)


def _nowhere(group: Group, locate: Locate) -> Diagnostic:
    """No cluster is left: the first reasons, each with how many clusters it leaves out."""
    counts: dict[str, list[str]] = {}
    for one in group.excluded:
        counts.setdefault(one.reason, []).append(one.cluster)
    parts = [f"{_listed(names)} ({reason})" for reason, names in counts.items()]
    message = f"Model {group.doc.name} may run on no cluster: its placement leaves out {'; '.join(parts)}"
    path: Path = ("spec", "placement")
    span = group.doc.span(locate, path, key=True)
    fewest = min(counts.items(), key=lambda item: len(item[1]), default=None)
    hint = f"allow {fewest[1][0]} ({fewest[0]}), or widen the placement" if fewest else "widen the placement"
    return Diagnostic(codes.NOT_PLACED, message, span, hint, path)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")


def _unplaced(plan: Plan, made: Capacity, found: Explanation, locate: Locate) -> Diagnostic:
    group = made.groups[found.workload]
    binding = found.binding
    assert binding is not None, found
    code = codes.OVER_QUOTA if binding == "quota" else codes.NO_CAPACITY
    path: Path = ("resources", 0) if binding in ("accelerator", "podSize") else ("replicas",)
    message = f"there is no room for {_replicas(group)} of Model {group.id}: {_binding(binding, found.rejected)}"
    if binding == "split" and group.model.placement.failover and count_range(group.model.replicas).least < _PAIR:
        message = f"Model {group.id} promises one replica, and failover needs one on each of two clusters"
        hint = "write `replicas: 2` or more, or remove `failover`"
        return _at(plan, group, ("placement", "failover"), code, message, hint, locate)
    remedies = [r for r in found.remedies if _is_true(made, group, r)]
    hint = " or ".join(map(_remedy, remedies[:_MOST])) or "add a GPUPool, or other `resources`"
    related = tuple(_pools(plan, found, locate))
    return _at(plan, group, path, code, message, hint, locate)._replace(related=related)


def _is_true(made: Capacity, group: Group, remedy: Remedy) -> bool:
    """Whether a remedy holds for what placement knows nothing of: memory, and overrides."""
    match remedy:
        case UseAccelerator():
            return fits_on(made, group.id, remedy.pool)
        case AllowCluster():
            return remedy.reason != APART
        case _:
            return True


def _left_out(plan: Plan, group: Group, locate: Locate) -> Diagnostic:
    message = f"there is no room for {_replicas(group)} of Model {group.id} beside the others"
    hint = f"mend the first ones of these; `fleetc plan {group.id}` tells what would work for this one alone"
    return _at(plan, group, ("replicas",), codes.NO_CAPACITY, message, hint, locate)


def _replicas(group: Group) -> str:
    least = group.model.replicas.partition("..")[0]
    return "the replica" if least == "1" else f"{least} replicas"


def _pools(plan: Plan, found: Explanation, locate: Locate) -> Iterator[Related]:
    """The pools that come nearest, and why each does not do."""
    near = [r for r in found.rejected if isinstance(r.why, Full | OverQuota | PodTooLarge)]
    for one in near[:_MOST]:
        doc = plan.world.docs[f"GPUPool/{one.pool}"]
        yield Related(doc.span(locate, ("metadata", "name")), _against(one))


def _against(one: Rejected) -> str:
    match one.why:
        case Full():
            others = f" beside {_listed([*one.why.others])}" if one.why.others else ""
            why = "what is left is scattered over nodes" if one.why.fragmented else "it is full"
            return f"no room for {one.why.replicas} x {one.alternative}{others}: {why}"
        case OverQuota():
            return f"{one.alternative} takes {one.why.asked} of the team's quota, of which {one.why.left} are left"
        case PodTooLarge():
            kind = {"devices": "devices", "cpu": "millicores", "memory": "bytes"}[one.why.resource]
            return f"a pod of {one.alternative} asks for {one.why.asked:,} {kind}, and a node has {one.why.offered:,}"
        case _:
            return "it does not take it"


def _binding(binding: Binding, rejected: tuple[Rejected, ...]) -> str:
    match binding:
        case "accelerator":
            return "no pool has such devices"
        case "clusters":
            return "the pools with such devices are on clusters where it may not run"
        case "maintenance":
            pools = sorted({r.pool for r in rejected if type(r.why).__name__ == "InMaintenance"})
            return f"{_listed(pools)} {'is' if len(pools) == 1 else 'are'} in maintenance"
        case "podSize":
            return "a pod is larger than any node"
        case "zones":
            return "the nodes of a replica have to be in one zone, and the pools are in several"
        case "nodes":
            return "its pools have too few guaranteed nodes left"
        case "fragmentation":
            return "by numbers there is room, but pods may land so that no node has enough of it"
        case "quota":
            return "the quota of its team does not allow it"
        case "split":
            return "there is room, but not as `placement` wants it spread"
        case _:
            assert_never(binding)


def _remedy(remedy: Remedy) -> str:
    match remedy:
        case FewerReplicas():
            return f"a minimum of {remedy.least} replicas"
        case FewerClusters():
            return f"let it be on {remedy.clusters} cluster{'s' if remedy.clusters > 1 else ''}"
        case EndMaintenance():
            return f"end the maintenance of GPUPool {remedy.pool}"
        case RaiseQuota():
            kind = "/".join(part for part in (remedy.accelerator, remedy.profile) if part)
            where = f" on {remedy.cluster}" if remedy.cluster else ""
            return f"raise `quota.devices` of team {remedy.team} to {kind}: {remedy.devices}{where}"
        case MoreNodes():
            return f"add {remedy.nodes} guaranteed node{'s' if remedy.nodes > 1 else ''} to GPUPool {remedy.pool}"
        case AllowCluster():
            return f"allow cluster {remedy.cluster} ({remedy.reason})"
        case UseAccelerator():
            kind = "/".join(part for part in (remedy.accelerator, remedy.profile) if part)
            return f"take {kind}, of which GPUPool {remedy.pool} has room"
        case _:
            assert_never(remedy)
