"""What teams have of pools in Kueue: their queues, and the cohort of all of them."""

from __future__ import annotations

from typing import Any

from tests.backends.pools.sites import DRA, KUEUE, cluster, cluster_site, pool, taken, team_site
from tests.check.fleet.clusters import team

from fleetc_kubernetes.pools.cohort import cohort, cohorts
from fleetc_kubernetes.tenancy.cluster_queue import cluster_queue, cluster_queues
from fleetc_kubernetes.tenancy.local_queue import local_queues

MACHINE = "machine: {cpu: 8, memory: 64Gi}"
H200 = pool(f"accelerators: H200:8, {MACHINE}", "h200")
SPOT = pool(f"accelerators: H200:8, {MACHINE}, nodes: 0..1, provisioning: clusterAutoscaler, capacity: spot", "a-spot")
MIG = pool(f"accelerators: A100:1, {MACHINE}, sharing: {{mig: 3g.40gb}}", "mig")
CPU = pool(MACHINE, "plain")
QUOTA = "quota: {devices: {H200: 9, A100/3g.40gb: 2}}"


def quotas(found: dict[str, Any]) -> dict[str, dict[str, str]]:
    (group,) = found["spec"]["resourceGroups"]
    for flavor in group["flavors"]:
        assert [r["name"] for r in flavor["resources"]] == group["coveredResources"]
    return {f["name"]: {r["name"]: r["nominalQuota"] for r in f["resources"]} for f in group["flavors"]}


def test_cluster_queue() -> None:
    found = taken(cluster_queues, team_site(cluster(KUEUE), H200, SPOT, MIG, CPU, fields=QUOTA))["t"]
    assert found["apiVersion"] == "kueue.x-k8s.io/v1beta2"
    assert found["metadata"]["labels"]["fleetc.dev/team"] == "t"
    assert found["spec"]["cohortName"] == "teams"
    (selected,) = found["spec"]["namespaceSelector"]["matchExpressions"]
    assert selected == {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["t"]}
    none = {"nvidia.com/gpu": "0", "nvidia.com/mig-3g.40gb": "0"}
    # Flavors without accelerators first, those that may go last; 9 devices over 16 and 8.
    assert [*quotas(found).items()] == [
        ("plain", {"cpu": "16", "memory": "128Gi", **none}),
        ("h200", {"cpu": "16", "memory": "128Gi", **none, "nvidia.com/gpu": "6"}),
        ("mig", {"cpu": "16", "memory": "128Gi", **none, "nvidia.com/mig-3g.40gb": "2"}),
        ("a-spot", {"cpu": "8", "memory": "64Gi", **none, "nvidia.com/gpu": "3"}),
    ]


def test_what_serving_holds_is_not_for_batch() -> None:
    at = team_site(cluster(f"{KUEUE}, {DRA}"), H200, fields="quota: {devices: {H200: 9}}")
    (found,) = cluster_queue(at, {"H200": 4})
    assert quotas(dict(found))["h200"]["nvidia.com/gpu"] == "5"
    (found,) = cluster_queue(at, {"H200": 40})
    assert quotas(dict(found))["h200"]["nvidia.com/gpu"] == "0"


def test_a_team_without_a_quota_borrows() -> None:
    found = taken(cluster_queues, team_site(cluster(KUEUE), H200))["t"]
    assert quotas(found)["h200"] == {"cpu": "16", "memory": "128Gi", "nvidia.com/gpu": "0"}


def test_no_kueue_or_no_pools_no_queue() -> None:
    for at in (team_site(cluster(), H200), team_site(cluster(KUEUE))):
        assert taken(cluster_queues, at) == {}
        assert taken(local_queues, at) == {}
    for here in (cluster_site(cluster(), H200), cluster_site(cluster(KUEUE))):
        assert taken(cohorts, here) == {}


def test_local_queues() -> None:
    found = taken(local_queues, team_site(cluster(KUEUE), H200, namespaces="a, b"))
    assert [*found] == ["a/team-queue", "b/team-queue"]
    assert all(item["spec"] == {"clusterQueue": "t"} for item in found.values())


def test_the_cohort_has_what_no_team_has() -> None:
    texts = (cluster(KUEUE), H200, SPOT, MIG, CPU, team("t", QUOTA), team("u", "quota: {devices: {H200: 3}}"))
    found = taken(cohorts, cluster_site(*texts))["teams"]
    assert quotas(found) == {
        "h200": {"nvidia.com/gpu": "8", "nvidia.com/mig-3g.40gb": "0"},
        "mig": {"nvidia.com/gpu": "0", "nvidia.com/mig-3g.40gb": "2"},
        "a-spot": {"nvidia.com/gpu": "4", "nvidia.com/mig-3g.40gb": "0"},
    }
    (less,) = cohort(cluster_site(*texts), {"c/h200": 10})
    assert quotas(dict(less))["h200"]["nvidia.com/gpu"] == "0"
    assert taken(cohorts, cluster_site(cluster(KUEUE), CPU))["teams"]["spec"] == {}
