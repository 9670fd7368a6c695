"""Every table is sound: typed, unambiguous, consistent with itself, and each fact has its source beside it."""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

import pytest

from fleetc.catalogue import allocation, components, engines, memory
from fleetc.catalogue.accelerators import Vendor, accelerator, accelerator_names, accelerators
from fleetc.catalogue.architectures import (
    Architecture,
    Attention,
    Experts,
    architecture,
    architecture_names,
    architectures,
)
from fleetc.catalogue.precisions import Precision, format_of, formats
from fleetc.catalogue.read import load, typed

TABLES = (
    "accelerators",
    "allocation",
    "architectures",
    "components",
    "conformance",
    "crd_pins",
    "delivery",
    "engines",
    "installs",
    "machines",
    "memory",
    "metrics",
    "nodes",
    "pod_kinds",
    "policy_packs",
    "precisions",
    "server_defaults",
)


def test_every_table_is_tested() -> None:
    found = {f.name for f in resources.files("fleetc.catalogue.data").iterdir() if f.name.endswith(".yaml")}
    assert found == {f"{t}.yaml" for t in TABLES}


@pytest.mark.parametrize("table", TABLES)
def test_sources_stand_beside_facts(table: str) -> None:
    text = (resources.files("fleetc.catalogue.data") / f"{table}.yaml").read_text(encoding="utf-8")
    assert text.startswith("#")
    assert load(table)


def test_accelerators_are_unambiguous() -> None:
    spellings = [s.lower() for a in accelerators() for s in {a.name, *a.aliases}]
    folded = [s for a in accelerators() for s in {x.lower() for x in (a.name, *a.aliases)}]
    assert len(folded) == len(set(folded))
    assert all(accelerator(s) is not None for s in spellings)
    assert accelerator("H1000") is None
    assert "H100" in accelerator_names()


def test_accelerators_are_plausible() -> None:
    for device in accelerators():
        assert not set(device.native) & set(device.weights_only), device.name
        assert device.allocatable_mib is None or 0.95 < device.allocatable_mib / device.memory_mib < 1, device.name
        assert len({p.name for p in device.mig}) == len(device.mig)
        for profile in device.mig:
            if profile.memory_mib is not None:
                assert profile.instances * profile.memory_mib <= device.memory_mib, (device.name, profile)
        for part in device.slices:
            sides = [int(side) for side in part.topology.split("x")]
            assert part.chips % part.hosts == 0
            assert part.chips == sides[0] * sides[1] * (sides[2] if len(sides) > 2 else 1), part
            assert part.chips <= device.fast_domain
        assert bool(device.slices) == (device.vendor is Vendor.GOOGLE)


def test_what_software_sees_is_not_what_marketing_says() -> None:
    h100 = accelerator("H100")
    assert h100 is not None
    assert h100.memory_mib == 81559
    assert [p.name for p in h100.mig if p.memory_mib] == ["3g.40gb"]
    assert h100.profile("1g.5gb") is None


def test_one_mig_name_is_not_one_slice() -> None:
    owners = {a.name: p.instances for a in accelerators() if (p := a.profile("1g.10gb"))}
    assert owners == {"A100-40": 4, "A100-80": 7, "H100": 7}


def test_formats() -> None:
    assert {f.name for f in formats()} == set(Precision)
    assert [f.weight_bits_x64 for f in formats()] == sorted((f.weight_bits_x64 for f in formats()), reverse=True)
    assert all(format_of(p).name is p for p in Precision)


def test_architectures_are_unambiguous() -> None:
    names = architecture_names()
    assert len({n.lower() for n in names}) == len(names)
    assert all(architecture(n) is not None for n in names)
    assert architecture("meta-llama/Llama-2-7b") is None


def parameters(a: Architecture) -> int:
    """Parameters of embeddings, attention and MLPs; norms, biases, gates and vision towers are below a thousandth."""
    attention = 2 * a.hidden * a.heads * a.head_dim + 2 * a.hidden * a.kv_heads * a.head_dim
    experts = a.experts or Experts(0, 0, 0, 0)
    routed = experts.layers * experts.routed * 3 * a.hidden * experts.intermediate
    dense = (a.layers - experts.layers) * 3 * a.hidden * a.intermediate
    return a.embedding_parameters() + a.layers * attention + routed + dense


@pytest.mark.parametrize("arch", architectures(), ids=lambda a: a.name)
def test_parameters_follow_from_the_shape(arch: Architecture) -> None:
    # Latent and linear attention, shared experts and encoders have other shapes: their counts are only near.
    usual = arch.attention is Attention.GROUPED_QUERY and arch.state_bytes is None
    allowed = arch.parameters // (500 if usual else 5)
    assert abs(parameters(arch) - arch.parameters) <= allowed


