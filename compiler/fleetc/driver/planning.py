"""Planning in a run: whether anything that it looks at changed, the plan, and the lock files that keep it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.compile import measured_findings
from fleetc.driver.files import LOCK
from fleetc.driver.front import Front
from fleetc.driver.locks import LocksRead, lock_path, lock_text
from fleetc.language.document import Doc, Locate, Tree
from fleetc.plan import Plan
from fleetc.plan.capacity import Capacity, capacity, findings
from fleetc.plan.placement import solve
from fleetc.plan.placement.model import Locked
from fleetc.plan.placement.result import Move, Result
from fleetc.plan.placement.whatif import lock_of
from fleetc.plan.plan import Servings
from fleetc.plan.servable import servable
from fleetc.plan.serving import servings
from fleetc.resolve import World
from fleetc.source.span import Span
from fleetc.tuples import NamedTuple

LOOKED_AT: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "Fleet": (("defaults",),),
    "Cluster": (
        ("metadata",),
        ("defaults",),
        *(("spec", field) for field in ("region", "zones", "environment", "residency", "role", "provider", "platform")),
    ),
    "Team": (("metadata",), ("defaults",), ("overrides",), ("spec", "placement"), ("spec", "quota")),
    "Manifest": (),
    "Policy": (),
    "Rollout": (),
    "Telemetry": (),
    "Objective": (),
    "Dashboard": (),
}
"""What planning looks at of a document: paths in its tree; all of it for kinds that are not listed."""
PASSED_OVER: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "Model": (
        *((field,) for field in ("autoscaling", "routing", "access", "credentials", "cache")),
        ("engine", "image"),
    ),
}
"""What it does not look at, of a spec and what overrides set: how a model is served where it is planned."""


class Planning(NamedTuple):
    """A fleet's plan. `wanted` are the lock files by path (None: to be deleted), those of broken promises left out;
    `servings` what lowerings read of it."""

    plan: Plan
    capacity: Capacity
    result: Result
    diagnostics: list[Diagnostic]
    wanted: dict[str, bytes | None]
    servings: Servings


def planning(front: Front, locks: LocksRead, locate: Locate, plan: Plan | None = None) -> Planning:
    """The plan of a fleet whose documents are whole; `plan`: the world of all of its clusters, where it is at hand."""
    plan = plan or Plan(World(front.docs, front.table))
    previous = {model.partition("/")[2]: lock.placements for model, lock in locks.by_model.items()}
    made = capacity(plan, previous)
    result = solve(made.problem)
    found = [*locks.diagnostics, *findings(plan, made, result, locate)]
    wanted = {} if found else wanted_locks(made, result, locks)
    return Planning(plan, made, result, found, wanted, servings(made, result))


class Served(NamedTuple):
    """A plan with its models, and what is wrong with these."""

    plan: Plan
    diagnostics: list[Diagnostic]


def served(plan: Plan, front: Front, locks: LocksRead, locate: Locate) -> Served:
    """The plan of a whole fleet with its models."""
    if not any(doc.kind == "Model" for doc in front.docs.values()):
        return Served(plan, measured_findings(plan, locate))
    made = planning(front, locks, locate, plan)
    whole = plan.served(made.servings, lock_docs(locks, made.wanted))
    return Served(whole, [*made.diagnostics, *servable(whole, locate), *measured_findings(whole, locate)])


def lock_docs(locks: LocksRead, wanted: Mapping[str, bytes | None]) -> dict[str, Doc]:
    """The lock files that stand as they are wanted, as documents by the names of models."""
    out: dict[str, Doc] = {}
    for model, lock in locks.by_model.items():
        if wanted.get(lock.path) == lock_text(model, lock.placements):
            tree = {"placements": [placed._asdict() for placed in lock.placements]}
            name = model.partition("/")[2]
            out[name] = Doc("Lock", name, ((lock.path, 0),), tree, {})
    return out


def wanted_locks(made: Capacity, result: Result, locks: LocksRead) -> dict[str, bytes | None]:
    """The lock files of a result, by path; None for those that nothing needs any more."""
    placements: dict[str, list[Locked]] = {}
    docs: dict[str, Doc] = {}
    placed = {p.workload: p for p in result.placed}
    for group in made.groups.values():
        docs[group.doc.id] = group.doc
        placements.setdefault(group.doc.id, []).extend(lock_of(placed[group.id]))
    wanted: dict[str, bytes | None] = dict.fromkeys(locks.orphans)
    return {**wanted, **{lock_path(doc): lock_text(id, placements[id]) for id, doc in docs.items()}}


def changed_locks(wanted: Mapping[str, bytes | None], standing: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    """The lock files that are not as they are wanted."""
    return {path: data for path, data in wanted.items() if standing.get(path) != data}


def stale(found: Planning, changed: Iterable[str], standing: Collection[str]) -> Iterator[Diagnostic]:
    """What `--locked` refuses: the lock files that would change, of those that are `standing` or not."""
    moves: dict[str, list[Move]] = {}
    for placed in found.result.placed:
        moves.setdefault(lock_path(found.capacity.groups[placed.workload].doc), []).extend(placed.moves)
    for path in sorted(changed):
        hint = "run `fleetc build` without --locked, and commit the lock files"
        why = _why(moves.get(path)) if path in standing else ": it is not there"
        message = f"{path} is not what the plan says{why}"
        yield Diagnostic(codes.STALE_LOCK, message, Span(path, 1, 1), hint)


def _why(moves: list[Move] | None) -> str:
    if not moves:
        return "" if moves is not None else ": no model has it"
    many = sum(move.replicas for move in moves)
    what = "1 replica moves" if many == 1 else f"{many} replicas move"
    return f": {what} away from {', '.join(dict.fromkeys(move.pool for move in moves))}"


def touched(before: Mapping[str, Doc], now: Mapping[str, Doc], files: Collection[str]) -> bool:
    """Whether something that planning looks at changed since it was last done: of the documents of the `files` that
    changed, as they were and as they are."""
    if any(file.endswith(LOCK) for file in files):
        return True
    return any(_seen(before.get(id)) != _seen(now.get(id)) for id in before.keys() | now.keys())


def _seen(doc: Doc | None) -> str:
    """What planning sees of a document, and the file beside which a lock stands."""
    if doc is None:
        return ""
    looked_at = LOOKED_AT.get(doc.kind)
    if looked_at is not None:
        return repr([_at(doc.tree, path) for path in looked_at]) if looked_at else ""
    tree: Tree = doc.tree
    for path in PASSED_OVER.get(doc.kind, ()):
        overrides: list[Tree] = tree["overrides"]
        left = [{**override, "set": _without(override["set"], path)} for override in overrides]
        tree = {**tree, "spec": _without(tree["spec"], path), "overrides": left}
    return repr((doc.sources[0][0], tree))


def _without(tree: Tree, path: tuple[str, ...]) -> Tree:
    """A tree without what stands at a path."""
    first, *rest = path
    if first not in tree:
        return tree
    if not rest:
        return {key: value for key, value in tree.items() if key != first}
    return {**tree, first: _without(tree[first], tuple(rest))}


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree
