"""Bytes of the fullest device of a layout. Whole numbers only, rounded up where something is divided."""

from __future__ import annotations

from fleetc.catalogue.architectures import Architecture, Attention
from fleetc.catalogue.memory import reserve
from fleetc.catalogue.precisions import Precision, format_of, formats
from fleetc.plan.fit.model import Layout, Machine, Terms, Workload
from fleetc.tuples import NamedTuple

_MIB = 2**20
_PER_BYTE_X64 = 8 * 64


def ceiling(value: int, divisor: int) -> int:
    """The quotient, rounded up."""
    return -(-value // divisor)


def usable(machine: Machine, terms: Terms) -> int | None:
    """Bytes that the engine takes of one device or slice; None when a slice's memory is not known."""
    kept = 1000 - reserve().reserve_permille
    if machine.profile is not None:
        profile = machine.accelerator.profile(machine.profile)
        if profile is None or profile.memory_mib is None:
            return None
        seen = profile.memory_mib * _MIB * kept // 1000
    elif machine.accelerator.allocatable_mib is not None:
        seen = machine.accelerator.allocatable_mib * _MIB
    else:
        seen = machine.accelerator.memory_mib * _MIB * kept // 1000
    return seen * terms.utilization_permille // 1000


def checkpoint(architecture: Architecture, precision: Precision) -> int:
    """Bytes of all weights in a format: as measured, else from the parameters.

    Quantised checkpoints leave embeddings and head in 16 bits. A format is never taken for smaller than a measured
    narrower one.
    """
    if precision in architecture.weights:
        return architecture.weights[precision]
    bits = format_of(precision).weight_bits_x64
    ends = architecture.embedding_parameters()
    computed = ceiling((architecture.parameters - ends) * bits, _PER_BYTE_X64) + ends * _end_bytes(precision)
    narrower = (f.name for f in formats() if f.weight_bits_x64 <= bits)
    return max(computed, *(architecture.weights.get(p, 0) for p in narrower))


def weights(workload: Workload, layout: Layout, terms: Terms) -> int:
    """Bytes of weights on the fullest device, as the engine loads them.

    Tensor parallelism cuts every matrix, and copies KV heads where it has more ranks; a stage of a pipeline holds its
    layers and, at its ends, embedding or head; experts are cut or spread, see `Layout`.
    """
    arch, width = workload.architecture, _end_bytes(workload.weights)
    ends = arch.embedding_parameters() * width
    body = max(0, checkpoint(arch, workload.weights) - ends)
    routed = ceiling(body * arch.expert_parameters(), max(1, arch.parameters - arch.embedding_parameters()))
    held = ceiling(arch.vocabulary * arch.hidden * width if layout.pipeline > 1 else ends, layout.tensor)
    stage = ceiling(arch.layers, layout.pipeline)
    held += ceiling((body - routed) * stage, arch.layers * layout.tensor)
    held += _experts(arch, routed, stage, layout)
    held += _copied_heads(workload, stage, layout)
    padded = format_of(workload.weights).padded_permille
    return ceiling(held * terms.overhead.load_permille * padded, 1000 * 1000)


def cache(workload: Workload, layout: Layout, terms: Terms) -> int:
    """Bytes of the KV cache on the fullest device, with every sequence as long as the context.

    Grouped-query heads are spread over tensor ranks, at least one each; a latent vector is whole on every rank; layers
    that slide keep their window and what is being read in, layers of linear attention a state per sequence.
    """
    arch = workload.architecture
    value = format_of(workload.cache).cache_bytes
    if arch.attention is Attention.ENCODER or value is None:
        return 0
    sequences = ceiling(workload.concurrency, layout.data)
    tokens = _rounded(workload.context, terms.block_tokens)
    layers = _stage_layers(arch, layout.pipeline)
    per_token = _cached_values(arch, layout.tensor) * value
    total = layers.full * per_token * tokens * sequences
    if arch.window is not None:
        kept = min(tokens, _rounded(arch.window, terms.block_tokens) + terms.block_tokens)
        reading = min(tokens - kept, terms.prefill_tokens)
        total += layers.other * per_token * (kept * sequences + reading)
    if arch.state_bytes is not None:
        total += layers.other * ceiling(arch.state_bytes, layout.tensor) * sequences
    return total


def runtime(architecture: Architecture, layout: Layout, terms: Terms) -> int:
    """Bytes of activations, captured graphs, context and communication on a device."""
    overhead = terms.overhead
    sampling = architecture.vocabulary * overhead.sequences * overhead.logit_bytes
    fixed = overhead.context_mib + overhead.graphs_mib
    fixed += overhead.layer_mib * ceiling(architecture.layers, layout.pipeline)
    fixed += overhead.parallel_mib if layout.tensor * layout.data > 1 else 0
    fixed += overhead.experts_mib if architecture.experts is not None else 0
    return fixed * _MIB + max(sampling, overhead.activation_mib * _MIB)


class _Layers(NamedTuple):
    full: int
    other: int


def _stage_layers(arch: Architecture, stages: int) -> _Layers:
    """The layers of a stage that caches most: full ones first, as many as an even spread could put there, and one."""
    stage = ceiling(arch.layers, stages)
    spread = ceiling(arch.full_layers * stage, arch.layers) + (1 if stages > 1 else 0)
    full = min(arch.full_layers, stage, spread)
    other = min(stage - full, arch.layers - arch.full_layers)
    # Engines keep such caches in groups of as many layers, and fill up the last group of the more frequent kind:
    # docs.vllm.ai/en/latest/design/hybrid_kv_cache_manager
    group = min(full, other) if arch.window is not None else 0
    return _Layers(_rounded(full, group), _rounded(other, group)) if group else _Layers(full, other)


def _cached_values(arch: Architecture, tensor: int) -> int:
    if arch.latent is not None:
        return arch.latent.rank + arch.latent.rope
    return 2 * max(1, ceiling(arch.kv_heads, tensor)) * arch.head_dim


def _experts(arch: Architecture, routed: int, stage: int, layout: Layout) -> int:
    if arch.experts is None:
        return 0
    layers = min(stage, arch.experts.layers)
    if layout.expert:
        mine = ceiling(arch.experts.routed, layout.tensor * layout.data)
        return ceiling(routed * layers * mine, arch.experts.layers * arch.experts.routed)
    return ceiling(routed * layers, arch.experts.layers * layout.tensor)


def _copied_heads(workload: Workload, stage: int, layout: Layout) -> int:
    """KV projections beyond an even share: with more ranks than KV heads each rank holds one whole head."""
    arch = workload.architecture
    if arch.latent is not None or layout.tensor <= arch.kv_heads:
        return 0
    values = stage * 2 * arch.hidden * arch.head_dim
    copied = ceiling(values * (layout.tensor - arch.kv_heads), layout.tensor)
    return ceiling(copied * format_of(workload.weights).weight_bits_x64, _PER_BYTE_X64)


def _end_bytes(precision: Precision) -> int:
    return 4 if precision is Precision.FP32 else 2


def _rounded(count: int, block: int) -> int:
    return ceiling(count, block) * block
