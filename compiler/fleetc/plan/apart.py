"""Clusters that a model is shared between, and that share no Services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from fleetc.diagnostics import Diagnostic, codes
from fleetc.language.document import Locate
from fleetc.language.model import Model
from fleetc.plan.plan import Plan, Subject
from fleetc.resolve.places import Places


def apart(plan: Plan, subject: Subject, locate: Locate) -> Iterator[Diagnostic]:
    """One finding for a model whose clusters are of several sets. Those of none have one of their own."""
    sets: dict[tuple[str, str], list[int]] = {}
    for n in subject.placed:
        found = plan.world.clusters[n].network.multicluster
        shared = cast(Model, plan.world.variant(subject.id, n)).routing.shared()
        if shared and found.implementation is not None and found.set is not None:
            sets.setdefault((found.implementation, found.set), []).append(n)
    if len(sets) < 2:
        return
    listed = [f"{_names(plan, at)} in {name} ({how})" for (how, name), at in sorted(sets.items())]
    message = f"requests go to its servers on all its clusters, which share no Services: {'; '.join(listed)}"
    n = min(min(at) for at in sets.values())
    doc = plan.doc(subject, n)
    places = Places(doc, plan.world.layers(doc, n), locate)
    hint = "place it on clusters of one set, or write `clusters: own`"
    yield places.problem(codes.NOT_SERVABLE, message, ("routing", "clusters"), hint)


def _names(plan: Plan, at: list[int]) -> str:
    return ", ".join(sorted(plan.world.clusters[n].name for n in at))
