"""Network policies as they are written; that they mean what is declared is tested beside the check of reachability."""

from __future__ import annotations

from typing import Any

from tests.backends.kubernetes.sites import OWNED, made, named, team_site
from tests.check.fleet.clusters import cluster, team

from fleetc.check.schemas import check_object
from fleetc_kubernetes.tenancy.cilium_network_policy import cilium_network_policies
from fleetc_kubernetes.tenancy.network_policy import network_policies

NAME = "kubernetes.io/metadata.name"
DNS = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {NAME: "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ],
    "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
}


def policies(fields: str = "", *others: str, namespaces: str = "t", on: str = "") -> dict[str, Any]:
    """The specs of a team's NetworkPolicies, by namespace and name."""
    site = team_site(cluster(on), team("t", fields, namespaces), *others)
    found = named(made(network_policies, site))
    assert all(item["metadata"]["labels"] == OWNED for item in found.values())
    assert all(check_object(item, "1.35").problems == () for item in found.values())
    return {name: item["spec"] for name, item in found.items()}


def test_all_is_denied_but_dns_and_the_teams_own() -> None:
    found = policies()
    assert found["t/default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert found["t/allow-dns"] == {"podSelector": {}, "policyTypes": ["Egress"], "egress": [DNS]}
    ours = {"namespaceSelector": {"matchLabels": {NAME: "t"}}}
    assert found["t/allow-team"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [ours]}],
        "egress": [{"to": [ours]}],
    }
    assert len(found) == 3


def test_every_namespace_has_them() -> None:
    found = policies("network: {ingress: [namespace/x]}", namespaces="t, u")
    kinds = ["default-deny", "allow-dns", "allow-team", "allow-ingress"]
    assert list(found) == [f"{space}/{name}" for space in ("t", "u") for name in kinds]
    both = {"matchExpressions": [{"key": NAME, "operator": "In", "values": ["t", "u"]}]}
    assert found["u/allow-team"]["ingress"] == [{"from": [{"namespaceSelector": both}]}]


def test_dns_by_address_and_port() -> None:
    found = policies(
        on="network: {dns: {namespace: dns, selector: {app: d}, addresses: [169.254.20.10/32], ports: [53, 5353]}}"
    )
    (rule,) = found["t/allow-dns"]["egress"]
    assert rule["to"][1] == {"ipBlock": {"cidr": "169.254.20.10/32"}}
    assert [(p["protocol"], p["port"]) for p in rule["ports"]] == [
        ("UDP", 53),
        ("TCP", 53),
        ("UDP", 5353),
        ("TCP", 5353),
    ]


def test_peers_and_ports() -> None:
    egress = "['10.0.0.0/8:443', {to: 'fd00::/8', ports: [53/UDP, 8000-8100]}]"
    fields = f"network: {{ingress: ['team/u:8080', namespace/gateway], egress: {egress}}}"
    found = policies(fields, team("u", namespaces="u, v"))
    both = {"matchExpressions": [{"key": NAME, "operator": "In", "values": ["u", "v"]}]}
    assert found["t/allow-ingress"]["ingress"] == [
        {"from": [{"namespaceSelector": both}], "ports": [{"protocol": "TCP", "port": 8080}]},
        {"from": [{"namespaceSelector": {"matchLabels": {NAME: "gateway"}}}]},
    ]
    assert found["t/allow-egress"]["egress"] == [
        {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"protocol": "TCP", "port": 443}]},
        {
            "to": [{"ipBlock": {"cidr": "fd00::/8"}}],
            "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 8000, "endPort": 8100}],
        },
    ]


def test_teams_that_are_not_here_and_host_names_are_left_out() -> None:
    elsewhere = team("u", "placement: {environments: [dev], residency: mars}")
    found = policies("network: {ingress: [team/u], egress: [team/u, 'a.example:443']}", elsewhere)
    assert list(found) == ["t/default-deny", "t/allow-dns", "t/allow-team"]


HOSTS = "network: {egress: ['a.example:443', {to: '*.b.example', ports: [8000-8100/UDP]}, c.example, '10.0.0.0/8']}"


def test_host_names_where_they_can_be_enforced() -> None:
    site = team_site(cluster("network: {cni: cilium, dns: {addresses: [169.254.20.10/32]}}"), team("t", HOSTS, "t, u"))
    found = named(made(cilium_network_policies, site))
    assert list(found) == ["t/allow-egress-hosts", "u/allow-egress-hosts"]
    assert all(check_object(item, "1.35").problems == () for item in found.values())
    ports = {
        "ports": [{"port": "53", "protocol": "UDP"}, {"port": "53", "protocol": "TCP"}],
        "rules": {"dns": [{"matchPattern": "*"}]},
    }
    pods = {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": "kube-dns"}
    assert found["t/allow-egress-hosts"]["spec"] == {
        "endpointSelector": {},
        "egress": [
            {"toEndpoints": [{"matchLabels": pods}], "toPorts": [ports]},
            {"toCIDR": ["169.254.20.10/32"], "toPorts": [ports]},
            {"toFQDNs": [{"matchName": "a.example"}], "toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}]}]},
            {
                "toFQDNs": [{"matchPattern": "*.b.example"}],
                "toPorts": [{"ports": [{"port": "8000", "endPort": 8100, "protocol": "UDP"}]}],
            },
            {"toFQDNs": [{"matchName": "c.example"}]},
        ],
    }


def test_no_policy_for_host_names_elsewhere() -> None:
    assert made(cilium_network_policies, team_site(cluster("network: {cni: calico}"), team("t", HOSTS))) == []
    only = "network: {egress: ['10.0.0.0/8']}"
    assert made(cilium_network_policies, team_site(cluster("network: {cni: cilium}"), team("t", only))) == []
