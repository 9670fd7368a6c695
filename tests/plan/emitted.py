"""Small fleets of one cluster, planned and emitted, as the scheduler sees them: nodes as the pool's objects say, and
pods as their workloads do. The planner is asked for neither."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from tests.backends.pools.sites import DRA, KARPENTER, KUEUE, NODES
from tests.check.fleet.clusters import FLEET, table, team
from tests.language.texts import docs, spec

from fleetc.emission.recorder import run
from fleetc.plan import Plan
from fleetc.plan.capacity import Capacity, capacity
from fleetc.plan.placement import solve
from fleetc.plan.placement.result import Result
from fleetc.plan.serving import servings
from fleetc.registry import lowerings
from fleetc.resolve import World
from fleetc_kubernetes.quantity import parse

GI: Final = 2**30
NODE: Final = (8, 96_000, 1024 * GI)
"""What pods can have of a node: devices, millicores, bytes."""
IMAGE: Final = "registry.x.example/vllm@sha256:" + "1" * 64
SOURCE: Final = "oci://m.example/llama@sha256:" + "2" * 64
PROVISIONED: Final = {
    "static": ("onprem", KUEUE),
    "karpenter": ("eks", f"{KARPENTER}, {KUEUE}"),
    "computeClass": ("gke", KUEUE),
    "clusterAutoscaler": ("aks", DRA),
}
"""By provisioning: the provider and components of the cluster."""
Object = Mapping[str, Any]
Vector = tuple[int, int, int]


class Asked(NamedTuple):
    """A model: devices of a pod, CPU and GiB for each of them, replicas."""

    devices: int
    cpu: int
    memory: int
    replicas: str


class Emitted(NamedTuple):
    """A fleet's plan, and the objects that are emitted for its pool, its models and its team."""

    capacity: Capacity
    result: Result
    plan: Plan
    pool: list[Object]
    models: list[Object]
    team: list[Object]


class Pods(NamedTuple):
    """Pods of a workload: what each asks for, which labels it selects, and how many are promised."""

    name: str
    room: Vector
    selector: Mapping[str, str]
    number: int


def emitted(how: str, nodes: str, models: Sequence[Asked], fields: str = "") -> Emitted | None:
    """Pool `p` of cluster `c`, and models `m0`, `m1`...; None where some promise has no room."""
    provider, components = PROVISIONED[how]
    here = f"kubernetes: '1.35', provider: {provider}, environment: dev, components: {{{components}}}, {NODES}"
    machine = "machine: {cpu: 104, memory: 1028Gi}, reserved: {cpu: 8, memory: 4Gi}"
    pool = f"{{accelerators: H100:8, {machine}, nodes: {nodes}, provisioning: {how}, {fields}}}"
    texts = [
        FLEET,
        team("t"),
        spec("Cluster", f"{{{here}}}", "{name: c}"),
        spec("GPUPool", pool, "{name: p, cluster: c}"),
    ]
    for n, asked in enumerate(models):
        pod = f"pod: {{cpu: 0, memory: 0, perDevice: {{cpu: {asked.cpu}, memory: {asked.memory}Gi}}}}"
        model = f"architecture: llama-3.1-8b, precision: bf16, context: 8Ki, resources: 'H100:{asked.devices}', {pod}"
        text = f"{{source: '{SOURCE}', {model}, replicas: {asked.replicas}, engine: {{image: '{IMAGE}'}}}}"
        texts.append(spec("Model", text, f"{{name: m{n}, team: t}}"))
    plan = Plan(World(docs(*texts), table()))
    made = capacity(plan, {})
    assert not any(made.refused.values())
    result = solve(made.problem)
    if result.unplaced:
        return None
    served = plan.served(servings(made, result))
    names = ["GPUPool/p", "Team/t", *(f"Model/m{n}" for n in range(len(models)))]
    pool_objects, team_objects, *model_objects = (list(_objects(served, name)) for name in names)
    return Emitted(made, result, served, pool_objects, [o for of in model_objects for o in of], team_objects)


def _objects(plan: Plan, id: str) -> Iterator[Object]:
    subject = plan.subjects[id]
    for lowering in lowerings(subject.kind):
        yield from run(lowering, plan.site(subject, 0))


def nodes_of(objects: Sequence[Object]) -> dict[str, tuple[Mapping[str, str], int | None]]:
    """By name, the labels of the nodes that the objects of a pool declare, and how many there are at most; None where
    nothing says it."""
    out: dict[str, tuple[Mapping[str, str], int | None]] = {}
    for item in objects:
        name = item["metadata"]["name"]
        if item["kind"] == "ConfigMap":
            labels = dict(one.split("=", 1) for one in item["data"]["node-labels"].split(","))
            out[name.removeprefix("fleetc-pool-")] = labels, int(item["data"]["nodes"].rpartition("..")[2])
        elif item["kind"] == "NodePool":
            limit = int(item["spec"]["limits"]["nvidia.com/gpu"])
            assert limit % NODE[0] == 0
            out[name] = item["spec"]["template"]["metadata"]["labels"], limit // NODE[0]
        elif item["kind"] == "ComputeClass":
            # GKE labels nodes with the name of their class.
            out[name] = {"cloud.google.com/compute-class": name}, None
    return out


def pods_of(objects: Sequence[Object]) -> list[Pods]:
    """The pods that are promised: of an autoscaler's, its minimum."""
    least = {
        item["spec"]["scaleTargetRef"]["name"]: item["spec"]["minReplicas"]
        for item in objects
        if item["kind"] == "HorizontalPodAutoscaler"
    }
    claims = {
        item["metadata"]["name"]: item["spec"]["spec"]["devices"]["requests"][0]["exactly"]["count"]
        for item in objects
        if item["kind"] == "ResourceClaimTemplate"
    }
    out: list[Pods] = []
    for item in objects:
        if item["kind"] == "Deployment":
            name, pod = item["metadata"]["name"], item["spec"]["template"]["spec"]
            number = item["spec"].get("replicas", least.get(name))
            out.append(Pods(name, _room(pod, claims), pod["nodeSelector"], number))
    return out


def _room(pod: Object, claims: Mapping[str, int]) -> Vector:
    (container,) = pod["containers"]
    asked = container["resources"]["requests"]
    claimed = sum(claims[one["resourceClaimTemplateName"]] for one in pod.get("resourceClaims", ()))
    devices = claimed or int(asked["nvidia.com/gpu"])
    return devices, int(parse(asked["cpu"]).value * Fraction(1000)), int(parse(asked["memory"]).value)
