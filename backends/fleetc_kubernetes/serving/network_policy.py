"""The NetworkPolicy of a model: who may send it requests, and what its servers may reach.

It adds to the policies of the team's namespace, which deny everything that nobody allows. Where weights come from is
for the team's `network.egress` to allow: sources are names, most of which have no fixed addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import ModelSite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.peers import dns, namespaces, namespaces_of
from fleetc_kubernetes.serving import gateway
from fleetc_kubernetes.serving.names import MODEL, model_metadata, release_of
from fleetc_kubernetes.serving.picker.names import picker_of, selected

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import (
        LabelSelector,
        NetworkPolicy,
        NetworkPolicyEgressRule,
        NetworkPolicyIngressRule,
        NetworkPolicyPeer,
        NetworkPolicySpec,
    )


def network_policies(s: ModelSite) -> Iterator[NetworkPolicy]:
    """One policy for all pods of the model."""
    mine: LabelSelector = {"matchLabels": {MODEL: s.model.name}}
    grouped = any(part.nodes > 1 for part in s.serving.parts)
    ingress = list(_ingress(s))
    egress: list[NetworkPolicyEgressRule] = [dns(s)]
    if grouped:
        # Ranks listen at ports that are free, so none can be named.
        ingress.append({"from": [{"podSelector": mine}]})
        egress.append({"to": [{"podSelector": mine}]})
    spec: NetworkPolicySpec = {"podSelector": mine, "policyTypes": ["Ingress", "Egress"]}
    if ingress:
        spec["ingress"] = ingress
    spec["egress"] = egress
    yield {
        "apiVersion": api_version("NetworkPolicy", s.cluster),
        "kind": "NetworkPolicy",
        "metadata": model_metadata(s, s.model.name),
        "spec": spec,
    }


def _ingress(s: ModelSite) -> Iterator[NetworkPolicyIngressRule]:
    peers = [*_gateway(s), *_picker(s), *_monitoring(s), *_teams(s)]
    if peers:
        yield {"from": peers, "ports": [{"protocol": "TCP", "port": release_of(s).port}]}


def _gateway(s: ModelSite) -> Iterator[NetworkPolicyPeer]:
    """Only models that have a route are reached by it, and those that are shared by the gateways of other clusters."""
    if s.model.routing.hostname is None:
        return
    yield from gateway.pods(s)
    yield from gateway.outside(s)
    for source in s.cluster.network.multicluster.sources if s.model.routing.shared() else ():
        yield {"ipBlock": {"cidr": source}}


def _picker(s: ModelSite) -> Iterator[NetworkPolicyPeer]:
    """It asks servers how busy they are, at the port of requests."""
    if picker_of(s) is not None:
        yield {"podSelector": {"matchLabels": selected(s)}}


def _monitoring(s: ModelSite) -> Iterator[NetworkPolicyPeer]:
    monitoring = s.cluster.monitoring
    if monitoring.namespace is not None:
        made: NetworkPolicyPeer = {"namespaceSelector": namespaces(monitoring.namespace)}
        if monitoring.selector:
            made["podSelector"] = {"matchLabels": dict(monitoring.selector)}
        yield made


def _teams(s: ModelSite) -> Iterator[NetworkPolicyPeer]:
    """Teams that are let in, where they are on this cluster."""
    for name in s.model.access:
        team = s.teams.get(name.removeprefix("team/"))
        if team is not None:
            yield {"namespaceSelector": namespaces_of(team)}
