"""What policies allow, against a naive evaluation of one connection at a time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.check.fleet import oracle

from fleetc.check.fleet.cilium_policies import cilium_policy
from fleetc.check.fleet.kubernetes_policies import network_policy
from fleetc.check.fleet.policies import Address, Direction, Endpoint, Host, Pod, Policy, allowed, allowing, understood
from fleetc.check.fleet.ports import ALL, NONE, Ports

NAME = "kubernetes.io/metadata.name"
NAMESPACES: oracle.Namespaces = {
    "a": {NAME: "a", "team": "x"},
    "b": {NAME: "b", "team": "y", "stage": "dev"},
    "c": {NAME: "c"},
}
LABELS = st.fixed_dictionaries({}, optional={"app": st.sampled_from(["web", "db"]), "tier": st.just("1")})
REQUIREMENTS = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["app", "tier", "team", NAME]),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(st.sampled_from(["web", "db", "1", "x", "a", "b"]), min_size=1, max_size=2),
        }
    ),
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["app", "tier", "team", "stage"]),
            "operator": st.sampled_from(["Exists", "DoesNotExist"]),
        }
    ),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(REQUIREMENTS, max_size=2)}
)
BLOCKS = st.sampled_from(
    [
        {"cidr": "10.0.0.0/8"},
        {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "10.2.3.0/24"]},
        {"cidr": "10.1.0.0/16"},
        {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]},
        {"cidr": "192.168.7.7/32"},
    ]
)
PEERS = st.one_of(
    st.fixed_dictionaries({"podSelector": SELECTORS}),
    st.fixed_dictionaries({"namespaceSelector": SELECTORS}, optional={"podSelector": SELECTORS}),
    BLOCKS.map(lambda block: {"ipBlock": block}),
)
PORTS = st.one_of(
    st.fixed_dictionaries({}, optional={"protocol": st.sampled_from(["TCP", "UDP", "SCTP"])}),
    st.fixed_dictionaries(
        {"port": st.one_of(st.integers(1, 9), st.sampled_from(["http", "metrics"]))},
        optional={"protocol": st.sampled_from(["TCP", "UDP", "SCTP"])},
    ),
    st.integers(1, 9).flatmap(
        lambda first: st.fixed_dictionaries(
            {"port": st.just(first), "endPort": st.integers(first, 12)},
            optional={"protocol": st.sampled_from(["TCP", "UDP"])},
        )
    ),
)


def rules(side: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    rule = st.fixed_dictionaries({}, optional={side: st.lists(PEERS, max_size=2), "ports": st.lists(PORTS, max_size=2)})
    return st.lists(rule, max_size=2)


POLICIES = st.fixed_dictionaries(
    {
        "apiVersion": st.just("networking.k8s.io/v1"),
        "kind": st.just("NetworkPolicy"),
        "metadata": st.sampled_from([{"name": "p", "namespace": name} for name in ("a", "a", "b")]),
        "spec": st.fixed_dictionaries(
            {"podSelector": SELECTORS},
            optional={
                "policyTypes": st.lists(st.sampled_from(["Ingress", "Egress"]), max_size=2, unique=True),
                "ingress": rules("from"),
                "egress": rules("to"),
            },
        ),
    }
)
NAMED_PORTS = st.sampled_from([{}, {("http", "TCP"): 8}, {("http", "TCP"): 3, ("metrics", "UDP"): 4}])
PODS = st.builds(oracle.Pod, st.sampled_from(sorted(NAMESPACES)), LABELS, NAMED_PORTS)
OUTSIDE = st.sampled_from(["10.0.0.1", "10.1.0.1", "10.2.3.4", "10.2.4.4", "192.168.7.7", "8.8.8.8"])
PARTIES = st.one_of(PODS, st.builds(oracle.Somewhere, OUTSIDE))


def ours(party: oracle.Party) -> Endpoint:
    if isinstance(party, oracle.Somewhere):
        return Address(party.ip)
    ports = tuple((name, protocol, number) for (name, protocol), number in party.named_ports.items())
    return Pod(party.namespace, NAMESPACES[party.namespace], party.labels, ports)


def holds(ports: Ports, protocol: str, port: int) -> bool:
    return any(p == protocol and low <= port <= high for p, low, high in ports)


@settings(max_examples=400, deadline=None)
@given(st.lists(POLICIES, max_size=3), PODS, PARTIES, st.sampled_from(["Ingress", "Egress"]))
def test_allowed_is_what_the_documentation_says(
    policies: list[dict[str, Any]], pod: oracle.Pod, peer: oracle.Party, direction: str
) -> None:
    read = [network_policy(policy) for policy in policies]
    mine, way = ours(pod), "ingress" if direction == "Ingress" else "egress"
    assert isinstance(mine, Pod)
    got = allowed(read, mine, way, ours(peer))  # type: ignore[arg-type]
    for protocol in ("TCP", "UDP", "SCTP"):
        for port in (*range(1, 14), 65535):
            expected = oracle.passes(policies, NAMESPACES, direction, pod, peer, protocol, port)
            assert holds(got, protocol, port) == expected, (protocol, port)


@settings(max_examples=200, deadline=None)
@given(st.lists(POLICIES, max_size=3), PODS, PARTIES)
def test_allowing_names_the_rules_that_allow(
    policies: list[dict[str, Any]], pod: oracle.Pod, peer: oracle.Party
) -> None:
    read = [network_policy(policy) for policy in policies]
    mine = ours(pod)
    assert isinstance(mine, Pod)
    isolated = allowed(read, mine, "egress", ours(peer)) != ALL
    for policy, path in allowing(read, mine, "egress", ours(peer)):
        assert policy.object["spec"][path[1]][path[2]] is not None
    if isolated and allowed(read, mine, "egress", ours(peer)) != NONE:
        assert allowing(read, mine, "egress", ours(peer))


def cilium(spec: dict[str, Any], namespace: str = "a") -> Policy:
    metadata = {"name": "p", "namespace": namespace}
    return cilium_policy(
        {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": metadata, "spec": spec}
    )


POD = Pod("a", NAMESPACES["a"], {"app": "web"})
WEB = ("TCP", 443, 443)


@pytest.mark.parametrize(
    ("rule", "peer", "expected"),
    [
        # an empty rule isolates and allows nothing; ports alone are open to all
        ({}, POD, NONE),
        ({"toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}]}]}, POD, (WEB,)),
        ({"toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}]}]}, Address("8.8.8.8"), (WEB,)),
        # endpoints are of the policy's own namespace unless they name another
        ({"toEndpoints": [{}]}, POD, ALL),
        ({"toEndpoints": [{}]}, Pod("b", {}, {}), NONE),
        ({"toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "b"}}]}, Pod("b", {}, {}), ALL),
        ({"toEndpoints": [{"matchLabels": {"io.kubernetes.pod.namespace": "b", "app": "web"}}]}, POD, NONE),
        (
            {
                "toEndpoints": [
                    {
                        "matchExpressions": [
                            {"key": "k8s:io.kubernetes.pod.namespace", "operator": "In", "values": ["b"]}
                        ]
                    }
                ]
            },
            Pod("b", {}, {}),
            ALL,
        ),
        (
            {"toEndpoints": [{"matchLabels": {"k8s:io.cilium.k8s.namespace.labels.team": "y"}}]},
            Pod("b", NAMESPACES["b"], {}),
            ALL,
        ),
        ({"toEndpoints": [{"matchLabels": {"k8s:app": "web"}}]}, POD, ALL),
        ({"toEndpoints": [{"matchLabels": {"any:app": "db"}}]}, POD, NONE),
        # ranges of addresses
        ({"toCIDR": ["10.0.0.0/8"]}, Address("10.9.9.9"), ALL),
        ({"toCIDR": ["10.0.0.0/8"]}, POD, NONE),
        ({"toCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}]}, Address("10.1.2.3"), NONE),
        ({"toCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}]}, Address("10.2.2.3"), ALL),
        # host names, and ports in their ways
        ({"toFQDNs": [{"matchName": "a.example"}]}, Host("a.example"), ALL),
        ({"toFQDNs": [{"matchPattern": "*.example"}]}, Host("*.example"), ALL),
        ({"toFQDNs": [{"matchName": "a.example"}]}, Host("b.example"), NONE),
        (
            {"toFQDNs": [{"matchName": "h"}], "toPorts": [{"ports": [{"port": "443", "endPort": 445}]}]},
            Host("h"),
            tuple((p, 443, 445) for p in ("SCTP", "TCP", "UDP")),
        ),
        (
            {"toFQDNs": [{"matchName": "h"}], "toPorts": [{"ports": [{"port": "0", "protocol": "UDP"}]}]},
            Host("h"),
            (("UDP", 1, 65535),),
        ),
    ],
)
def test_cilium_egress(rule: dict[str, Any], peer: Endpoint, expected: Ports) -> None:
    policy = cilium({"endpointSelector": {}, "egress": [rule]})
    assert allowed([policy], POD, "egress", peer) == expected
    assert allowed([policy], POD, "ingress", peer) == ALL
    assert policy.whole


def test_cilium_selects_pods() -> None:
    policy = cilium({"endpointSelector": {"matchLabels": {"k8s:app": "db"}}, "ingress": [], "egress": []})
    for direction in ("ingress", "egress"):
        way: Direction = "ingress" if direction == "ingress" else "egress"
        assert allowed([policy], POD, way, Address("1.1.1.1")) == ALL
        assert allowed([policy], POD._replace(labels={"app": "db"}), way, Address("1.1.1.1")) == NONE
        assert allowed([policy], Pod("b", {}, {"app": "db"}), way, Address("1.1.1.1")) == ALL


@pytest.mark.parametrize(
    "spec",
    [
        {"endpointSelector": {}, "egressDeny": [{"toCIDR": ["10.0.0.0/8"]}]},
        {"nodeSelector": {}, "egress": []},
        {"endpointSelector": {}, "enableDefaultDeny": {"egress": False}, "egress": []},
        {"endpointSelector": {}, "egress": [{"toEntities": ["world"]}]},
        {"endpointSelector": {}, "egress": [{"toServices": []}]},
        {"endpointSelector": {}, "egress": [{"icmps": []}]},
        {"endpointSelector": {}, "egress": [{"toCIDRSet": [{"cidrGroupRef": "x"}]}]},
        {"endpointSelector": {}, "egress": [{"toPorts": [{"ports": [{"port": "http"}]}]}]},
        {"endpointSelector": {}, "egress": [{"toPorts": [{"ports": [{"port": "80"}], "rules": {"http": [{}]}}]}]},
        {"endpointSelector": {}, "egress": [{"toEndpoints": [{"matchLabels": {"reserved:host": ""}}]}]},
        {"endpointSelector": {"matchLabels": {"container:x": "y"}}, "egress": []},
    ],
)
def test_what_is_beyond_is_not_claimed(spec: dict[str, Any]) -> None:
    policy = cilium(spec)
    assert not policy.whole
    assert not understood([policy], POD) or "endpointSelector" in spec
    assert understood([policy], Pod("b", {}, {}))


def test_dns_rules_for_every_name_are_understood() -> None:
    ports = {"ports": [{"port": "53", "protocol": "UDP"}], "rules": {"dns": [{"matchPattern": "*"}]}}
    assert cilium({"endpointSelector": {}, "egress": [{"toEndpoints": [{}], "toPorts": [ports]}]}).whole
    narrow = {**ports, "rules": {"dns": [{"matchPattern": "*.example"}]}}
    assert not cilium({"endpointSelector": {}, "egress": [{"toEndpoints": [{}], "toPorts": [narrow]}]}).whole
