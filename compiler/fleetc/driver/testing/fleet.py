"""A fleet compiled in memory, to be looked at by tests: as it is in the working tree, and with other specs."""

from __future__ import annotations

from functools import partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from fleetc.check.states import State
from fleetc.diagnostics import Diagnostic
from fleetc.driver import memory as memories
from fleetc.driver.build import STATE, Options, changed_of, inputs_of
from fleetc.driver.compile import (
    NOTHING,
    Compiled,
    Earlier,
    compile_planned,
    measured_findings,
    plan_fleet,
    with_policies,
)
from fleetc.driver.explain import Explainer
from fleetc.driver.folders import folders_of
from fleetc.driver.front import Front
from fleetc.driver.load import Sources
from fleetc.driver.locks import LocksRead, read_locks
from fleetc.driver.planning import Planning, lock_docs, planning, touched
from fleetc.driver.recall import lock_names, remembered_front
from fleetc.driver.scope import WHOLE
from fleetc.emission.emission import Emission
from fleetc.plan import Plan
from fleetc.plan.servable import unservable
from fleetc.tuples import NamedTuple

if TYPE_CHECKING:
    from fleetc.check.crds import Components


class Fleet(NamedTuple):
    """A compiled fleet. Where a stage refuses it, what comes after that stage is None.

    `diagnostics` are those of `fleetc check`, without what it says of the output folder and of lock files.
    """

    sources: Sources
    front: Front
    lock_files: list[str]
    diagnostics: list[Diagnostic]
    planning: Planning | None = None
    compiled: Compiled | None = None
    explainer: Explainer | None = None

    @property
    def emission(self) -> Emission | None:
        """What is emitted; None for a fleet with anything wrong."""
        lowered = self.compiled.lowered if self.compiled is not None and not self.diagnostics else None
        return lowered.emission if lowered is not None else None


def fleet_of(root: str) -> Fleet:
    """The fleet of the working tree."""
    sources = Sources(root)
    memory = memories.load(f"{root}/{STATE}", memories.tool_digest(folders_of(root, None)))
    memory = memory if memory and memory.whole() else None
    inputs = inputs_of(root, memory)
    front = remembered_front(sources, memory, inputs, changed_of(inputs, memory))
    return compiled(root, sources, front, lock_names(inputs))


def compiled(root: str, sources: Sources, front: Front, lock_files: list[str], before: Fleet | None = None) -> Fleet:
    """A fleet compiled whole. `before`: one from which it differs little; what stayed as it is there is not planned and
    not held against its schema again."""
    placed = plan_fleet(front, sources.locate)
    if placed.plan is None or placed.diagnostics:
        return Fleet(sources, front, lock_files, list(dict.fromkeys(placed.diagnostics)))
    locks = read_locks(sources, lock_files, front.docs)
    made = _planned(front, locks, sources, placed.plan, before)
    servings = made.servings if made is not None else {}
    found = list(made.diagnostics) if made is not None else []
    plan = placed.plan.served(servings, lock_docs(locks, made.wanted) if made is not None else {})
    against = unservable(plan, sources.locate) if servings else {}
    if against:
        # As a build has it: what such models would emit is not looked at.
        found += [one for found_here in against.values() for one in found_here]
        plan = placed.plan.served({n: here for n, here in servings.items() if n not in against})
    unmeasured = measured_findings(plan, sources.locate)
    if unmeasured:
        return Fleet(sources, front, lock_files, list(dict.fromkeys([*found, *unmeasured])), made)
    done = compile_planned(plan, sources.locate, WHOLE, _earlier(before))
    ruled = with_policies(done, front, sources, Options(root).today(), None)
    assert ruled is not None  # The whole fleet was compiled.
    done = ruled
    found = list(dict.fromkeys([*done.diagnostics, *found]))
    explainer = Explainer(FilePath(root), sources, front, plan, locks)
    return Fleet(sources, front, lock_files, found, made, done, explainer)


def _planned(front: Front, locks: LocksRead, sources: Sources, plan: Plan, before: Fleet | None) -> Planning | None:
    """The plan of the models; as it was before, where nothing changed that planning looks at."""
    if not locks.by_model and not locks.orphans and not locks.diagnostics and not _has_models(front):
        return None
    known = before.planning if before is not None else None
    if known is not None and before is not None and not touched(before.front.docs, front.docs, ()):
        return known
    return planning(front, locks, sources.locate, plan)


def _has_models(front: Front) -> bool:
    return any(doc.kind == "Model" for doc in front.docs.values())


def _earlier(before: Fleet | None) -> Earlier:
    done = before.compiled if before is not None else None
    if done is None or done.report is None or done.lowered is None:
        return NOTHING
    return Earlier({}, frozenset, partial(_valid, valid_shapes(done)))


def valid_shapes(done: Compiled) -> dict[str, set[bytes]]:
    """The keys of shapes that meet their schemas whole, by minor."""
    assert done.report is not None
    out: dict[str, set[bytes]] = {}
    for cell in done.report.judged:
        met = [item.shape.key for item in cell.items if item.verdict.state is State.VALID]
        out.setdefault(cell.minor, set()).update(met)
    return out


def _valid(known: dict[str, set[bytes]], minor: str, _has: Components) -> set[bytes]:
    return known.get(minor, set())
