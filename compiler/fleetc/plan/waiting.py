"""Objectives that wait for their model: where it is served nowhere, that is what is wrong."""

from __future__ import annotations

from typing import cast

from fleetc.language.objective import Objective
from fleetc.plan.plan import Plan, Subject


def is_served(plan: Plan, model: str, cluster: int) -> bool:
    """Whether a model is planned on a cluster."""
    return model in plan.names_on("Serving", cluster)


def is_waiting(plan: Plan, subject: Subject) -> bool:
    """Whether an Objective is about a model that is served nowhere: that it has no room is what is wrong."""
    if subject.kind != "Objective" or not subject.placed:
        return False
    node = cast(Objective, plan.world.variant(subject.id, subject.placed[0]))
    return node.model is not None and not any(is_served(plan, node.model, n) for n in range(len(plan.world.clusters)))
