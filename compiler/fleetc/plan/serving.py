"""From the planner's answer to what lowerings read of it."""

from __future__ import annotations

from typing import Final

from fleetc.language.document import Doc
from fleetc.language.serving import Serving, ServingPart
from fleetc.plan.capacity.capacity import Capacity
from fleetc.plan.fit import Layout
from fleetc.plan.fit.memory import checkpoint
from fleetc.plan.placement.result import NodeGroup, Placement, Result

_WHOLE: Final = Layout(1)
"""Of what runs without devices."""


def servings(made: Capacity, result: Result) -> dict[str, dict[str, Serving]]:
    """What is planned, by model and cluster; equal ones are one object. What has no room is left out."""
    once: dict[str, Serving] = {}
    apart = {(proof.pool, id): group for proof in result.proofs for group in proof.groups[1:] for id in group.workloads}
    out: dict[str, dict[str, Serving]] = {}
    for placed in result.placed:
        group = made.groups[placed.workload]
        here: dict[str, list[ServingPart]] = {}
        for part in placed.parts:
            kept = apart.get((part.pool, placed.workload))
            here.setdefault(part.cluster, []).append(_part(made, placed.workload, part, kept))
        for cluster, parts in here.items():
            serving = _serving(made, placed.workload, group.doc, sorted(parts, key=lambda p: p.pool))
            out.setdefault(group.doc.name, {})[cluster] = once.setdefault(repr(serving), serving)
    return out


def _serving(made: Capacity, workload: str, doc: Doc, parts: list[ServingPart]) -> Serving:
    asked = made.asked[workload]
    work = asked.workload
    return Serving(
        id=f"Serving/{doc.name}",
        name=doc.name,
        labels={},
        team=made.groups[workload].model.team,
        parts=tuple(parts),
        engine=asked.engine.name,
        version=asked.version,
        context=work.context,
        concurrency=work.concurrency,
        weights=str(work.weights),
        cache=str(work.cache),
        utilization=asked.terms.utilization_permille,
        checkpoint=checkpoint(work.architecture, work.weights),
    )


def _part(made: Capacity, workload: str, placed: Placement, apart: NodeGroup | None) -> ServingPart:
    way = made.ways[workload, placed.alternative]
    layout, own = way.fit.layout if way.fit is not None else _WHOLE, way.alternative
    return ServingPart(
        pool=placed.pool.partition("/")[2],
        way=placed.alternative,
        accelerator=own.accelerator,
        profile=own.profile,
        devices=placed.pod.devices,
        nodes=placed.pods,
        tensor=layout.tensor,
        pipeline=layout.pipeline,
        data=layout.data,
        expert=layout.expert,
        cpu=placed.pod.cpu,
        memory=placed.pod.memory,
        least=placed.least,
        most=placed.most,
        kept=apart.name if apart else "",
        apart=apart.kept.least if apart else 0,
        apart_most=apart.kept.most if apart else 0,
    )
