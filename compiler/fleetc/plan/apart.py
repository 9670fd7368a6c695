"""Clusters that a model is shared between, and whose servers are no one Service: what keeps them apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from fleetc.catalogue.engines import engine
from fleetc.diagnostics import Diagnostic, codes
from fleetc.language.document import Locate
from fleetc.language.model import Model
from fleetc.plan.plan import Plan, Subject
from fleetc.resolve.places import Places


def apart(plan: Plan, subject: Subject, locate: Locate) -> Iterator[Diagnostic]:
    """One finding for a model whose clusters are of several sets (those of none have one of their own), or whose
    servers answer at several ports: a route to all of them names one."""
    sets: dict[tuple[str, str], list[int]] = {}
    ports: dict[int, list[int]] = {}
    for n in subject.placed:
        found = plan.world.clusters[n].network.multicluster
        shared = cast(Model, plan.world.variant(subject.id, n)).routing.shared()
        if shared and found.implementation is not None and found.set is not None:
            sets.setdefault((found.implementation, found.set), []).append(n)
            ports.setdefault(_port(plan, subject, n), []).append(n)
    if len(sets) > 1:
        listed = [f"{_names(plan, at)} in {name} ({how})" for (how, name), at in sorted(sets.items())]
        message = f"requests go to its servers on all its clusters, which share no Services: {'; '.join(listed)}"
        hint = "place it on clusters of one set, or write `clusters: own`"
        n = min(min(at) for at in sets.values())
        yield _problem(plan, subject, n, locate, message, hint)
    elif len(ports) > 1:
        listed = [f"{port} on {_names(plan, at)}" for port, at in sorted(ports.items())]
        message = f"requests go to its servers on all its clusters, which answer at several ports: {'; '.join(listed)}"
        hint = "run one engine on all of them, or write `clusters: own`"
        few = min(ports.values(), key=lambda at: (len(at), at))
        yield _problem(plan, subject, few[0], locate, message, hint)


def _port(plan: Plan, subject: Subject, n: int) -> int:
    serving = plan.serving(subject.name, n)
    found = engine(serving.engine)
    release = found.release(serving.version) if found is not None else None
    return release.port if release is not None else 0


def _problem(plan: Plan, subject: Subject, n: int, locate: Locate, message: str, hint: str) -> Diagnostic:
    doc = plan.doc(subject, n)
    return Places(doc, plan.world.layers(doc, n), locate).problem(
        codes.NOT_SERVABLE, message, ("routing", "clusters"), hint
    )


def _names(plan: Plan, at: list[int]) -> str:
    return ", ".join(sorted(plan.world.clusters[n].name for n in at))
