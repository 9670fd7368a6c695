"""Ways to run a model: what is listed works or is refused, and what works fits."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetc.catalogue.accelerators import accelerator
from fleetc.driver.explain import explainer
from fleetc.language.amounts import count_range
from fleetc.language.model import Engine, Model
from fleetc.plan.capacity import Capacity, capacity
from fleetc.plan.capacity.asked import asked
from fleetc.plan.capacity.pools import MPS, TIME_SLICING, Nodes
from fleetc.plan.capacity.proposals import Wish, proposals
from fleetc.plan.capacity.ways import AUTO, CPU, MOST_NODES, Fits, Misfit, Way, by_name, terms_on, ways
from fleetc.plan.fit import Constraint, Machine, fit

KINDS = [
    ("T4", 4, "", 1, None),
    ("L4", 1, TIME_SLICING, 4, None),
    ("L4", 8, MPS, 2, None),
    ("L40S", 4, "", 1, None),
    ("A100-80", 8, "", 1, None),
    ("A100-80", 8, "3g.40gb", 1, None),
    ("H100", 8, "", 1, None),
    ("H100", 4, "", 1, None),
    ("H200", 8, "", 1, None),
    ("MI300X", 8, "", 1, None),
    ("TPU-v6e", 8, "", 1, 1),
    ("TPU-v5e", 4, "", 1, 4),
]
TEXTS = (
    f"{AUTO} {CPU} T4:1 L4/timeSlicing:1 L4/mps:2 L40S:2 L40S:3 A100-80:3 A100-80/3g.40gb:1 A100-80/3g.40gb:2 H100:1 "
    "H100:4 H100:12 H100:16 H200:8 MI300X:2 TPU-v6e:4 TPU-v5e:16"
).split()
MODELS = ["qwen3-8b", "qwen3-32b", "llama-3.1-70b", "deepseek-v3", "mistral-7b", "all-minilm-l6-v2"]


@functools.cache
def acme() -> Capacity:
    """What is asked for the example fleet, without locks."""
    return capacity(explainer(Path(__file__).parents[3]).plan, {})


def kind(name: str, devices: int, profile: str, shares: int, hosts: int | None) -> Nodes:
    """A kind of nodes, by the name of its accelerator."""
    device = accelerator(name)
    assert device is not None
    return Nodes(device, devices, profile, shares, hosts)


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    """A model, and nodes where it may run."""
    base = acme().groups["llama-3-3-70b"].model
    engine = draw(st.sampled_from(["vllm", "sglang"]))
    model: Model = base.__replace__(
        architecture=base.architecture.__replace__(name=draw(st.sampled_from(MODELS))),
        precision=draw(st.sampled_from([None, "bf16", "fp8", "int4"])),
        cache_precision=draw(st.sampled_from([None, None, "fp8"])),
        context=draw(st.sampled_from([None, "2Ki", "32Ki", "1Mi"])),
        concurrency=draw(st.sampled_from([1, 16, 256])),
        engine=Engine(name=engine, version=None, image=None, memory=draw(st.sampled_from([None, 50]))),  # type: ignore[arg-type]
        resources=tuple(draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3, unique=True))),
    )
    wanted = asked(model)
    assert wanted is not None
    kinds = [kind(*one) for one in draw(st.lists(st.sampled_from(KINDS), max_size=4, unique=True))]
    return Wish(model, wanted, sorted(kinds, key=by_name))


def holds(wish: Wish, way: Way) -> bool:
    """Whether a way fits by the verdict on its very layout."""
    own = way.alternative
    if way.fit is None:
        return own.name == CPU and own.devices == 0
    assert way.nodes is not None
    layout = way.fit.layout
    machine = Machine(way.nodes.accelerator, own.devices, way.nodes.mig)
    assert layout.devices == own.devices * own.nodes
    return fit(wish.asked.workload, machine, layout, terms_on(wish.asked, way.nodes)).fits


@settings(max_examples=150, deadline=None)
@given(wishes())
def test_what_is_listed_works_or_is_refused(wish: Wish) -> None:
    found = ways(wish.model, wish.asked, wish.kinds, Fits())
    assert all(holds(wish, way) for way in found.ways)
    assert [*dict.fromkeys(way.alternative.name for way in found.ways)] == [way.alternative.name for way in found.ways]
    refused = {one.item for one in found.refused}
    assert len(refused) == len(found.refused)
    for item in range(len(wish.model.resources)):
        alone = ways(
            wish.model.__replace__(resources=wish.model.resources[item : item + 1]), wish.asked, wish.kinds, Fits()
        )
        assert bool(alone.ways) == (item not in refused)
        assert {w.alternative.name for w in alone.ways} <= {w.alternative.name for w in found.ways}
    assert not any(isinstance(one.why, Misfit) and one.why.verdict.fits for one in found.refused)


def test_auto_on_slices_is_refused_for_the_whole_slice() -> None:
    """Part of one would do: it cannot be had."""
    base = acme().groups["llama-3-3-70b"].model
    shape = base.architecture.__replace__(name="all-minilm-l6-v2")
    model: Model = base.__replace__(
        architecture=shape, precision="bf16", context=None, concurrency=1, resources=(AUTO,), cache_precision=None
    )
    wanted = asked(model)
    assert wanted is not None
    (refused,) = ways(model, wanted, [kind("TPU-v6e", 8, "", 1, 1)], Fits()).refused
    assert isinstance(refused.why, Misfit)
    assert refused.why.verdict.binding is Constraint.HEADS


@settings(max_examples=60, deadline=None)
@given(wishes())
def test_auto_takes_what_leaves_whole_shares_of_a_node(wish: Wish) -> None:
    found = ways(wish.model.__replace__(resources=(AUTO,)), wish.asked, wish.kinds, Fits())
    for way in found.ways:
        own, nodes = way.alternative, way.nodes
        assert nodes is not None
        assert nodes in wish.kinds
        assert holds(wish, way)
        assert nodes.accelerator.vendor in wish.asked.engine.vendors
        assert nodes.devices % own.devices == 0
        assert own.nodes == (nodes.hosts or own.nodes)
        assert own.nodes <= max(MOST_NODES, nodes.hosts or 1)
        assert way.fit is not None
        assert own.rank == (1 if own.nodes > 1 or way.fit.over_pcie else 0)


@settings(max_examples=40, deadline=None)
@given(wishes())
def test_every_refusal_has_a_hint(wish: Wish) -> None:
    for one in ways(wish.model, wish.asked, wish.kinds, Fits()).refused:
        assert proposals(wish, one)


@pytest.mark.parametrize("text", [AUTO, "L40S/mps:1"])
def test_of_shared_devices_the_smallest_share_counts(text: str) -> None:
    """A pod that asks for a share may get that of any pool."""
    model = acme().groups["llama-3-3-70b"].model
    model = model.__replace__(
        architecture=model.architecture.__replace__(name="qwen3-8b"),
        precision="fp8",
        context="2Ki",
        concurrency=1,
        resources=(text,),
    )
    wanted = asked(model)
    assert wanted is not None
    halves, many = kind("L40S", 4, MPS, 2, None), kind("L40S", 4, MPS, 8, None)
    assert ways(model, wanted, [halves], Fits()).ways != ()
    for kinds in ([halves, many], [many, halves]):
        found = ways(model, wanted, kinds, Fits())
        assert (found.ways, len(found.refused)) == ((), 1)


def test_the_locks_of_acme_are_ways() -> None:
    made = acme()
    assert made.refused.keys() == made.asked.keys() == made.groups.keys()
    assert not any(made.refused.values())
    assert {"qwen3-32b", "qwen3-32b@eks-use1-prod"} <= made.groups.keys()
    own, apart = made.groups["qwen3-32b"], made.groups["qwen3-32b@eks-use1-prod"]
    assert set(own.clusters) & set(apart.clusters) == set()
    assert apart.model.resources == ("L40S:2", "H200:1")
    assert [count_range(g.model.replicas) for g in (own, apart)] == [(1, 4), (1, 4)]


@pytest.mark.parametrize(
    ("name", "hosts", "sharing"),
    [
        ("gke-use5-tpu/v6e-8", 1, ""),
        ("gke-euw4-prod/l4", None, TIME_SLICING),
        ("onprem-fra/a100-mig", None, "3g.40gb"),
    ],
)
def test_pools(name: str, hosts: int | None, sharing: str) -> None:
    nodes = acme().pools[name].nodes
    assert nodes is not None
    assert (nodes.hosts, nodes.profile) == (hosts, sharing)
    assert nodes.mig == (sharing if "g." in sharing else None)
    assert acme().pools["kind-dev/cpu"].nodes is None
