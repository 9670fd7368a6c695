"""The real scheduler and the real operators on simulated nodes: what the rehearsal's parts can do by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from fleetc_rehearsal import (
    KUEUE,
    LWS,
    Binding,
    Cluster,
    Devices,
    NodePool,
    Refused,
    Taint,
    bindings,
    control_plane,
    until,
)
from fleetc_rehearsal.nodes import ZONE

pytestmark = pytest.mark.live

GPU = "nvidia.com/gpu"
TAINT = Taint(GPU, "present")
TOLERATIONS = [{"key": GPU, "operator": "Exists", "effect": "NoSchedule"}]
POOL = "example.com/pool"
H100 = "NVIDIA H100 80GB HBM3"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with control_plane("1.36", scheduler=True, controllers=True, kwok=True, operators=[LWS, KUEUE]) as started:
        yield started


def gpus(name: str, product: str) -> NodePool:
    """A pool of two nodes whose 8 devices are claimed."""
    devices = Devices("gpu.nvidia.com", 8, {"type": "gpu", "productName": product}, {"memory": "81559Mi"})
    return NodePool(name, 2, "96", "1Ti", devices=[devices], labels={POOL: name}, taints=[TAINT], zones=["a", "b"])


def template(labels: dict[str, str], container: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """A pod's, of one container."""
    first = {"name": "main", "image": "example.com/main:1", **container}
    return {"metadata": {"labels": labels}, "spec": {"containers": [first], "tolerations": TOLERATIONS, **spec}}


def resources(number: int) -> dict[str, Any]:
    wanted = {"cpu": "8", "memory": "64Gi", GPU: str(number)}
    return {"resources": {"requests": wanted, "limits": wanted}}


def namespace(cluster: Cluster, name: str) -> None:
    cluster.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}])
    until(lambda: cluster.client.look("v1", "ServiceAccount", "default", name), f"service account of {name}")


def leader_worker_set(**spec: Any) -> dict[str, Any]:
    pod = template({}, resources(8), nodeSelector={POOL: "several"})
    return {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": {"name": "llama", "namespace": "groups"},
        "spec": {"replicas": 2, "leaderWorkerTemplate": {"size": 2, "workerTemplate": pod}, **spec},
    }


def test_a_leader_worker_set_is_admitted_and_its_groups_run(cluster: Cluster) -> None:
    namespace(cluster, "groups")
    cluster.add_pool(NodePool("several", 4, "96", "1Ti", extended={GPU: 8}, labels={POOL: "several"}, taints=[TAINT]))
    with pytest.raises(
        Refused, match="should be a non-negative integer"
    ):  # the webhook's words; its CRD has no minimum
        cluster.apply([leader_worker_set(replicas=-1)])
    cluster.apply([leader_worker_set()])

    def running() -> list[Binding] | None:
        found = bindings(cluster.client, "groups")
        return found if len(found) == 4 and all(b.ready for b in found) else None

    found = until(running, "ready pods of both groups")
    assert {b.pod for b in found} == {"llama-0", "llama-0-1", "llama-1", "llama-1-1"}
    assert {b.node for b in found} == {f"several-{n}" for n in range(4)}
    assert not any(b.pending or b.reason for b in found)


def claimed(replicas: int) -> list[dict[str, Any]]:
    """A Deployment whose every pod claims 8 H100."""
    request = {"name": "gpus", "exactly": {"deviceClassName": "h100", "count": 8}}
    domain = "device.attributes['gpu.nvidia.com']"
    cel = f"device.driver == 'gpu.nvidia.com' && {domain}.type == 'gpu' && {domain}.productName == '{H100}'"
    pod = template(
        {"app": "llama"},
        {"resources": {"claims": [{"name": "gpus"}]}},
        resourceClaims=[{"name": "gpus", "resourceClaimTemplateName": "gpus"}],
    )
    return [
        {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "DeviceClass",
            "metadata": {"name": "h100"},
            "spec": {"selectors": [{"cel": {"expression": cel}}]},
        },
        {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceClaimTemplate",
            "metadata": {"name": "gpus", "namespace": "claims"},
            "spec": {"spec": {"devices": {"requests": [request]}}},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "llama", "namespace": "claims"},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "llama"}}, "template": pod},
        },
    ]


