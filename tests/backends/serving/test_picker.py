"""The endpoint picker of a model: where there is one, what it may do, and who reaches it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.backends.serving.routed import IMAGE, PICKER, WITH_POOLS, made, routed
from tests.backends.serving.sites import COMPONENTS
from tests.backends.serving.sites import IMAGE as ENGINE

from fleetc.plan.servable import obstacles

NAME = "llama-endpoint-picker"
GATEWAY = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateway"}},
    "podSelector": {"matchLabels": {"app": "gateway"}},
}
MINE = {"matchLabels": {"fleetc.dev/picker": "llama"}}
SERVERS = {"fleetc.dev/model": "llama", "app.kubernetes.io/component": "server"}
READ = ["get", "list", "watch"]
SGLANG = {"engine": {"name": "sglang", "image": ENGINE}}


def tcp(*ports: int) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def container(objects: dict[tuple[str, str], Any]) -> Any:
    (found,) = objects["Deployment", NAME]["spec"]["template"]["spec"]["containers"]
    return found


def test_the_route_names_the_pool() -> None:
    objects = made(routed())
    (rule,) = objects["HTTPRoute", "llama"]["spec"]["rules"]
    assert rule["backendRefs"] == [{"group": "inference.networking.k8s.io", "kind": "InferencePool", "name": "llama"}]
    pool = objects["InferencePool", "llama"]
    assert pool["apiVersion"] == "inference.networking.k8s.io/v1"
    assert pool["spec"] == {
        "selector": {"matchLabels": SERVERS},
        "targetPorts": [{"number": 8000}],
        "endpointPickerRef": {"name": NAME, "port": {"number": 9002}, "failureMode": "FailOpen"},
    }


@pytest.mark.parametrize(
    "more",
    [
        {"gateway": {"picker": {}}},
        {"gateway": {"name": None}},
        {"spec": {"routing": {"path": "/"}}},
        {"components": COMPONENTS},
    ],
)
def test_else_there_is_none(more: dict[str, Any]) -> None:
    objects = made(routed(**more))
    assert not [key for key in objects if "picker" in key[1] or key[0] == "InferencePool"]
    assert "picker" not in str(objects)
    for rule in objects["HTTPRoute", "llama"]["spec"]["rules"] if ("HTTPRoute", "llama") in objects else ():
        assert rule["backendRefs"] == [{"name": "llama", "port": 8000}]


def test_its_service_finds_its_pods_alone() -> None:
    objects = made(routed())
    labels = objects["Deployment", NAME]["spec"]["template"]["metadata"]["labels"]
    service = objects["Service", NAME]["spec"]
    assert service["selector"].items() <= labels.items()
    assert not objects["Service", "llama"]["spec"]["selector"].items() <= labels.items()
    assert "fleetc.dev/model" not in {**labels, **objects["Service", NAME]["metadata"]["labels"]}
    (port,) = service["ports"]
    assert (port["port"], port["targetPort"]) == (9002, "grpc")
    assert {p["name"]: p["containerPort"] for p in container(objects)["ports"]} == {"grpc": 9002, "health": 9003}


def test_it_reads_its_pool_and_its_pods() -> None:
    objects = made(routed())
    assert objects["Role", NAME]["rules"] == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": READ},
        {"apiGroups": ["inference.networking.k8s.io"], "resources": ["inferencepools"], "verbs": READ},
    ]
    account = {"kind": "ServiceAccount", "name": NAME, "namespace": "search"}
    assert objects["RoleBinding", NAME]["subjects"] == [account]
    assert objects["RoleBinding", NAME]["roleRef"]["name"] == NAME
    assert objects["ServiceAccount", NAME]["automountServiceAccountToken"] is False
    pod = objects["Deployment", NAME]["spec"]["template"]["spec"]
    assert (pod["serviceAccountName"], pod["automountServiceAccountToken"]) == (NAME, True)


def test_it_watches_what_else_there_is() -> None:
    rules = made(routed(components={**WITH_POOLS, "llm-d-router": "0.10.0"}))["Role", NAME]["rules"]
    kinds = ["inferenceobjectives", "inferencemodelrewrites"]
    assert rules[2:] == [{"apiGroups": ["llm-d.ai"], "resources": kinds, "verbs": READ}]


def test_what_it_is_told() -> None:
    found = container(made(routed()))
    assert found["image"] == IMAGE
    flags = dict(text.split("=", 1) for text in found["args"] if text.startswith("--") and "=" in text)
    assert flags["--pool-name"] == "llama"
    assert flags["--pool-namespace"] == "search"
    assert "--secure-serving" not in flags
    assert {found["resources"][key]["cpu"] for key in ("requests", "limits")} == {"2"}
    assert {found["resources"][key]["memory"] for key in ("requests", "limits")} == {"4Gi"}
    plain = container(made(routed(gateway={"picker": {**PICKER, "tls": False}})))
    assert "--secure-serving=false" in plain["args"]


@pytest.mark.parametrize(
    ("more", "engine", "queue", "adapters"),
    [
        ({}, "vllm", "vllm:num_requests_waiting", "vllm:lora_requests_info"),
        ({"spec": SGLANG, "planned": {"engine": "sglang", "version": "0.5.0"}}, "sglang", "sglang:num_queue_reqs", ""),
    ],
)
def test_it_knows_the_metrics_of_the_engine(more: dict[str, Any], engine: str, queue: str, adapters: str) -> None:
    args = container(made(routed(**more)))["args"]
    told = yaml.safe_load(args[args.index("--config-text") + 1])
    plugins = {plugin["type"]: plugin.get("parameters", {}) for plugin in told["plugins"]}
    extractor = plugins["core-metrics-extractor"]
    assert extractor["defaultEngine"] == engine
    (metrics,) = extractor["engineConfigs"]
    assert (metrics["name"], metrics["queuedRequestsSpec"], metrics["loraSpec"]) == (engine, queue, adapters)
    assert plugins["metrics-data-source"] == {"path": "/metrics"}
    (profile,) = told["schedulingProfiles"]
    assert {plugin["pluginRef"] for plugin in profile["plugins"]} <= set(plugins)


def test_who_reaches_it_and_whom_it_reaches() -> None:
    objects = made(routed(gateway={"sources": ["10.129.0.0/23"]}))
    spec = objects["NetworkPolicy", NAME]["spec"]
    assert spec["podSelector"] == MINE
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert spec["ingress"] == [
        {"from": [GATEWAY], "ports": tcp(9002)},
        {"from": [{"ipBlock": {"cidr": "10.129.0.0/23"}}], "ports": tcp(9002, 9003)},
    ]
    dns, servers, api_server = spec["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}
    assert servers == {"to": [{"podSelector": {"matchLabels": SERVERS}}], "ports": tcp(8000)}
    assert api_server == {"to": [{"ipBlock": {"cidr": "10.0.0.2/32"}}], "ports": tcp(443)}
    (rule,) = objects["NetworkPolicy", "llama"]["spec"]["ingress"]
    assert {"podSelector": MINE} in rule["from"]
    assert rule["ports"] == tcp(8000)


def test_cilium_knows_the_api_server() -> None:
    objects = made(routed(network={"cni": "cilium", "apiServer": {"ports": [6443]}}))
    assert len(objects["NetworkPolicy", NAME]["spec"]["egress"]) == 2
    assert objects["CiliumNetworkPolicy", NAME]["spec"] == {
        "endpointSelector": MINE,
        "egress": [{"toEntities": ["kube-apiserver"], "toPorts": [{"ports": [{"port": "6443", "protocol": "TCP"}]}]}],
    }
    assert ("CiliumNetworkPolicy", NAME) not in made(routed())


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, []),
        ({"network": {"apiServer": {"ports": [443]}}}, ["the addresses of that are not given"]),
        ({"network": {"cni": "cilium", "apiServer": {"ports": [443]}}}, []),
        ({"components": COMPONENTS}, ["for which there is no InferencePool"]),
        ({"components": COMPONENTS, "gateway": {"picker": {}}}, []),
        ({"components": COMPONENTS, "spec": {"routing": {"path": "/"}}}, []),
    ],
)
def test_what_it_lacks(more: dict[str, Any], says: list[str]) -> None:
    at = routed(**more)
    found = list(obstacles(at.model, at.serving, at.cluster, at.pools.names()))
    assert len(found) == len(says)
    assert all(text in obstacle.message for obstacle, text in zip(found, says, strict=True))
    assert all(obstacle.path == ("routing", "hostname") and obstacle.hint for obstacle in found)
