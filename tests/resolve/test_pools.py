"""Pools, platforms and models as nodes: which layers make them, and by which names they are known."""

from __future__ import annotations

from typing import Any

from tests.language.texts import docs, spec
from tests.resolve.worlds import FLEET, made

from fleetc.catalogue.machines import Room, allocatable
from fleetc.language.document import Doc, Tree
from fleetc.language.model import Model
from fleetc.resolve import World
from fleetc.resolve.models import architecture_of, engine_version
from fleetc.resolve.pools import pods, room

COMMIT = "6f6073b423013f6a7d4d9f39144961bfbfbc386b"
TABLE: Tree = {
    "GPUPool": {"capacity": "onDemand", "allocation": "auto", "maintenance": False},
    "Cluster": {"role": "worker", "network": {"cni": "kindnet", "dns": {"namespace": "kube-system"}}},
    "Model": {
        "engine": {"name": "vllm"},
        "concurrency": 1,
        "resources": ["auto"],
        "replicas": "1",
        "pod": {"cpu": "2", "memory": "8Gi", "perDevice": {"cpu": "4", "memory": "32Gi"}},
        "placement": {"spread": "none", "failover": False},
    },
    "providers": {
        "eks": {"Cluster": {"region": "here"}, "GPUPool": {"provisioning": "karpenter"}},
        "kind": {"GPUPool": {"provisioning": "static"}},
    },
    "parts": {},
}


def world(*texts: str, fleet: dict[str, Any] | None = None) -> World:
    """A fleet with two clusters of one platform, and what the texts add."""
    fixed = [
        spec("Cluster", "{kubernetes: '1.35', environment: dev, platform: p}", "{name: a}"),
        spec("Cluster", "{kubernetes: '1.35', environment: dev, platform: p, provider: kind}", "{name: b}"),
    ]
    found = docs(*fixed, *texts)
    found["Fleet/acme"] = made("Fleet", "acme", FLEET, defaults=fleet or {})
    return World(found, Doc("Table", "defaults", (("table.yaml", 0),), TABLE, {}))


def pool(cluster: str, name: str = "gpu", spec_: str = "{nodes: 2}") -> str:
    return spec("GPUPool", spec_, f"{{name: {name}, cluster: {cluster}}}")


PLATFORM = spec(
    "Platform",
    "{components: {kueue: 0.19.2, lws: 0.10.0}, defaults: {cluster: {provider: eks}, gpuPool: {maxPods: 9}}}",
    "{name: p}",
)


def test_two_clusters_may_have_pools_of_one_name() -> None:
    got = world(PLATFORM, pool("b"), pool("a"), pool("a", "cpu")).pools
    assert [(p.name, p.id, p.cluster) for p in got] == [
        ("cpu", "GPUPool/a/cpu", "a"),
        ("gpu", "GPUPool/a/gpu", "a"),
        ("gpu", "GPUPool/b/gpu", "b"),
    ]


def test_the_provider_of_a_pool_is_that_of_its_cluster() -> None:
    made_ = world(PLATFORM, pool("a"), pool("b"))
    assert [p.provisioning for p in made_.pools] == ["karpenter", "static"]
    assert [(c.provider, c.region) for c in made_.clusters] == [("eks", "here"), ("kind", None)]


def test_layers_of_a_pool() -> None:
    given = {"GPUPool": {"maxPods": 5, "price": "1", "capacity": "spot"}}
    cluster = spec(
        "Cluster", "{kubernetes: '1.35', environment: dev, platform: p, defaults: {gpuPool: {price: 2}}}", "{name: a}"
    )
    made_ = world(PLATFORM, cluster, pool("a"), fleet=given)
    (node,) = made_.pools
    assert (node.max_pods, node.price, node.capacity, node.nodes) == (9, "2", "spot", "2")
    found = list(made_.origins(node.id, 0, ("maxPods",)))
    assert [(o.role, o.doc.id) for o in found] == [
        ("value", "Platform/p"),
        ("selector", "Cluster/a"),
        ("beaten", "Fleet/acme"),
    ]


def test_components() -> None:
    own = "{lws: 0.9.0, keda: 1.0.0}"
    cluster = spec("Cluster", f"{{kubernetes: '1.35', environment: dev, platform: p, components: {own}}}", "{name: a}")
    made_ = world(PLATFORM, cluster)
    assert [c.components for c in made_.clusters] == [
        {"kueue": "0.19.2", "lws": "0.9.0", "keda": "1.0.0"},
        {"kueue": "0.19.2", "lws": "0.10.0"},
    ]
    assert list(made_.platforms) == ["p"]
    # Its own win; what both say is beaten at the platform, to which the cluster's `platform` leads.
    chosen, theirs = ("selector", "Cluster/a", ("spec", "platform")), ("spec", "components")
    assert component_origins(made_, 0, "lws") == [
        ("value", "Cluster/a", (*theirs, "lws")), ("beaten", "Platform/p", (*theirs, "lws")), chosen,
    ]  # fmt: skip
    assert component_origins(made_, 0, "keda") == [("value", "Cluster/a", (*theirs, "keda"))]
    assert component_origins(made_, 0, "kueue") == [("value", "Platform/p", (*theirs, "kueue")), chosen]
    assert component_origins(made_, 0, "karpenter") == []


