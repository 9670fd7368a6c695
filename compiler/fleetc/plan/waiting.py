"""Subjects that may emit nothing: Objectives and Dashboards that wait for their model, and Telemetries that only
declare metrics."""

from __future__ import annotations

from typing import cast

from fleetc.language.dashboard import Dashboard
from fleetc.language.objective import Objective
from fleetc.language.telemetry import Telemetry
from fleetc.plan.plan import Plan, Subject


def is_served(plan: Plan, model: str, cluster: int) -> bool:
    """Whether a model is planned on a cluster."""
    return model in plan.names_on("Serving", cluster)


def is_waiting(plan: Plan, subject: Subject) -> bool:
    """Whether an Objective or a Dashboard is about a model that is served nowhere: that it has no room is what is
    wrong."""
    if subject.kind not in ("Objective", "Dashboard") or not subject.placed:
        return False
    node = plan.world.variant(subject.id, subject.placed[0])
    model = node.for_.model if isinstance(node, Dashboard) else cast(Objective, node).model
    return model is not None and not any(is_served(plan, model, n) for n in range(len(plan.world.clusters)))


def is_heard_otherwise(plan: Plan, subject: Subject) -> bool:
    """Whether a subject that emits nothing says something all the same, or something else is wrong with it."""
    if subject.kind == "Telemetry" and subject.placed:
        return bool(cast(Telemetry, plan.world.variant(subject.id, subject.placed[0])).metrics)
    return is_waiting(plan, subject)
