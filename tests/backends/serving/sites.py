"""Sites of models made by hand, as the plan will make them, and what their pods have to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from hypothesis import strategies as st
from tests.emission.nodes import cluster, divisions, fleet, node, servings, team, teams

from fleetc.check.schemas import check_object
from fleetc.check.states import State
from fleetc.emission.recorder import traced
from fleetc.emission.site import Collection, Lowering, ModelSite, Object, Site
from fleetc.language.model import Model
from fleetc.language.pool import GPUPool
from fleetc.language.serving import Serving, ServingPart
from fleetc_kubernetes.serving import LOWERINGS

IMAGE = "registry.acme.example/vllm-openai@sha256:" + "1" * 64
LOADER = "registry.acme.example/rclone@sha256:" + "2" * 64
ARTIFACT = "oci://models.acme.example/llama@sha256:" + "3" * 64
HUB = "hf://meta-llama/Llama-3.3-70B-Instruct@" + "6" * 40
COMPONENTS = {"lws": "0.10.0", "prometheus-operator": "0.93.0", "gateway-api-standard": "1.6.1"}
MINORS = ("1.33", "1.35", "1.36")
WORKLOADS = ("Deployment", "LeaderWorkerSet", "Job")

S = TypeVar("S", bound=Site)


def part(pool: str = "h100", **more: Any) -> ServingPart:
    """A part: two replicas of four H100 each, unless told otherwise."""
    values: dict[str, Any] = {
        "pool": pool, "way": "H100:4", "accelerator": "H100", "profile": "", "devices": 4, "nodes": 1, "tensor": 4,
        "pipeline": 1, "data": 1, "expert": False, "cpu": 18000, "memory": 136 * 2**30, "least": 2, "most": 2,
        "kept": "", "apart": 0, "apart_most": 0,
    }  # fmt: skip
    return ServingPart(**{**values, **more})


def wide(pool: str = "h100", **more: Any) -> ServingPart:
    """A part whose replicas are on two nodes each."""
    values = {"way": "H100:16", "devices": 8, "nodes": 2, "tensor": 8, "pipeline": 2, "least": 1, "most": 1}
    return part(pool, **{**values, **more})


def model(**spec: Any) -> Model:
    """Model `llama` of team `search`."""
    tree = {
        "team": "search", "source": ARTIFACT, "engine": {"name": "vllm", "image": IMAGE}, "concurrency": 16,
        "resources": ["H100:4"], "pod": {"cpu": "2", "memory": "8Gi", "perDevice": {"cpu": "4", "memory": "32Gi"}},
        "replicas": "2", "autoscaling": {"queue": 4}, "routing": {"path": "/"},
        "placement": {"spread": "none", "failover": False}, **spec,
    }  # fmt: skip
    return cast(Model, node("Model", "llama", tree))


def pools(parts: Iterable[ServingPart], differing: Mapping[str, Mapping[str, Any]]) -> Collection[GPUPool]:
    """The pools that parts are in, with the devices that these take, and what differs by the pool's name."""
    made = {one.pool: node("GPUPool", one.pool, {**_pool(one), **differing.get(one.pool, {})}) for one in parts}
    return Collection("GPUPool", tuple(sorted(made)), made.__getitem__)


def _pool(of: ServingPart) -> dict[str, Any]:
    shared = {"timeSlicing": 4} if of.profile == "timeSlicing" else {"mig": of.profile} if of.profile else {}
    return {
        "machine": {}, "reserved": {}, "nodes": "0..16", "capacity": "reserved", "provisioning": "static",
        "sharing": shared, "allocation": "auto", "maintenance": False, "cluster": "c1",
        **({"accelerators": f"{of.accelerator}:8"} if of.accelerator else {}),
    }  # fmt: skip


def serving(name: str = "llama", **planned: Any) -> Serving:
    """What is planned of a model of team `search`: by vLLM unless told otherwise."""
    values: dict[str, Any] = {
        "team": "search", "engine": "vllm", "version": "0.21.0", "context": 32768, "concurrency": 16, "weights": "fp8",
        "cache": "bf16", "utilization": 900, "checkpoint": 70 * 10**9, "parts": (part(),), **planned,
    }  # fmt: skip
    return Serving(id=f"Serving/{name}", name=name, labels={}, **values)


def site(*parts: ServingPart, **more: Any) -> ModelSite:
    """The site of `llama` on cluster `c1`.

    `spec` is of the model, `here` of the cluster, `of` of its team, `planned` what was planned; `pools` what
    differs of the pools by name; `components` and `others` (teams) as they are.
    """
    planned = serving(parts=parts or (part(),), **more.get("planned", {}))
    there: dict[str, Any] = {
        "priorityClasses": {"serving": {}}, "components": more.get("components", COMPONENTS), **more.get("here", {})
    }  # fmt: skip
    here = cluster(**there)
    own = team(**more.get("of", {}))
    return ModelSite(
        fleet=fleet(), cluster=here, teams=teams(own, *more.get("others", ())), team=own, serving=planned,
        servings=servings(planned), divisions=divisions(planned), model=model(**more.get("spec", {})),
        pools=pools(planned.parts, more.get("pools", {})),
    )  # fmt: skip


