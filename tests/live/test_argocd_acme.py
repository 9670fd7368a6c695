"""The example fleet, delivered by a real Argo CD from a git repository: its hub and one worker on real API servers.

One rig for all tests, which run in the order of the file: each commits to the same copy of the fleet.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

import pytest
from tests.live.delivered import HUB, ROOT, WORKER, Delivered, address, delivered

from fleetc_rehearsal import until
from fleetc_rehearsal.applications import API, status_of
from fleetc_rehearsal.argocd import NAMESPACE

pytestmark = pytest.mark.live

SICK: Final = {
    (f"{WORKER}.platform", "Prometheus", "platform"): "no prometheus-operator runs here that would start it",
    (f"{WORKER}.search", "ScaledObject", "qwen3-32b-h200"): "no KEDA runs here that would make its autoscaler",
}
"""What is not Healthy, and why; all else of the two clusters is."""
ABSENT: Final = {"eks-use1-prod.platform", "eks-use1-prod.search", "gke-euw4-prod.platform", "gke-euw4-prod.search"}
"""Applications of clusters that do not run here."""
_QUIET_SECONDS: Final = 120
ROLLOUT: Final = f"""\
apiVersion: fleetc/v1alpha1
kind: Rollout
metadata: {{name: waves}}
spec:
  waves:
    first: {{match: {{clusters: {WORKER}}}}}
    second: {{}}
"""
REFUSED: Final = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: refused, namespace: search}
spec: {podSelector: {}, ingress: [{ports: [{protocol: XYZ, port: 53}]}]}
"""
"""It is new: of an object that is there, Argo CD 3.6.1 forgets by its next look that a change was refused."""
TEAM: Final = f"""\
apiVersion: fleetc/v1alpha1
kind: Team
metadata: {{name: fresh}}
spec:
  contact: fresh@acme.example
  costCenter: cc-0001
  namespaces: {{fresh: {{}}}}
  members: {{admins: fresh-leads}}
  quota: {{cpu: "4", memory: 8Gi, ephemeralStorage: 10Gi, storage: 10Gi}}
  placement: {{clusters: {WORKER}}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    with delivered(tmp_path_factory.mktemp("repository")) as running:
        yield running


def test_all_that_is_emitted_comes_to_the_hub_and_a_worker(made: Delivered) -> None:
    made.settle(made.copy.revision())
    assert made.names() == [f"{HUB}.platform", f"{WORKER}.platform", f"{WORKER}.risk", f"{WORKER}.search"]
    for name in (HUB, WORKER):
        emitted = made.copy.emitted(name)
        assert emitted
        missing = [one.about for one in emitted if made.client(name).look(*address(one.object)) is None]
        assert missing == []
    until(lambda: made.sick() == set(SICK), f"health but for {set(SICK)}: {made.sick()}", 60)


def test_what_cannot_be_delivered_holds_up_nothing_else(made: Delivered) -> None:
    """Clusters that do not run here, and charts, which are fetched from nowhere."""
    found = {obj["metadata"]["name"]: status_of(obj) for obj in made.client(HUB).every(API, "Application", NAMESPACE)}
    charts = {one.object["metadata"]["name"] for one in made.copy.emitted(HUB) if "/components/" in one.file}
    assert set(found) == {ROOT, *made.names(), *ABSENT, *charts}
    assert {name.count(".") for name in charts} == {2}
    assert [name for name in charts if found[name].sync == "Synced"] == []
    for name in ABSENT:
        assert found[name].sync == "Unknown"
        reason = f"there are no clusters with this name: {name.partition('.')[0]}"
        assert reason in found[name].conditions["InvalidSpecError"]
    assert found[ROOT].sync == "Synced"


def test_what_is_changed_by_hand_is_healed(made: Delivered) -> None:
    client = made.client(WORKER)
    quota = ("v1", "ResourceQuota", "team-quota", "search")
    policy = ("networking.k8s.io/v1", "NetworkPolicy", "default-deny", "search")
    emitted = client.get(*quota)["spec"]
    gone = client.get(*policy)
    client.patch(*quota[:3], {"spec": {"hard": {"pods": "9999"}}}, quota[3])
    client.delete(*policy)

    def healed() -> bool:
        back = client.look(*policy)
        return client.get(*quota)["spec"] == emitted and back is not None and back["spec"] == gone["spec"]

    until(healed, "healed ResourceQuota and NetworkPolicy", 60)
    assert client.get(*policy)["metadata"]["uid"] != gone["metadata"]["uid"]
    made.settle(made.copy.revision())


def test_a_field_of_a_controller_is_not_fought_over(made: Delivered) -> None:
    """An autoscaler's field is written through the subresource that it writes, and read again after two minutes."""
    client, name = made.client(WORKER), f"{WORKER}.search"
    deployment = ("apps/v1", "Deployment", "qwen3-32b-h200", "search")
    before = made.argo.get(name)["status"]
    client.patch(*deployment[:3], {"spec": {"replicas": 2}}, deployment[3], part="scale")
    end = time.monotonic() + _QUIET_SECONDS
    while time.monotonic() < end:
        now = made.argo.get(name)
        assert "operation" not in now
        assert now["status"]["operationState"] == before["operationState"]
        assert now["status"]["sync"]["status"] == "Synced"
        assert client.get(*deployment)["spec"]["replicas"] == 2
        time.sleep(2)
    assert made.argo.get(name)["status"]["reconciledAt"] > before["reconciledAt"]
    client.patch(*deployment[:3], {"spec": {"replicas": 1}}, deployment[3], part="scale")


