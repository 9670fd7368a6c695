"""RBAC and network policies, which only together tell what one of them does."""

from __future__ import annotations

from typing import Any

import pytest

from fleetc.check.change import access, network
from fleetc.check.change.documents import Document, Documents, Pair
from fleetc.check.change.jointly import access_meanings, network_meanings
from fleetc.check.change.model import Effect
from fleetc.emission.yaml import emit

READ = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
ALL = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
LEADS = {"kind": "Group", "name": "leads"}
DEVS = {"kind": "Group", "name": "devs"}
DENY: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def role(*rules: dict[str, Any], name: str = "reader", kind: str = "Role") -> dict[str, Any]:
    meta = {"name": name, "namespace": "a"} if kind == "Role" else {"name": name}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": meta, "rules": [*rules]}


def binding(
    *subjects: dict[str, Any], name: str = "readers", to: str = "reader", kind: str = "Role", namespace: str = "a"
) -> dict[str, Any]:
    wide = not namespace
    meta = {"name": name} if wide else {"name": name, "namespace": namespace}
    made = "ClusterRoleBinding" if wide else "RoleBinding"
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": to}
    group = "rbac.authorization.k8s.io/v1"
    return {"apiVersion": group, "kind": made, "metadata": meta, "roleRef": ref, "subjects": [*subjects]}


RULES = [
    ("a subject more", [role(READ), binding(LEADS)], [role(READ), binding(LEADS, DEVS)], "widens"),
    ("a subject less", [role(READ), binding(LEADS, DEVS)], [role(READ), binding(LEADS)], "narrows"),
    (
        "a verb more",
        [role(READ), binding(LEADS)],
        [role({**READ, "verbs": ["get", "list", "watch"]}), binding(LEADS)],
        "widens",
    ),
    ("everything", [role(READ), binding(LEADS)], [role(ALL), binding(LEADS)], "widens"),
    ("from everything", [role(ALL), binding(LEADS)], [role(READ), binding(LEADS)], "narrows"),
    ("a role that nobody has", [], [role(ALL)], ""),
    ("a role that nobody has any more", [role(READ), binding(LEADS)], [role(READ)], "narrows"),
    (
        "a second way to the same",
        [role(READ), binding(LEADS)],
        [role(READ), binding(LEADS), binding(LEADS, name="again")],
        "",
    ),
    (
        "rules that were one",
        [role(READ), binding(LEADS)],
        [role({**READ, "verbs": ["get"]}, {**READ, "verbs": ["list"]}), binding(LEADS)],
        "",
    ),
    (
        "named objects only",
        [role(READ), binding(LEADS)],
        [role({**READ, "resourceNames": ["x"]}), binding(LEADS)],
        "narrows",
    ),
    ("all objects", [role({**READ, "resourceNames": ["x"]}), binding(LEADS)], [role(READ), binding(LEADS)], "widens"),
    (
        "the whole cluster",
        [role(READ, kind="ClusterRole"), binding(LEADS, kind="ClusterRole")],
        [role(READ, kind="ClusterRole"), binding(LEADS, kind="ClusterRole", namespace="")],
        "widens",
    ),
    ("a role that is not emitted", [], [binding(LEADS, to="cluster-admin", kind="ClusterRole")], "widens"),
    (
        "a subresource",
        [role({**READ, "resources": ["pods", "pods/log"]}), binding(LEADS)],
        [role(READ), binding(LEADS)],
        "narrows",
    ),
    (
        "a subresource of all",
        [role({**READ, "resources": ["*/log"]}), binding(LEADS)],
        [role({**READ, "resources": ["pods/log"]}), binding(LEADS)],
        "narrows",
    ),
    (
        "URLs",
        [
            role({"nonResourceURLs": ["/metrics"], "verbs": ["get"]}, kind="ClusterRole"),
            binding(LEADS, kind="ClusterRole", namespace=""),
        ],
        [
            role({"nonResourceURLs": ["/*"], "verbs": ["get"]}, kind="ClusterRole"),
            binding(LEADS, kind="ClusterRole", namespace=""),
        ],
        "widens",
    ),
]


def policy(spec: dict[str, Any], name: str = "p") -> dict[str, Any]:
    meta = {"name": name, "namespace": "a"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}


