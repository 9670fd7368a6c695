"""What decided a planned value: each place of the specs that planning looks at is edited, and the model planned again.

A claim is an executed experiment: with all other models where they are, and without the lock, which would hold
whatever else changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Final

from fleetc.driver.edits import Edit, Editor, Target
from fleetc.driver.explain import Explainer, holds_more
from fleetc.driver.forward import following
from fleetc.driver.front import Front
from fleetc.driver.locks import Lock
from fleetc.driver.planning import LOOKED_AT, PASSED_OVER, Planning
from fleetc.plan import Plan, plan
from fleetc.plan.capacity import capacity
from fleetc.plan.placement import again, explain, solve
from fleetc.plan.placement.model import Problem, Workload
from fleetc.plan.placement.reasons import ClusterExcluded, OtherAccelerator
from fleetc.plan.placement.result import Explanation, Placement, Result
from fleetc.plan.placement.worst_case import WorstCase
from fleetc.resolve import resolve
from fleetc.tuples import NamedTuple

_MOST_EDITS: Final = 6
"""How many other values of a place are tried, of those that make a fleet."""
Parts = tuple[tuple[str, str, int], ...]
"""Pool, alternative and promised replicas of each part of a model."""


class Decider(NamedTuple):
    """A place of the specs that decides: with the edit, workloads (by id) would be somewhere else; None: nowhere."""

    target: Target
    edit: Edit
    instead: dict[str, Parts | None]


@dataclass
class Decision:
    """A model's placement, to be explained."""

    explainer: Explainer
    planning: Planning
    lock: Lock
    _worst: WorstCase = field(default_factory=WorstCase)

    @property
    def ids(self) -> list[str]:
        """The workloads of the model: one for each group of clusters that are planned together."""
        return [group.id for group in self.planning.capacity.groups.values() if group.doc.id == self.lock.model]

    @cached_property
    def fresh(self) -> Problem:
        """The problem, in which the model has no lock."""
        problem = self.planning.result.problem
        return problem._replace(workloads=tuple(_unlocked(w, self.ids) for w in problem.workloads))

    def standing(self, id: str) -> tuple[Placement, ...]:
        """Where a workload is."""
        placed = self.planning.result.of(id)
        return placed.parts if placed else ()

    def explanation(self, id: str) -> Explanation:
        """Why it is there, and what it beat: without its lock, where that makes no difference."""
        result: Result = self.planning.result
        if parts(self._anew(self.fresh, id)) == parts(self.standing(id)):
            result = result._replace(problem=self.fresh)
        return explain(result, id)

    def anew(self, id: str) -> Parts | None:
        """Where it would be without its lock, with all others where they are."""
        return parts(self._anew(self.fresh, id))

    def _anew(self, problem: Problem, id: str) -> tuple[Placement, ...] | None:
        return again(self.planning.result, problem, id, self._worst)

    def deciders(self) -> Iterator[Decider]:
        """Every place that decides where some workload of the model is, in the order in which planning looks at them;
        for each workload the first edit that moves it."""
        editor = Editor(self.explainer.sources, self.explainer.front)
        base = {id: self.anew(id) for id in self.ids}
        for target in self._targets(editor):
            left, tried = set(base), 0
            for edit in editor.edits(target):
                moved = self._moved(target, editor.edited(target, edit), base)
                tried += moved is not None
                moved = {id: parts for id, parts in (moved or {}).items() if id in left}
                if moved:
                    left -= moved.keys()
                    yield Decider(target, edit, moved)
                if not left or tried == _MOST_EDITS:
                    break

    def _moved(self, target: Target, found: Front, base: dict[str, Parts | None]) -> dict[str, Parts | None] | None:
        """Where workloads of the model would be that would not be where they are; None when the specs are no fleet."""
        theirs = planned_front(self.explainer, target, found)
        if theirs is None or self.lock.model not in theirs.world.docs:
            return None
        made = capacity(theirs, {}, self.lock.model)
        mine = {workload.id: workload for workload in made.problem.workloads}
        others = tuple(w for w in self.fresh.workloads if w.id not in self.ids)
        problem = made.problem._replace(workloads=(*others, *mine.values()))
        now = {id: parts(self._anew(problem, id)) for id in base}
        return {id: placed for id, placed in now.items() if placed != base[id]}

    def _targets(self, editor: Editor) -> Iterator[Target]:
        """The scalars that planning looks at: of the model, of the pools and clusters that come into question, of its
        team and the Fleet."""
        docs = self.explainer.front.docs
        groups = [g for g in self.planning.capacity.groups.values() if g.doc.id == self.lock.model]
        pools: dict[str, None] = {}
        for group in groups:
            for one in self.explanation(group.id).rejected:
                if not isinstance(one.why, OtherAccelerator | ClusterExcluded):
                    pools[one.pool] = None
            pools |= dict.fromkeys(p.pool for p in self.standing(group.id))
        clusters = dict.fromkeys(pool.partition("/")[0] for pool in sorted(pools))
        team = groups[0].model.team
        ids = [self.lock.model, *(f"GPUPool/{pool}" for pool in sorted(pools)), *(f"Cluster/{c}" for c in clusters)]
        for id in [*ids, f"Team/{team}", self.explainer.plan.world.fleet_doc.id]:
            doc = docs.get(id)
            for target in editor.everything(doc.sources[0][0]) if doc else ():
                if target.doc.id == id and not holds_more(target.value) and _is_looked_at(target):
                    yield target


