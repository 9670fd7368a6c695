"""Reachability: what is emitted is what is declared; a damaged policy is found unless it changes nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.check.fleet import oracle
from tests.check.fleet.clusters import (
    Object,
    cluster,
    emission,
    ends,
    hints,
    objects,
    reasons,
    report,
    said,
    team,
    world,
)

from fleetc.check.run import check
from fleetc.plan import Plan
from fleetc.registry import lowerings
from fleetc.resolve import World

NAME = "kubernetes.io/metadata.name"
CILIUM = "network: {cni: cilium, dns: {addresses: [169.254.20.10/32]}}"
TEXTS = ["team/t", "team/u", "namespace/gateway", "namespace/elsewhere", "10.0.0.0/8", "10.1.0.0/16", "192.168.7.7/32"]
HOSTS = ["a.example", "*.b.example"]
PORTS = st.lists(
    st.sampled_from(["443", "8000-8100", "53/UDP", "9000-9001/TCP", "7/SCTP", "1-65535", "8050-8150"]),
    max_size=3,
    unique=True,
)


def lowered(fleet: World) -> dict[str, list[Object]]:
    """What the real lowerings emit for the teams of the first cluster."""
    plan = Plan(fleet)
    out: dict[str, list[Object]] = {}
    for subject in plan.subjects.values():
        if subject.kind == "Team":
            site = plan.site(subject, 0)
            made = [copy.deepcopy(dict(o)) for lowering in lowerings("Team") for o in lowering.lower(site)]
            out[subject.id] = made
    return out


@st.composite
def peers(draw: st.DrawFn, texts: list[str], own: str) -> str:
    chosen = draw(st.lists(st.sampled_from([t for t in texts if t != f"team/{own}"]), max_size=3, unique=True))
    entries = [f"{{to: '{text}', ports: {draw(PORTS)}}}" for text in chosen]
    return f"[{', '.join(entries)}]"


@st.composite
def fleets(draw: st.DrawFn) -> list[str]:
    """Two teams, the first with two namespaces, on a cluster that can enforce all of it."""
    texts = []
    for name, namespaces in (("t", "t, t-batch"), ("u", "u")):
        ingress = draw(peers(TEXTS, name))
        egress = draw(peers(TEXTS + HOSTS, name))
        texts.append(team(name, f"network: {{ingress: {ingress}, egress: {egress}}}", namespaces))
    return [cluster(CILIUM), *texts]


@settings(max_examples=60, deadline=None)
@given(fleets())
def test_what_is_lowered_is_what_is_declared(texts: list[str]) -> None:
    fleet = world(*texts)
    found = check(emission(fleet, lowered(fleet)), fleet)
    assert said(found, "unexpected_traffic") == []
    assert ends(found, "reachability") == {"valid": 6}


class Universe:
    """Pods and addresses that tell policies apart, for the naive evaluation."""

    NAMESPACES: ClassVar[oracle.Namespaces] = {
        **{name: {NAME: name} for name in ("t", "t-batch", "u", "gateway", "elsewhere", "kube-system", "nobody")},
        "labelled": {NAME: "labelled", "stage": "dev"},
    }
    LABELS: ClassVar[tuple[dict[str, str], ...]] = (
        {},
        {"app": "web"},
        {"app": "db"},
        {"k8s-app": "kube-dns"},
        {"tier": "1"},
    )
    ADDRESSES = ("10.1.2.3", "10.2.2.3", "11.0.0.0", "192.168.7.7", "192.168.7.8", "169.254.20.10", "8.8.8.8")
    PORTS = (*(("TCP", n) for n in (53, 443, 8001, 8050, 8500)), ("UDP", 53), ("UDP", 9), ("SCTP", 9))

    @classmethod
    def peers(cls) -> Iterator[oracle.Party]:
        for namespace in cls.NAMESPACES:
            for labels in cls.LABELS:
                yield oracle.Pod(namespace, labels, {})
        yield from map(oracle.Somewhere, cls.ADDRESSES)


def connections(policies: list[Object]) -> list[bool]:
    """Whether each connection of the universe with a pod of team t passes, as a Kubernetes network would decide."""
    return [
        oracle.passes(policies, Universe.NAMESPACES, direction, oracle.Pod(namespace, labels, {}), peer, protocol, port)
        for direction in ("Ingress", "Egress")
        for namespace in ("t", "t-batch")
        for labels in Universe.LABELS
        for peer in Universe.peers()
        for protocol, port in Universe.PORTS
    ]


PLAIN = [
    cluster(CILIUM),
    team(
        "t",
        "network: {ingress: ['namespace/gateway:443'], egress: ['team/u:8000-8100', '10.0.0.0/8:443',"
        " namespace/elsewhere]}",
        "t, t-batch",
    ),
    team("u", "network: {ingress: ['team/t:8000-8100']}"),
]
SELECTOR = st.sampled_from(
    [
        {},
        {"matchLabels": {"app": "web"}},
        {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
    ]
)
PEER = st.one_of(
    st.sampled_from(
        [
            {"namespaceSelector": {}},
            {"namespaceSelector": {"matchLabels": {NAME: "nobody"}}},
            {"namespaceSelector": {"matchLabels": {"stage": "dev"}}},
            {"namespaceSelector": {"matchExpressions": [{"key": NAME, "operator": "NotIn", "values": ["u"]}]}},
            {"namespaceSelector": {"matchLabels": {NAME: "u"}}},
            {"podSelector": {}},
            {"podSelector": {"matchLabels": {"app": "web"}}},
            {
                "namespaceSelector": {"matchLabels": {NAME: "kube-system"}},
                "podSelector": {"matchLabels": {"app": "db"}},
            },
            {"ipBlock": {"cidr": "192.168.7.7/32"}},
            {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.2.0.0/16"]}},
            {"ipBlock": {"cidr": "0.0.0.0/0"}},
        ]
    )
)
PORT = st.sampled_from(
    [[], [{"port": 443}], [{"protocol": "UDP"}], [{"port": 8000, "endPort": 8100}], [{"port": 8040, "endPort": 9000}]]
)


@st.composite
def rule(draw: st.DrawFn, side: str) -> Object:
    made: Object = {}
    if sides := draw(st.lists(PEER, max_size=1)):
        made[side] = sides
    if ports := draw(PORT):
        made["ports"] = ports
    return made


@st.composite
def damaged(draw: st.DrawFn, policies: list[Object]) -> list[Object]:
    """One policy with a rule more or less, a wider or narrower rule, or another selector; or none of it."""
    out = copy.deepcopy(policies)
    policy = draw(st.sampled_from(out))
    spec = policy["spec"]
    directions = [d for d in ("ingress", "egress") if spec.get(d)]
    kind = draw(
        st.sampled_from(
            [
                "remove policy",
                "selector",
                "add rule",
                "types",
                *(["remove rule", "widen", "narrow"] if directions else []),
            ]
        )
    )
    direction = draw(st.sampled_from(directions or ["ingress", "egress"]))
    side = "from" if direction == "ingress" else "to"
    match kind:
        case "remove policy":
            out.remove(policy)
        case "selector":
            spec["podSelector"] = draw(SELECTOR)
        case "add rule":
            spec.setdefault(direction, []).append(draw(rule(side)))
        case "types":
            spec["policyTypes"] = draw(st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"], []]))
        case "remove rule":
            spec[direction].pop(draw(st.integers(0, len(spec[direction]) - 1)))
        case "widen":
            chosen = draw(st.sampled_from(spec[direction]))
            chosen.setdefault(side, []).append(draw(PEER))
        case _:
            chosen = draw(st.sampled_from(spec[direction]))
            chosen["ports"] = draw(PORT)
    return out


@lru_cache(maxsize=1)
def plain() -> tuple[World, dict[str, list[Object]], list[bool]]:
    """A fleet, what it emits, and which connections that lets pass."""
    fleet = world(*PLAIN)
    emitted = lowered(fleet)
    return fleet, emitted, connections([o for o in emitted["Team/t"] if o["kind"] == "NetworkPolicy"])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_policies_are_found_unless_they_change_nothing(data: st.DataObject) -> None:
    fleet, emitted, passing = plain()
    policies = [o for o in emitted["Team/t"] if o["kind"] == "NetworkPolicy"]
    others = [o for o in emitted["Team/t"] if o["kind"] != "NetworkPolicy"]
    broken = data.draw(damaged(policies))
    assume(broken != policies)
    found = said(check(emission(fleet, {**emitted, "Team/t": [*others, *broken]}), fleet), "unexpected_traffic")
    assert bool(found) == (connections(broken) != passing), found


def small(policies: str, fields: str = "", namespaces: str = "") -> list[str]:
    """The traffic that is not as declared, of team t with further policies beside its own."""
    fleet = world(cluster(CILIUM), team("t", fields, namespaces))
    rows: dict[str, list[Any]] = {**lowered(fleet), "Manifest/m": objects(policies)}
    return said(report(fleet, rows), "unexpected_traffic")


OPEN = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: x, namespace: t}}
spec: {{podSelector: {selector}, policyTypes: [Ingress], ingress: [{rule}]}}
"""


