"""Properties of the arithmetic, and the cases that each rule is for."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fleetc.catalogue.accelerators import Accelerator, accelerator, accelerators
from fleetc.catalogue.architectures import Architecture, Attention, architecture, architectures
from fleetc.catalogue.engines import engine
from fleetc.catalogue.precisions import Precision, format_of, formats
from fleetc.plan.fit import (
    Change,
    Constraint,
    Layout,
    Machine,
    Terms,
    Workload,
    fit,
    largest_concurrency,
    largest_context,
    layouts,
    nearest,
)
from fleetc.plan.fit.memory import cache, checkpoint, runtime, weights

GIB = 2**30


def model(name: str) -> Architecture:
    found = architecture(name)
    assert found is not None
    return found


def device(name: str) -> Accelerator:
    found = accelerator(name)
    assert found is not None
    return found


def vllm(utilization_permille: int | None = None) -> Terms:
    found = engine("vllm")
    assert found is not None
    return Terms.of(found.releases[-1], found.overheads[-1], utilization_permille)


def served(
    name: str, weights: str = "bf16", cache: str = "bf16", context: int = 8192, concurrency: int = 1
) -> Workload:
    return Workload(model(name), Precision(weights), Precision(cache), context, concurrency)


TERMS = vllm()
CACHED = [f.name for f in formats() if f.cache_bytes is not None]


@st.composite
def workloads(draw: st.DrawFn) -> Workload:
    arch = draw(st.sampled_from(architectures()))
    context = draw(st.integers(1, arch.max_context))
    return Workload(
        arch, draw(st.sampled_from(Precision)), draw(st.sampled_from(CACHED)), context, draw(st.integers(1, 300))
    )


MACHINES = st.builds(Machine, st.sampled_from(accelerators()), st.sampled_from((1, 2, 4, 8)))
ROOMY = ("L40S", "A100-80", "H100", "H200", "B200", "GB200", "MI300X", "TPU7x")


@st.composite
def fitting(draw: st.DrawFn) -> tuple[Workload, Machine, Layout, Terms]:
    """A configuration that fits, by way of the layouts that do."""
    m = Machine(device(draw(st.sampled_from(ROOMY))), draw(st.sampled_from((1, 4, 8))))
    arch = draw(st.sampled_from(architectures()))
    loaded = [p for p in Precision if m.accelerator.loads(p)]
    cached = [p for p in CACHED if p in loaded]
    context = draw(st.one_of(st.integers(1, arch.max_context), st.integers(1, min(arch.max_context, 8192))))
    w = Workload(arch, draw(st.sampled_from(loaded)), draw(st.sampled_from(cached)), context, draw(st.integers(1, 64)))
    terms = vllm(draw(st.integers(700, 1000)))
    found = layouts(w, m, terms, 2)
    assume(found)
    return w, m, draw(st.sampled_from(found)).layout, terms


LAYOUTS = st.builds(
    Layout, st.sampled_from((1, 2, 4, 7, 8, 16)), st.integers(1, 4), st.sampled_from((1, 2, 8)), st.booleans()
)
SHARES = st.integers(300, 1000)


@given(fitting(), st.data(), st.integers(0, 2**18))
@settings(max_examples=150, deadline=None)
def test_less_never_turns_a_fit_into_none(
    asked: tuple[Workload, Machine, Layout, Terms], data: st.DataObject, more_mib: int
) -> None:
    w, m, at, terms = asked
    margin = fit(w, m, at, terms).margin
    tokens, sequences = data.draw(st.integers(1, w.context)), data.draw(st.integers(1, w.concurrency))
    fewer = fit(w._replace(context=tokens, concurrency=sequences), m, at, terms)
    assert fewer.fits
    assert fewer.margin >= margin
    a = m.accelerator
    seen = None if a.allocatable_mib is None else a.allocatable_mib + more_mib
    larger = m._replace(accelerator=a._replace(memory_mib=a.memory_mib + more_mib, allocatable_mib=seen))
    assert fit(w, larger, at, terms).fits
    assert fit(w, larger, at, terms).margin >= margin


@given(fitting())
@settings(max_examples=150, deadline=None)
def test_narrower_numbers_never_turn_a_fit_into_none(asked: tuple[Workload, Machine, Layout, Terms]) -> None:
    w, m, at, terms = asked
    bits, size = format_of(w.weights).weight_bits_x64, format_of(w.cache).cache_bytes or 0
    for each in formats():
        if not m.accelerator.loads(each.name):
            continue
        # 8-bit blocks can rule out a way of cutting: that is no matter of memory.
        narrower = fit(w._replace(weights=each.name), m, at, terms)
        if each.weight_bits_x64 <= bits and narrower.binding is not Constraint.BLOCKS:
            assert narrower.fits
        if each.cache_bytes is not None and each.cache_bytes <= size:
            assert fit(w._replace(cache=each.name), m, at, terms).fits


@given(workloads(), MACHINES, LAYOUTS, SHARES)
@settings(max_examples=200, deadline=None)
def test_largest_context_is_the_boundary(w: Workload, m: Machine, at: Layout, share: int) -> None:
    terms = vllm(share)
    most = largest_context(w, m, at, terms)
    assert most == 0 or fit(w._replace(context=most), m, at, terms).fits
    assert not fit(w._replace(context=most + 1), m, at, terms).fits


@given(fitting())
@settings(max_examples=100, deadline=None)
def test_boundaries_of_what_fits(asked: tuple[Workload, Machine, Layout, Terms]) -> None:
    w, m, at, terms = asked
    tokens, sequences = largest_context(*asked), largest_concurrency(*asked)
    assert tokens >= w.context
    assert fit(w._replace(context=tokens), m, at, terms).fits
    assert not fit(w._replace(context=tokens + 1), m, at, terms).fits
    assert sequences is None or sequences >= w.concurrency


@given(workloads(), MACHINES, LAYOUTS, SHARES)
@settings(max_examples=200, deadline=None)
def test_largest_concurrency_is_the_boundary(w: Workload, m: Machine, at: Layout, share: int) -> None:
    terms = vllm(share)
    most = largest_concurrency(w, m, at, terms)
    if most is None:
        assert w.architecture.attention is Attention.ENCODER
        return
    assert most == 0 or fit(w._replace(concurrency=most), m, at, terms).fits
    assert not fit(w._replace(concurrency=most + 1), m, at, terms).fits


@given(workloads(), MACHINES, st.integers(1, 3), SHARES)
@settings(max_examples=60, deadline=None)
def test_layouts_are_feasible(w: Workload, m: Machine, nodes: int, share: int) -> None:
    terms = vllm(share)
    found = layouts(w, m, terms, nodes)
    assert found == layouts(w, m, terms, nodes)
    assert len({f.layout for f in found}) == len(found)
    for verdict in found:
        at = verdict.layout
        assert verdict == fit(w, m, at, terms)
        assert verdict.fits
        assert verdict.margin >= 0
        assert w.architecture.heads % at.tensor == 0
        assert at.tensor <= m.domain
        assert at.devices <= m.devices * nodes
    devices = [f.layout.devices for f in found]
    assert devices == sorted(devices)


@given(workloads(), MACHINES, LAYOUTS, st.integers(1, 2), SHARES)
@settings(max_examples=60, deadline=None)
def test_what_is_proposed_fits(w: Workload, m: Machine, at: Layout, nodes: int, share: int) -> None:
    terms = vllm(share)
    others = [Machine(device(name), 8) for name in ("H100", "H200")]
    found = nearest(w, m, at, terms, others, nodes)
    assert (found == ()) or not fit(w, m, at, terms).fits
    order = list(Change)
    assert [s.change for s in found] == sorted((s.change for s in found), key=order.index)
    for each in found:
        assert each.fit.fits
        assert each.fit == fit(each.workload, each.machine, each.fit.layout, terms)
        assert sum(x != y for x, y in zip(each.workload, w, strict=True)) + (each.machine != m) <= 1
        assert each.workload.context <= w.context
        assert each.workload.concurrency <= w.concurrency


def test_cache_of_grouped_heads_is_shared_out_to_as_many_ranks_as_there_are_heads() -> None:
    w = served("llama-3.1-70b", context=16)
    assert cache(w, Layout(1), TERMS) == 327680 * 16
    assert cache(w, Layout(4), TERMS) == 327680 * 4
    assert cache(w, Layout(16), TERMS) == cache(w, Layout(8), TERMS) == 327680 * 2


def test_cache_of_latent_vectors_is_whole_on_every_rank() -> None:
    w = served("deepseek-v3", "fp8", context=16)
    assert cache(w, Layout(1), TERMS) == cache(w, Layout(8), TERMS) == 70272 * 16


def test_cache_of_sliding_layers_ends_at_the_window() -> None:
    long, longer = (served("gpt-oss-20b", "mxfp4", context=n) for n in (65536, 65552))
    per_full_layer = 2 * 8 * 64 * 2
    assert cache(longer, Layout(1), TERMS) - cache(long, Layout(1), TERMS) == 12 * per_full_layer * 16
    everywhere = 24 * per_full_layer * 65536
    assert cache(long, Layout(1), TERMS) < everywhere * 6 // 10


def test_cache_of_linear_layers_does_not_grow() -> None:
    one, two = (cache(served("qwen3.5-27b", context=n), Layout(1), TERMS) for n in (16, 32))
    assert two - one == 16 * 2 * 4 * 256 * 2 * 16
    assert 2 * one - two == 48 * 3207168


def test_cache_comes_in_blocks() -> None:
    one, block, next_ = (cache(served("llama-3.1-8b", context=n), Layout(1), TERMS) for n in (1, 16, 17))
    assert one == block == 131072 * 16
    assert next_ == 2 * block


def test_an_encoder_caches_nothing() -> None:
    w = served("all-minilm-l6-v2", "fp32", "fp32", 512, 1000)
    verdict = fit(w, Machine(device("T4"), 1), Layout(1), TERMS)
    assert (verdict.fits, verdict.cache, verdict.binding) == (True, 0, Constraint.RUNTIME)


@pytest.mark.parametrize(("precision", "gib"), [("bf16", 131.4), ("fp8", 67.7), ("int4", 37.0)])
def test_checkpoints(precision: str, gib: float) -> None:
    assert checkpoint(model("llama-3.1-70b"), Precision(precision)) / GIB == pytest.approx(gib, abs=0.1)


def test_a_quantised_checkpoint_as_published() -> None:
    # Qwen/Qwen3-8B-AWQ: 5.68Gi, kaito-project/kaito model_catalog.yaml @ 056b8280b1a8
    assert checkpoint(model("Qwen/Qwen3-8B-AWQ"), Precision.INT4) / GIB == pytest.approx(5.68, abs=0.01)
    # A public table of Llama-3.1-8B checkpoints: FP8 is 9,081,280,648 bytes.
    assert checkpoint(model("llama-3.1-8b"), Precision.FP8) == pytest.approx(9081280648, rel=1e-4)


def test_weights_are_cut_or_spread() -> None:
    w = served("deepseek-v3", "fp8")
    whole = weights(w, Layout(1), TERMS)
    assert weights(w, Layout(8), TERMS) == pytest.approx(whole / 8, rel=0.001)
    spread = weights(w, Layout(1, data=8, expert=True), TERMS)
    assert whole / 8 < spread < whole / 5
    # The fuller of two stages has 31 of 61 layers, all of them with experts.
    assert whole / 16 < weights(w, Layout(8, 2), TERMS) < whole / 16 * 31 / 29


def test_more_ranks_than_kv_heads_copy_them() -> None:
    w = served("qwen3-235b-a22b")
    copied = 94 * 2 * 4096 * 128 // 2 * 2
    assert weights(w, Layout(8), TERMS) - weights(w, Layout(4), TERMS) // 2 == pytest.approx(
        copied * TERMS.overhead.load_permille / 1000, rel=1e-3
    )


@pytest.mark.parametrize(
    ("workload", "machine", "layout", "why"),
    [
        (served("llama-3.1-8b", context=131073), Machine(device("H100"), 8), Layout(1), Constraint.CONTEXT),
        (served("qwen2.5-7b"), Machine(device("H100"), 8), Layout(8), Constraint.HEADS),
        (served("phi-4"), Machine(device("H100"), 8), Layout(4), Constraint.KV_HEADS),
        (served("phi-4"), Machine(device("H100"), 8), Layout(1, 41), Constraint.LAYERS),
        (served("phi-4"), Machine(device("H100"), 8), Layout(1, 1, 2), Constraint.DENSE),
        (served("llama-3.1-8b"), Machine(device("H100"), 8), Layout(16), Constraint.DOMAIN),
        (served("llama-3.1-8b"), Machine(device("H100"), 1), Layout(2), Constraint.DOMAIN),
        (served("llama-3.1-8b"), Machine(device("T4"), 1), Layout(1), Constraint.PRECISION),
        (served("llama-3.1-8b", "fp16", "fp8"), Machine(device("T4"), 1), Layout(1), Constraint.CACHE_PRECISION),
        (served("llama-3.1-8b", "int8", "int8"), Machine(device("H100"), 1), Layout(1), Constraint.CACHE_PRECISION),
        (served("llama-3.1-8b"), Machine(device("H100"), 8, "1g.5gb"), Layout(1), Constraint.MIG_PROFILE),
        (served("llama-3.1-8b"), Machine(device("H100"), 8, "1g.10gb"), Layout(1), Constraint.MIG_MEMORY),
        (served("llama-3.1-8b"), Machine(device("H100"), 8, "3g.40gb"), Layout(2), Constraint.MIG_PARALLEL),
    ],
)
def test_what_memory_cannot_mend(workload: Workload, machine: Machine, layout: Layout, why: Constraint) -> None:
    verdict = fit(workload, machine, layout, TERMS)
    assert (verdict.fits, verdict.binding, verdict.usable) == (False, why, 0)


def test_a_slice_fits_what_its_memory_holds() -> None:
    verdict = fit(served("llama-3.1-8b"), Machine(device("H100"), 2, "3g.40gb"), Layout(1), TERMS)
    assert verdict.fits
    assert verdict.usable < 40448 * 2**20


def test_tensor_ranks_leave_a_node_only_where_links_do() -> None:
    w = served("llama-3.1-405b", context=4096)
    assert max(f.layout.tensor for f in layouts(w, Machine(device("GB200"), 4), TERMS, 4)) == 16
    assert max(f.layout.tensor for f in layouts(w, Machine(device("H100"), 8), TERMS, 2)) == 8


def test_pcie_is_said() -> None:
    w = served("mixtral-8x7b", "fp16", "fp16")
    assert fit(w, Machine(device("L40S"), 4), Layout(4), TERMS).over_pcie
    assert not fit(w, Machine(device("H100"), 8), Layout(4), TERMS).over_pcie


def test_fewest_devices_come_first() -> None:
    found = [f.layout for f in layouts(served("llama-3.1-70b"), Machine(device("H100"), 8), TERMS)]
    assert found[0] == Layout(4)
    assert Layout(8) in found


def test_proposals_in_order() -> None:
    asked = served("llama-3.1-70b", context=131072, concurrency=16)
    found = nearest(asked, Machine(device("H100"), 8), Layout(4), TERMS, [Machine(device("B200"), 8)], 2)
    assert [s.change for s in found] == [
        Change.SEQUENCES,
        Change.CONTEXT,
        Change.DEVICES,
        Change.ACCELERATOR,
    ]
    sequences, context, devices, other = found
    assert sequences.workload.concurrency < 16
    assert context.workload.context < 131072
    assert devices.fit.layout.devices > 4
    assert other.machine.accelerator.name == "B200"


def test_nothing_is_proposed_for_what_fits() -> None:
    assert nearest(served("llama-3.1-8b"), Machine(device("H100"), 8), Layout(1), TERMS) == ()


def test_a_limit_of_sequences_leaves_more_for_the_cache() -> None:
    w, m = served("qwen3-32b"), Machine(device("H100"), 8)
    few = TERMS._replace(overhead=TERMS.overhead._replace(sequences=64))
    assert runtime(w.architecture, Layout(1), few) < runtime(w.architecture, Layout(1), TERMS)
    assert fit(w, m, Layout(1), few).margin > fit(w, m, Layout(1), TERMS).margin


def test_stages_alone_exchange_little() -> None:
    arch = served("llama-3.1-70b").architecture
    one, stages, ranks = (runtime(arch, layout, TERMS) for layout in (Layout(1), Layout(1, 2), Layout(2)))
    assert stages < one < ranks
