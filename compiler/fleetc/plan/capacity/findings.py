"""What of the plan cannot be kept, with the nearest thing that works."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.catalogue.engines import engine, newest
from fleetc.diagnostics import Code, Diagnostic, Related, codes
from fleetc.language.amounts import count_range
from fleetc.language.document import Locate
from fleetc.plan.capacity.capacity import Capacity
from fleetc.plan.capacity.groups import ELSEWHERE, Group, widened
from fleetc.plan.capacity.misfits import reason
from fleetc.plan.capacity.proposals import Wish, proposals
from fleetc.plan.capacity.shortages import MOST, NEAR, SAID_BY, against, bound, remedies, some
from fleetc.plan.capacity.ways import AUTO, Misfit, Refused, Unfit, by_name
from fleetc.plan.fit import Constraint
from fleetc.plan.placement import explain
from fleetc.plan.placement.result import Explanation, Result
from fleetc.plan.plan import Plan
from fleetc.source.span import Path

_PAIR = 2
_EXPLAINED = 10
"""Of how many models without room the reasons are looked for: what would work for one, the others would take."""
_SAID_BY = {
    Constraint.CONTEXT: ("context",),
    Constraint.PRECISION: ("precision",),
    Constraint.CACHE_PRECISION: ("cachePrecision",),
}
"""The field that says what does not work, where that is not `resources`."""
_BY_NUMBER = ("nodes", "fragmentation", "quota", "split")
"""What keeps replicas from having room that fewer of them might have."""


def findings(plan: Plan, made: Capacity, result: Result, locate: Locate) -> list[Diagnostic]:
    """Models that do not fit, have nowhere to be, or whose promise does not hold."""
    found: list[Diagnostic] = []
    for group in made.groups.values():
        refused = made.refused.get(group.id, ())
        found += [_refused(plan, made, group, one, locate) for one in refused]
        if not group.clusters:
            found.append(_nowhere(plan, made, group, locate))
        elif group.id not in made.asked:
            found.append(_unmeasured(plan, group, locate))
    for number, unplaced in enumerate(result.unplaced):
        if number < _EXPLAINED:
            found.append(_unplaced(plan, made, explain(result, unplaced.workload), locate))
        else:
            found.append(_left_out(plan, made.groups[unplaced.workload], locate))
    return found


def _refused(plan: Plan, made: Capacity, group: Group, one: Refused, locate: Locate) -> Diagnostic:
    wish, text = _wish(plan, made, group), group.model.resources[one.item]
    on = "" if text == AUTO else f" on {text}"
    path: Path = ("resources", one.item)
    match one.why:
        case Misfit():
            path = _SAID_BY.get(one.why.verdict.binding, path)
            why, nodes = reason(wish.asked, one.why), one.why.nodes
            of = "/".join(part for part in (nodes.accelerator.name, nodes.profile) if part)
            on = on or f" on any node that it may use; on {nodes.accelerator.name}:{one.why.each}, the largest"
            why += "" if wish.has(nodes) or text == AUTO else f" (and no pool that it may use has {of})"
        case Unfit():
            why = one.why.why
        case _:
            why = one.why[0]
    message = f"Model {group.doc.name} does not fit{on}{',' if on and text == AUTO else ':'} {why}"
    return _at(plan, group, path, codes.DOES_NOT_FIT, message, proposals(wish, one), locate)


def _unmeasured(plan: Plan, group: Group, locate: Locate) -> Diagnostic:
    """Without what an engine itself takes there is no verdict, and so no place."""
    name = group.model.engine.name
    found = engine(name)
    message = f"how much memory {name} takes in the version of Model {group.doc.name} is not known"
    hint = f"write `engine: {{name: {name}, version: {newest(found)}}}`" if found else "take another engine"
    return _at(plan, group, ("engine", "version"), codes.DOES_NOT_FIT, message, hint, locate)


def _wish(plan: Plan, made: Capacity, group: Group) -> Wish:
    kinds = {site.nodes for site in made.sites(group, plan) if site.nodes is not None}
    return Wish(group.model, made.asked[group.id], sorted(kinds, key=by_name))


def _at(plan: Plan, group: Group, path: Path, code: Code, message: str, hint: str, locate: Locate) -> Diagnostic:
    """A finding at the place that set a value of a model; at its name where that was no spec."""
    cluster = group.clusters[0] if group.clusters else 0
    origins = list(plan.world.origins(group.doc.id, cluster, path))
    if path == ("replicas",):
        # Where nobody wrote how many, what each takes is the next thing to look at.
        origins += plan.world.origins(group.doc.id, cluster, ("resources", 0))
    own = next((o for o in origins if o.role == "value" and o.via != "table"), None)
    doc, where = (own.doc, own.path) if own else (group.doc, ("metadata", "name"))
    return Diagnostic(code, message, doc.span(locate, where), hint, path)


def _nowhere(plan: Plan, made: Capacity, group: Group, locate: Locate) -> Diagnostic:
    """No cluster is left: the reasons, each with the clusters that it leaves out."""
    counts: dict[str, list[str]] = {}
    for one in group.excluded:
        counts.setdefault(one.reason, []).append(one.cluster)
    parts = [f"{some(names)} ({reason})" for reason, names in counts.items()]
    message = f"Model {group.doc.name} may run on no cluster: its placement leaves out {'; '.join(parts)}"
    path: Path = ("spec", "placement")
    span = group.doc.span(locate, path, key=True)
    mine = {one.cluster for one in group.excluded if ELSEWHERE not in one.reason}
    # Of use are clusters that have pools; and a model's own spec is easier to change than a cluster's.
    with_pools = {site.cluster.name for site in made.pools.values()}
    clusters = [cluster for cluster in plan.world.clusters if cluster.name in mine & (with_pools or mine)]
    hints = [hint for cluster in clusters if (hint := widened(group.model.placement, cluster))]
    hint = (
        min(hints, key=lambda h: (" in Cluster " in h, len(h)))
        if hints
        else f"place Team/{group.model.team} where it is to run"
    )
    return Diagnostic(codes.NOT_PLACED, message, span, hint, path)


def _unplaced(plan: Plan, made: Capacity, found: Explanation, locate: Locate) -> Diagnostic:
    group = made.groups[found.workload]
    code = codes.OVER_QUOTA if found.binding == "quota" else codes.NO_CAPACITY
    path: Path = ("replicas",) if found.binding in _BY_NUMBER else ("resources", 0)
    least = count_range(group.model.replicas).least
    if found.binding == "split" and group.model.placement.failover and least < _PAIR:
        message = f"Model {group.id} promises one replica, and failover needs one on each of two clusters"
        hint = "write `replicas: 2` or more, or remove `failover`"
        return _at(plan, group, ("placement", "failover"), code, message, hint, locate)
    message = f"there is no room for {_replicas(group)} of Model {group.id}: {bound(made, found, group)}"
    said = remedies(made, _wish(plan, made, group), group, found)
    hint = ", or ".join(said) or "add a GPUPool, or other `resources`"
    related = tuple(_pools(plan, made, found, locate))
    return _at(plan, group, path, code, message, hint, locate)._replace(related=related)


def _pools(plan: Plan, made: Capacity, found: Explanation, locate: Locate) -> Iterator[Related]:
    """The pools that come nearest, and why each does not do."""
    for one in [r for r in found.rejected if isinstance(r.why, NEAR)][:MOST]:
        doc = plan.world.docs[f"GPUPool/{one.pool}"]
        said_by: Path = ("spec", SAID_BY[type(one.why)]) if type(one.why) in SAID_BY else ("metadata", "name")
        where = said_by if said_by[1] in doc.tree.get("spec", {}) else ("metadata", "name")
        yield Related(doc.span(locate, where), against(one, made.pools[one.pool]))


def _left_out(plan: Plan, group: Group, locate: Locate) -> Diagnostic:
    message = f"there is no room for {_replicas(group)} of Model {group.id} beside the others"
    hint = f"mend the first ones of these; `fleetc plan {group.id}` tells what would work for this one alone"
    return _at(plan, group, ("replicas",), codes.NO_CAPACITY, message, hint, locate)


def _replicas(group: Group) -> str:
    least = group.model.replicas.partition("..")[0]
    return "the replica" if least == "1" else f"{least} replicas"
