"""What `fleetc plan` tells of a fleet, and the lock files of a result that is to be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from fleetc.diagnostics import Severity, codes, sort_key
from fleetc.driver.build import STATE, ignore
from fleetc.driver.explain import Explainer, Findings, explainer
from fleetc.driver.files import spec_files
from fleetc.driver.locks import LocksRead, lock_path
from fleetc.driver.planning import Planning, changed_locks, planning, wanted_locks
from fleetc.driver.recall import lock_names
from fleetc.driver.tree.lock import locked
from fleetc.driver.tree.model import Place
from fleetc.driver.tree.single import replace_file
from fleetc.plan.capacity.capacity import Capacity
from fleetc.plan.capacity.misfits import smaller
from fleetc.plan.capacity.ways import terms_on
from fleetc.plan.fit import largest_concurrency, largest_context
from fleetc.plan.placement import explain
from fleetc.plan.placement.result import Result
from fleetc.plan.view import Asked, Boundary, How, LockChange, PlanView, Refused

_SHOWN = (codes.NO_CAPACITY, codes.OVER_QUOTA)
"""What the plan itself shows."""


def planned(root: str) -> PlanView | Refused:
    """The plan of the fleet at a root; what is wrong with its specs, where these are not ready to be planned."""
    try:
        fleet = explainer(Path(root), unfinished=True)
    except Findings as found:
        return Refused(tuple(found.diagnostics), found.sources.text)
    made, locks = plan_of(fleet)
    wrong = [d for d in made.diagnostics if d.code not in _SHOWN and d.code.severity is Severity.ERROR]
    if wrong:
        return Refused(tuple(sorted(wrong, key=sort_key)), fleet.sources.text)
    return view_of(fleet, made, locks)


def plan_of(fleet: Explainer) -> tuple[Planning, LocksRead]:
    """The plan of a fleet as it is in its specs, with the lock files that stand there."""
    return planning(fleet.front, fleet.locks, fleet.sources.locate, fleet.plan), fleet.locks


def view_of(fleet: Explainer, made: Planning, locks: LocksRead) -> PlanView:
    """What is told of a plan."""
    capacity = made.capacity
    asked = {
        id: Asked(a.workload.context, a.workload.concurrency, str(a.workload.weights), str(a.workload.cache))
        for id, a in capacity.asked.items()
    }
    return PlanView(
        made.result,
        partial(explain, made.result),
        {key: way.fit for key, way in capacity.ways.items() if way.fit is not None},
        partial(_boundary, capacity),
        asked,
        _better(made),
        {},
        fleet.plan.world.fleet.costs.currency,
        tuple(_changes(made, locks, fleet.sources.read)),
        Refused(tuple(d for d in made.diagnostics if d.code in _SHOWN), fleet.sources.text),
    )


def _boundary(capacity: Capacity, id: str, alternative: str) -> Boundary | None:
    way, asked = capacity.ways.get((id, alternative)), capacity.asked.get(id)
    if way is None or way.fit is None or way.machine is None or way.nodes is None or asked is None:
        return None
    args = (asked.workload, way.machine, way.fit.layout, terms_on(asked, way.nodes))
    return Boundary(largest_context(*args), largest_concurrency(*args))


def _better(made: Planning) -> dict[str, tuple[str, ...]]:
    """Where a replica takes several nodes: of which nodes of the fleet one would hold it."""
    out: dict[str, tuple[str, ...]] = {}
    for placed in made.result.placed:
        for part in placed.parts:
            way = made.capacity.ways[placed.workload, part.alternative]
            if part.pods > 1 and way.machine is not None:
                asked, sites = made.capacity.asked[placed.workload], [*made.capacity.pools.values()]
                out[placed.workload] = tuple(smaller(asked, way.machine, sites))
    return out


def _changes(made: Planning, locks: LocksRead, read: Callable[[str], bytes]) -> list[LockChange]:
    if made.result.unplaced:
        return []  # Nothing is written while a promise is broken.
    standing = {path: read(path) for path in (*(lock.path for lock in locks.by_model.values()), *locks.orphans)}
    owners = {lock_path(group.doc): group.doc.name for group in made.capacity.groups.values()}
    out: list[LockChange] = []
    for path, data in sorted(changed_locks(made.wanted, standing).items()):
        how: How = "removed" if data is None else "changed" if path in standing else "added"
        out.append(LockChange(owners.get(path, ""), path, how))
    return out


def relock(root: str, result: Result) -> tuple[str, ...]:
    """Write the lock files of a result for the fleet at a root; the paths of those that changed."""
    fleet = explainer(Path(root), unfinished=True)
    made, locks = plan_of(fleet)
    wanted: Mapping[str, bytes | None] = wanted_locks(made.capacity, result, locks)
    names = lock_names(spec_files(root, locks=True))
    changed = changed_locks(wanted, {name: fleet.sources.read(name) for name in names})
    state = f"{root}/{STATE}"
    with locked(Place(root, ".", state)):
        ignore(state)
        for path, data in sorted(changed.items()):
            replace_file(root, state, path, data)
    return tuple(sorted(changed))
