"""Nodes as the pools of the example fleet declare them: the scheduler finds the room on them that planning counts with,
and no more."""

from __future__ import annotations

from typing import Any

import pytest
from tests.check.goldens import golden
from tests.live.pools import Simulated, simulated, site_of

from fleetc.plan.capacity.pools import pool_site
from fleetc_kubernetes.pools.device_class import device_classes
from fleetc_kubernetes.pools.nodes import selector, tolerations
from fleetc_rehearsal import Binding, bindings, control_plane, until

pytestmark = pytest.mark.live

WORLD = golden().world
WITH_POOLS = sorted({pool.cluster for pool in WORLD.pools})


@pytest.mark.parametrize("name", WITH_POOLS)
def test_pods_fill_what_planning_counts_with(name: str) -> None:
    """A pod for every node that takes all of it, and one more, which waits."""
    site = site_of(WORLD, name)
    pools = list(simulated(site))
    with control_plane(
        site.cluster.kubernetes, scheduler=True, controllers=True, kwok=True, dra=any(one.claimed for one in pools)
    ) as cluster:
        cluster.apply(device_classes(site))
        for one in pools:
            cluster.add_pool(one.nodes)
            cluster.apply(filling(one, site.cluster.provider, site.cluster.kubernetes))
            planned = pool_site(one.pool, site.cluster).pool
            assert (one.nodes.cpu, one.nodes.memory) == (f"{planned.cpu}m", str(planned.memory))
            wanted = planned.nodes.most

            def verdict(one: Simulated = one, wanted: int = wanted) -> list[Binding] | None:
                found = bindings(cluster.client, labels=f"pool={one.nodes.name}")
                return found if len(found) == wanted + 1 and all(b.ready or b.reason for b in found) else None

            found = until(verdict, f"verdict on the pods of {one.nodes.name}")
            assert sorted(b.node for b in found) == sorted(["", *(node.name for node in one.nodes.nodes())])
            (waiting,) = (b.reason for b in found if b.pending)
            assert "Insufficient cpu" in waiting
            assert "Insufficient memory" in waiting


def filling(one: Simulated, provider: str, minor: str) -> list[dict[str, Any]]:
    """A Deployment of pods that each take what planning thinks that a node of a pool has."""
    planned = pool_site(one.pool, WORLD.clusters[WORLD.index[one.pool.cluster]]).pool
    number = planned.devices * planned.sharing.units
    wanted = {"cpu": f"{planned.cpu}m", "memory": str(planned.memory)}
    container: dict[str, Any] = {"name": "main", "image": "example.com/main:1"}
    pod: dict[str, Any] = {"nodeSelector": selector(one.pool, one.devices), "containers": [container]}
    pod["tolerations"] = tolerations(one.devices)
    out: list[dict[str, Any]] = []
    if one.devices is not None and one.claimed:
        pod["resourceClaims"] = [{"name": "all", "resourceClaimTemplateName": one.nodes.name}]
        out.append(template(one.nodes.name, one.devices.device_class, number, minor))
    elif one.devices is not None:
        wanted[one.devices.resource(provider)] = str(number)
    container["resources"] = {
        "requests": wanted,
        "limits": wanted,
        **({"claims": [{"name": "all"}]} if one.claimed else {}),
    }
    labels = {"pool": one.nodes.name}
    spec = {
        "replicas": planned.nodes.most + 1,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    metadata = {"name": one.nodes.name, "namespace": "default"}
    return [*out, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}]


def template(name: str, device_class: str, number: int, minor: str) -> dict[str, Any]:
    """Claims of so many devices of a class."""
    before = minor == "1.33"
    exact = {"deviceClassName": device_class, "count": number}
    request = {"name": "all", **(exact if before else {"exactly": exact})}
    return {
        "apiVersion": "resource.k8s.io/v1beta1" if before else "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"spec": {"devices": {"requests": [request]}}},
    }
