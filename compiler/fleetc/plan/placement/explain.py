"""Why a workload is where it is and not elsewhere. Worked out when asked, from the result alone."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.plan.placement.exact import MOST_OPTIONS
from fleetc.plan.placement.ledger import Ledger
from fleetc.plan.placement.model import Workload
from fleetc.plan.placement.options import Choices, Option, Part
from fleetc.plan.placement.reasons import (
    BINDINGS,
    Beaten,
    Better,
    Binding,
    Component,
    Full,
    Kept,
    OnlyWay,
    OverQuota,
    Reason,
    Rejected,
    Unsuited,
    Why,
    binding,
)
from fleetc.plan.placement.remedies import remedies
from fleetc.plan.placement.result import Explanation, Result
from fleetc.plan.placement.seats import Seat, components
from fleetc.plan.placement.standing import Standing, standing
from fleetc.tuples import NamedTuple


class _Rivals(NamedTuple):
    """What else a workload could choose: all options, in order; None if there are too many to list."""

    choices: Choices
    ledger: Ledger
    """Without the workload."""
    chosen: Option | None
    options: list[Option] | None


def explain(result: Result, id: str) -> Explanation:
    """Everything about one workload, by its id; KeyError if there is none."""
    at = standing(result)
    workload = {w.id: w for w in result.problem.workloads}[id]
    choices = Choices(at.table, workload)
    parts = at.parts.get(id, ())
    at.ledger.remove(workload, parts)
    options = choices.all(len(at.table.pools), MOST_OPTIONS)
    rivals = _Rivals(choices, at.ledger, choices.option(parts) if parts else None, options)
    rejected = tuple(_rejected(at, rivals))
    if rivals.chosen is not None:
        return Explanation(id, _reason(rivals, rivals.chosen), None, rejected, ())
    reached = [binding(r.why) for r in rejected]
    binds: Binding = "accelerator"
    for stage in BINDINGS:
        if stage in reached:
            binds = stage
    return Explanation(id, None, binds, rejected, tuple(remedies(result.problem, at, workload)))


def _rejected(at: Standing, rivals: _Rivals) -> Iterator[Rejected]:
    workload = rivals.choices.workload
    whys: dict[tuple[int, int], Why] = {(n, rank): why for n, rank, why in at.table.rejections(workload)}
    taken = {(p.seat.pool, p.seat.alternative) for p in (rivals.chosen.parts if rivals.chosen else ())}
    for seats in rivals.choices.seats.values():
        for seat in seats:
            if (seat.pool, seat.alternative) not in taken:
                whys[seat.pool, seat.alternative] = _against(at, rivals, seat)
    for (n, rank), why in sorted(whys.items(), key=lambda item: item[0]):
        pool = at.table.pools[n]
        yield Rejected(pool.id, pool.cluster, workload.alternatives[rank].name, why)


def _against(at: Standing, rivals: _Rivals, seat: Seat) -> Why:
    """What speaks against a seat that the workload could have in an empty fleet."""
    workload = rivals.choices.workload
    with_it = [o for o in _known(rivals, seat) if any(_same(p.seat, seat) for p in o.parts)]
    if not with_it:
        return Unsuited()
    best = next((o for o in with_it if rivals.ledger.holds(workload, o.parts)), None)
    if best is not None and rivals.chosen is not None:
        if rivals.options is not None:
            return Beaten(*_difference(rivals, rivals.chosen, best))
        beaten = _by_replica(rivals, rivals.chosen, seat)
        return Beaten(*beaten) if beaten else Unsuited()
    part = min((p for o in with_it for p in o.parts if _same(p.seat, seat)), key=lambda p: p.least)
    return (
        _no_room(at, rivals.ledger, workload, part) or _over_quota(at, rivals.ledger, workload, with_it) or Unsuited()
    )


def _known(rivals: _Rivals, seat: Seat) -> list[Option]:
    """The options, or where these are too many one that has everything at the seat's cluster that it must have."""
    if rivals.options is not None:
        return rivals.options
    choices = rivals.choices
    cluster = choices.table.pools[seat.pool].cluster
    others = [c for c in choices.seats if c != cluster]
    size = len({choices.table.pools[p.seat.pool].cluster for p in (rivals.chosen.parts if rivals.chosen else ())})
    clusters = sorted([cluster, *others[: max(size, choices.clusters.least) - 1]])
    share = dict(zip(clusters, choices.shares(clusters), strict=True))[cluster]
    return [choices.option(home) for home in choices.homes(cluster, share, 1)]


