"""The ways to run a replica of a model: its `resources`, each with the layout that fits, or what the fit proposes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fleetc.catalogue.accelerators import accelerator
from fleetc.language.amounts import Devices, devices
from fleetc.language.model import Model
from fleetc.plan.capacity.asked import Asked, room_of
from fleetc.plan.capacity.pools import Nodes
from fleetc.plan.fit import Fit, Layout, Machine, Terms, fit, layouts
from fleetc.plan.fit.memory import checkpoint
from fleetc.plan.placement.model import Alternative
from fleetc.tuples import NamedTuple

AUTO: Final = "auto"
CPU: Final = "cpu"
MOST_NODES: Final = 4
"""Over how many nodes `auto` spreads a replica at most: who wants more writes it down."""
_NODE: Final = 8
"""The devices of a node where no pool says it."""


class Way(NamedTuple):
    """One way that fits; all but the alternative are None where there are no devices."""

    alternative: Alternative
    fit: Fit | None
    machine: Machine | None
    nodes: Nodes | None


class Misfit(NamedTuple):
    """A layout that does not fit, on `many` such nodes with `each` so many devices."""

    nodes: Nodes
    each: int
    many: int
    verdict: Fit


class Unfit(NamedTuple):
    """Devices that are not used like that: why, what `resources` would be (or ""), and a hint if nothing works."""

    nodes: Nodes
    why: str
    instead: str
    hint: str


class Refused(NamedTuple):
    """What is asked for and does not work: which of `resources`, and why; in words, with a hint, without devices."""

    item: int
    why: Misfit | Unfit | tuple[str, str]


class Ways(NamedTuple):
    """What works, from the most wanted to the least, and what does not."""

    ways: tuple[Way, ...]
    refused: tuple[Refused, ...]


class Fits:
    """Verdicts, each worked out once: many models ask the same of the same nodes."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Fit | None] = {}
        self._held: list[object] = []

    def best(self, asked: Asked, nodes: Nodes, each: int, many: int) -> Fit | None:
        """The best layout on all of the devices of `many` pods with `each` so many; None when none fits."""
        work = asked.workload
        at = (nodes.accelerator.name, nodes.profile, nodes.shares, each, many)
        key = (id(work.architecture), *work[1:], asked.engine.name, asked.version, asked.terms.utilization_permille, at)
        if key not in self._known:
            self._held.append(work.architecture)  # Its id is in the key.
            found = layouts(work, Machine(nodes.accelerator, each, nodes.mig), terms_on(asked, nodes), many)
            self._known[key] = next((f for f in found if f.layout.devices == each * many), None)
        return self._known[key]