def test_the_rule_that_lets_it_pass_is_named() -> None:
    found = small(OPEN.format(selector="{}", rule="{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 22}]}"))
    assert found == [
        f"pods of namespace t at spec.ingress.0: may be reached by address {ip} at 22/TCP, which team t does not"
        f" declare"
        for ip in ("10.0.0.0", "10.255.255.255")
    ]


@pytest.mark.parametrize(
    ("selector", "rule", "whom"),
    [
        # pods that only somebody could start, on either side
        ("{matchLabels: {app: ghost}}", "{}", "pods of namespace kube-system at all ports"),
        ("{}", "{from: [{podSelector: {matchLabels: {app: x}}, namespaceSelector: {}}]}", "pods of other namespaces"),
        # namespaces that only somebody could label
        ("{}", "{from: [{namespaceSelector: {matchLabels: {stage: dev}}}]}", "pods of other namespaces"),
        ("{}", "{from: [{namespaceSelector: {matchExpressions: [{key: stage, operator: DoesNotExist}]}}]}", "pods of"),
        ("{}", f"{{from: [{{namespaceSelector: {{matchLabels: {{{NAME}: nowhere}}}}}}]}}", "pods of namespace nowhere"),
    ],
)
def test_whoever_could_be_there_is_thought_of(selector: str, rule: str, whom: str) -> None:
    found = small(OPEN.format(selector=selector, rule=rule))
    assert found
    assert any(whom in text for text in found), found


