"""Reachability of endpoint pickers: the gateway reaches them, they reach the API server, and nothing besides."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, cast

import pytest
from tests.backends.serving.routed import POOL
from tests.backends.serving.sites import IMAGE, part
from tests.check.fleet.clusters import cluster, ends, report, said, team, world
from tests.check.fleet.test_reachability import lowered
from tests.emission.nodes import node
from tests.language.texts import spec

from fleetc.emission.site import Collection, ModelSite
from fleetc.language.model import Model
from fleetc.language.serving import Serving
from fleetc.language.team import Team
from fleetc.plan import Plan
from fleetc.resolve import World
from fleetc_kubernetes.serving import LOWERINGS

Objects = dict[tuple[str, str], Any]
PICKER = f"picker: {{image: '{IMAGE}', cpu: '2', memory: 4Gi, tls: true}}"
GATEWAY = f"gateway: {{namespace: gateway, name: g, selector: {{app: gateway}}, sources: [10.129.0.0/23], {PICKER}}}"
COMPONENTS = "components: {gateway-api-standard: 1.6.1, gateway-api-inference-extension: 1.6.0, lws: 0.10.0}"
PICKERS = "m-endpoint-picker"


def fleet(cni: str = "calico") -> World:
    """Teams `t` and `u`, and model `m` of team `t`, which is routed."""
    fields = (
        f"source: 'pvc://m@1', architecture: qwen3-8b, engine: {{image: '{IMAGE}'}}, routing: {{hostname: m.example}}"
    )
    addresses = "" if cni == "cilium" else "addresses: [10.0.0.2/32], "
    network = f"network: {{cni: {cni}, apiServer: {{{addresses}ports: [443]}}, {GATEWAY}}}"
    model = spec("Model", f"{{{fields}}}", "{name: m, team: t}")
    return world(team(namespaces="t, t-two"), team("u"), model, cluster(f"{network}, {COMPONENTS}"))


def emitted(made: World, change: Callable[[Objects], None] | None = None) -> dict[str, list[dict[str, Any]]]:
    """What the teams and the model emit, with a change to what the model does."""
    plan = Plan(made)
    at = plan.site(plan.subjects["Team/t"], 0)
    serving = Serving(
        id="Serving/m", name="m", labels={}, team="t", parts=(part(),), engine="vllm", version="0.21.0", context=1024,
        concurrency=1, weights="bf16", cache="bf16", utilization=900, checkpoint=1,
    )  # fmt: skip
    site = ModelSite(
        fleet=at.fleet, cluster=at.cluster, teams=at.teams, servings=at.servings, divisions=at.divisions,
        serving=serving, team=cast(Team, made.variant("Team/t", 0)), model=cast(Model, made.variant("Model/m", 0)),
        pools=Collection("GPUPool", ("h100",), {"h100": node("GPUPool", "c/h100", POOL)}.__getitem__),
    )  # fmt: skip
    objects: Objects = {}
    for lowering in LOWERINGS:
        for item in lowering.lower(site):
            objects[item["kind"], item["metadata"]["name"]] = copy.deepcopy(dict(item))
    if change is not None:
        change(objects)
    return {**lowered(made), "Model/m": list(objects.values())}


@pytest.mark.parametrize("cni", ["calico", "cilium"])
def test_what_is_emitted_is_declared(cni: str) -> None:
    made = fleet(cni)
    found = report(made, emitted(made))
    assert said(found, "unexpected_traffic") == []
    assert ends(found, "reachability") == {"valid": 6}


def policy(objects: Objects, kind: str = "NetworkPolicy", name: str = PICKERS) -> Any:
    return objects[kind, name]["spec"]


def any_peer(objects: Objects) -> None:
    policy(objects)["ingress"][0]["from"][0].pop("podSelector")


def any_port(objects: Objects) -> None:
    policy(objects)["ingress"][0].pop("ports")


def health_from_pods(objects: Objects) -> None:
    policy(objects)["ingress"][0]["ports"].append({"protocol": "TCP", "port": 9003})


def wider_api_server(objects: Objects) -> None:
    policy(objects)["egress"][2]["to"][0]["ipBlock"]["cidr"] = "10.0.0.0/24"


def servers_ask_the_api_server(objects: Objects) -> None:
    policy(objects, name="m")["egress"].append(policy(objects)["egress"][2])


def no_gateway(objects: Objects) -> None:
    policy(objects)["ingress"].pop(0)


def no_load_balancer(objects: Objects) -> None:
    policy(objects)["ingress"].pop()


def no_api_server(objects: Objects) -> None:
    policy(objects)["egress"].pop()


def all_pods(objects: Objects) -> None:
    policy(objects)["podSelector"] = {}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (any_peer, "may be reached by pods of namespace gateway at 9002/TCP"),
        (any_port, "may be reached by pods of namespace gateway at"),
        (health_from_pods, "may be reached by pods of namespace gateway at 9003/TCP"),
        (wider_api_server, "may reach address 10.0.0."),
        (servers_ask_the_api_server, "may reach address 10.0.0.2 at 443/TCP"),
        (no_gateway, "may not be reached by pods of namespace gateway at 9002/TCP"),
        (no_load_balancer, "may not be reached by address 10.129."),
        (no_api_server, "may not reach address 10.0.0.2 at 443/TCP"),
        (all_pods, "may be reached by pods of namespace gateway at 9002/TCP"),
    ],
)
def test_what_differs_is_found(change: Callable[[Objects], None], says: str) -> None:
    made = fleet()
    found = said(report(made, emitted(made, change)), "unexpected_traffic")
    assert found
    assert any(says in text for text in found), found


def no_entity(objects: Objects) -> None:
    del objects["CiliumNetworkPolicy", PICKERS]


def entity_at_any_port(objects: Objects) -> None:
    del policy(objects, "CiliumNetworkPolicy")["egress"][0]["toPorts"]


def entity_of_servers(objects: Objects) -> None:
    policy(objects, "CiliumNetworkPolicy")["endpointSelector"] = {"matchLabels": {"fleetc.dev/model": "m"}}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (no_entity, "may not reach the API server at 443/TCP"),
        (entity_at_any_port, "may reach the API server at"),
        (entity_of_servers, "may reach the API server at 443/TCP"),
    ],
)
def test_what_differs_with_cilium(change: Callable[[Objects], None], says: str) -> None:
    made = fleet("cilium")
    found = said(report(made, emitted(made, change)), "unexpected_traffic")
    assert any(says in text for text in found), found


def test_other_entities_are_not_understood() -> None:
    def world_too(objects: Objects) -> None:
        policy(objects, "CiliumNetworkPolicy")["egress"][0]["toEntities"].append("world")

    made = fleet("cilium")
    found = report(made, emitted(made, world_too))
    assert said(found, "unexpected_traffic") == []
    assert "partial" in ends(found, "reachability")