def _same(a: Seat, b: Seat) -> bool:
    return (a.pool, a.alternative) == (b.pool, b.alternative)


def _no_room(at: Standing, ledger: Ledger, workload: Workload, part: Part) -> Why | None:
    pool = at.table.pools[part.seat.pool]
    pods = ledger.with_part(part)
    if not part.least or ledger.worst.always(pool.node(), pods, pool.guaranteed()):
        return None
    others = sorted(id for id, parts in at.parts.items() if any(p.seat.pool == part.seat.pool for p in parts))
    node, nodes = pool.node(), pool.guaranteed()
    by_number = all(sum(room[d] * count for room, count in pods) <= node[d] * nodes for d in range(3))
    return Full(part.least, tuple(id for id in others if id != workload.id), by_number)


def _over_quota(at: Standing, ledger: Ledger, workload: Workload, options: list[Option]) -> Why | None:
    """The least that a placement takes from the quota, if that is more than there is."""
    asked: list[tuple[int, int]] = []
    for option in options:
        for key in {key for p in option.parts for key in ledger.quota_keys(workload, p)}:
            devices = sum(ledger.devices(workload, p) for p in option.parts if key in ledger.quota_keys(workload, p))
            left = at.table.quotas[key] - ledger.used(key)
            if devices > left:
                asked.append((devices, left))
    return OverQuota(*min(asked)) if asked else None


def _reason(rivals: _Rivals, chosen: Option) -> Reason:
    choices = rivals.choices
    if choices.workload.previous and choices.moved(chosen.parts) == 0:
        return Kept()
    if rivals.options is None:
        return _reason_by_replica(rivals, chosen)
    for option in rivals.options:
        if option.parts != chosen.parts and rivals.ledger.holds(choices.workload, option.parts):
            pools = tuple(sorted(choices.table.pools[p.seat.pool].id for p in option.parts))
            return Better(*_difference(rivals, chosen, option), pools)
    return OnlyWay()


def _reason_by_replica(rivals: _Rivals, chosen: Option) -> Reason:
    """Against the best other seat that has room, where the ways to combine seats are too many."""
    taken = {p.seat.pool for p in chosen.parts}
    seats = [s for of_cluster in rivals.choices.seats.values() for s in of_cluster if s.pool not in taken]
    for seat in sorted(seats, key=lambda s: (s.unit, rivals.ledger.load[s.pool], s.pool)):
        beaten = _by_replica(rivals, chosen, seat)
        if beaten and any(rivals.ledger.holds(rivals.choices.workload, o.parts) for o in _known(rivals, seat)):
            return Better(*beaten, (rivals.choices.table.pools[seat.pool].id,))
    return OnlyWay()


def _by_replica(rivals: _Rivals, chosen: Option, seat: Seat) -> tuple[Component, int, int] | None:
    """How a seat differs from the worst of those that were chosen, for one replica; None if it is not the worse one."""
    choices, load = rivals.choices, rivals.ledger.load
    worst = max((p.seat for p in chosen.parts), key=lambda s: (s.unit, load[s.pool], s.pool))
    own, other = (choices.cost(0, 0, choices.paid(Part(s, 1, 1)), 1) for s in (worst, seat))
    for name, a, b in zip(components(choices.table.locks), own, other, strict=False):
        if a != b:
            return (name, a, b) if a < b else None
    a, b = load[worst.pool], load[seat.pool]
    return ("balance", a, b) if a < b else ("names", 0, 1)


def _difference(rivals: _Rivals, chosen: Option, other: Option) -> tuple[Component, int, int]:
    """The first component in which two differ: its name, the value of the one and of the other."""
    names = components(rivals.choices.table.locks)
    for name, a, b in zip(names, chosen.cost, other.cost, strict=False):
        if a != b:
            return name, a, b
    a, b = _balance(rivals, chosen), _balance(rivals, other)
    return ("balance", a, b) if a != b else ("names", 0, 1)


def _balance(rivals: _Rivals, option: Option) -> int:
    workload = rivals.choices.workload
    rivals.ledger.add(workload, option.parts)
    found = rivals.ledger.balance
    rivals.ledger.remove(workload, option.parts)
    return found