def component_origins(made_: World, cluster: int, name: str) -> list[tuple[str, str, tuple[str | int, ...]]]:
    """Where a component of a cluster comes from."""
    found = made_.origins(made_.clusters[cluster].id, cluster, ("components", name))
    return [(o.role, o.doc.id, o.path) for o in found]


def test_a_platform_gives_components_to_its_clusters_alone() -> None:
    other = spec("Cluster", "{kubernetes: '1.35', environment: dev, provider: kind}", "{name: c}")
    fleet = {"Platform": {"components": {"keda": "2.20.1", "lws": "0.9.0"}}}
    made_ = world(PLATFORM, other, fleet=fleet)
    assert [c.components for c in made_.clusters] == [
        {"keda": "2.20.1", "lws": "0.10.0", "kueue": "0.19.2"},
        {"keda": "2.20.1", "lws": "0.10.0", "kueue": "0.19.2"},
        {},
    ]
    found = component_origins(made_, 1, "lws")
    assert [(role, id) for role, id, _ in found] == [
        ("value", "Platform/p"), ("selector", "Cluster/b"), ("beaten", "Fleet/acme"), ("selector", "Cluster/b"),
    ]  # fmt: skip
    assert [id for role, id, _ in component_origins(made_, 1, "keda") if role == "value"] == ["Fleet/acme"]
    assert component_origins(made_, 2, "keda") == []


def model(text: str) -> Model:
    """A model of a team, on cluster a."""
    made_ = world(PLATFORM, spec("Team", "{}", "{name: t}"), spec("Model", text, "{name: m, team: t}"))
    assert [d.id for d in made_.models()] == ["Model/m"]
    got = made_.variant("Model/m", 0)
    assert isinstance(got, Model)
    return got


def test_the_architecture_of_a_model() -> None:
    by_repository = architecture_of(model(f"{{source: 'hf://deepseek-ai/DeepSeek-R1@{COMMIT}'}}"))
    assert by_repository is not None
    assert by_repository.name == "deepseek-v3"
    by_name = architecture_of(model("{source: 'pvc://a@1', architecture: qwen3-8b}"))
    assert by_name is not None
    assert by_name.name == "qwen3-8b"
    assert architecture_of(model("{source: 'pvc://a@1'}")) is None


def test_an_architecture_of_ones_own() -> None:
    numbers = "parameters: 7, layers: 4, hidden: 8, intermediate: 16, heads: 2, kvHeads: 1, headDim: 4, vocabulary: 9"
    rest = "attention: groupedQuery, maxContext: 64, experts: {routed: 8, perToken: 2, intermediate: 4, layers: 3}"
    got = architecture_of(model(f"{{source: 'pvc://a@1', architecture: {{{numbers}, {rest}}}}}"))
    assert got is not None
    assert (got.name, got.layers, got.full_layers, got.tied, got.max_context) == ("m", 4, 4, False, 64)
    assert got.experts is not None
    assert (got.experts.routed, got.experts.per_token, got.experts.intermediate, got.experts.layers) == (8, 2, 4, 3)
    assert got.latent is None
    assert got.expert_parameters() == 3 * 8 * 3 * 8 * 4


def test_the_version_of_an_engine() -> None:
    assert engine_version(model("{source: 'pvc://a@1', engine: {version: 0.12.1}}").engine) == "0.12.1"
    assert engine_version(model("{source: 'pvc://a@1'}").engine) == "0.21.0"


def test_the_room_of_a_node() -> None:
    own = "{nodes: 1, machine: {cpu: 8, memory: 16Gi}, reserved: {cpu: 500m, memory: 1Gi}}"
    half = "{nodes: 1, machine: p5.48xlarge, accelerators: H100:8, reserved: {cpu: 2}}"
    made_ = world(PLATFORM, pool("b", spec_=own), pool("a", spec_=half))
    on_eks, on_kind = made_.pools
    assert room(on_kind, "kind") == Room(7500, 15 * 2**30)
    assert pods(on_kind, "kind") == 9  # as the platform says
    assert room(on_eks, "eks").cpu_millis == 190_000
    assert room(on_eks, "eks").memory_bytes == allocatable("eks", 0, 2048 * 2**30, 9).memory_bytes
