"""The verdict on one layout."""

from __future__ import annotations

from fleetc.catalogue.precisions import format_of
from fleetc.plan.fit.memory import cache, ceiling, runtime, usable, weights
from fleetc.plan.fit.model import Constraint, Fit, Layout, Machine, Terms, Workload


def fit(workload: Workload, machine: Machine, layout: Layout, terms: Terms) -> Fit:
    """Whether the workload runs in this layout on such machines, by the bytes of its fullest device.

    A layout that is impossible whatever the memory has zeros for bytes and says why in `binding`. All numbers asked for
    are at least 1.
    """
    impossible = _workload(workload, machine) or _layout(workload, machine, layout)
    room = usable(machine, terms)
    if impossible is None and room is None:
        impossible = Constraint.MIG_MEMORY
    if impossible is not None or room is None:
        return Fit(layout, False, impossible or Constraint.MIG_MEMORY)
    held = weights(workload, layout, terms)
    cached = cache(workload, layout, terms)
    around = runtime(workload.architecture, layout, terms)
    slow = layout.tensor > machine.accelerator.fast_domain
    return Fit(
        layout, held + cached + around <= room, _binding(held, cached, around, room), held, cached, around, room, slow
    )


def _binding(held: int, cached: int, around: int, room: int) -> Constraint:
    """What gave out first where it does not fit; where it does, what takes most."""
    if held > room:
        return Constraint.WEIGHTS
    if held + around > room:
        return Constraint.WEIGHTS if held >= around else Constraint.RUNTIME
    if held + cached + around > room:
        return Constraint.CACHE
    return max(((held, Constraint.WEIGHTS), (cached, Constraint.CACHE), (around, Constraint.RUNTIME)))[1]


def _workload(workload: Workload, machine: Machine) -> Constraint | None:
    """What no layout on such machines can change."""
    device = machine.accelerator
    if workload.context > workload.architecture.max_context:
        return Constraint.CONTEXT
    if not device.loads(workload.weights):
        return Constraint.PRECISION
    if format_of(workload.cache).cache_bytes is None or not device.loads(workload.cache):
        return Constraint.CACHE_PRECISION
    if machine.profile is not None and device.profile(machine.profile) is None:
        return Constraint.MIG_PROFILE
    return None


def _layout(workload: Workload, machine: Machine, layout: Layout) -> Constraint | None:
    """What the layout itself gets wrong."""
    arch = workload.architecture
    if machine.profile is not None and layout.devices > 1:
        return Constraint.MIG_PARALLEL
    if arch.heads % layout.tensor:
        return Constraint.HEADS
    # Each rank holds whole KV heads: either several, or one that several ranks have.
    few, many = sorted((arch.kv_heads, layout.tensor))
    if arch.latent is None and many % few:
        return Constraint.KV_HEADS
    if layout.pipeline > arch.layers:
        return Constraint.LAYERS
    if arch.experts is None and (layout.expert or layout.data > 1):
        return Constraint.DENSE
    if layout.tensor > machine.domain:
        return Constraint.DOMAIN
    return _blocks(workload, layout)


def _blocks(workload: Workload, layout: Layout) -> Constraint | None:
    """Experts quantised in blocks are cut between blocks only; spread ones are not cut."""
    arch = workload.architecture
    if (
        arch.block is None
        or arch.experts is None
        or layout.expert
        or format_of(workload.weights).weight_bits_x64 != 512
    ):
        return None
    blocks = ceiling(arch.experts.intermediate, arch.block)
    return Constraint.BLOCKS if blocks % layout.tensor else None
