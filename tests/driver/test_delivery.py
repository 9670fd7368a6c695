"""Delivery of the example fleet: all of it, each file once; and that no edit leaves what delivers it behind."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.driver.fleets import CHECKOUT, acme, inside, output
from tests.driver.test_scopes import Builds, builds, clusters, edit, example
from tests.driver.tree.trees import put

from fleetc.catalogue.delivery import precious, table
from fleetc.driver.scope import WHOLE, Scope
from fleetc.driver.testing.fleet import fleet_of
from fleetc.plan.delivery import DELIVERED, is_delivered

__all__ = ["builds", "example"]

GOLDEN = CHECKOUT / "golden"
STACKS = CHECKOUT / "stacks" / "generated"
HUB = "hub"


def documents(path: Path) -> list[Any]:
    return [doc for doc in yaml.safe_load_all(path.read_bytes()) if doc is not None]


def applications() -> list[Any]:
    return [doc for path in sorted(GOLDEN.glob("hub/argocd/applications/*.yaml")) for doc in documents(path)]


def stacks() -> dict[str, Any]:
    return {path.stem: documents(path)[0] for path in sorted(STACKS.glob("*.yaml"))}


def group_of(obj: Any) -> str:
    group, slash, _ = obj["apiVersion"].rpartition("/")
    return group if slash else ""


def test_every_file_is_delivered_once() -> None:
    folders = [app["spec"]["source"]["path"] for app in applications()]
    folders += [stack["root"]["path"] for stack in stacks().values() if "root" in stack]
    folders += [f"golden/{name}" for name, stack in stacks().items() if stack["delivery"] == "pulumi"]
    files = [path.relative_to(CHECKOUT).as_posix() for path in GOLDEN.rglob("*.yaml")]
    assert len(folders) == len({*folders}) > 0
    times = {file: sum(file.startswith(f"{folder}/") for folder in folders) for file in files}
    assert {file: n for file, n in times.items() if n != 1} == {}
    # ... and none of them delivers nothing.
    assert [folder for folder in folders if not any(file.startswith(f"{folder}/") for file in files)] == []


def test_every_namespace_has_one_owner() -> None:
    for cluster in sorted(path for path in GOLDEN.iterdir() if path.is_dir()):
        owners = Counter(
            obj["metadata"]["name"]
            for path in cluster.rglob("*.yaml")
            for obj in documents(path)
            if obj["kind"] == "Namespace"
        )
        install = stacks()[cluster.name].get("install")
        owners.update([install["namespace"]] if install else [])
        assert {name: n for name, n in owners.items() if n != 1} == {}


def test_projects_permit_what_their_owners_have() -> None:
    projects = {
        doc["metadata"]["name"]: doc["spec"]
        for path in GOLDEN.glob("hub/argocd/projects/*.yaml")
        for doc in documents(path)
    }
    for app in applications():
        spec = app["spec"]
        project, here = projects[spec["project"]], spec["destination"]
        assert spec["source"]["repoURL"] in project["sourceRepos"]
        allowed = {one["namespace"] for one in project["destinations"] if one["name"] == here["name"]}
        assert here.get("namespace", "*") in allowed
        scoped = {(one["group"], one["kind"]) for one in project["clusterResourceWhitelist"]}
        for path in (CHECKOUT / spec["source"]["path"]).rglob("*.yaml"):
            for obj in documents(path):
                namespace = obj["metadata"].get("namespace")
                if namespace is not None:
                    assert allowed & {namespace, "*"}, (path, namespace)
                else:
                    assert scoped & {(group_of(obj), obj["kind"]), ("*", "*")}, (path, obj["kind"])


def test_a_teams_project_permits_all_that_a_team_can_ever_make_without_a_namespace() -> None:
    permitted = {(one.group, one.kind) for one in table().of_teams}
    made = {
        (group_of(obj), obj["kind"])
        for path in GOLDEN.glob("*/teams/**/*.yaml")
        for obj in documents(path)
        if "namespace" not in obj["metadata"]
    }
    assert made == permitted


def test_what_takes_data_along_is_deleted_when_a_person_says_so() -> None:
    option = "argocd.argoproj.io/sync-options"
    seen: set[tuple[str, str]] = set()
    for name, stack in stacks().items():
        for path in (GOLDEN / name).rglob("*.yaml"):
            for obj in documents(path):
                kind = (group_of(obj), obj["kind"])
                marked = obj["metadata"].get("annotations", {}).get(option)
                wanted = kind in precious() and stack["delivery"] == "argocd"
                assert marked == ("Delete=confirm,Prune=confirm" if wanted else None), (path, kind)
                seen |= {kind} if wanted else set()
    assert {kind for _, kind in seen} == {"Namespace"}


def test_fields_of_controllers_are_left_alone_and_no_others() -> None:
    for app in applications():
        scaled: set[tuple[str, str, str]] = set()
        for path in (CHECKOUT / app["spec"]["source"]["path"]).rglob("*.yaml"):
            for obj in documents(path):
                if obj["kind"] in ("HorizontalPodAutoscaler", "ScaledObject"):
                    to = obj["spec"]["scaleTargetRef"]
                    scaled.add((to.get("kind", "Deployment"), obj["metadata"]["namespace"], to["name"]))
        rules = app["spec"].get("ignoreDifferences", [])
        assert {
            (r["kind"], r["namespace"], r["name"]) for r in rules if r["jsonPointers"] == ["/spec/replicas"]
        } == scaled
        assert len(rules) == len(scaled)
    assert any("ignoreDifferences" in app["spec"] for app in applications())


def test_no_secret_is_in_any_file() -> None:
    for path in [*GOLDEN.rglob("*.yaml"), *STACKS.glob("*.yaml")]:
        for doc in documents(path):
            assert doc.get("kind") != "Secret"
            assert "BEGIN" not in json.dumps(doc)


# What of the fleet is compiled; the fixture compares every file with those of a clean build.


def test_an_edit_that_delivery_does_not_see_compiles_no_more_for_it(example: Path, builds: Builds) -> None:
    edit(example, "specs/teams/search.yaml", "search-oncall@", "search-nights@")
    [scope] = builds(example)
    assert scope.subjects is not None
    assert "Team/search" in scope.subjects
    assert not any(map(is_delivered, scope.subjects))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("specs/teams/risk.yaml", "risk-batch: {share: 1", "risk-night: {share: 1"),
        ("specs/clusters/onprem-fra.yaml", "https://10.40.0.16:6443", "https://10.40.0.17:6443"),
        ("specs/clusters/hub.yaml", "argo-cd: 3.5.1", "argo-cd: v3.5.1"),
        ("specs/clusters/kind-dev.yaml", "  delivery: pulumi\n", "  argocd: {server: https://10.0.0.1}\n"),
        ("specs/clusters/onprem-fra.yaml", "  argocd: {server: https://10.40.0.16:6443}\n", "  delivery: pulumi\n"),
        ("specs/fleet.yaml", "credential: repository", "credential: token"),
        ("specs/fleet.yaml", "argocd: {hub: hub}", "argocd: {hub: hub, namespace: cd}"),
    ],
)
def test_what_delivery_sees_is_delivered_anew(example: Path, builds: Builds, file: str, old: str, new: str) -> None:
    edit(example, file, old, new)
    assert builds(example)[-1] == WHOLE


def test_a_cluster_that_changes_otherwise_is_compiled_alone(example: Path, builds: Builds) -> None:
    edit(example, "specs/clusters/onprem-fra.yaml", "zones: [hall-1, hall-2]", "zones: [hall-1]")
    assert builds(example) == [clusters("onprem-fra")]
    assert "stacks/generated/onprem-fra.yaml" in output(example)


@pytest.mark.parametrize(
    "file", ["specs/clusters/onprem-fra.yaml", "specs/clusters/kind-dev.yaml", "specs/teams/risk.yaml"]
)
def test_a_spec_that_moves_is_named_by_its_new_file(example: Path, builds: Builds, file: str) -> None:
    (example / file).rename(example / file.replace(".yaml", "-moved.yaml"))
    builds(example)


def test_a_hub_is_not_compiled_alone(example: Path, builds: Builds) -> None:
    edit(example, "specs/clusters/hub.yaml", "zones: [europe-west1-b, europe-west1-c]", "zones: [europe-west1-b]")
    assert builds(example) == [WHOLE]


@pytest.mark.parametrize("file", ["golden/hub/argocd/applications/onprem-fra.risk.yaml", "stacks/generated/hub.yaml"])
def test_a_file_that_is_gone_is_made_again(example: Path, builds: Builds, file: str) -> None:
    (example / file).unlink()
    assert builds(example) == [WHOLE]
    assert file in output(example)


ROLLOUT = f"""\
apiVersion: fleetc/v1alpha1
kind: Rollout
metadata: {{name: production}}
spec:
  waves:
    frankfurt:
      match: {{clusters: [onprem-fra]}}
      revision: {"a" * 40}
      paths: [golden/onprem-fra/platform, golden/onprem-fra/teams/search]
    google:
      match: {{clusters: [gke-euw4-prod]}}
      revision: {"b" * 40}
      paths: [golden/gke-euw4-prod/platform, golden/gke-euw4-prod/teams/speech]
    amazon:
      match: {{clusters: [eks-use1-prod]}}
