"""Where models run on both sides, on how many devices, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.diagnostics import sort_key
from fleetc.driver.diff.fleets import planned
from fleetc.driver.diff.specs import Specs
from fleetc.driver.planning import Planning, touched
from fleetc.driver.recall import lock_names
from fleetc.tuples import NamedTuple


class Part(NamedTuple):
    """Replicas of a model in a pool (`CLUSTER/POOL`): promised, and at most. `unit` is what a device is called, or ""
    where none is used; `devices` those of the promised replicas; `price` of these, in millionths of the currency an
    hour, None where it is not known."""

    pool: str
    resources: str
    least: int
    most: int
    unit: str
    devices: int
    price: int | None


class Placement(NamedTuple):
    """A model whose place changes; nothing where it is not planned."""

    model: str
    before: tuple[Part, ...]
    after: tuple[Part, ...]


class Nodes(NamedTuple):
    """What a pool has: nodes at least and at most, devices on each, and the price of one."""

    least: int
    most: int
    unit: str
    devices: int
    price: int | None


class Pool(NamedTuple):
    """A pool that changes; None where it is not there."""

    id: str
    before: Nodes | None
    after: Nodes | None


class Planned(NamedTuple):
    """What changes in the plan. `price`: of all that is promised, before and after, in millionths an hour, of pools
    with a price; `currency` of the working tree's Fleet."""

    placements: tuple[Placement, ...]
    pools: tuple[Pool, ...]
    devices: dict[str, tuple[int, int]]
    price: tuple[int, int]
    currency: str | None


class Compared(NamedTuple):
    """What is planned before, where something that planning looks at is otherwise, and what changes; `note`: why
    nothing can be said."""

    before: Planning | None = None
    planned: Planned | None = None
    note: str = ""


def compare(specs: Specs) -> Compared:
    """Plan both sides, only where something that planning looks at changed."""
    files = set(specs.changed)
    if not files:
        return Compared()
    now = {id: doc for id, doc in specs.front.docs.items() if doc.sources[0][0] in files}
    was = specs.old_differing
    # Of what cannot be read nobody knows whether it was planned.
    if not touched(was.docs, now, files) and not was.diagnostics:
        return Compared()
    old = specs.old_front
    if old.diagnostics:
        first = min(old.diagnostics, key=sort_key)
        where = f"{specs.revision}:{first.span}: " if first.span is not None else ""
        note = (
            f"{where}{first.message}; placements and cost are not compared, since that revision's specs are not valid"
        )
        return Compared(note=note)
    before = planned(old, specs.old_sources, specs.old_locks())
    # What the run wants to change in the lock files follows from them as they stand.
    after = planned(specs.front, specs.sources, lock_names(specs.inputs))
    if before is None or after is None:
        return Compared(before, None, "one side cannot be planned: placements and cost are not compared")
    if before.diagnostics:
        return Compared(before, None, "the revision's models have no room everywhere: placements are not compared")
    found = _changes(before, after)
    return Compared(before, found if found.placements or found.pools or found.price[0] != found.price[1] else None)


def _changes(was: Planning, now: Planning) -> Planned:
    old, new = _parts(was), _parts(now)
    names = sorted(old.keys() | new.keys())
    placements = [Placement(n, old.get(n, ()), new.get(n, ())) for n in names if old.get(n, ()) != new.get(n, ())]
    ours, theirs = _pools(was), _pools(now)
    ids = sorted(ours.keys() | theirs.keys())
    pools = [Pool(id, ours.get(id), theirs.get(id)) for id in ids if ours.get(id) != theirs.get(id)]
    units: dict[str, list[int]] = {}
    for n, parts in enumerate((old, new)):
        for part in (part for found in parts.values() for part in found if part.unit):
            units.setdefault(part.unit, [0, 0])[n] += part.devices
    prices = [sum(part.price or 0 for found in parts.values() for part in found) for parts in (old, new)]
    devices = {unit: (a, b) for unit, (a, b) in sorted(units.items()) if a != b}
    currency = now.plan.world.fleet.costs.currency
    return Planned(tuple(placements), tuple(pools), devices, (prices[0], prices[1]), currency)


def _parts(made: Planning) -> dict[str, tuple[Part, ...]]:
    found: dict[str, list[Part]] = {}
    for placed in made.result.placed:
        name = made.capacity.groups[placed.workload].doc.name
        for p in placed.parts:
            way = made.capacity.ways[placed.workload, p.alternative].alternative
            unit = f"{way.accelerator}/{way.profile}" if way.profile else way.accelerator
            devices = way.devices * way.nodes * p.least if unit else 0
            part = Part(p.pool, p.alternative, p.least, p.most, unit, devices, p.price_least)
            found.setdefault(name, []).append(part)
    return {name: tuple(sorted(parts, key=lambda p: (p.pool, p.resources))) for name, parts in found.items()}


def _pools(made: Planning) -> dict[str, Nodes]:
    return dict(_nodes(made))


def _nodes(made: Planning) -> Iterator[tuple[str, Nodes]]:
    for pool in made.result.problem.pools:
        yield pool.id, Nodes(pool.nodes.least, pool.nodes.most, pool.accelerator, pool.devices, pool.price)
