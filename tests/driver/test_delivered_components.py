"""Components of the example fleet's clusters: what installs them, and that no edit leaves it behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.driver.fleets import CHECKOUT, inside
from tests.driver.test_delivery import GOLDEN, PATH, ROLLOUT, applications, documents, stacks
from tests.driver.test_scopes import Builds, builds, clusters, edit, example
from tests.driver.tree.trees import put

from fleetc.catalogue.installs import Chart, brought_by, install_of
from fleetc.driver.scope import WHOLE

__all__ = ["builds", "example"]

COMPONENTS = "golden/hub/argocd/components"
EKS = "specs/clusters/eks-use1-prod.yaml"
PLATFORM = "specs/platforms/serving.yaml"


def installed(root: Path = CHECKOUT) -> dict[str, Any]:
    """The Applications of components, by file."""
    return {path.stem: documents(path)[0] for path in sorted((root / COMPONENTS).glob("*.yaml"))}


def spec(kind: str, name: str) -> Any:
    every = [doc for path in (CHECKOUT / "specs").rglob("*.yaml") for doc in documents(path)]
    return next(doc["spec"] for doc in every if (doc.get("kind"), doc["metadata"]["name"]) == (kind, name))


def components_of(cluster: str) -> dict[str, str]:
    """The components of a cluster, as its spec and that of its platform have them."""
    own = spec("Cluster", cluster)
    return {**spec("Platform", own["platform"])["components"], **own.get("components", {})}


def platforms_project(root: Path = CHECKOUT) -> Any:
    return documents(root / "golden/hub/argocd/projects/platform.yaml")[0]["spec"]


def line_of(root: Path, file: str, text: str) -> int:
    [found] = [n for n, line in enumerate((root / file).read_text().split("\n"), 1) if line.strip() == text]
    return found


def test_every_component_that_can_be_installed_is_and_no_other() -> None:
    wanted: set[str] = set()
    left: set[str] = set()
    for cluster in [name for name, stack in stacks().items() if stack["delivery"] == "argocd"]:
        here = components_of(cluster)
        for name, version in here.items():
            known = install_of(name, version) is not None and here.keys().isdisjoint(brought_by(name))
            (wanted if known else left).add(f"{cluster}.{name}")
    wanted.remove("hub.argo-cd")  # its own stack does that
    assert installed().keys() == wanted
    # Karpenter's own definitions come with the chart of its provider.
    assert "eks-use1-prod.karpenter" in left


def test_an_application_is_what_the_catalogue_says() -> None:
    seen: set[type] = set()
    for file, app in installed().items():
        cluster, _, name = file.partition(".")
        install = install_of(name, components_of(cluster)[name])
        assert install is not None
        source, seen = app["spec"]["source"], {*seen, type(install.source)}
        assert source["repoURL"] == install.source.repository
        if isinstance(install.source, Chart):
            assert (source["chart"], source["targetRevision"]) == (install.source.chart, install.source.version)
            assert source["helm"].get("valuesObject", {}) == install.values
            assert source["helm"]["releaseName"] == name
        else:
            assert (source["path"], source["targetRevision"]) == (install.source.path, install.source.revision)
        here = {"name": cluster} if install.namespace is None else {"name": cluster, "namespace": install.namespace}
        assert app["spec"]["destination"] == here
        created = "CreateNamespace=true" in app["spec"]["syncPolicy"]["syncOptions"]
        assert created == (install.namespace is not None)
    assert len(seen) == 2


def test_names_are_unique_and_nothing_goes_with_an_application() -> None:
    names = [app["metadata"]["name"] for app in [*applications(), *installed().values()]]
    assert len(names) == len({*names})
    assert {app["metadata"]["name"] for app in installed().values()} == {
        f"{cluster}.platform.{name}" for cluster, _, name in (file.partition(".") for file in installed())
    }
    assert not any("finalizers" in app["metadata"] for app in installed().values())


def test_the_platforms_project_permits_them_and_no_other_repository() -> None:
    project = platforms_project()
    theirs = [app for app in [*applications(), *installed().values()] if app["spec"]["project"] == "platform"]
    assert {app["metadata"]["name"] for app in installed().values()} <= {app["metadata"]["name"] for app in theirs}
    assert project["sourceRepos"] == sorted({app["spec"]["source"]["repoURL"] for app in theirs})
    assert {app["spec"]["destination"]["name"] for app in theirs} == {to["name"] for to in project["destinations"]}
    assert {to["namespace"] for to in project["destinations"]} == {"*"}
    teams = [path for path in GOLDEN.glob("hub/argocd/projects/*.yaml") if path.stem != "platform"]
    repository = spec("Fleet", "acme")["repository"]["url"]
    assert [documents(path)[0]["spec"]["sourceRepos"] for path in teams] == [[repository]] * len(teams)


def test_no_namespace_of_a_component_is_emitted_as_well() -> None:
    for app in installed().values():
        here = app["spec"]["destination"]
        emitted = [doc for path in (GOLDEN / here["name"]).rglob("*.yaml") for doc in documents(path)]
        names = {doc["metadata"]["name"] for doc in emitted if doc["kind"] == "Namespace"}
        assert here.get("namespace") not in names


# What of the fleet is compiled; the fixture compares every file with those of a clean build.


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (EKS, "gpu-operator: 26.7.0, ", ""),
        (EKS, "gpu-operator: 26.7.0, ", "gpu-operator: v26.7.0, kuberay: 1.7.0, "),
        (EKS, "  components: {", "  values: {keda: {watchNamespace: search}}\n  components: {"),
        (PLATFORM, "    keda: 2.20.2\n", ""),
        (PLATFORM, "  defaults:\n", "  values: {keda: {watchNamespace: search}}\n  defaults:\n"),
    ],
)
def test_an_edit_of_a_component_is_delivered(example: Path, builds: Builds, file: str, old: str, new: str) -> None:
    before = installed(example)
    edit(example, file, old, new)
    assert builds(example)[-1] == WHOLE
    assert installed(example) != before


def test_values_of_all_layers_arrive(example: Path, builds: Builds) -> None:
    edit(
        example,
        PLATFORM,
        "  defaults:\n",
        "  values: {cert-manager: {replicaCount: 2, crds: {keep: true}}}\n  defaults:\n",
    )
    edit(example, EKS, "  components: {", "  values:\n    cert-manager: {replicaCount: 3}\n  components: {")
    assert builds(example) == [WHOLE]
    given = {
        file: app["spec"]["source"].get("helm", {}).get("valuesObject") for file, app in installed(example).items()
    }
    assert given["eks-use1-prod.cert-manager"] == {"crds": {"enabled": True, "keep": True}, "replicaCount": 3}
    assert given["hub.cert-manager"] == {"crds": {"enabled": True, "keep": True}, "replicaCount": 2}
    edit(example, EKS, "replicaCount: 3", "replicaCount: 5")
    assert builds(example) == [clusters("eks-use1-prod"), WHOLE]
    # Of both layers, and backwards: that of the cluster, over that of the platform.
    file = f"{COMPONENTS}/eks-use1-prod.cert-manager.yaml"
    said = inside(example, "explain", f"{file}:{line_of(example, file, 'replicaCount: 5')}").out
    line = line_of(example, EKS, "cert-manager: {replicaCount: 5}")
    assert f"{EKS}:{line}" in said
    assert PLATFORM in said
    moved = inside(example, "explain", f"{EKS}:{line}").out
    assert file in moved
    assert "valuesObject.replicaCount" in moved


def test_the_version_is_explained(example: Path) -> None:
    file = f"{COMPONENTS}/eks-use1-prod.cert-manager.yaml"
    line = line_of(example, PLATFORM, "cert-manager: 1.21.1")
    for text in ("targetRevision: v1.21.1", "repoURL: quay.io/jetstack/charts"):
        assert f"{PLATFORM}:{line}" in inside(example, "explain", f"{file}:{line_of(example, file, text)}").out
    moved = inside(example, "explain", f"{PLATFORM}:{line}", "--output", "json").out
    assert file in moved
    # Nobody else is from that repository.
    project = "golden/hub/argocd/projects/platform.yaml"
    assert project in moved
    said = inside(example, "explain", f"{project}:{line_of(example, project, '- quay.io/jetstack/charts')}").out
    assert f"{PLATFORM}:{line}" in said


def test_components_of_a_cluster_that_a_stack_delivers_are_not_delivered(example: Path, builds: Builds) -> None:
    file = "specs/clusters/kind-dev.yaml"
    edit(example, file, "  delivery: pulumi\n", "  delivery: pulumi\n  components: {jobset: 0.12.0}\n")
    assert builds(example)
    assert not any(name.startswith("kind-dev.") for name in installed(example))


def test_no_wave_holds_a_component_back(example: Path, builds: Builds) -> None:
    before = installed(example)
    put(example, PATH, ROLLOUT.encode())
    assert builds(example) == [WHOLE]
    assert installed(example) == before
    # Nothing was promoted to it, and what its components are from is permitted.
    assert not list((example / "golden/hub/argocd/applications").glob("eks-use1-prod.*"))
    assert {"name": "eks-use1-prod", "namespace": "*"} in platforms_project(example)["destinations"]
    project = "golden/hub/argocd/projects/platform.yaml"
    said = inside(example, "explain", f"{project}:{line_of(example, project, '- name: eks-use1-prod')}").out
    assert f"{EKS}:4" in said
    edit(example, EKS, "gpu-operator: 26.7.0, ", "")
    assert builds(example)[-1] == WHOLE