def test_claims_choose_the_pool_and_one_replica_too_many_waits(cluster: Cluster) -> None:
    namespace(cluster, "claims")
    cluster.add_pool(gpus("hopper", H100))
    cluster.add_pool(gpus("ampere", "NVIDIA A100-SXM4-80GB"))
    cluster.apply(claimed(replicas=3))

    def settled() -> list[Binding] | None:
        found = bindings(cluster.client, "claims")
        return found if len(found) == 3 and all(b.ready or b.reason for b in found) else None

    found = until(settled, "verdict on three pods")
    assert sorted(b.node for b in found) == ["", "hopper-0", "hopper-1"]
    (waiting,) = (b for b in found if b.pending)
    assert "cannot allocate all claims" in waiting.reason
    states = Counter(
        ",".join(sorted(claim.get("status") or ()))
        for claim in cluster.client.every("resource.k8s.io/v1", "ResourceClaim", "claims")
    )
    assert states == {"allocation,reservedFor": 2, "": 1}
    zones = {
        n["metadata"]["name"]: n["metadata"]["labels"][ZONE]
        for n in cluster.client.every("v1", "Node", labels=f"{POOL}=hopper")
    }
    assert zones == {"hopper-0": "a", "hopper-1": "b"}


def queues() -> list[dict[str, Any]]:
    """A queue with room for 8 devices."""
    version = "kueue.x-k8s.io/v1beta2"
    quota = {
        "name": "several",
        "resources": [{"name": n, "nominalQuota": q} for n, q in (("cpu", "16"), ("memory", "128Gi"), (GPU, "8"))],
    }
    groups = [{"coveredResources": ["cpu", "memory", GPU], "flavors": [quota]}]
    return [
        {"apiVersion": version, "kind": "ResourceFlavor", "metadata": {"name": "several"}, "spec": {}},
        {
            "apiVersion": version,
            "kind": "ClusterQueue",
            "metadata": {"name": "research"},
            "spec": {"namespaceSelector": {}, "resourceGroups": groups},
        },
        {
            "apiVersion": version,
            "kind": "LocalQueue",
            "metadata": {"name": "default", "namespace": "jobs"},
            "spec": {"clusterQueue": "research"},
        },
    ]


def job(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": "jobs", "labels": {"kueue.x-k8s.io/queue-name": "default"}},
        "spec": {"template": template({}, resources(8), restartPolicy="Never", nodeSelector={POOL: "queued"})},
    }


def test_kueue_admits_what_there_is_room_for(cluster: Cluster) -> None:
    namespace(cluster, "jobs")
    cluster.apply(queues())
    # No node has the label: what is admitted stays, instead of making room by its end.
    cluster.apply([job("first")])
    until(lambda: suspended(cluster, "first") is False, "admitted job")
    cluster.apply([job("second")])

    def told() -> str | None:
        loads = cluster.client.every("kueue.x-k8s.io/v1beta2", "Workload", "jobs")
        said = {
            w["metadata"]["ownerReferences"][0]["name"]: (w.get("status") or {}).get("conditions") or [] for w in loads
        }
        reserved = [c for c in said.get("second", ()) if c["type"] == "QuotaReserved"]
        return reserved[0]["message"] if reserved else None

    assert "insufficient unused quota" in until(told, "verdict on the second job")
    assert suspended(cluster, "second")
    (waiting,) = until(lambda: bindings(cluster.client, "jobs") or None, "pod of the first job")
    assert waiting.pod.startswith("first-")
    until(lambda: reserved(cluster)[GPU] == "8", "devices reserved for the first job alone")


def reserved(cluster: Cluster) -> dict[str, str]:
    """What the queue counts as taken, by resource; it follows a moment after a verdict."""
    queue = cluster.client.get("kueue.x-k8s.io/v1beta2", "ClusterQueue", "research")
    return {r["name"]: r["total"] for f in queue["status"]["flavorsReservation"] for r in f["resources"]}


def suspended(cluster: Cluster, name: str) -> bool:
    """Kueue's webhook suspends every job of a queue, and its controller lets it go."""
    return bool(cluster.client.get("batch/v1", "Job", name, "jobs")["spec"].get("suspend"))
