"""Everything about one workload, and the proof of each pool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleetc.cli.planning.draw import Mark, Piece, bar, glyph, painted
from fleetc.cli.planning.reasons import binds, reason_words
from fleetc.cli.planning.table import Screen, wrapped
from fleetc.cli.planning.units import cores, count, memory, percent, some
from fleetc.cli.planning.use import unit_of
from fleetc.cli.planning.words import Fleet, against, leaving, remedied, replicas, takes
from fleetc.language.wording import gib
from fleetc.plan.fit import Fit, Layout
from fleetc.plan.placement.model import Room, Workload
from fleetc.plan.placement.reasons import BINDINGS, Better, OtherAccelerator, binding
from fleetc.plan.placement.result import Explanation, NodeGroup, Placed, Placement, PodsOf, Proof
from fleetc.plan.view import PlanView

_BAR: Final = 40
_LABEL: Final = 11


def detail(view: PlanView, id: str, screen: Screen) -> Iterator[str]:
    """A workload: where and why, what it asks, how it fits, what was not chosen, what would work."""
    fleet = Fleet.of(view.result.problem, view.currency)
    workload, placed, found = fleet.workloads[id], view.result.of(id), view.explanation(id)
    style = screen.style
    place = style.green("placed") if placed else style.red("no place")
    yield f"{style.bold(id)}  {style.dim(workload.team)}  {place}"
    said: list[tuple[str, str]] = [("asks", _asks(workload))]
    said += [("serves", words) for words in _serves(view, id)]
    if placed is not None:
        said += [("on", words) for words in _places(placed, fleet)]
        said.append(("because", _because(found, fleet, workload, placed)))
    else:
        said.append(("because", binds(found, fleet, workload)))
    moves = placed.moves if placed else next(u.moves for u in view.result.unplaced if u.workload == id)
    said += [("moves", leaving(m, fleet)) for m in moves]
    yield from _rows(said, screen)
    for name in dict.fromkeys(p.alternative for p in placed.parts) if placed else _fitted(view, workload):
        yield from _fit(view, id, name, screen)
    yield from _rows([("rejected", words) for words in rejected_rows(found, fleet)], screen)
    yield from _rows([("works", remedied(r, workload)) for r in found.remedies], screen)
    yield from _rows([("better", words) for words in view.better.get(id, ())], screen)


def _rows(said: Sequence[tuple[str, str]], screen: Screen) -> Iterator[str]:
    """A label before the first of those that share it."""
    before = ""
    for label, words in said:
        shown = label if label != before else ""
        before = label
        first, *more = wrapped(words, screen.width, f"  {shown}".ljust(_LABEL + 2), " " * (_LABEL + 4))
        yield f"  {screen.style.blue(shown)}{first[2 + len(shown) :]}"
        yield from more


def _asks(workload: Workload) -> str:
    ways = ", else ".join(takes(a) for a in workload.alternatives)
    more = [f"spread by {workload.spread}"] if workload.spread != "none" else []
    more += ["failover"] if workload.failover else []
    if workload.cluster_count is not None:
        least, most = workload.cluster_count
        more.append(f"on {count(most, 'cluster')}" if least == most else f"on {least:,} to {most:,} clusters")
    return ", ".join([f"{replicas(*workload.replicas)} of {ways}", *more])


def _serves(view: PlanView, id: str) -> Iterator[str]:
    asked = view.asked.get(id)
    if asked is not None:
        sequences = count(asked.concurrency, "sequence")
        yield (
            f"{count(asked.context, 'token')} of context for {sequences} at once, "
            f"weights {asked.weights}, KV cache {asked.cache}"
        )


def _places(placed: Placed, fleet: Fleet) -> Iterator[str]:
    for part in placed.parts:
        price = _price(part, fleet)
        yield f"{part.pool}: {replicas(part.least, part.most)} as {part.alternative}, {price}"


def _price(part: Placement, fleet: Fleet) -> str:
    if part.price_least is None or part.price_most is None:
        return "price unknown"
    return fleet.money(part.price_least, part.price_most)


def _because(found: Explanation, fleet: Fleet, workload: Workload, placed: Placed) -> str:
    words = reason_words(found, fleet, workload, placed)
    reason = found.reason
    if not isinstance(reason, Better):
        return words
    if reason.by == "price":
        words += f": {fleet.money(reason.other - reason.own)} less than the next best"
        return f"{words}, {some(reason.pools)}"
    return f"{words or 'first choice'}; the next best would be {some(reason.pools)}"


def _fitted(view: PlanView, workload: Workload) -> list[str]:
    return [a.name for a in workload.alternatives if (workload.id, a.name) in view.fits]


def _fit(view: PlanView, id: str, name: str, screen: Screen) -> Iterator[str]:
    """The memory of the fullest device, drawn and in numbers; and how far it reaches."""
    fit = view.fits.get((id, name))
    if fit is None:
        return
    said = [("fit", f"{name}: {layout(fit.layout)}{', tensor ranks beyond the fast links' if fit.over_pcie else ''}")]
    if not fit.usable:
        yield from _rows([*said, ("", f"impossible: {fit.binding}")], screen)
        return
    yield from _rows(said, screen)
    parts: list[tuple[Mark, str, int]] = [
        ("weights", "weights", fit.weights), ("cache", "KV cache", fit.cache), ("runtime", "runtime", fit.runtime),
    ]  # fmt: skip
    pad = " " * (_LABEL + 2)
    drawn = [Piece(mark, amount) for mark, _, amount in parts] + [Piece("left", fit.margin)]
    yield f"{pad}{bar(drawn, min(_BAR, screen.width - len(pad) - 2), screen)} of {gib(fit.usable)} a device"
    keys = [
        f"{painted(mark, glyph(mark, screen), screen.style)} {label} {gib(size, up=True)}"
        for mark, label, size in parts
    ]
    yield f"{pad}{'  '.join(keys)}"
    left = (
        f"{gib(fit.margin)} ({percent(fit.margin, fit.usable)}) left"
        if fit.fits
        else f"lacks {gib(-fit.margin, up=True)}"
    )
    yield from _rows([("", f"{left}; {'most goes to' if fit.fits else 'gives out first:'} {fit.binding}")], screen)
    yield from _rows([("", words) for words in _reach(view, id, name, fit)], screen)


def _reach(view: PlanView, id: str, name: str, fit: Fit) -> Iterator[str]:
    reach = view.boundary(id, name)
    if reach is None or not fit.fits:
        return
    sequences = "any number of sequences" if reach.concurrency is None else count(reach.concurrency, "sequence")
    yield f"reaches {count(reach.context, 'token')} of context, or {sequences} at once"


def layout(found: Layout) -> str:
    """`TP 4, PP 2` and so on: the ranks of each kind of parallelism."""
    ranks = [("TP", found.tensor), ("PP", found.pipeline), ("DP", found.data)]
    shown = [f"{name} {n}" for name, n in ranks if n > 1 or name == "TP"]
    return ", ".join([*shown, *(["EP"] if found.expert else [])])


def rejected_rows(found: Explanation, fleet: Fleet) -> Iterator[str]:
    """What came closest first; pools with one reason are one line."""
    alike: dict[tuple[str, str], list[str]] = {}
    other: dict[str, dict[str, str]] = {}
    for one in sorted(found.rejected, key=lambda r: -BINDINGS.index(binding(r.why))):
        if isinstance(one.why, OtherAccelerator):
            other.setdefault(one.alternative, {})[one.pool] = one.why.offered or "none"
        else:
            alike.setdefault((one.alternative, against(one.why, fleet)), []).append(one.pool)
    for (alternative, words), pools in alike.items():
        yield f"{some(pools)} as {alternative}: {words}"
    for alternative, offered in other.items():
        what = some(sorted(set(offered.values())))
        yield f"{some(sorted(offered))} as {alternative}: other accelerators ({what})"


def proofs(view: PlanView, screen: Screen, only: frozenset[str] | None = None) -> Iterator[str]:
    """Why promises hold on each pool, or on those that are named."""
    pools = Fleet.of(view.result.problem, view.currency).pools
    for proof in view.result.proofs:
        if only is not None and proof.pool not in only:
            continue
        pool = pools[proof.pool]
        nodes = f"{count(proof.guaranteed, 'node')} guaranteed, {proof.nodes_most:,} at most"
        yield f"{screen.style.bold(proof.pool)}  {nodes}"
        for n, group in enumerate(proof.groups):
            yield from wrapped(_group(proof, n, group, unit_of(pool)), screen.width, "  ", "    ")
        yield from wrapped(
            f"with all replicas it would need {count(proof.at_most, 'node')} in the worst case",
            screen.width,
            "  ",
            "    ",
        )


def _group(proof: Proof, n: int, group: NodeGroup, unit: str) -> str:
    pods = "; ".join(_pods(p, unit) for p in group.pods)
    if n:
        where = f"{count(group.nodes, 'node')} needed, of {count(group.kept.least, 'node')} set aside for it"
    elif proof.apart is not None:
        where = f"{count(group.nodes, 'node')} needed, on all nodes that are not set aside"
    else:
        where = f"{count(group.nodes, 'node')} needed"
    return f"{pods}: {where}, {'and fewer would not always do' if group.exact else 'which always suffice'}"


def _pods(pods: PodsOf, unit: str) -> str:
    return f"{count(pods.pods, 'pod')} of {_room(pods.room, unit)} ({some(pods.workloads)})"


def _room(room: Room, unit: str) -> str:
    around = f"{cores(room.cpu)} CPU, {memory(room.memory)}"
    return f"{room.devices:,} {unit}, {around}" if room.devices else around
