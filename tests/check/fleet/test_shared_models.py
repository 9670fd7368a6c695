"""Models that are shared between clusters: their imports come with their exports, and who reaches them is declared."""

from __future__ import annotations

from typing import Any

from tests.backends.serving.sites import IMAGE
from tests.check.fleet.clusters import cluster, ends, report, said, team, world
from tests.check.fleet.test_reach_of_pickers import GATEWAY, Objects, emitted, policy
from tests.language.texts import spec

from fleetc.resolve import World

MULTICLUSTER = "multicluster: {implementation: mcs, set: east, sources: [10.8.0.0/14]}"
COMPONENTS = "components: {gateway-api-standard: 1.6.1, mcs-api: 0.5.0}"


def fleet(clusters: str = "all") -> World:
    """Model `m`, on a cluster of a set."""
    routing = f"routing: {{hostname: m.example, clusters: {clusters}}}"
    fields = f"source: 'pvc://m@1', architecture: qwen3-8b, engine: {{image: '{IMAGE}'}}, {routing}"
    network = f"network: {{cni: calico, {GATEWAY}, {MULTICLUSTER}}}"
    model = spec("Model", f"{{{fields}}}", "{name: m, team: t}")
    return world(team(namespaces="t, t-two"), team("u"), model, cluster(f"{network}, {COMPONENTS}"))


def test_gateways_of_other_clusters_reach_it() -> None:
    made = fleet()
    found = report(made, emitted(made))
    assert said(found, "unexpected_traffic") == []
    assert ends(found, "reachability") == {"valid": 6}


def test_without_their_addresses_they_do_not() -> None:
    def closed(objects: Objects) -> None:
        peers: list[Any] = policy(objects, name="m")["ingress"][0]["from"]
        peers.remove({"ipBlock": {"cidr": "10.8.0.0/14"}})

    made = fleet()
    found = said(report(made, emitted(made, closed)), "unexpected_traffic")
    assert any("may not be reached by address 10.8.0.0 at 8000/TCP" in text for text in found), found


def test_they_reach_no_others() -> None:
    made = fleet("own")
    opened = {**emitted(made), "Model/m": emitted(fleet())["Model/m"]}
    found = said(report(made, opened), "unexpected_traffic")
    assert any("may be reached by address 10.8.0.0 at 8000/TCP" in text for text in found), found


def test_an_import_comes_with_its_export() -> None:
    def unexported(objects: Objects) -> None:
        del objects["ServiceExport", "m"]

    made = fleet()
    missing = "ServiceImport t/m, which is not on the cluster"
    assert not any("ServiceImport" in text for text in said(report(made, emitted(made)), "dangling_reference"))
    found = said(report(made, emitted(made, unexported)), "dangling_reference")
    assert any(missing in text for text in found), found
