"""Who may send requests to a model, and by which route."""

from __future__ import annotations

from typing import Any

from tests.backends.serving.sites import COMPONENTS, made, of, one, part, site, wide
from tests.emission.nodes import team

GATEWAY: dict[str, Any] = {
    "namespace": "gateway",
    "name": "models",
    "selector": {"gateway.networking.k8s.io/gateway-name": "models"},
}
NETWORK: dict[str, Any] = {
    "cni": "cilium",
    "dns": {"namespace": "kube-system", "selector": {"app": "dns"}, "ports": [53]},
}
PORTS = [{"protocol": "TCP", "port": 8000}]


def namespace(name: str) -> dict[str, Any]:
    """A namespace, by the label that nobody can forge."""
    return {"matchLabels": {"kubernetes.io/metadata.name": name}}


def test_nobody_but_the_team() -> None:
    spec = one(made(site()), "NetworkPolicy")["spec"]
    assert spec["podSelector"] == {"matchLabels": {"fleetc.dev/model": "llama"}}
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in spec
    (dns,) = spec["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}


def test_who_is_let_in() -> None:
    here = {
        "network": {**NETWORK, "gateway": {**GATEWAY, "sources": ["10.129.0.0/23"]}},
        "monitoring": {"namespace": "monitoring", "selector": {"app.kubernetes.io/name": "prometheus"}},
    }
    spec = {"routing": {"hostname": "models.acme.example", "path": "/"}, "access": ["team/risk", "team/elsewhere"]}
    found = one(made(site(here=here, spec=spec, others=(team("risk"),))), "NetworkPolicy")
    assert found["spec"]["ingress"] == [
        {
            "from": [
                {"namespaceSelector": namespace("gateway"), "podSelector": {"matchLabels": GATEWAY["selector"]}},
                {"ipBlock": {"cidr": "10.129.0.0/23"}},
                {
                    "namespaceSelector": namespace("monitoring"),
                    "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
                },
                {"namespaceSelector": namespace("risk")},
            ],
            "ports": PORTS,
        }
    ]


def test_without_a_route_the_gateway_is_nobody() -> None:
    assert "ingress" not in one(made(site(here={"network": {**NETWORK, "gateway": GATEWAY}})), "NetworkPolicy")["spec"]


def test_a_group_talks_among_itself() -> None:
    spec = one(made(site(part("b"), wide())), "NetworkPolicy")["spec"]
    mine = {"podSelector": {"matchLabels": {"fleetc.dev/model": "llama"}}}
    assert spec["ingress"] == [{"from": [mine]}]
    assert spec["egress"][1] == {"to": [mine]}


def test_a_route() -> None:
    here = {"network": {**NETWORK, "gateway": GATEWAY}}
    found = one(made(site(here=here, spec={"routing": {"hostname": "llama.acme.example", "path": "/"}})), "HTTPRoute")
    assert found["spec"] == {
        "parentRefs": [{"namespace": "gateway", "name": "models"}],
        "hostnames": ["llama.acme.example"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": "llama", "port": 8000}],
            }
        ],
    }


def test_a_route_below_a_path() -> None:
    here = {"network": {**NETWORK, "gateway": GATEWAY}}
    spec = {"routing": {"hostname": "models.acme.example", "path": "/llama"}}
    (rule,) = one(made(site(here=here, spec=spec)), "HTTPRoute")["spec"]["rules"]
    assert rule["matches"][0]["path"]["value"] == "/llama"
    assert rule["filters"][0]["urlRewrite"]["path"] == {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}


def test_no_route_without_a_gateway_or_its_kinds() -> None:
    spec = {"routing": {"hostname": "llama.acme.example", "path": "/"}}
    assert of(made(site(spec=spec)), "HTTPRoute") == []
    network = {"network": {**NETWORK, "gateway": GATEWAY}}
    bare = {name: at for name, at in COMPONENTS.items() if name != "gateway-api-standard"}
    assert of(made(site(spec=spec, here=network, components=bare)), "HTTPRoute") == []