def test_a_spec_that_goes_takes_its_objects_and_no_others(made: Delivered) -> None:
    gone = {"ServiceMonitor search/search-api", "PrometheusRule search/search-api"}
    emitted = made.copy.emitted(WORKER)
    before = made.identities(WORKER, emitted)
    assert gone <= set(before)
    (made.copy.folder / "specs/manifests/search-monitoring.yaml").unlink()
    made.settle(made.copy.commit())
    after = made.identities(WORKER, emitted)
    assert set(before) - set(after) == gone
    assert {about: before[about] for about in after} == after


def test_what_takes_data_along_waits_for_a_person(made: Delivered) -> None:
    client, name = made.client(WORKER), f"{WORKER}.search"
    emitted = made.copy.emitted(WORKER)
    before = made.identities(WORKER, emitted)
    made.copy.edit("specs/objectives/search.yaml", "queue: search-batch", "queue: search")
    made.copy.edit("specs/teams/search.yaml", "    search-batch: {share: 1}\n", "")
    revision = made.copy.commit()
    made.told(name, "waiting for pruning confirmation")
    assert "deletionTimestamp" not in client.get("v1", "Namespace", "search-batch")["metadata"]
    made.argo.approve(name)
    made.settle(revision)
    until(lambda: client.look("v1", "Namespace", "search-batch") is None, "end of a Namespace")
    gone = set(before) - set(made.identities(WORKER, emitted))
    inside = {about for about in before if about.partition(" ")[2].startswith("search-batch/")}
    assert gone == {"Namespace search-batch", *inside}


def test_a_bad_commit_is_reported_and_all_else_goes_on(made: Delivered) -> None:
    """One file is no YAML, and one object is none that an API server takes. A good change is in the same commit."""
    risk, search = (made.copy.golden(WORKER, f"teams/{team}/team.yaml") for team in ("risk", "search"))
    emitted = made.copy.emitted(WORKER)
    before = made.identities(WORKER, emitted)
    made.copy.edit("specs/manifests/blackbox-exporter.yaml", "          tls:\n", "          tls_probe:\n")
    made.copy.fleetc("build")
    good = {file: file.read_text(encoding="utf-8") for file in (risk, search)}
    risk.write_text(good[risk] + "---\nkind: [\n", encoding="utf-8")
    search.write_text(good[search] + REFUSED, encoding="utf-8")
    revision = made.copy.commit(build=False)
    made.settle(revision, f"{HUB}.platform", f"{WORKER}.platform")
    assert probed(made, HUB)
    assert probed(made, WORKER)
    unread = made.told(f"{WORKER}.risk", "ComparisonError")
    assert 'Failed to unmarshal "team.yaml"' in unread.conditions["ComparisonError"]
    refused = made.told(f"{WORKER}.search", "XYZ")
    assert (refused.sync, refused.revision) == ("OutOfSync", revision)
    assert set(made.identities(WORKER, emitted)) == set(before)
    for file, text in good.items():
        file.write_text(text, encoding="utf-8")
    made.settle(made.copy.commit(build=False))


def test_a_new_team_appears_while_the_second_wave_lags(made: Delivered) -> None:
    (made.copy.folder / "specs/rollout.yaml").write_text(ROLLOUT, encoding="utf-8")
    made.copy.fleetc("promote", "--wave", "first")
    made.copy.fleetc("promote", "--wave", "second")
    first = made.copy.revision()
    made.copy.commit()
    made.settle(first)

    (made.copy.folder / "specs/teams/fresh.yaml").write_text(TEAM, encoding="utf-8")
    made.copy.edit("specs/manifests/blackbox-exporter.yaml", "          tls_probe:\n", "          tls:\n")
    second = made.copy.commit()
    made.copy.fleetc("promote", "--wave", "first")
    made.copy.commit()
    ahead = [f"{WORKER}.{owner}" for owner in ("fresh", "platform", "risk", "search")]
    assert made.names() == sorted([f"{HUB}.platform", *ahead])
    made.settle(second, *ahead)
    made.settle(first, f"{HUB}.platform")
    assert made.client(WORKER).look("v1", "Namespace", "fresh") is not None
    assert [
        one.about for one in made.copy.emitted(WORKER) if made.client(WORKER).look(*address(one.object)) is None
    ] == []
    assert probed(made, HUB)
    assert not probed(made, WORKER)


def probed(made: Delivered, cluster: str) -> bool:
    """Whether the good change of the bad commit is in a cluster."""
    found = made.client(cluster).get("v1", "ConfigMap", "blackbox-exporter", "monitoring")
    return "tls_probe:" in found["data"]["config.yml"]
