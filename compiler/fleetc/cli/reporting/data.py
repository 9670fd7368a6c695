"""A report as data, for programs and for the page. docs/schemas/report.json describes it; what changes its meaning
changes `API_VERSION`.

Integers only: bytes, millicores, millionths of the currency an hour. Nothing is folded: that is the page's.
"""

from __future__ import annotations

from typing import Any, Final

from fleetc.cli import render
from fleetc.cli.planning.reasons import binds, explained, why
from fleetc.cli.planning.units import some
from fleetc.cli.planning.use import Use, short_name, taken, unit_of, uses
from fleetc.cli.planning.words import Fleet, remedied, takes
from fleetc.driver.reporting.model import Compiled, Dashboard, Objective, Policy, Report
from fleetc.plan.placement.result import Placed, Placement
from fleetc.plan.view import PlanView
from fleetc.source.span import Span

API_VERSION: Final = "fleetc.report/v1"

Data = dict[str, Any]


def report_data(report: Report) -> Data:
    """A report of a fleet whose specs can be planned."""
    compiled = report.compiled
    assert compiled is not None
    view = compiled.view
    return {
        "apiVersion": API_VERSION,
        "kind": "Report",
        "organisation": compiled.organisation,
        "environments": list(compiled.environments),
        "currency": view.currency,
        "inputs": inputs_data(report),
        "diagnostics": render.json(report.diagnostics),
        "summary": _summary(report),
        "outputs": None if report.outputs is None else dict(zip(("write", "delete"), report.outputs, strict=True)),
        "clusters": [{**c._asdict(), "span": _place(c.span)} for c in compiled.clusters],
        "placements": _placements(compiled),
        "pools": [_pool(use, compiled) for use in uses(view.result)],
        "policies": [_policy(policy) for policy in compiled.policies],
        "objectives": [_objective(one) for one in compiled.objectives],
        "dashboards": [_dashboard(one) for one in compiled.dashboards],
    }


def inputs_data(report: Report) -> Data:
    """What the report was made of."""
    made = report.inputs
    return {
        "digest": f"sha256:{made.digest}", "files": made.files, "revision": made.revision, "modified": made.modified,
    }  # fmt: skip


def _summary(report: Report) -> Data | None:
    found = report.summary
    return None if found is None else {**found._asdict(), "notes": [list(note) for note in found.notes]}


def _place(span: Span) -> Data:
    return {"file": span.file, "line": span.line}


def _placements(compiled: Compiled) -> list[Data]:
    view = compiled.view
    fleet, told = Fleet.of(view.result.problem, view.currency), explained(view)
    order = sorted(fleet.workloads.values(), key=lambda w: (w.team, w.id))
    placed = {p.workload: p for p in view.result.placed}
    return [_placement(compiled, fleet, w.id, placed.get(w.id), told=w.id in told) for w in order]


def _placement(compiled: Compiled, fleet: Fleet, id: str, placed: Placed | None, *, told: bool) -> Data:
    view, workload = compiled.view, fleet.workloads[id]
    if placed is not None:
        words, works = why(view, fleet, workload, placed, told=told), list[str]()
    elif told:
        found = view.explanation(id)
        words, works = binds(found, fleet, workload), [remedied(r, workload) for r in found.remedies]
    else:
        words, works = "", []
    # How far a fit reaches takes long to tell, and is the same on all clusters.
    names = dict.fromkeys(part.alternative for part in placed.parts) if placed is not None else ()
    ways = {name: _way(view, fleet, id, name) for name in names}
    return {
        "id": id,
        "team": workload.team,
        "asks": some([takes(a) for a in workload.alternatives]),
        "replicas": {"promised": workload.replicas.least, "atMost": workload.replicas.most},
        "placed": placed is not None,
        "why": words,
        "works": works,
        "better": list(view.better.get(id, ())),
        "parts": [_part(fleet, part, ways[part.alternative]) for part in placed.parts] if placed is not None else [],
        "span": _place(compiled.workloads[id]),
    }


def _part(fleet: Fleet, part: Placement, way: Data) -> Data:
    return {
        "cluster": part.cluster,
        "pool": short_name(fleet.pools[part.pool]),
        "each": way["each"],
        "replicas": {"promised": part.least, "atMost": part.most},
        "devices": {"promised": taken(part, part.least), "atMost": taken(part, part.most)},
        "price": {"promised": part.price_least, "atMost": part.price_most},
        "fit": way["fit"],
    }


def _way(view: PlanView, fleet: Fleet, id: str, name: str) -> Data:
    """What a replica takes in one of the ways to run it, and how it fits."""
    way = next(a for a in fleet.workloads[id].alternatives if a.name == name)
    fit, reach = view.fits.get((id, name)), view.boundary(id, name)
    return {
        "each": takes(way).partition(", ")[0],
        "fit": None if fit is None else {
            "fits": fit.fits, "binding": str(fit.binding), "weights": fit.weights, "cache": fit.cache,
            "runtime": fit.runtime, "usable": fit.usable, "margin": fit.margin,
            "reach": reach._asdict() if reach is not None else None,
        },
    }  # fmt: skip


def _pool(use: Use, compiled: Compiled) -> Data:
    pool = use.pool
    return {
        "cluster": pool.cluster,
        "name": short_name(pool),
        "offers": unit_of(pool),
        "unit": "devices" if pool.accelerator else "millicores",
        "class": pool.capacity,
        "maintenance": pool.maintenance,
        "nodes": {"least": pool.nodes.least, "most": pool.nodes.most, "guaranteed": pool.guaranteed()},
        "price": pool.price,
        "promised": use.promised,
        "aside": use.aside,
        "atMost": use.at_most,
        "apart": use.apart,
        "free": use.free,
        "guaranteed": use.guaranteed,
        "allNodesUp": use.most,
        "spare": _spare(use),
        "span": _place(compiled.pools[pool.id]),
    }


def _spare(use: Use) -> int | None:
    """The guaranteed nodes that the pool's promises can do without: of those that are kept apart, what they can where
    the fewest are to spare. None of a pool in maintenance."""
    if use.pool.maintenance:
        return None
    kept = [group.kept.least - group.nodes for group in use.proof.groups if group.pods] if use.proof else []
    return min(kept, default=use.pool.guaranteed())


def _policy(policy: Policy) -> Data:
    return {
        "name": policy.name,
        "pack": policy.pack,
        "span": _place(policy.span),
        "clusters": [{**on._asdict(), "objects": dict(on.objects)} for on in policy.on],
        "rules": [{**rule._asdict(), "ends": dict(rule.ends)} for rule in policy.rules],
        "exceptions": [
            {
                "name": one.name, "owner": one.owner, "reason": one.reason, "expires": one.expires,
                "rules": list(one.rules), "match": {"namespaces": list(one.namespaces), "names": list(one.names)},
                "needed": one.needed, "span": _place(one.span),
            }
            for one in policy.exceptions
        ],
    }  # fmt: skip


def _objective(one: Objective) -> Data:
    made = {**one._asdict(), "anomalies": list(one.anomalies), "clusters": list(one.clusters)}
    return {**made, "notices": dict(one.notices), "span": _place(one.span)}


def _dashboard(one: Dashboard) -> Data:
    panels = [{**panel._asdict(), "inside": list(panel.inside)} for panel in one.panels]
    return {**one._asdict(), "panels": panels, "clusters": list(one.clusters), "span": _place(one.span)}