def planned_front(explainer: Explainer, target: Target, found: Front) -> Plan | None:
    """The plan of specs in which a target is edited; None when they are no fleet."""
    locate = explainer.sources.locate
    if found.diagnostics:
        return None
    world, problems = resolve(found.docs, found.table, locate, following(target, found))
    if problems:
        return None
    made, problems = plan(world, locate)
    return None if problems else made


class Consequence(NamedTuple):
    """With an edit, a workload would be planned somewhere else, if nothing were locked; None: nowhere."""

    edit: Edit
    workload: str
    before: Parts | None
    after: Parts | None


def consequences(explainer: Explainer, target: Target) -> list[Consequence]:
    """What edits of a spec value move in the plan; for each workload the first edit that does it."""
    if target.doc.kind == "Manifest" or not any(doc.kind == "Model" for doc in explainer.front.docs.values()):
        return []
    editor = Editor(explainer.sources, explainer.front)
    base = _all_anew(explainer.plan)
    out: dict[str, Consequence] = {}
    for edit in islice(editor.edits(target), _MOST_EDITS):
        theirs = planned_front(explainer, target, editor.edited(target, edit))
        if theirs is not None:
            now = _all_anew(theirs)
            for id in sorted({*base, *now}):
                if base.get(id) != now.get(id):
                    out.setdefault(id, Consequence(edit, id, base.get(id), now.get(id)))
    return [out[id] for id in sorted(out)]


def _all_anew(made: Plan) -> dict[str, Parts | None]:
    """Where every workload would be without locks."""
    problem = capacity(made, {}).problem
    return {placed.workload: parts(placed.parts) for placed in solve(problem).placed}


def _is_looked_at(target: Target) -> bool:
    paths, passed = LOOKED_AT.get(target.doc.kind), PASSED_OVER.get(target.doc.kind, ())
    below = target.path[1:] if target.path[:1] == ("spec",) else target.path[3:]
    named = target.path[:2] == ("metadata", "name") or any(below[: len(path)] == path for path in passed)
    return not named and (paths is None or any(target.path[: len(path)] == path for path in paths))


def _unlocked(workload: Workload, ids: list[str]) -> Workload:
    return workload._replace(previous=()) if workload.id in ids else workload


def parts(placed: tuple[Placement, ...] | None) -> Parts | None:
    """What a lock keeps of a placement."""
    return None if placed is None else tuple((p.pool, p.alternative, p.least) for p in placed)
