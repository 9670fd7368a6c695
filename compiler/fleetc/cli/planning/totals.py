"""Sums over the fleet, how good the plan is, and what people should know of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleetc.cli.planning.table import Column, Screen, table, wrapped
from fleetc.cli.planning.units import basis, cores, count, priced, some, span
from fleetc.cli.planning.use import Use, by_unit, short_name, unit_of
from fleetc.cli.planning.words import Fleet, leaving
from fleetc.language.serving import node_set
from fleetc.plan.placement.model import Pool
from fleetc.plan.placement.reasons import Component
from fleetc.plan.placement.result import Gap, Proof, Result
from fleetc.plan.view import PlanView

MOST_NOTES: Final = 10
_INDENT: Final = "  "
_LABEL: Final = 10


def sums(view: PlanView, found: Sequence[Use], screen: Screen) -> Iterator[str]:
    """What is promised, guaranteed and free of each kind of device."""
    titles = ("", "promised", "at most", "guaranteed", "apart", "free", "all nodes up")
    columns = [Column(title, right=n > 0) for n, title in enumerate(titles)]
    rows: list[tuple[str, ...]] = []
    for unit, of in by_unit(list(found)).items():
        names = ("promised", "at_most", "guaranteed", "apart", "free", "most")
        numbers = [sum(int(getattr(u, name)) for u in of) for name in names]
        shown = [_shown(n, of[0]) for n in numbers]
        title = view.titles.get(of[0].pool.accelerator, "")
        rows.append((f"{unit} ({title})" if title else unit, *shown[:3], shown[3] if numbers[3] else "", *shown[4:]))
    if rows:
        yield from table(columns, rows, screen.style)


def verdict(view: PlanView, screen: Screen) -> Iterator[str]:
    """What it costs, and how good it is."""
    yield from _labelled("price", _prices(view), screen)
    yield from _labelled("quality", quality(view), screen)


def _shown(amount: int, use: Use) -> str:
    return f"{amount:,}" if use.pool.accelerator else cores(amount)


def _labelled(label: str, words: str, screen: Screen) -> Iterator[str]:
    if words:
        first, *more = wrapped(words, screen.width, label.ljust(_LABEL), " " * _LABEL)
        yield screen.style.bold(label) + first[len(label) :]
        yield from more


def _prices(view: PlanView) -> str:
    parts = [part for placed in view.result.placed for part in placed.parts]
    known = [p for p in parts if p.price_least is not None and p.price_most is not None]
    unknown = [p for p in parts if p.price_least is None]
    least, most = sum(p.price_least or 0 for p in known), sum(p.price_most or 0 for p in known)
    said: list[str] = []
    if known:
        top = f", {priced(most, view.currency)} with all replicas" if most != least else ""
        said.append(f"{priced(least, view.currency)} an hour promised{top}")
    if unknown:
        replicas = count(sum(p.least for p in unknown), "promised replica")
        pools = some(sorted({p.pool for p in unknown}))
        said.append(f"not counted: {replicas} on pools without a price ({pools})")
    return "; ".join(said)


def quality(view: PlanView) -> str:
    """How good the plan is: proved best, or how far from a bound that no plan goes below."""
    result, gap = view.result, view.result.gap
    if not result.problem.workloads:
        return ""
    if result.exact:
        return "best possible: every combination was searched"
    if gap.component is None:
        return "best possible, by a bound that no plan goes below (not every combination was searched)"
    return f"not proved best: {_may_be_better(gap, view.currency)}; not every combination was searched"


def _may_be_better(gap: Gap, currency: str | None) -> str:
    if gap.component == "price":
        points = gap.basis_points()
        above = f" ({basis(points)} above)" if points is not None else ""
        return (
            f"{priced(gap.found, currency)} an hour, and no plan costs less than {priced(gap.bound, currency)}{above}"
        )
    better: dict[Component, str] = {
        "broken": "fewer workloads without a place",
        "moves": "fewer moves",
        "alternatives": "earlier choices",
        "capacityClass": "more on capacity that is used first",
        "unpriced": "fewer replicas of unknown price",
        "parts": "fewer places",
    }
    words = better.get(gap.component, "") if gap.component else ""
    return f"{words} may be possible (by {gap.found - gap.bound:,} at most)"


def notes(view: PlanView, screen: Screen, *, folded: bool) -> Iterator[str]:
    """What is special of pools, said once for those alike; moves; lock files."""
    said: dict[str, list[str]] = {}
    fleet = Fleet.of(view.result.problem, view.currency)
    for proof in view.result.proofs:
        for words in (_apart(fleet.pools[proof.pool], proof), _waiting(fleet.pools[proof.pool], proof), _burst(proof)):
            if words:
                said.setdefault(words, []).append(proof.pool)
    lines = [f"{some(pools)}: {words}" for words, pools in sorted(said.items(), key=lambda i: i[1][0])]
    lines += [*_resting(view.result), *_moves(view, fleet), *_better(view), *_locks(view)]
    shown = lines[:MOST_NOTES] if folded and len(lines) > MOST_NOTES + 1 else lines
    mark = screen.style.yellow("note")
    for words in shown:
        first, *more = wrapped(words, screen.width, "note  ", "      ")
        yield mark + first[len("note") :]
        yield from more
    if len(shown) < len(lines):
        yield screen.style.dim(f"      and {count(len(lines) - len(shown), 'more note')}; --verbose shows all")


def _apart(pool: Pool, proof: Proof) -> str:
    if proof.apart is None:
        return ""
    groups: list[str] = []
    for group in proof.groups[1:]:
        sizes = sorted({pods.room.devices for pods in group.pods}, reverse=True)
        size = f" (pods of {some([str(n) for n in sizes])} {unit_of(pool)})" if any(sizes) else ""
        name = node_set(short_name(pool), group.name)
        groups.append(f"{span(*group.kept)} ({name}) for {some(group.workloads)}{size}")
    are = "is" if proof.set_aside() == 1 else "are"
    return (
        f"{proof.set_aside():,} of {count(proof.guaranteed, 'node')} {are} kept apart for large pods: "
        f"{', '.join(groups)}; on shared nodes all pods could need {proof.apart.together:,} in the worst case"
    )


def _waiting(pool: Pool, proof: Proof) -> str:
    """Of reserved nodes it is known who has them, running or not."""
    if not pool.waits or pool.capacity == "reserved" or not proof.groups:
        return ""
    many = count(sum(group.nodes for group in proof.groups), "node")
    return f"promises count on {many} that nobody keeps up: a node comes when a pod waits for it"


def _burst(proof: Proof) -> str:
    match proof.burst:
        case "always":
            return ""
        case "preemption":
            return (
                f"with all burst {count(proof.at_most, 'node')} may be needed, {proof.guaranteed:,} guaranteed: "
                "promises hold only if promised pods preempt it"
            )
        case "partly":
            return (
                f"with all burst {count(proof.at_most, 'node')} may be needed, and there are never more than "
                f"{proof.nodes_most:,}: some of it may find no room, and promises hold only if promised pods preempt it"
            )


def _resting(result: Result) -> Iterator[str]:
    resting = sorted(p.id for p in result.problem.pools if p.maintenance)
    if resting:
        yield f"in maintenance, and not counted: {some(resting)}"


def _moves(view: PlanView, fleet: Fleet) -> Iterator[str]:
    moves = [m for placed in view.result.placed for m in placed.moves]
    for move in [*moves, *(m for left in view.result.unplaced for m in left.moves)]:
        yield f"{move.workload}: {leaving(move, fleet)}"


def _better(view: PlanView) -> Iterator[str]:
    """What those without a place could do better is told where they are."""
    for placed in view.result.placed:
        yield from (f"{placed.workload}: {words}" for words in view.better.get(placed.workload, ()))


def _locks(view: PlanView) -> Iterator[str]:
    for how in ("added", "changed", "removed"):
        files = [lock.file for lock in view.locks if lock.how == how]
        if files:
            yield f"{count(len(files), 'lock file')} {how}: {some(files)}"