"""
PATH = "specs/rollouts/production.yaml"


def revisions(root: Path) -> dict[str, str]:
    found = (root / "golden/hub/argocd/applications").glob("*.yaml")
    every = [app for path in found for app in documents(path)]
    return {app["metadata"]["name"]: app["spec"]["source"]["targetRevision"] for app in every}


def test_a_cluster_in_a_wave_has_what_its_revision_has(example: Path, builds: Builds) -> None:
    put(example, PATH, ROLLOUT.encode())
    assert builds(example) == [WHOLE]
    frankfurt, google = "a" * 40, "b" * 40
    assert revisions(example) == {
        "hub.platform": "main",
        # Team risk is on it by the specs, and was not at that commit.
        "onprem-fra.platform": frankfurt,
        "onprem-fra.search": frankfurt,
        # Team speech was, and is no more.
        "gke-euw4-prod.platform": google,
        "gke-euw4-prod.speech": google,
    }
    [speech] = documents(example / "golden/hub/argocd/projects/speech.yaml")
    assert speech["spec"]["destinations"] == [{"name": "gke-euw4-prod", "namespace": "*"}]
    assert not (example / "golden/hub/argocd/projects/risk.yaml").exists()


def test_promotion_is_delivered(example: Path, builds: Builds) -> None:
    put(example, PATH, ROLLOUT.encode())
    assert builds(example) == [WHOLE]
    edit(example, PATH, "a" * 40, "c" * 40)
    assert builds(example) == [WHOLE]
    assert revisions(example)["onprem-fra.search"] == "c" * 40
    # A cluster that changes otherwise is still compiled alone.
    edit(example, "specs/clusters/onprem-fra.yaml", "zones: [hall-1, hall-2]", "zones: [hall-1]")
    assert builds(example) == [clusters("onprem-fra")]
    # One that is in another wave from now on is not.
    edit(example, PATH, "clusters: [gke-euw4-prod]", "labels: {acme.example/wave: google}")
    assert inside(example, "build").status == 1  # the wave is empty
    edit(example, "specs/clusters/gke-euw4-prod.yaml", "labels: {", "labels: {acme.example/wave: google, ")
    assert builds(example) == [WHOLE]
    assert revisions(example)["gke-euw4-prod.speech"] == "b" * 40


def test_the_revision_is_explained(example: Path) -> None:
    put(example, PATH, ROLLOUT.encode())
    assert inside(example, "build").status == 0
    file = "golden/hub/argocd/applications/onprem-fra.search.yaml"
    line = 1 + (example / file).read_text().split("\n").index(f"    targetRevision: {'a' * 40}")
    assert f"{PATH}:8" in inside(example, "explain", f"{file}:{line}").out
    forwards = inside(example, "explain", f"{PATH}:8")
    assert file in forwards.out
    assert "targetRevision" in forwards.out


def test_nobody_is_delivered_who_is_not_to_be(example: Path, builds: Builds) -> None:
    edit(example, "specs/fleet.yaml", "      delivery: argocd\n      argocd: {hub: hub}\n", "")
    edit(example, "specs/clusters/kind-dev.yaml", "  delivery: pulumi\n", "")
    assert builds(example) == [WHOLE]
    left = [path for path in output(example) if path.startswith(("stacks/", "golden/hub/argocd/"))]
    assert left == ["stacks/generated/gke-use5-tpu.yaml"]


def test_a_file_of_somebody_else_beside_the_stacks_stays(tmp_path: Path) -> None:
    root = acme(tmp_path)
    put(root, "stacks/generated/NOTES.md", b"ours\n")
    put(root, "stacks/generated/gone.yaml", (STACKS / "hub.yaml").read_bytes())
    assert inside(root, "build").status == 0
    assert (root / "stacks/generated/NOTES.md").read_bytes() == b"ours\n"
    assert not (root / "stacks/generated/gone.yaml").exists()  # by its header, one of ours that no spec makes


def test_a_stack_edited_by_hand_is_refused(example: Path) -> None:
    path = example / "stacks/generated/hub.yaml"
    path.write_text(path.read_text().replace("revision: main", "revision: mine"))
    refused = inside(example, "build")
    assert (refused.status, "FLT601" in refused.out + refused.err) == (1, True)


def test_the_kinds_of_what_delivers() -> None:
    assert all(is_delivered(f"{kind}/x") for kind in DELIVERED)
    assert not any(is_delivered(f"{kind}/x") for kind in ("Cluster", "GPUPool", "Team", "Manifest", "Model"))
    assert Scope() == WHOLE


def test_no_two_shapes_have_one_number(tmp_path: Path) -> None:
    root = acme(tmp_path)
    assert inside(root, "build").status == 0
    emission = fleet_of(str(root)).emission
    assert emission is not None
    every = [shape for row in emission.rows.values() for cell in row.cells.values() for shape in cell]
    assert len({shape.number for shape in every}) == len({id(shape) for shape in every})
