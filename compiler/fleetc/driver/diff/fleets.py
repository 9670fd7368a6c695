"""The fleets that both sides' specs describe, of the clusters that are asked about."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from fleetc.diagnostics import Failure
from fleetc.driver.build import Seen
from fleetc.driver.compile import plan_fleet
from fleetc.driver.diff.specs import Specs
from fleetc.driver.front import Front
from fleetc.driver.load import Sources
from fleetc.driver.locks import LocksRead, read_locks
from fleetc.driver.planning import Planning, lock_docs, planning
from fleetc.driver.recall import lock_names
from fleetc.driver.scope import Scope
from fleetc.driver.trace import Tracer
from fleetc.language.serving import recalled_servings
from fleetc.plan.plan import Servings


def tracer_now(specs: Specs, seen: Seen, clusters: Collection[str]) -> Tracer | None:
    """The working tree's fleet; what is planned of models is as the run decided."""
    locks = read_locks(specs.sources, [p for p in lock_names(specs.inputs) if p not in seen.locks], specs.front.docs)
    return _tracer(specs.front, specs.sources, clusters, servings_of(seen), locks)


def servings_of(seen: Seen) -> Servings:
    """What the run decided, or had remembered."""
    if seen.servings is not None:
        return seen.servings
    return recalled_servings(seen.memory.body.servings) if seen.memory is not None else {}


def tracer_before(specs: Specs, clusters: Collection[str], servings: Servings) -> Tracer | None:
    """The revision's fleet, with what is planned of its models."""
    found = specs.old_front
    if found.diagnostics:
        return None
    locks = read_locks(specs.old_sources, specs.old_locks(), found.docs)
    return _tracer(found, specs.old_sources, clusters, servings, locks)


def planned(found: Front, sources: Sources, locks: Collection[str]) -> Planning | None:
    """What is planned of a fleet's models; None where it is no valid fleet."""
    if found.diagnostics:
        return None
    with suppress(Failure):
        return planning(found, read_locks(sources, locks, found.docs), sources.locate)
    return None


def _tracer(
    found: Front, sources: Sources, clusters: Collection[str], servings: Servings, locks: LocksRead
) -> Tracer | None:
    placed = plan_fleet(found, sources.locate, Scope(clusters=frozenset(clusters)))
    if placed.plan is None:
        return None
    here = {doc.name for doc in placed.plan.world.cluster_docs}
    ours = {model: {c: s for c, s in by.items() if c in here} for model, by in servings.items()}
    kept: dict[str, Any] = lock_docs(locks, {lock.path: sources.read(lock.path) for lock in locks.by_model.values()})
    return Tracer(placed.plan.served(ours, kept), sources.locate)
