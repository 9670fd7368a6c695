"""A plan as data, for programs. docs/plan.md describes it; what changes its meaning changes `API_VERSION`.

Integers only: bytes, millicores, millionths of the currency an hour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from fleetc.cli.planning.detail import layout
from fleetc.cli.planning.reasons import binds, explained, kept
from fleetc.cli.planning.use import Use, by_unit, taken, uses
from fleetc.cli.planning.words import Fleet, against, moved, remedied
from fleetc.plan.placement import explain
from fleetc.plan.placement.model import Alternative, Range
from fleetc.plan.placement.reasons import Kept
from fleetc.plan.placement.result import Explanation, Move, Placement, Proof
from fleetc.plan.placement.whatif import WhatIf
from fleetc.plan.view import PlanView

API_VERSION: Final = "fleetc.plan/v1"

Data = dict[str, Any]


def plan_data(view: PlanView, ids: Sequence[str], *, verbose: bool) -> Data:
    """A plan; of workloads only those with these ids, if any. `rejected` is null unless verbose."""
    fleet, result = Fleet.of(view.result.problem, view.currency), view.result
    found = uses(result)
    shown = sorted(ids or (w.id for w in result.problem.workloads))
    told = frozenset(shown) if verbose or ids else explained(view)
    return {
        "apiVersion": API_VERSION,
        "kind": "Plan",
        "currency": view.currency,
        "workloads": [_workload(view, fleet, id, told=id in told, verbose=verbose or bool(ids)) for id in shown],
        "pools": [_pool(use) for use in found],
        "totals": _totals(view, found),
        "search": _search(view),
        "locks": [lock._asdict() for lock in view.locks],
    }


def whatif_data(found: WhatIf, question: Data, currency: str | None, wrote: Sequence[str] | None) -> Data:
    """What a loss or a drain does. `wrote`: lock files, or null where none are to be written."""
    fleet = Fleet.of(found.after.problem, currency)
    return {
        "apiVersion": API_VERSION,
        "kind": "WhatIf",
        "currency": currency,
        "question": question,
        "unmoved": list(found.unmoved),
        "moved": list(found.moved),
        "narrowed": list(found.narrowed),
        "broken": [_broken(found, id, fleet) for id in found.broken],
        "unplacedBefore": [u.workload for u in found.before.unplaced],
        "shifts": [
            {
                "workload": shift.workload,
                "replicas": shift.replicas,
                "from": _place(shift.source),
                "to": _place(shift.target),
                "reason": _tagged(shift.why, moved(shift.why, fleet)),
            }
            for shift in found.shifts
        ],
        "pools": [_pool(use) for use in uses(found.after)],
        "wrote": None if wrote is None else list(wrote),
    }


def _place(place: tuple[str, str] | None) -> Data | None:
    return None if place is None else {"pool": place[0], "alternative": place[1]}


def _broken(found: WhatIf, id: str, fleet: Fleet) -> Data:
    told = explain(found.after, id)
    return {"workload": id, "binding": {"constraint": told.binding, "text": binds(told, fleet, fleet.workloads[id])}}


def _workload(view: PlanView, fleet: Fleet, id: str, *, told: bool, verbose: bool) -> Data:
    workload, placed = fleet.workloads[id], view.result.of(id)
    left = next((u for u in view.result.unplaced if u.workload == id), None)
    # Steady fleets are large and locked: that nothing moves is known without asking.
    at_rest = placed is not None and kept(workload, placed)
    silent = Explanation(id, Kept() if at_rest else None, None, (), ())
    why = view.explanation(id) if told and (verbose or not at_rest) else silent
    asked = view.asked.get(id)
    ways = {a.name: a for a in workload.alternatives}
    return {
        "id": id,
        "team": workload.team,
        "placed": placed is not None,
        "replicas": _range(workload.replicas),
        "asked": asked._asdict() if asked else None,
        "alternatives": [_alternative(a) for a in workload.alternatives],
        "price": {"promised": placed.price_least, "atMost": placed.price_most} if placed else None,
        "parts": [_part(view, id, p, ways[p.alternative]) for p in placed.parts] if placed else [],
        "explained": told or at_rest,
        "reason": _tagged(why.reason) if why.reason is not None else None,
        "moves": [_move(m, fleet) for m in (placed.moves if placed else left.moves if left else ())],
        "binding": {"constraint": why.binding, "text": binds(why, fleet, workload)} if why.binding else None,
        "remedies": [_tagged(r, remedied(r, workload)) for r in why.remedies],
        "better": list(view.better.get(id, ())),
        "rejected": _rejected(why, fleet) if verbose else None,
    }


def _alternative(way: Alternative) -> Data:
    return {
        "name": way.name, "accelerator": way.accelerator, "profile": way.profile, "devices": way.devices,
        "cpu": way.cpu, "memory": way.memory, "nodes": way.nodes,
    }  # fmt: skip


def _range(found: Range) -> Data:
    return {"promised": found.least, "atMost": found.most}


def _part(view: PlanView, id: str, part: Placement, way: Alternative) -> Data:
    fit, reach = view.fits.get((id, way.name)), view.boundary(id, way.name)
    return {
        "cluster": part.cluster,
        "pool": part.pool,
        "alternative": part.alternative,
        "replicas": {"promised": part.least, "atMost": part.most},
        "devices": {"promised": taken(part, part.least), "atMost": taken(part, part.most)},
        "price": {"promised": part.price_least, "atMost": part.price_most},
        "fit": None if fit is None else {
            "fits": fit.fits, "binding": str(fit.binding), 
            "layout": {**fit.layout._asdict(), "text": layout(fit.layout)},
            "weights": fit.weights, "cache": fit.cache, "runtime": fit.runtime, "usable": fit.usable,
            "margin": fit.margin, "overPcie": fit.over_pcie,
        },
        "boundary": reach._asdict() if reach else None,
    }  # fmt: skip


def _move(move: Move, fleet: Fleet) -> Data:
    reason = _tagged(move.why, moved(move.why, fleet))
    return {"pool": move.pool, "alternative": move.alternative, "replicas": move.replicas, "reason": reason}


def _rejected(told: Explanation, fleet: Fleet) -> list[Data]:
    return [
        {
            "pool": r.pool,
            "cluster": r.cluster,
            "alternative": r.alternative,
            "why": _tagged(r.why, against(r.why, fleet)),
        }
        for r in told.rejected
    ]


def _pool(use: Use) -> Data:
    pool, offers = use.pool, use.pool.node()
    return {
        "id": pool.id,
        "cluster": pool.cluster,
        "accelerator": pool.accelerator,
        "profile": pool.sharing.profile,
        "class": pool.capacity,
        "maintenance": pool.maintenance,
        "node": {"devices": offers.devices, "cpu": offers.cpu, "memory": offers.memory},
        "nodes": {
            "least": pool.nodes.least,
            "most": pool.nodes.most,
            "guaranteed": pool.guaranteed(),
            "keptUp": not pool.waits,
        },
        "price": pool.price,
        "use": _use([use]),
        "proof": _proof(use.proof) if use.proof else None,
    }


def _use(found: Sequence[Use]) -> Data:
    return {
        "unit": "devices" if found[0].pool.accelerator else "millicores",
        "promised": sum(u.promised for u in found),
        "atMost": sum(u.at_most for u in found),
        "guaranteed": sum(u.guaranteed for u in found),
        "apart": sum(u.apart for u in found),
        "free": sum(u.free for u in found),
        "allNodesUp": sum(u.most for u in found),
    }


def _proof(proof: Proof) -> Data:
    groups = [
        {
            "nodes": group.nodes,
            "exact": group.exact,
            "name": group.name,
            "kept": {"guaranteed": group.kept.least, "most": group.kept.most},
            "workloads": list(group.workloads),
            "pods": [{**p.room._asdict(), "pods": p.pods, "workloads": list(p.workloads)} for p in group.pods],
        }
        for group in proof.groups
    ]
    together = proof.apart.together if proof.apart else None
    return {"groups": groups, "together": together, "atMost": proof.at_most, "burst": proof.burst}


def _totals(view: PlanView, found: Sequence[Use]) -> Data:
    parts = [part for placed in view.result.placed for part in placed.parts]
    return {
        "devices": {unit: _use(of) for unit, of in by_unit(list(found)).items()},
        "price": {
            "promised": sum(p.price_least or 0 for p in parts),
            "atMost": sum(p.price_most or 0 for p in parts),
            "partsWithoutPrice": sum(p.price_least is None for p in parts),
        },
        "placed": len(view.result.placed),
        "unplaced": len(view.result.unplaced),
    }


def _search(view: PlanView) -> Data:
    gap = view.result.gap
    return {
        "exact": view.result.exact,
        "gap": None if gap.component is None else {
            "component": gap.component, "found": gap.found, "bound": gap.bound, "basisPoints": gap.basis_points(),
        },
    }  # fmt: skip


def _tagged(value: Any, text: str | None = None) -> Data:
    """A member of a closed union: its kind, its fields, and the words for it."""
    fields = {_camel(name): _plain(of) for name, of in value._asdict().items()}
    kind = type(value).__name__
    said = {} if text is None else {"text": text}
    return {"kind": kind[0].lower() + kind[1:], **fields, **said}


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return _tagged(value)
    return list(value) if isinstance(value, tuple) else value


def _camel(name: str) -> str:
    return re.sub(r"_(.)", lambda m: m[1].upper(), name)