def terms_on(asked: Asked, nodes: Nodes) -> Terms:
    """The engine's terms: where several containers have a device's memory together, each takes its share."""
    return asked.terms._replace(utilization_permille=asked.terms.utilization_permille // nodes.shares)


def ways(model: Model, asked: Asked, kinds: Sequence[Nodes], fits: Fits) -> Ways:
    """The ways of a model on the kinds of nodes that there are where it may run, in the order of `by_name`."""
    found: dict[str, Way] = {}
    refused: list[Refused] = []
    kinds = _strictest(kinds)
    for item, text in enumerate(model.resources):
        wanted = devices(text)
        made: list[Way | Misfit | Unfit | tuple[str, str]]
        if wanted is not None:
            made = list(_listed(model, asked, wanted, kinds, fits))
        elif text == CPU:
            made = [_on_cpu(model, asked)]
        else:
            made = [*_auto(model, asked, kinds, fits)] or [_nothing_fits(asked, kinds)]
        for one in made:
            if isinstance(one, Way):
                own = one.alternative
                slow = text == AUTO and (own.nodes > 1 or (one.fit is not None and one.fit.over_pcie))
                found.setdefault(own.name, one._replace(alternative=own._replace(rank=item + slow)))
        # Of several sizes of nodes one is enough.
        if not any(isinstance(one, Way) for one in made):
            refused += [Refused(item, one) for one in made[:1] if not isinstance(one, Way)]
    return Ways(tuple(found.values()), tuple(refused))


def _strictest(kinds: Sequence[Nodes]) -> Sequence[Nodes]:
    """Without nodes whose devices fewer containers share than those of others: pods ask for `timeSlicing`, not for a
    number, so they may land on either."""
    most: dict[tuple[str, str], int] = {}
    for nodes in kinds:
        key = (nodes.accelerator.name, nodes.profile)
        most[key] = max(nodes.shares, most.get(key, 0))
    return [n for n in kinds if n.shares == most[n.accelerator.name, n.profile]]


def by_name(nodes: Nodes) -> tuple[object, ...]:
    """The order of kinds of nodes: by accelerator, the largest nodes first."""
    return nodes.accelerator.name, -nodes.devices, *nodes[2:4], nodes.hosts or 0


def _listed(
    model: Model, asked: Asked, wanted: Devices, kinds: Sequence[Nodes], fits: Fits
) -> Iterator[Way | Misfit | Unfit]:
    """An alternative as written, on each size of nodes that has it."""
    device = accelerator(wanted.accelerator)
    assert device is not None, wanted
    mine = [n for n in kinds if (n.accelerator.name, n.profile) == (device.name, wanted.profile)]
    unknown = Nodes(device, min(wanted.number, _NODE), wanted.profile)
    for nodes in mine or [unknown]:
        size = nodes.devices if not wanted.profile else wanted.number
        each, many = min(wanted.number, size), -(-wanted.number // size)
        said = _unusual(wanted, nodes, each, many) or _other_vendor(asked, nodes)
        yield said or _way(model, asked, nodes, each, many, fits)


def _unusual(wanted: Devices, nodes: Nodes, each: int, many: int) -> Unfit | None:
    """Counts that no node gives."""
    name, count = nodes.accelerator.name, nodes.devices
    if each * many != wanted.number:
        why = f"{wanted.number} {name} are not whole nodes of {count}"
        return Unfit(nodes, why, f"{name}:{count * many}", f"write whole nodes, such as {name}:{count * many}")
    # The driver allocates all chips of a node, and hosts of a slice work together only.
    if nodes.hosts is not None and (each, many) != (count, nodes.hosts):
        whole = count * nodes.hosts
        why = f"a slice of {name} is used whole, and has {whole} chips"
        return Unfit(nodes, why, f"{name}:{whole}", f"take whole slices: {name}:{whole}")
    return None


def _other_vendor(asked: Asked, nodes: Nodes) -> Unfit | None:
    vendor, known = nodes.accelerator.vendor, asked.engine.vendors
    if vendor in known:
        return None
    why = f"{asked.engine.name} does not run on {nodes.accelerator.name}"
    return Unfit(
        nodes, why, "", f"{asked.engine.name} runs on accelerators of {' and '.join(known)}: add a GPUPool of these"
    )


def _way(model: Model, asked: Asked, nodes: Nodes, each: int, many: int, fits: Fits) -> Way | Misfit:
    found = fits.best(asked, nodes, each, many)
    if found is None:
        machine = Machine(nodes.accelerator, each, nodes.mig)
        verdict = fit(asked.workload, machine, Layout(each, many), terms_on(asked, nodes))
        return Misfit(nodes, each, many, verdict)
    machine = Machine(nodes.accelerator, nodes.devices, nodes.mig)
    return Way(_alternative(model, nodes, each, many), found, machine, nodes)


def _alternative(model: Model, nodes: Nodes, each: int, many: int) -> Alternative:
    kind = "/".join(part for part in (nodes.accelerator.name, nodes.profile) if part)
    name = f"{kind}:{each * many}" + (f" on {many} nodes" if many > 1 else "")
    return Alternative(
        name, nodes.accelerator.name, each, *room_of(model, each), many, nodes.profile, one_zone=many > 1
    )


def _on_cpu(model: Model, asked: Asked) -> Way | tuple[str, str]:
    """Without devices. What an engine takes of a node's memory besides weights is not known, so only these count."""
    cpu, memory = room_of(model, 0)
    work = asked.workload
    held = checkpoint(work.architecture, work.weights)
    if held > memory:
        hint = f"write `pod: {{memory: {memory_for(held)}Gi}}` or more"
        return (
            f"its weights take {-(-held * 10 // 2**30) / 10} GiB, and a pod has {memory * 10 // 2**30 / 10} GiB",
            hint,
        )
    return Way(Alternative(CPU, "", 0, cpu, memory), None, None, None)


def memory_for(held: int) -> int:
    """GiB of a pod without devices whose weights take so many bytes: a GiB more."""
    return -(-held // 2**30) + 1


def _auto(model: Model, asked: Asked, kinds: Sequence[Nodes], fits: Fits) -> Iterator[Way]:
    """The smallest way on each kind of nodes that there is. They are wanted alike, so capacity and price decide; less
    those that are slow, for devices exchange data over PCIe or the network."""
    for nodes in kinds:
        way = None if _other_vendor(asked, nodes) else _smallest(model, asked, nodes, fits)
        if way is not None:
            yield way


def _smallest(model: Model, asked: Asked, nodes: Nodes, fits: Fits) -> Way | None:
    for each, many in _sizes(nodes):
        if fits.best(asked, nodes, each, many) is not None:
            way = _way(model, asked, nodes, each, many, fits)
            return way if isinstance(way, Way) else None
    return None


def _sizes(nodes: Nodes) -> Iterable[tuple[int, int]]:
    if nodes.hosts is not None:
        return ((nodes.devices, nodes.hosts),)
    if nodes.profile:
        return ((1, 1),)
    # What does not divide a node leaves devices over that nothing else may be able to take.
    within = [(each, 1) for each in range(1, nodes.devices + 1) if nodes.devices % each == 0]
    return (*within, *((nodes.devices, many) for many in range(2, MOST_NODES + 1)))


def _nothing_fits(asked: Asked, kinds: Sequence[Nodes]) -> Misfit | Unfit | tuple[str, str]:
    """Why `auto` finds nothing: the verdict on the kind of node with most memory."""
    mine = [n for n in kinds if _other_vendor(asked, n) is None]
    if kinds and not mine:
        return _other_vendor(asked, kinds[0]) or ("", "")
    if not mine:
        return "no pool that it may use has an accelerator", "add a GPUPool with accelerators to its clusters"
    most = max(mine, key=lambda n: (n.accelerator.memory_mib * n.devices if not n.profile else 0, n.accelerator.name))
    each = most.devices if not most.profile else 1
    machine = Machine(most.accelerator, each, most.mig)
    if most.hosts is not None:
        # A slice is used whole, whatever a part of it could hold.
        verdict = fit(asked.workload, machine, Layout(each, most.hosts), terms_on(asked, most))
        return Misfit(most, each, most.hosts, verdict)
    # Whatever divides the heads says more than that some number does not; and `auto` takes what divides a node.
    heads = asked.workload.architecture.heads
    tensor = max(t for t in range(1, each + 1) if heads % t == 0 and each % t == 0)
    return Misfit(most, tensor, 1, fit(asked.workload, machine, Layout(tensor), terms_on(asked, most)))
