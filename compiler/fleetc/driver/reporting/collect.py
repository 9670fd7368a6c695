"""A report of the fleet at a root: what `check` says of it, and what one whole compile tells beside that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from fleetc.diagnostics import Diagnostic, Severity, sort_key
from fleetc.driver.build import Options, run
from fleetc.driver.files import spec_files
from fleetc.driver.planned import plan_of, planned, view_of
from fleetc.driver.reporting.counts import summary_of
from fleetc.driver.reporting.coverage import policies_of
from fleetc.driver.reporting.dashboards import dashboards_of
from fleetc.driver.reporting.inputs import inputs_of
from fleetc.driver.reporting.model import Cluster, Compiled, Objective, Report
from fleetc.driver.summary import Summary
from fleetc.driver.testing.fleet import Fleet, fleet_of
from fleetc.emission.emission import Emission
from fleetc.language import objective as language
from fleetc.language.document import Locate
from fleetc.plan import Plan
from fleetc.plan.view import PlanView
from fleetc.source.span import Span

_NOTHING = Emission((), (), {})


def report_of(options: Options) -> Report:
    """Compile the fleet and gather what there is to tell. It writes nothing. Raises Failure."""
    outcome = run(options._replace(write=False))
    fleet = fleet_of(options.root)
    included = {file for doc in fleet.front.docs.values() for file, _ in doc.sources}
    inputs = inputs_of(options.root, fleet.sources, {*spec_files(options.root, locks=True), *included})
    diagnostics = tuple(sorted(dict.fromkeys(outcome.diagnostics), key=sort_key))
    refused = any(d.code.severity is Severity.ERROR for d in diagnostics)
    outputs = None if refused else (len(outcome.written), len(outcome.deleted))
    compiled = _compiled(fleet, options.root)
    return Report(diagnostics, inputs, outcome.summary or _summary(fleet), outputs, compiled)


def errors(report: Report) -> tuple[Diagnostic, ...]:
    """The findings that make a build fail."""
    return tuple(d for d in report.diagnostics if d.code.severity is Severity.ERROR)


def _summary(fleet: Fleet) -> Summary | None:
    done = fleet.compiled
    if done is None or done.lowered is None or done.report is None:
        return None
    return summary_of(done.lowered.emission, done.report, fleet.front.docs)


def _compiled(fleet: Fleet, root: str) -> Compiled | None:
    """What a fleet tells that can be planned; None of one whose specs cannot."""
    explainer, done = fleet.explainer, fleet.compiled
    if explainer is None:
        return None if fleet.planning is None else _planned_only(root, fleet)
    made = fleet.planning or plan_of(explainer)[0]
    view = view_of(explainer, made, explainer.locks)
    plan = (done.plan if done is not None else None) or explainer.plan
    lowered = done.lowered if done is not None else None
    emission = lowered.emission if lowered is not None else _NOTHING
    usage = done.report.policies if done is not None and done.report is not None else None
    locate = fleet.sources.locate
    return _of(plan, view, emission, locate)._replace(
        policies=tuple(policies_of(plan, emission, usage, locate)),
        objectives=tuple(objectives_of(plan, emission, locate)),
        dashboards=tuple(dashboards_of(plan, emission, explainer.tracer)),
    )


def _planned_only(root: str, fleet: Fleet) -> Compiled | None:
    """Of a fleet that is planned, and not compiled: something cannot be measured as it says."""
    view = planned(root)
    if not isinstance(view, PlanView):
        return None
    made = fleet.planning
    return None if made is None else _of(made.plan, view, _NOTHING, fleet.sources.locate)


def _of(plan: Plan, view: PlanView, emission: Emission, locate: Locate) -> Compiled:
    world = plan.world
    keys = [pool.key() for pool in world.pools]
    pools = {key: doc.span(locate, ("metadata", "name")) for key, doc in zip(keys, world.pool_docs, strict=True)}
    models = {doc.name: doc.span(locate, ("metadata", "name")) for doc in world.models()}
    workloads = {w.id: models[w.id.partition("@")[0]] for w in view.result.problem.workloads}
    clusters = tuple(_clusters(plan, emission, locate))
    return Compiled(world.fleet.organisation, world.fleet.environments, clusters, view, pools, workloads, (), (), ())


def _clusters(plan: Plan, emission: Emission, locate: Locate) -> Iterator[Cluster]:
    for n, (cluster, doc) in enumerate(zip(plan.world.clusters, plan.world.cluster_docs, strict=True)):
        objects = sum(len(shapes) for _, shapes in emission.objects_at(n))
        yield Cluster(
            cluster.name, cluster.provider, cluster.region, cluster.environment, cluster.kubernetes, cluster.role,
            cluster.residency, cluster.platform, cluster.delivery, len(plan.names_on("Team", n)), objects,
            doc.span(locate, ("metadata", "name")),
        )  # fmt: skip


def objectives_of(plan: Plan, emission: Emission, locate: Locate) -> Iterator[Objective]:
    """The Objectives of a fleet, by name; each variant once, with the clusters that it emits something for."""
    for subject in plan.subjects.values():
        if subject.kind != "Objective" or subject.doc is None:
            continue
        found: dict[int, tuple[language.Objective, list[str]]] = {}
        row = emission.rows.get(subject.id)
        for n in subject.placed:
            if row is not None and not row.cells.get(n):
                continue
            node = cast(language.Objective, plan.world.variant(subject.id, n))
            found.setdefault(id(node), (node, []))[1].append(plan.world.clusters[n].name)
        span = subject.doc.span(locate, ("metadata", "name"))
        yield from (_objective(node, tuple(clusters), span) for node, clusters in found.values())


def _objective(node: language.Objective, clusters: tuple[str, ...], span: Span) -> Objective:
    about = f"Model/{node.model}" if node.model is not None else f"Queue/{node.queue}"
    return Objective(
        node.name, node.team, about, node.indicator, node.threshold, node.target, node.window,
        tuple(a.signal for a in node.anomalies), {n.severity: n.type for n in node.notices}, node.runbook, clusters,
        span,
    )  # fmt: skip
