"""Models whose servers on several clusters are one Service."""

from __future__ import annotations

from typing import Any

import pytest
from tests.backends.serving.routed import ROUTING, WITH_POOLS, made, routed

from fleetc.plan.servable import obstacles
from fleetc_kubernetes.serving.http_route import http_routes
from fleetc_kubernetes.serving.service_export import service_exports

MCS = {"implementation": "mcs", "set": "east", "sources": ["10.8.0.0/14"]}
GKE = {**MCS, "implementation": "gke"}
SHARED = {"routing": {**ROUTING, "clusters": "all"}}
WITH_MCS = {**WITH_POOLS, "mcs-api": "0.5.0"}


def shared(multicluster: dict[str, Any] = MCS, **more: Any) -> Any:
    """A model that is shared between the clusters of a set."""
    return routed(**{"spec": SHARED, "components": WITH_MCS, "network": {"multicluster": multicluster}, **more})


def test_its_service_is_exported_and_the_import_is_the_backend() -> None:
    objects = made(shared())
    export = objects["ServiceExport", "llama"]
    assert export["apiVersion"] == "multicluster.x-k8s.io/v1beta1"
    assert "spec" not in export
    assert export["metadata"]["namespace"] == objects["Service", "llama"]["metadata"]["namespace"]
    (rule,) = objects["HTTPRoute", "llama"]["spec"]["rules"]
    backend = {"group": "multicluster.x-k8s.io", "kind": "ServiceImport", "name": "llama", "port": 8000}
    assert rule["backendRefs"] == [backend]
    assert ("InferencePool", "llama") not in objects
    assert not [name for _, name in objects if "picker" in name]


def test_clusters_without_a_gateway_export_too() -> None:
    objects = made(shared(gateway={"name": None, "picker": {}}))
    assert ("ServiceExport", "llama") in objects
    assert ("HTTPRoute", "llama") not in objects


def test_gateways_of_other_clusters_are_let_in() -> None:
    (rule,) = made(shared())["NetworkPolicy", "llama"]["spec"]["ingress"]
    assert {"ipBlock": {"cidr": "10.8.0.0/14"}} in rule["from"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 8000}]


@pytest.mark.parametrize("routing", [ROUTING, {**ROUTING, "clusters": "own"}, {"path": "/", "clusters": "all"}])
def test_others_stay_on_their_cluster(routing: dict[str, str]) -> None:
    objects = made(shared(spec={"routing": routing}))
    assert ("ServiceExport", "llama") not in objects
    assert "10.8.0.0/14" not in str(objects)
    assert "ServiceImport" not in str(objects)


@pytest.mark.parametrize(
    ("multicluster", "more", "says"),
    [
        (MCS, {}, []),
        (None, {}, ["shares no Services"]),
        (MCS, {"components": WITH_POOLS}, ["there is no ServiceExport"]),
        (GKE, {}, []),
        (None, {"spec": {"routing": ROUTING}}, []),
        (MCS, {"components": WITH_POOLS, "spec": {"routing": ROUTING}}, []),
    ],
)
def test_what_it_lacks(multicluster: dict[str, Any] | None, more: dict[str, Any], says: list[str]) -> None:
    network = {} if multicluster is None else {"multicluster": multicluster}
    at = shared(network=network, **more)
    found = list(obstacles(at.model, at.serving, at.cluster, at.pools.names()))
    assert len(found) == len(says)
    assert all(text in obstacle.message for obstacle, text in zip(found, says, strict=True))
    assert all(obstacle.path == ("routing", "clusters") and obstacle.hint for obstacle in found)


def test_gke_has_its_own_kinds() -> None:
    at = shared(GKE)
    (export,) = service_exports(at)
    assert (export["apiVersion"], export["metadata"]["name"]) == ("net.gke.io/v1", "llama")
    (route,) = http_routes(at)
    backends = route["spec"]["rules"][0].get("backendRefs")
    assert backends == [{"group": "net.gke.io", "kind": "ServiceImport", "name": "llama", "port": 8000}]
