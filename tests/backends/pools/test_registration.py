"""What nodes that nobody makes for a pool have to be registered with: what pods that are served there select."""

from __future__ import annotations

from typing import Any

import pytest
from tests.backends.pools.sites import KARPENTER, OPERATOR, cluster, eks, pool, pool_site, taken

from fleetc.emission.site import PoolSite
from fleetc_kubernetes.pools.devices import devices_of
from fleetc_kubernetes.pools.nodes import selector, tolerations
from fleetc_kubernetes.pools.registration import registrations

MACHINE = "machine: {cpu: 8, memory: 64Gi}"
KEYS = (
    "nodes", "node-labels", "register-with-taints", "machine", "accelerators", "topology", "sharing", "zones",
    "capacity", "reservation", "disk", "max-pods",
)  # fmt: skip
H200 = f"accelerators: H200:8, {MACHINE}"


def registered(at: PoolSite) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """The labels and taints that a kubelet would take from the ConfigMap."""
    found = taken(registrations, at)[f"kube-system/fleetc-pool-{at.pool.name}"]
    data: dict[str, str] = found["data"]
    assert {"nodes", "node-labels", "register-with-taints"} <= set(data) <= {*KEYS}
    labels = dict(one.split("=", 1) for one in data["node-labels"].split(",") if one)
    return labels, [_taint(text) for text in data["register-with-taints"].split(",") if text]


def _taint(text: str) -> tuple[str, str, str]:
    pair, _, effect = text.rpartition(":")
    key, _, value = pair.partition("=")
    return key, value, effect


@pytest.mark.parametrize("how", ["static", "clusterAutoscaler"])
@pytest.mark.parametrize(
    "fields", [MACHINE, H200, f"accelerators: A100:1, {MACHINE}, sharing: {{mig: 3g.40gb}}"], ids=["cpu", "gpu", "mig"]
)
@pytest.mark.parametrize("components", ["", OPERATOR], ids=["bare", "operator"])
def test_pods_of_the_pool_run_on_its_nodes(how: str, fields: str, components: str) -> None:
    at = pool_site(cluster(components), pool(f"{fields}, provisioning: {how}"))
    labels, taints = registered(at)
    found = devices_of(at.pool)
    assert selector(at.pool, found).items() <= labels.items()
    assert labels["fleetc.dev/pool"] == "p"
    tolerated: list[Any] = list(tolerations(found))
    assert all(any(_tolerates(one, taint) for one in tolerated) for taint in taints)
    # Nothing else runs on devices, and anything on nodes without them.
    assert [effect for _, _, effect in taints] == (["NoSchedule"] if found is not None else [])


def _tolerates(toleration: dict[str, str], taint: tuple[str, str, str]) -> bool:
    key, value, effect = taint
    same = toleration.get("operator", "Equal") == "Exists" or toleration.get("value", "") == value
    return toleration["key"] == key and same and toleration.get("effect", effect) == effect


def test_what_the_operator_is_told_by_labels() -> None:
    mig = pool(f"accelerators: A100:1, {MACHINE}, sharing: {{mig: 3g.40gb}}")
    bare, _ = registered(pool_site(cluster(), mig))
    told, _ = registered(pool_site(cluster(OPERATOR), mig))
    assert bare.items() < told.items()
    assert {key for key in told.keys() - bare.keys() if not key.startswith("nvidia.com/")} == set()
    assert told["nvidia.com/mig.config"] == "all-3g.40gb"


def test_what_else_nodes_have_to_be() -> None:
    fields = (
        "accelerators: A100:8, machine: {type: hgx, cpu: 8, memory: 64Gi}, sharing: {mig: 3g.40gb}, nodes: 2..4, "
        "zones: [z-a], capacity: reserved, reservation: hall-1, disk: 1Ti, maxPods: 64, provisioning: clusterAutoscaler"
    )
    found = taken(registrations, pool_site(cluster(fields="zones: [z-a, z-b]"), pool(fields)))
    data = found["kube-system/fleetc-pool-p"]["data"]
    assert data == {
        "nodes": "2..4", "node-labels": "fleetc.dev/pool=p", "max-pods": "64",
        "register-with-taints": "nvidia.com/gpu=present:NoSchedule",
        "machine": "hgx", "accelerators": "A100-80:8", "sharing": "3g.40gb", "zones": "z-a", "capacity": "reserved",
        "reservation": "hall-1", "disk": "1Ti",
    }  # fmt: skip
    shared = pool(f"accelerators: L4:2, {MACHINE}, sharing: {{timeSlicing: 4}}")
    assert taken(registrations, pool_site(cluster(), shared))["kube-system/fleetc-pool-p"]["data"]["sharing"] == (
        "timeSlicing=4"
    )


def test_nodes_that_an_object_makes_are_told_by_it() -> None:
    assert taken(registrations, pool_site(eks(KARPENTER), pool(f"{H200}, provisioning: karpenter"))) == {}