@pytest.mark.parametrize("arch", architectures(), ids=lambda a: a.name)
def test_architectures_are_plausible(arch: Architecture) -> None:
    assert arch.heads % arch.kv_heads == 0
    assert (arch.attention is Attention.LATENT) == (arch.latent is not None)
    assert 0 < arch.full_layers <= arch.layers
    assert (arch.full_layers < arch.layers) == (arch.window is not None or arch.state_bytes is not None)
    assert arch.window is None or arch.window < arch.max_context
    assert arch.active_parameters is None or arch.active_parameters < arch.parameters
    for precision, size in arch.weights.items():
        bits = format_of(precision).weight_bits_x64 / 64
        assert 0.99 < size / (arch.parameters * bits / 8) < 1.35, precision


def test_engines() -> None:
    assert engines.engine_names() == ("vllm", "sglang")
    vllm = engines.engine("vllm")
    assert vllm is not None
    assert engines.engine("vlm") is None
    assert vllm.release("v0.21.0rc1") is vllm.releases[-1]
    assert vllm.release("0.6.3.post1") is None
    for each in engines.engines():
        sinces = [engines.order(r.since) for r in each.releases]
        assert sinces == sorted(set(sinces))
        measured = [engines.order(o.since) for o in each.overheads]
        assert measured == sorted(set(measured))
        # What holds for a release has an overhead too.
        assert measured[0] <= sinces[0]
        for release in each.releases:
            assert {"running", "waiting", "kvCache", "timeToFirstToken"} <= set(release.metrics)
            assert {"tensorParallel", "maxModelLength", "memoryUtilization", "maxSequences"} <= set(release.flags)
            assert all(flag.startswith("--") for flag in release.flags.values())
            assert 0 < release.utilization_permille < 1000


def test_components() -> None:
    kueue = components.component("kueue")
    assert kueue is not None
    version = kueue.at("0.19.2")
    assert version is not None
    assert version.served["kueue.x-k8s.io"]["ClusterQueue"] == ("v1beta1", "v1beta2")
    assert version.deprecated["kueue.x-k8s.io"]["ClusterQueue"] == ("v1beta1",)
    assert kueue.at("0.1.0") is None
    assert components.component("kueu") is None
    assert len(set(components.component_names())) == len(components.components()) > 30
    shippers = [c.name for c, _ in components.providers_of("autoscaling.x-k8s.io", "CapacityBuffer")]
    assert shippers == ["karpenter", "karpenter-provider-aws"]


@pytest.mark.parametrize(
    ("provider", "provisioning", "minor", "karpenter", "dra"),
    [
        ("onprem", "static", 33, None, False),
        ("onprem", "static", 34, None, True),
        ("gke", "static", 35, None, True),
        ("gke", "computeClass", 35, None, False),
        ("eks", "karpenter", 35, "v1.14.1", True),
        ("eks", "karpenter", 35, "1.13.0", False),
        ("eks", "karpenter", 35, None, False),
        ("eks", "clusterAutoscaler", 99, None, False),
    ],
)
def test_allocation(provider: str, provisioning: str, minor: int, karpenter: str | None, dra: bool) -> None:
    place = allocation.Place(provider, provisioning, minor, Vendor.NVIDIA)
    found = allocation.allocation(place, {} if karpenter is None else {"karpenter": karpenter})
    assert (found.dra, found.version) == (dra, "v1" if dra else None)
    assert found.reason


def test_allocation_of_shared_and_foreign_devices() -> None:
    shared = allocation.Place("gke", "static", 35, Vendor.NVIDIA, sharing=True)
    assert not allocation.allocation(shared, {}).dra
    assert not allocation.allocation(shared._replace(vendor=Vendor.GOOGLE, sharing=False), {}).dra
    assert allocation.allocation(shared._replace(provider="onprem"), {}).dra


def test_features_of_claims() -> None:
    assert "firstAvailable" in allocation.dra_feature_names()
    feature = allocation.dra_feature("firstAvailable")
    assert feature is not None
    assert [feature.stage(minor) for minor in (32, 33, 34, 36)] == [None, "alpha", "beta", "stable"]
    assert allocation.dra_feature("lastAvailable") is None


def test_reserve() -> None:
    assert 0 < memory.reserve().reserve_permille < 50


class Sample(NamedTuple):
    some_name: str
    sizes: tuple[int, ...] = ()
    kind: Vendor | None = None


@pytest.mark.parametrize(
    "bad",
    [{}, {"someName": 1}, {"some_name": "a"}, {"someName": "a", "sizes": 1}, {"someName": "a", "sizes": [True]}, []],
)
def test_mistakes_in_a_table_raise(bad: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        typed(Sample, bad, "here")


def test_values_of_a_table() -> None:
    assert typed(Sample, {"someName": "a", "sizes": [1], "kind": "amd"}, "here") == Sample("a", (1,), Vendor.AMD)
    with pytest.raises(ValueError, match="kind"):
        typed(Sample, {"someName": "a", "kind": "AMD"}, "here")
