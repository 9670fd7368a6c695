"""Why a workload is where it is, in a few words, and what keeps it from having a place at all."""

from __future__ import annotations

from typing import Final

from fleetc.cli.planning.units import count, some
from fleetc.cli.planning.words import CLASSES, Fleet, against, moved, takes
from fleetc.plan.placement.model import CLASS_RANK, CapacityClass, Workload
from fleetc.plan.placement.reasons import (
    BINDINGS,
    Beaten,
    Better,
    Binding,
    ClusterExcluded,
    Full,
    Kept,
    OnlyWay,
    OverQuota,
    Reason,
    Rejected,
    binding,
)
from fleetc.plan.placement.result import Explanation, Placed
from fleetc.plan.view import PlanView

_FOURTH: Final = 4
_NOT_NAMED: Final = "not among its clusters"
"""How the solver words a cluster that is neither named nor excluded."""
_PAIRS: Final = 30_000
"""Explanations times pools that a plan is worth by default: a few seconds. What is named is always explained."""
_FEWEST: Final = 8


def kept(workload: Workload, placed: Placed) -> bool:
    """Whether a workload is where its lock has it; what `explain` then says, at no cost."""
    return bool(workload.previous) and not placed.moves


def explained(view: PlanView) -> frozenset[str]:
    """The workloads that a large fleet's plan explains: those without a place as far as that goes, and new ones and
    those that move if it is enough for all of them. What stays where its lock has it needs no explanation."""
    most = max(_FEWEST, _PAIRS // max(1, len(view.result.problem.pools)))
    unplaced = [u.workload for u in view.result.unplaced][:most]
    workloads = {w.id: w for w in view.result.problem.workloads}
    new = [p.workload for p in view.result.placed if not kept(workloads[p.workload], p)]
    return frozenset([*unplaced, *(new if len(unplaced) + len(new) <= most else [])])


def why(view: PlanView, fleet: Fleet, workload: Workload, placed: Placed, *, told: bool) -> str:
    """A few words for the table; without the reason proper unless it is told."""
    if placed.moves:
        first, more = placed.moves[0], len(placed.moves) - 1
        return f"moved from {first.pool}: {moved(first.why, fleet)}" + (f", and {more:,} more" if more else "")
    if kept(workload, placed):
        return "locked"
    if not told:
        return ", ".join(words for words in (_choice(workload, placed), "new") if words)
    found = view.explanation(placed.workload)
    return reason_words(found, fleet, workload, placed) if found.reason is not None else ""


def reason_words(found: Explanation, fleet: Fleet, workload: Workload, placed: Placed) -> str:
    """The reason, after which choice it is where there are several, and why not an earlier one."""
    if found.reason is None or isinstance(found.reason, Kept):
        return "locked"
    choice = _choice(workload, placed)
    said = _reason(found.reason, found, fleet, placed)
    earlier = _earlier(found, workload, placed)
    return ", ".join(words for words in (f"{choice}{f' ({earlier})' if earlier else ''}", said) if words)


def _choice(workload: Workload, placed: Placed) -> str:
    wanted = _wanted_order(workload)
    if len(set(wanted.values())) == 1:
        return ""
    names = ("first", "second", "third")
    chosen = sorted({wanted[p.alternative] for p in placed.parts})
    return f"{some([names[n] if n + 1 < _FOURTH else f'{n + 1}th' for n in chosen])} choice"


def _wanted_order(workload: Workload) -> dict[str, int]:
    """Which choice each alternative is, from 0; those that are wanted alike are one."""
    ranks = {a.name: n if a.rank < 0 else a.rank for n, a in enumerate(workload.alternatives)}
    order = sorted(set(ranks.values()))
    return {name: order.index(rank) for name, rank in ranks.items()}


def _earlier(found: Explanation, workload: Workload, placed: Placed) -> str:
    """How far the first choice gets, where a later one was taken."""
    wanted = _wanted_order(workload)
    if min(wanted[p.alternative] for p in placed.parts) == 0:
        return ""
    first = next(a for a in workload.alternatives if wanted[a.name] == 0)
    reached = {binding(r.why) for r in found.rejected if r.alternative == first.name and not isinstance(r.why, Beaten)}
    stage: Binding | None = next((s for s in reversed(BINDINGS) if s in reached), None)
    words: dict[Binding, str] = {
        "accelerator": f"no pool has {first.accelerator or 'nodes without accelerator'}",
        "clusters": f"{takes(first)} only on excluded clusters",
        "maintenance": f"{takes(first)} in maintenance",
        "podSize": f"{takes(first)} too large for a node",
        "zones": f"{takes(first)} not in one zone",
        "nodes": f"no room for {takes(first)}",
        "fragmentation": f"no sure room for {takes(first)}",
        "quota": f"{takes(first)} over quota",
        "split": f"no split with {takes(first)}",
    }
    return words[stage] if stage else ""


def _reason(reason: Reason, found: Explanation, fleet: Fleet, placed: Placed) -> str:
    match reason:
        case Kept():
            return "locked"
        case OnlyWay():
            return _only(found, placed)
        case Better():
            return _better(reason, fleet, placed)


def _only(found: Explanation, placed: Placed) -> str:
    whys = [r.why for r in found.rejected]
    one = len(placed.parts) == 1
    if any(isinstance(w, Full) for w in whys):
        return "only pool with room" if one else "only pools with room"
    if any(isinstance(w, OverQuota) for w in whys):
        return "only way within the quota"
    return "only pool that suits" if one else "only pools that suit"


def _better(reason: Better, fleet: Fleet, placed: Placed) -> str:
    mine: list[CapacityClass] = [fleet.pools[p.pool].capacity for p in placed.parts]
    ranks = {CLASS_RANK[c] for c in mine}
    own = CLASSES[mine[0]] if len(ranks) == 1 else ""
    match reason.by:
        case "alternatives":
            return ""  # Which choice it is has been said.
        case "capacityClass":
            return f"{own} is used first" if own else "capacity that is used first"
        case "unpriced":
            return "its price is known"
        case "price":
            return f"cheapest {own}".strip() if own else "lowest price"
        case "parts":
            return "in fewest places"
        case "balance":
            return "evens out the pools' use"
        case "names":
            return "as good as others, first by name"
        case "moves":
            return "moves least"
        case "broken":
            return "keeps most promises"


def binds(found: Explanation, fleet: Fleet, workload: Workload) -> str:
    """What keeps a workload from having a place: the constraint, with the pools that get as far."""
    stage = found.binding
    rejected = [r for r in found.rejected if binding(r.why) == stage]
    match stage:
        case None:
            return ""
        case "accelerator":
            return f"no pool has {_wanted(workload)}"
        case "clusters":
            reasons = sorted({r.why.reason for r in rejected if isinstance(r.why, ClusterExcluded)})
            clusters = sorted({r.cluster for r in rejected})
            if reasons == [_NOT_NAMED]:
                return f"none of its clusters has {_wanted(workload)}"
            return f"every cluster with {_wanted(workload)} is excluded: {some(clusters)} ({some(reasons)})"
        case "split":
            where = f"{some(_pools(rejected))} " if rejected else ""
            return f"{where}would have room, but no split by weight, count of clusters, spread and failover works"
        case _:
            return _first(rejected, fleet)


def _first(rejected: list[Rejected], fleet: Fleet) -> str:
    first = rejected[0]
    more = len({r.pool for r in rejected}) - 1
    others = f"; {count(more, 'more pool gets', 'more pools get')} no further" if more else ""
    return f"{first.pool}: {against(first.why, fleet)}{others}"


def _pools(rejected: list[Rejected]) -> list[str]:
    return sorted({r.pool for r in rejected})


def _wanted(workload: Workload) -> str:
    names = dict.fromkeys("/".join(p for p in (a.accelerator, a.profile) if p) for a in workload.alternatives)
    return " or ".join(name or "nodes without accelerator" for name in names)
