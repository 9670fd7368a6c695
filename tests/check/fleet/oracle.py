"""Whether a NetworkPolicy lets a connection pass, written from the Kubernetes documentation and nothing else: one
connection at a time, no sets, no shortcuts.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from typing import Any, NamedTuple

Object = dict[str, Any]


class Pod(NamedTuple):
    """A pod that runs."""

    namespace: str
    labels: dict[str, str]
    named_ports: dict[tuple[str, str], int]
    """By name and protocol."""


class Somewhere(NamedTuple):
    """Something outside of the cluster, at an IPv4 address."""

    ip: str


Party = Pod | Somewhere
Namespaces = dict[str, dict[str, str]]
"""The labels of each namespace."""


def passes(
    policies: list[Object],
    namespaces: Namespaces,
    direction: str,
    pod: Pod,
    peer: Party,
    protocol: str,
    port: int,
) -> bool:
    """Whether the policies of the pod's namespace allow a connection to it from the peer, or from it to the peer."""
    mine = [p for p in policies if p["metadata"]["namespace"] == pod.namespace]
    mine = [p for p in mine if selects(p["spec"].get("podSelector", {}), pod.labels)]
    mine = [p for p in mine if direction in policy_types(p["spec"])]
    if not mine:
        # "By default, a pod is non-isolated": all connections are allowed.
        return True
    receiver = pod if direction == "Ingress" else peer
    for policy in mine:
        for rule in policy["spec"].get(direction.lower()) or []:
            sides = rule.get("from" if direction == "Ingress" else "to")
            if not sides or any(is_meant(side, policy["metadata"]["namespace"], namespaces, peer) for side in sides):
                ports = rule.get("ports")
                if not ports or any(is_port(entry, receiver, protocol, port) for entry in ports):
                    return True
    return False


def policy_types(spec: Object) -> list[str]:
    """ "If no policyTypes are specified [...] then by default Ingress will always be set and Egress will be set if the
    NetworkPolicy has any egress rules."""
    if spec.get("policyTypes"):
        return list(spec["policyTypes"])
    return ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def selects(selector: Object, labels: dict[str, str]) -> bool:
    """An empty selector selects everything; all requirements must hold."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if key not in labels or labels[key] != value:
            return False
    for requirement in selector.get("matchExpressions") or []:
        key, operator = requirement["key"], requirement["operator"]
        if operator == "In" and not (key in labels and labels[key] in requirement["values"]):
            return False
        if operator == "NotIn" and key in labels and labels[key] in requirement["values"]:
            return False
        if operator == "Exists" and key not in labels:
            return False
        if operator == "DoesNotExist" and key in labels:
            return False
    return True


def is_meant(side: Object, own: str, namespaces: Namespaces, peer: Party) -> bool:
    """One entry of `from` or `to`."""
    if "ipBlock" in side:
        if not isinstance(peer, Somewhere):
            return False
        block = side["ipBlock"]
        return in_range(peer.ip, block["cidr"]) and not any(in_range(peer.ip, e) for e in block.get("except") or [])
    if not isinstance(peer, Pod):
        return False
    if "namespaceSelector" in side:
        if not selects(side["namespaceSelector"], namespaces[peer.namespace]):
            return False
    elif peer.namespace != own:
        return False
    return "podSelector" not in side or selects(side["podSelector"], peer.labels)


def in_range(ip: str, cidr: str) -> bool:
    """Whether an IPv4 address is in a range: the first bits are the same."""
    base, _, length = cidr.partition("/")
    return bits(ip)[: int(length)] == bits(base)[: int(length)]


def bits(ip: str) -> str:
    """The 32 bits of an IPv4 address."""
    return "".join(f"{int(part):08b}" for part in ip.split("."))


def is_port(entry: Object, receiver: Party, protocol: str, port: int) -> bool:
    """One entry of `ports`: the protocol is TCP unless it says otherwise; without a port, all of them."""
    wanted = entry.get("protocol", "TCP")
    if protocol != wanted:
        return False
    if "port" not in entry:
        return True
    if isinstance(entry["port"], str):
        # A name means the port of that name of the pod that receives.
        return isinstance(receiver, Pod) and receiver.named_ports.get((entry["port"], wanted)) == port
    if "endPort" in entry:
        return bool(entry["port"] <= port <= entry["endPort"])
    return bool(port == entry["port"])
