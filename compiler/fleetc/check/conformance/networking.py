"""Requirements on networks: how inference is reached, by what network pods are joined, and which phases run apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetc.check.conformance.accelerators import claims, of_network
from fleetc.check.conformance.facts import Evidence, Found, Here, Verdict, met, outside, partly, unmet
from fleetc.check.conformance.workloads import DRA, accelerated, all_pods
from fleetc.check.rules.access import Map, at, items, whole
from fleetc.source.span import Path

GATEWAY_API: Final = "gateway.networking.k8s.io"
POOLS: Final = "inference.networking.k8s.io"
_APIS: Final = ("gateway-api-standard", "gateway-api-experimental")
_ROLE: Final = "llm-d.ai/role"
"""By which llm-d tells the servers of the phases apart: its filters of endpoints."""
_PHASES: Final = ("prefill", "decode")
_GROUPS: Final = ("kubeflow.org", "ray.io", "trainer.kubeflow.org")
_GROUP_KINDS: Final = ("MPIJob", "PyTorchJob", "RayCluster", "RayJob", "TrainJob")


def ai_inference(here: Here) -> Verdict:
    """A route that is attached to a Gateway that is known."""
    given = here.cluster.network.gateway
    gateways = {(f.namespace, f.name): f.evidence() for f in here.of(GATEWAY_API, "Gateway")}
    if given.name is not None and given.namespace is not None:
        gateways.setdefault((given.namespace, given.name), here.spec("network", "gateway", "name"))
    api = here.component(*_APIS)
    attached = [(route, gateway) for route in routes(here) for gateway in _parents(route) if gateway in gateways]
    if attached:
        used = sorted({what for route, _ in attached for what in _matching(route)})
        also = f"; they use {' and '.join(used)}" if used else ""
        shown = [e for route, gateway in attached for e in (route.evidence("spec", "parentRefs"), gateways[gateway])]
        return met(f"routes are attached to a Gateway{also}", *shown, api)
    if gateways:
        fix = "give a Model `routing.hostname`, or write an HTTPRoute in a Manifest"
        return partly("there is a Gateway, and no route is attached to it", fix, *gateways.values(), api)
    fix = "name the cluster's Gateway in `network.gateway` of the Cluster, and give a Model `routing.hostname`"
    if api is not None:
        return partly("the Gateway API is served, and no Gateway is known", fix, api)
    return unmet("no Gateway is known, and nothing serves the Gateway API", f"{fix}; add `{_APIS[0]}` to `components`")


def routes(here: Here) -> Iterator[Found]:
    """What routes requests by what is in them."""
    return here.of(GATEWAY_API, "HTTPRoute", "GRPCRoute")


def _parents(route: Found) -> Iterator[tuple[str, str]]:
    for _, parent in items(route.spec, "parentRefs"):
        if parent.get("kind", "Gateway") == "Gateway":
            yield str(parent.get("namespace", route.namespace)), str(parent.get("name"))


def _matching(route: Found) -> Iterator[str]:
    """What of advanced routing a route uses."""
    for _, rule in items(route.spec, "rules"):
        if len([b for _, b in items(rule, "backendRefs") if b.get("weight") != 0]) > 1:
            yield "weights"
        if any(list(items(match, "headers")) for _, match in items(rule, "matches")):
            yield "headers"


def advanced_inference_ingress(here: Here) -> Verdict:
    """An InferencePool that a route leads to, and what picks its servers."""
    led = {target: route.evidence(*path) for route in routes(here) for path, target in _targets(route)}
    pickers = {(f.namespace, f.name): f for f in here.of("", "Service")}
    pools = list(here.of(POOLS, "InferencePool"))
    whole_ones = [p for p in pools if (p.namespace, p.name) in led and _picker(p) in pickers]
    api = here.component("gateway-api-inference-extension")
    if whole_ones and (api is not None or _pickers_of_gateway(here)):
        shown = [
            e for p in whole_ones for e in (p.evidence(), led[p.namespace, p.name], pickers[_picker(p)].evidence())
        ]
        return met("routes lead to InferencePools whose endpoint pickers choose the server", *shown, api)
    fix = "give the Cluster a `network.gateway.picker`, and a Model on it `routing.hostname`"
    if pools:
        note = "an InferencePool lacks a route to it, the Service of its endpoint picker, or what serves its API"
        return partly(note, fix, *(p.evidence() for p in pools))
    return unmet("no InferencePool is emitted", fix)


def _pickers_of_gateway(here: Here) -> bool:
    """Whether the spec says that its Gateway asks endpoint pickers."""
    return here.cluster.network.gateway.picker.image is not None


def _targets(route: Found) -> Iterator[tuple[Path, tuple[str, str]]]:
    for n, rule in items(route.spec, "rules"):
        for m, backend in items(rule, "backendRefs"):
            if (backend.get("group"), backend.get("kind")) == (POOLS, "InferencePool"):
                where = str(backend.get("namespace", route.namespace)), str(backend.get("name"))
                yield ("spec", "rules", n, "backendRefs", m), where


def _picker(pool: Found) -> tuple[str, str]:
    return pool.namespace, str(at(pool.spec, "endpointPickerRef").get("name"))


def high_performance_networking(here: Here) -> Verdict:
    """A DeviceClass of a driver for networks and a claim of it, where something spans nodes."""
    classes = [f for f in here.of(DRA, "DeviceClass") if of_network(f)]
    asked = [c for c in claims(here) if c.of is not None and of_network(c.of)]
    if asked:
        shown = [e for c in asked for e in (c.of.evidence() if c.of else None, c.asked)]
        return met("pods claim network devices", *shown)
    fix = "write a DeviceClass of the driver `dra.net` and a ResourceClaimTemplate of it in a Manifest"
    if classes:
        return partly("network devices can be claimed, and nothing does", fix, *(f.evidence() for f in classes))
    spanning = [found.evidence() for found in _spanning(here)]
    if spanning:
        named = ", ".join(e.what for e in spanning)
        return unmet(f"{named} spans nodes, and its pods have no network but the common one", fix)
    shown = [p.evidence("accelerators") for p in here.pools]
    return outside("no workload with accelerators spans nodes: none needs a network of its own", *shown)


def _spanning(here: Here) -> Iterator[Found]:
    """Workloads with accelerators whose pods work together on several nodes."""
    owners = {(f.kind, f.namespace, f.name): f for f in (pods.owner for pods in accelerated(here))}
    yield from (owner for owner in owners.values() if _together(owner) > 1)
    for group in _GROUPS:
        yield from here.of(group, *_GROUP_KINDS)


def _together(owner: Found) -> int:
    """How many pods of a workload work together."""
    if owner.kind == "LeaderWorkerSet":
        return whole(at(owner.spec, "leaderWorkerTemplate"), "size") or 1
    if owner.kind == "Job":
        return whole(owner.spec, "parallelism") or 1
    if owner.kind == "JobSet":
        return sum(_replicas(job) for _, job in items(owner.spec, "replicatedJobs"))
    return 1


def _replicas(job: Map) -> int:
    return (whole(job, "replicas") or 1) * (whole(at(job, "template", "spec"), "parallelism") or 1)


def disaggregated_inference(here: Here) -> Verdict:
    """A kind that splits the phases, or pods of both."""
    split = [f.evidence() for f in here.of("disaggregatedset.x-k8s.io", "DisaggregatedSet")]
    split += [
        f.evidence("spec", "prefill") for f in here.of("serving.kserve.io", "LLMInferenceService") if _prefills(f)
    ]
    if split:
        return met("a kind that runs prefill and decode apart is used", *split)
    phases: dict[str, list[Evidence]] = {phase: [] for phase in _PHASES}
    for pods in all_pods(here):
        role = str(pods.labels.get(_ROLE))
        if role in phases:
            phases[role].append(pods.owner.evidence(*pods.path, "metadata", "labels", _ROLE))
    shown = [e for found in phases.values() for e in found]
    fix = "write a DisaggregatedSet, or an LLMInferenceService with `prefill`, in a Manifest"
    if all(phases.values()):
        return met(f"pods of both phases run apart, told by the label {_ROLE}", *shown)
    if shown:
        return partly("pods of one phase run apart, and none of the other", fix, *shown)
    return unmet("every model server runs prefill and decode together", fix)


def _prefills(found: Found) -> bool:
    return bool(at(found.spec, "prefill"))
