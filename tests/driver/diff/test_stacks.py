"""The data of stacks, on both sides of a diff: folded over clusters that are alike, and no object of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.diff.repositories import base_fleet, build, causes, commit, differs, edit, git, told

from fleetc.cli.changes.rows import sections
from fleetc.driver.diff.guard import Guard

FLEET = "specs/fleet.yaml"
DELIVERED = "  defaults:\n    cluster: {delivery: pulumi}\n"


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    return base_fleet(tmp_path / "acme")


def delivered(folder: Path) -> None:
    edit(folder, FLEET, "  defaults:\n", DELIVERED)


def test_stacks_that_come_are_one_row(fleet: Path) -> None:
    delivered(fleet)
    found = differs(fleet)
    assert (found.objects, found.stacks) == (0, 2)
    assert told(found) == ["Stack data: adds on eks-dev", "Stack data: adds on onprem-prod"]
    (section,) = sections(found)
    (row,) = section.rows
    assert (row.names, row.clusters, row.shapes) == (("data",), ("eks-dev", "onprem-prod"), 2)
    assert causes(found) == {"line specs/fleet.yaml:8"}


@pytest.mark.parametrize("built", [False, True])
def test_what_is_delivered_stays_the_same(fleet: Path, built: bool) -> None:
    delivered(fleet)
    build(fleet)
    commit(fleet)
    assert differs(fleet).changes == ()
    edit(fleet, FLEET, "pulumi}", "pulumi}\n    team: {}")
    if built:
        build(fleet)
    assert differs(fleet).changes == ()


def test_stacks_in_another_folder(fleet: Path) -> None:
    """Only what is told to the program differs: the way to the manifests."""
    delivered(fleet)
    build(fleet)
    commit(fleet)
    edit(fleet, FLEET, "  organisation: acme\n", "  organisation: acme\n  outputs: {stacks: delivery/stacks/data}\n")
    found = differs(fleet)
    assert told(found) == ["Stack data: changes on eks-dev", "Stack data: changes on onprem-prod"]
    assert {value.path for change, _ in found.changes for value in change.values} == {("manifests",)}
    assert causes(found) == {"line specs/fleet.yaml:6"}


def test_a_cluster_that_goes_takes_its_stack_along(fleet: Path) -> None:
    delivered(fleet)
    build(fleet)
    commit(fleet)
    (fleet / "specs/clusters/eks-dev.yaml").unlink()
    edit(fleet, FLEET, "environments: [dev, prod]", "environments: [prod]")
    found = differs(fleet)
    assert (found.gone, found.stacks) == (("eks-dev",), 1)
    objects = found.standing()["eks-dev"]
    assert sum("eks-dev" in change.files and not change.of_stack for change, _ in found.changes) == objects
    said = [diagnostic.message for diagnostic in Guard(found, []).diagnostics()]
    assert said[0] == f"cluster eks-dev would go, with all its {objects} objects"


def test_an_administrator_is_told_by_the_guard(fleet: Path) -> None:
    hub = "{delivery: argocd, argocd: {hub: eks-dev, server: https://10.0.0.1, login: serviceAccount}}"
    edit(fleet, FLEET, "  defaults:\n", f"  repository: {{url: https://git.acme.example/a.git}}\n{DELIVERED}")
    build(fleet)
    commit(fleet)
    edit(fleet, FLEET, "{delivery: pulumi}", hub)
    edit(fleet, "specs/clusters/eks-dev.yaml", "components: {", "components: {argo-cd: 3.5.1, ")
    said = {d.code.code: d for d in Guard(differs(fleet), []).diagnostics()}
    assert said["FLT615"].message.startswith("Stack data widens RBAC: Argo CD gets an account on the cluster")
    assert said["FLT615"].hint == "if that is meant, `--allow rbac:stack/data@onprem-prod`"


@pytest.mark.parametrize("ignored", [False, True])
def test_stacks_that_git_ignores(fleet: Path, ignored: bool) -> None:
    """A revision that could not have them says nothing of them."""
    delivered(fleet)
    if ignored:
        (fleet / ".gitignore").write_text("/stacks/\n", encoding="utf-8")
    build(fleet)
    git(fleet, "rm", "-r", "-q", "--cached", "--ignore-unmatch", "stacks")
    git(fleet, "add", "specs", "golden")
    git(fleet, "commit", "-q", "-m", "x")
    found = differs(fleet)
    assert found.stacks == (0 if ignored else 2)
    note = "git ignores stacks/generated/: what stacks are told to do is not compared"
    assert [*found.notes] == ([note] if ignored else [])