def emitted(lowerings: Iterable[Lowering[S]], at: S) -> list[dict[str, Any]]:
    """All objects of a site: a recording twin makes the same."""
    out: list[dict[str, Any]] = []
    for lowering in lowerings:
        objects = [dict(item) for item in lowering.lower(at)]
        recorded, _ = traced(lowering.lower, at)
        assert objects == [dict(item) for item in recorded], lowering.name
        out += objects
    return out


def made(at: ModelSite, *, minor: str | None = None) -> list[dict[str, Any]]:
    """All objects of a site: each is what an API server takes, and a recording twin makes the same."""
    out = emitted(LOWERINGS, at)
    for item in out:
        assert judged(item, minor or at.cluster.kubernetes) == (), item
    pods = [pod for item in out if item["kind"] in WORKLOADS for pod in templates(item)]
    assert [why for pod in pods for why in unrestricted(pod["spec"])] == []
    names = [(item["kind"], item["metadata"]["name"]) for item in out]
    assert len(set(names)) == len(names)
    return out


def judged(item: Object, minor: str) -> tuple[Any, ...]:
    """What the schemas say against an object. Pods of custom kinds are held against the schema of a Pod as well."""
    verdict = check_object(item, minor)
    assert verdict.state in (State.VALID, State.PARTIAL, State.INVALID), (item["kind"], verdict)
    found = verdict.problems
    for pod in templates(item) if item["kind"] == "LeaderWorkerSet" else ():
        bare = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", **pod["metadata"]}, "spec": pod["spec"]}
        found += check_object(bare, minor).problems
    return found


def of(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Those of a kind."""
    return [item for item in objects if item["kind"] == kind]


def one(objects: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The only one of a kind."""
    (found,) = of(objects, kind)
    return found


def templates(item: Mapping[str, Any]) -> list[Any]:
    """The pod templates of a workload, that of the servers first."""
    spec = item["spec"]
    if item["kind"] == "LeaderWorkerSet":
        return [spec["leaderWorkerTemplate"][f"{role}Template"] for role in ("leader", "worker")]
    return [spec["template"]]


def engine(item: Mapping[str, Any], role: int = 0) -> Any:
    """The engine's container in a workload."""
    return templates(item)[role]["spec"]["containers"][0]


def unrestricted(spec: Mapping[str, Any]) -> list[str]:
    """What `restricted` says against a pod: kubernetes.io/docs/concepts/security/pod-security-standards."""
    out = [name for name in ("hostNetwork", "hostPID", "hostIPC", "hostUsers") if spec.get(name)]
    own = spec.get("securityContext", {})
    out += [] if own.get("runAsNonRoot") is True and own.get("runAsUser") != 0 else ["runs as root"]
    out += (
        [] if own.get("seccompProfile", {}).get("type") in ("RuntimeDefault", "Localhost") else ["no seccomp profile"]
    )
    allowed = {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
    }
    out += [f"volume {key}" for v in spec.get("volumes", ()) for key in v if key not in {"name", "secret", *allowed}]
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        context = container.get("securityContext", {})
        escalates = context.get("allowPrivilegeEscalation") is not False or context.get("privileged")
        capable = context.get("capabilities", {}).get("drop") != ["ALL"] or context["capabilities"].get("add")
        out += ["escalates"] if escalates else []
        out += ["has capabilities"] if capable else []
        out += [f"hostPort {p}" for p in container.get("ports", ()) if p.get("hostPort")]
    return out


_COUNTS = st.sampled_from((1, 2, 4, 8))
_WAYS = st.sampled_from(
    (("H100", ""), ("H200", ""), ("A100-80", "3g.40gb"), ("L4", "timeSlicing"), ("TPU-v6e", ""), ("", ""))
)


@st.composite
def parts(draw: st.DrawFn) -> tuple[ServingPart, ...]:
    """Parts in different pools, of all kinds."""
    names = draw(st.lists(st.sampled_from(("h100", "a", "pool-2")), min_size=1, max_size=3, unique=True))
    return tuple(draw(_part(name)) for name in sorted(names))


@st.composite
def _part(draw: st.DrawFn, pool: str) -> ServingPart:
    accelerator, profile = draw(_WAYS)
    least = draw(st.integers(0, 4))
    ranks = {name: draw(_COUNTS) for name in ("nodes", "tensor", "pipeline", "data")}
    return part(
        pool, accelerator=accelerator, profile=profile, devices=draw(_COUNTS) if accelerator else 0,
        expert=draw(st.booleans()), cpu=draw(st.integers(1, 200_000)), memory=draw(st.integers(2**20, 2**41)),
        least=least, most=least + draw(st.integers(0, 4)), **ranks,
    )  # fmt: skip
