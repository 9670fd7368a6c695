"""Branches that touch different things merge; and what does conflict is built anew once the specs are resolved."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.fleets import acme, clean, inside, output
from tests.driver.tree.trees import git, put

TEAM = """\
apiVersion: fleetc/v1alpha1
kind: Team
metadata: {{name: {name}}}
spec:
  contact: {name}@acme.example
  namespaces: [{name}]
  members: {{admins: {name}-leads}}
  placement: {{environments: [dev, staging]}}
"""
MANIFEST = """\
apiVersion: fleetc/v1alpha1
kind: Manifest
metadata: {name: motd, team: vision}
spec:
  objects:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: motd, namespace: vision}
    data: {motd: hello}
"""
CONTACT = "search-oncall@acme.example"
SPEC = "specs/teams/search.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example fleet, built and committed on `main`."""
    made = acme(tmp_path / "fleet")
    git(made, "init", "-q", "-b", "main")
    commit(made, "all")
    return made


def commit(root: Path, message: str) -> None:
    assert inside(root, "build").status == 0
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)
    assert git(root, "status", "--porcelain") == ""  # The state folder ignores itself.


def branch(root: Path, name: str, files: dict[str, str]) -> None:
    git(root, "checkout", "-q", "-b", name, "main")
    for path, text in files.items():
        put(root, path, text.encode())
    commit(root, name)


def conflicts(root: Path) -> list[str]:
    return git(root, "diff", "--name-only", "--diff-filter=U").split()


def equals_clean(root: Path, tmp_path: Path) -> None:
    assert clean(root, tmp_path / "clean").status == 0
    assert output(root) == output(tmp_path / "clean")


def test_two_branches_that_add_different_things(root: Path, tmp_path: Path) -> None:
    speech = {"specs/teams/speech.yaml": TEAM.format(name="speech")}
    vision = {"specs/teams/vision.yaml": TEAM.format(name="vision"), "specs/manifests/motd.yaml": MANIFEST}
    branch(root, "speech", speech)
    branch(root, "vision", vision)
    git(root, "merge", "-q", "--no-edit", "speech")
    assert git(root, "status", "--porcelain") == ""
    equals_clean(root, tmp_path)
    assert inside(root, "build", "--output", "json").data()["written"] == []
    assert {"golden/kind-dev/teams/speech/team.yaml", "golden/kind-dev/teams/vision/manifests/motd.yaml"} <= output(
        root
    ).keys()


def test_branches_that_edit_different_things_of_one_cluster(root: Path, tmp_path: Path) -> None:
    """Each workload has a file of its own on each cluster, and no index lists them."""
    text = (root / SPEC).read_text()
    storage = (root / "specs/clusters/eks-use1-prod.yaml").read_text()
    branch(root, "contact", {SPEC: text.replace(CONTACT, "search@acme.example")})
    branch(root, "storage", {"specs/clusters/eks-use1-prod.yaml": storage.replace('"700"', '"750"')})
    branch(root, "manifest", {"specs/manifests/motd.yaml": MANIFEST.replace("vision", "search")})
    git(root, "merge", "-q", "--no-edit", "contact")
    git(root, "merge", "-q", "--no-edit", "storage")
    assert git(root, "status", "--porcelain") == ""
    equals_clean(root, tmp_path)


@pytest.mark.parametrize(
    "resolution", ["by hand", *(pytest.param(side, marks=pytest.mark.accept) for side in ("ours", "theirs"))]
)
def test_two_branches_that_edit_one_team(root: Path, tmp_path: Path, resolution: str) -> None:
    text = (root / SPEC).read_text()
    branch(root, "one", {SPEC: text.replace(CONTACT, "one@acme.example")})
    branch(root, "two", {SPEC: text.replace(CONTACT, "two@acme.example").replace("cc-4711", "cc-4712")})
    git(root, "merge", "-q", "--no-edit", "one", check=False)
    found = conflicts(root)
    assert SPEC in found
    pages = [path for path in found if path.startswith("golden/")]
    assert len(pages) >= 3
    assert b"<<<<<<<" in (root / pages[0]).read_bytes()
    assert inside(root, "build").status == 1  # The spec still has its markers.
    if resolution == "by hand":
        put(root, SPEC, text.replace(CONTACT, "both@acme.example").replace("cc-4711", "cc-4712").encode())
    else:
        git(root, "checkout", f"--{resolution}", "--", SPEC)
    assert inside(root, "build").status == 0
    equals_clean(root, tmp_path)
    git(root, "add", "-A")
    git(root, "commit", "-q", "--no-edit")
    assert git(root, "status", "--porcelain") == ""


def test_a_page_that_was_resolved_to_one_side_is_built_anew(root: Path, tmp_path: Path) -> None:
    """Git was told to take one side of every conflict: the specs then hold both changes, the pages only one."""
    text = (root / SPEC).read_text()
    branch(root, "one", {SPEC: text.replace("share: 3", "share: 5")})
    branch(root, "two", {SPEC: text.replace("cc-4711", "cc-4712")})
    git(root, "merge", "-q", "--no-edit", "-X", "ours", "one")
    assert "share: 5" in (root / SPEC).read_text()
    assert "cc-4712" in (root / SPEC).read_text()
    assert inside(root, "build").status == 0
    equals_clean(root, tmp_path)


def test_a_hand_edit_in_a_conflict_is_not_lost(root: Path) -> None:
    text = (root / SPEC).read_text()
    branch(root, "one", {SPEC: text.replace(CONTACT, "one@acme.example")})
    branch(root, "two", {SPEC: text.replace(CONTACT, "two@acme.example")})
    git(root, "merge", "-q", "--no-edit", "one", check=False)
    page = root / next(path for path in conflicts(root) if path.startswith("golden/"))
    page.write_bytes(page.read_bytes() + b"# by hand, while resolving\n")
    put(root, SPEC, text.encode())
    got = inside(root, "build")
    assert got.status == 1
    assert "FLT601" in got.err
    assert page.read_bytes().endswith(b"# by hand, while resolving\n")
