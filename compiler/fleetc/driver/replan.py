"""What is planned of models, in a run with something to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fleetc.diagnostics import Diagnostic
from fleetc.driver.front import Front
from fleetc.driver.load import Sources
from fleetc.driver.recall import lock_names
from fleetc.driver.scope import Scope, documents
from fleetc.language.document import Locate
from fleetc.language.serving import recalled_servings
from fleetc.plan.plan import Plan, Servings
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.driver.build import Outcome
    from fleetc.driver.rebuild import Job


class Decided(NamedTuple):
    """What is planned of models, what is wrong with that or its lock files, and how these have to change."""

    servings: Servings
    diagnostics: list[Diagnostic]
    locks: dict[str, bytes | None]


def decide(job: Job, outcome: Outcome, found: Front, plan: Plan, sources: Sources) -> Decided:
    """Plan, if what planning looks at changed since the last run; else it is as remembered. `plan`: of some clusters,
    or all."""
    names = lock_names(job.inputs)
    if not names and not any(doc.kind == "Model" for doc in found.docs.values()):
        return Decided({}, [], {})
    # Imported here: most fleets' edits have nothing to do with planning.
    from fleetc.driver.locks import read_locks  # noqa: PLC0415
    from fleetc.driver.planning import changed_locks, planning, stale, touched  # noqa: PLC0415

    if job.memory is not None:
        before = {doc.id: doc for doc in documents(job.memory, job.changed)}
        now = {id: doc for id, doc in found.docs.items() if doc.sources[0][0] in job.changed}
        if not touched(before, now, job.changed):
            return Decided(recalled_servings(job.memory.body.servings), [], {})
    with outcome.timed("place"):
        whole = len(plan.world.cluster_docs) == sum(d.kind == "Cluster" for d in found.docs.values())
        locks = read_locks(sources, names, found.docs)
        made = planning(found, locks, sources.locate, plan if whole else None)
        standing = {name: sources.read(name) for name in names}
        changed = changed_locks(made.wanted, standing)
        refused = list(stale(made, changed, standing)) if job.options.locked else []
    return Decided(made.servings, [*made.diagnostics, *refused], changed)


def servable(planned: Plan, decided: Decided, locate: Locate, scope: Scope) -> tuple[Plan, Decided]:
    """The plan with its models, those left out that cannot be served as planned; and what is wrong with them."""
    served = planned.served(decided.servings)
    if not decided.servings:
        return served, decided
    # Imported here, as above.
    from fleetc.plan.servable import unservable  # noqa: PLC0415

    against = unservable(served, locate, scope.subjects)
    if not against:
        return served, decided
    # What they would emit is not looked at: what is wrong with it only follows.
    found_too = [one for found_here in against.values() for one in found_here]
    left = planned.served({n: here for n, here in decided.servings.items() if n not in against})
    return left, decided._replace(diagnostics=[*decided.diagnostics, *found_too])