def test_policies_of_other_namespaces_do_not_matter() -> None:
    assert small(OPEN.format(selector="{}", rule="{}").replace("namespace: t", "namespace: monitoring")) == []


def test_what_is_declared_may_be_said_again() -> None:
    again = OPEN.format(selector="{}", rule="{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 22}]}")
    assert small(again, "network: {ingress: ['10.0.0.0/8:22']}") == []
    assert small(again, "network: {ingress: ['10.0.0.0/8:1-100']}") == []


def test_named_ports_are_those_of_the_emitted_pods() -> None:
    pod = """
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: t, labels: {app: web}}
spec: {containers: [{name: a, image: a, ports: [{name: http, containerPort: 8080}]}]}
"""
    named = OPEN.format(selector="{}", rule="{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}]}")
    assert small(named) == []
    assert "8080/TCP" in small(named + pod)[0]
    assert small(named + pod, "network: {ingress: ['10.0.0.0/8:8080']}") == []


def test_host_names() -> None:
    fields = "network: {egress: ['a.example:443']}"
    fqdn = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: x, namespace: t}
spec:
  endpointSelector: {}
  egress: [{toFQDNs: [{matchName: b.example}], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}]
"""
    assert small("", fields) == []
    assert small(fqdn, fields) == [
        "pods of namespace t at spec.egress.0: may reach host b.example at 443/TCP, which team t does not declare"
    ]


def test_less_than_declared_is_a_bug_of_ours() -> None:
    fleet = world(cluster(CILIUM), team("t", "network: {egress: ['10.0.0.0/8:443']}"))
    emitted = lowered(fleet)
    emitted["Team/t"] = [o for o in emitted["Team/t"] if o["metadata"]["name"] != "allow-egress"]
    found = report(fleet, dict(emitted))
    assert said(found, "unexpected_traffic")
    assert all("may not reach address" in text for text in said(found, "unexpected_traffic"))
    assert all("this is a bug in fleetc" in text for text in hints(found, "unexpected_traffic"))


def test_pods_that_nothing_isolates() -> None:
    fleet = world(cluster(CILIUM), team("t"))
    emitted = lowered(fleet)
    emitted["Team/t"] = [o for o in emitted["Team/t"] if o["kind"] != "NetworkPolicy"]
    found = report(fleet, dict(emitted))
    assert ends(found, "reachability") == {"invalid": 2}
    assert all("no policy isolates these pods" in text for text in hints(found, "unexpected_traffic"))


def test_what_is_not_understood_is_partial() -> None:
    more = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: x, namespace: t}
spec: {endpointSelector: {}, egress: [{toEntities: [world]}]}
"""
    fleet = world(cluster(CILIUM), team("t"))
    found = report(fleet, {**lowered(fleet), "Manifest/m": objects(more)})
    assert ends(found, "reachability") == {"partial": 2}
    assert list(reasons(found, "reachability", "partial")) == [
        "a CiliumNetworkPolicy says more than this check understands"
    ]


def test_without_teams_there_is_nothing_to_compare() -> None:
    fleet = world(cluster(CILIUM))
    assert ends(report(fleet, {"Manifest/m": OPEN.format(selector="{}", rule="{}")}), "reachability") == {}
