"""What teams have of pools in Kueue: their queues, and the cohort of all of them."""

from __future__ import annotations

from typing import Any

from tests.backends.pools.sites import DRA, KUEUE, cluster, cluster_site, pool, promising, taken, team_site
from tests.backends.serving.sites import part
from tests.check.fleet.clusters import team

from fleetc_kubernetes.pools.cohort import cohorts
from fleetc_kubernetes.tenancy.cluster_queue import cluster_queues
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
    mine: dict[str, Any] = {"pool": "h200", "accelerator": "H200", "devices": 4}
    for parts, left in (
        ([part(**mine, least=1, most=2)], "5"),
        ([part(**mine, least=0, most=2)], "9"),
        ([part(**mine, nodes=2, least=1), part(**mine, least=3)], "0"),
    ):
        assert quotas(taken(cluster_queues, promising(at, t=parts))["t"])["h200"]["nvidia.com/gpu"] == left
    # What others serve is not of this quota.
    others = promising(at, u=[part(**mine, least=1)])
    assert quotas(taken(cluster_queues, others)["t"])["h200"]["nvidia.com/gpu"] == "9"


def test_quotas_go_where_models_leave_room() -> None:
    at = team_site(cluster(KUEUE), H200, SPOT, fields="quota: {devices: {H200: 9}}")
    full = promising(at, u=[part("h200", accelerator="H200", devices=8, least=2)])
    found = quotas(taken(cluster_queues, full)["t"])
    assert {name: row["nvidia.com/gpu"] for name, row in found.items()} == {"h200": "0", "a-spot": "9"}


def test_devices_of_profiles_are_told_apart() -> None:
    at = team_site(cluster(KUEUE), MIG, fields="quota: {devices: {A100/3g.40gb: 2}}")
    # Quotas and what is promised both have the accelerator's own name, whatever the pool's spec calls it.
    for profile, left in (("3g.40gb", "1"), ("7g.80gb", "2")):
        mine = part("mig", accelerator="A100-80", profile=profile, devices=1, least=1)
        found = quotas(taken(cluster_queues, promising(at, t=[mine]))["t"])
        assert found["mig"]["nvidia.com/mig-3g.40gb"] == left


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
    served = promising(cluster_site(*texts), v=[part("h200", accelerator="H200", devices=4, least=1)])
    less = quotas(taken(cohorts, served)["teams"])
    # Of 24 devices 4 are promised, 12 are in quotas: each 9 and 3 over the 12 and 8 that are left.
    assert {name: row["nvidia.com/gpu"] for name, row in less.items()} == {"h200": "5", "mig": "0", "a-spot": "3"}
    all_of_it = promising(cluster_site(*texts), v=[part("h200", accelerator="H200", devices=8, least=9)])
    assert quotas(taken(cohorts, all_of_it)["teams"])["h200"]["nvidia.com/gpu"] == "0"
    assert taken(cohorts, cluster_site(cluster(KUEUE), CPU))["teams"]["spec"] == {}