def cilium(spec: dict[str, Any], name: str = "c") -> dict[str, Any]:
    meta = {"name": name, "namespace": "a"}
    return {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": meta, "spec": spec}


def egress(*cidrs: str, port: int = 443, without: tuple[str, ...] = ()) -> dict[str, Any]:
    to = [{"ipBlock": {"cidr": cidr, "except": [*without]}} for cidr in cidrs]
    return {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": to, "ports": [{"port": port}]}]}


def host(name: str) -> dict[str, Any]:
    rule = {"toFQDNs": [{"matchName": name}], "toPorts": [{"ports": [{"port": "443"}]}]}
    return {"endpointSelector": {}, "egress": [rule]}


ODD = {"endpointSelector": {}, "egress": [{"toServices": [{"k8sService": {"serviceName": "x"}}]}]}

POLICIES = [
    (
        "a wider range",
        [policy(DENY, "deny"), policy(egress("10.1.0.0/16"))],
        [policy(DENY, "deny"), policy(egress("10.0.0.0/8"))],
        "widens",
    ),
    (
        "a narrower range",
        [policy(DENY, "deny"), policy(egress("10.0.0.0/8"))],
        [policy(DENY, "deny"), policy(egress("10.1.0.0/16"))],
        "narrows",
    ),
    (
        "an exception",
        [policy(egress("10.0.0.0/8"))],
        [policy(egress("10.0.0.0/8", without=("10.1.0.0/16",)))],
        "narrows",
    ),
    ("another port", [policy(egress("10.0.0.0/8"))], [policy(egress("10.0.0.0/8", port=80))], "widens narrows"),
    ("two halves of one", [policy(egress("10.0.0.0/8"))], [policy(egress("10.0.0.0/9", "10.128.0.0/9"))], ""),
    ("nothing is denied any more", [policy(DENY, "deny")], [], "widens"),
    ("all is denied", [], [policy(DENY, "deny")], "narrows"),
    ("a rule, where all was open", [], [policy(egress("10.0.0.0/8"))], "narrows"),
    (
        "a rule, where all was denied",
        [policy(DENY, "deny")],
        [policy(DENY, "deny"), policy(egress("10.0.0.0/8"))],
        "widens",
    ),
    ("a second deny", [policy(DENY, "deny")], [policy(DENY, "deny"), policy(DENY, "again")], ""),
    (
        "a policy of other pods",
        [policy(DENY, "deny")],
        [policy(DENY, "deny"), policy({**egress("10.0.0.0/8"), "podSelector": {"matchLabels": {"app": "x"}}})],
        "widens",
    ),
    (
        "a named port",
        [policy(DENY, "deny")],
        [policy(DENY, "deny"), policy({"podSelector": {}, "ingress": [{"ports": [{"port": "http"}]}]})],
        "widens",
    ),
    (
        "another host",
        [policy(DENY, "deny"), cilium(host("a.example"))],
        [policy(DENY, "deny"), cilium(host("b.example"))],
        "widens narrows",
    ),
    ("what is not understood", [policy(DENY, "deny")], [policy(DENY, "deny"), cilium(ODD)], "widens"),
]


@pytest.mark.parametrize(("before", "after", "is_"), [r[1:] for r in RULES], ids=[r[0] for r in RULES])
def test_access(before: list[Any], after: list[Any], is_: str) -> None:
    old, new, changed = _sides(before, after)
    found = access_meanings(changed, old, new, {})
    effects = {m.effect for meanings in found.values() for m in meanings}
    wanted = {"widens": Effect.WIDENS_RBAC, "narrows": Effect.NARROWS_RBAC}
    assert effects == {wanted[word] for word in is_.split()}
    assert access_meanings(changed, old, new, {"a": None, "": None}) == {}, "in a namespace that comes or goes"


@pytest.mark.parametrize(("before", "after", "is_"), [p[1:] for p in POLICIES], ids=[p[0] for p in POLICIES])
def test_network(before: list[Any], after: list[Any], is_: str) -> None:
    old, new, changed = _sides(before, after)
    found = network_meanings(changed, old, new, {})
    effects = {m.effect for meanings in found.values() for m in meanings}
    wanted = {"widens": Effect.WIDENS_NETWORK, "narrows": Effect.NARROWS_NETWORK}
    assert effects == {wanted[word] for word in is_.split()}
    assert network_meanings(changed, old, new, {"a": None}) == {}, "in a namespace that comes or goes"


@pytest.mark.parametrize("sides", [r[1:3] for r in RULES])
def test_access_covers_itself(sides: tuple[list[Any], list[Any]]) -> None:
    for side in sides:
        found = access.grants(side)
        assert all(access.covers(grant, found) for grant in found)


@pytest.mark.parametrize("sides", [p[1:3] for p in POLICIES])
def test_policies_do_not_differ_from_themselves(sides: tuple[list[Any], list[Any]]) -> None:
    for side in sides:
        assert network.judge("a", side, side).differences == ()


def _sides(before: list[Any], after: list[Any]) -> tuple[list[Document], list[Document], list[Pair]]:
    reader = Documents()
    old, new = ([reader.read(emit(obj).encode()) for obj in side] for side in (before, after))
    texts = {d.text for d in old} & {d.text for d in new}
    by_identity: dict[Any, list[Document | None]] = {}
    for n, side in enumerate((old, new)):
        for document in side:
            if document.text not in texts:
                by_identity.setdefault(document.identity, [None, None])[n] = document
    return old, new, [Pair(*pair) for pair in by_identity.values()]
