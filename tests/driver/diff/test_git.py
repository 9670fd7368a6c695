"""What a repository can be like: each way, the diff is that of the outputs that are committed and of a build."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.driver.diff.repositories import base_fleet, build, causes, commit, differs, edit, git, told

from fleetc.diagnostics import Failure
from fleetc.driver.build import Options, run

MEMBERS = "admins: search-leads"


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    return base_fleet(tmp_path / "acme")


def _code(folder: Path, revision: str = "HEAD") -> str:
    with pytest.raises(Failure) as caught:
        differs(folder, revision)
    return caught.value.diagnostics[0].code.code + " " + caught.value.diagnostics[0].message


@pytest.mark.parametrize("cold", [False, True])
def test_nothing_changed(fleet: Path, cold: bool) -> None:
    found = differs(fleet, cold=cold)
    assert (found.changes, found.notes, found.planned, found.edits) == ((), (), None, {})


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize("cold", [False, True])
def test_built_or_not_makes_no_difference(fleet: Path, built: bool, cold: bool) -> None:
    edit(fleet, "specs/teams/search.yaml", MEMBERS, "admins: [search-leads, oncall]")
    if built:
        build(fleet)
    found = differs(fleet, cold=cold)
    assert told(found) == ["RoleBinding search/team-admin: widens RBAC on eks-dev, onprem-prod"]
    assert causes(found) == {"line specs/teams/search.yaml:6"}


def test_what_is_committed_without_a_build(fleet: Path) -> None:
    """The outputs of the revision are not those of its specs: no spec changed since."""
    edit(fleet, "specs/teams/search.yaml", MEMBERS, "admins: [search-leads, oncall]")
    commit(fleet)
    found = differs(fleet)
    assert told(found) == ["RoleBinding search/team-admin: widens RBAC on eks-dev, onprem-prod"]
    assert causes(found) == {"tool :0"}


def test_an_older_revision(fleet: Path) -> None:
    edit(fleet, "specs/teams/search.yaml", MEMBERS, "admins: oncall")
    build(fleet)
    commit(fleet)
    assert differs(fleet).changes == ()
    assert len(differs(fleet, "HEAD~1").changes) == 1
    assert len(differs(fleet, "main^").changes) == 1


def test_a_hand_edited_file_is_shown_as_it_would_be(fleet: Path) -> None:
    edit(fleet, "golden/eks-dev/teams/search/team.yaml", "search-leads", "somebody")
    found = differs(fleet)
    assert found.changes == ()
    assert "golden/eks-dev/teams/search/team.yaml was edited by hand" in found.notes[0]
    commit(fleet)
    found = differs(fleet)
    assert told(found) == ["RoleBinding search/team-admin: widens RBAC, narrows RBAC on eks-dev"]


def test_files_that_were_never_committed(fleet: Path) -> None:
    team = "apiVersion: fleetc/v1alpha1\nkind: Team\nmetadata: {name: new}\nspec: {namespaces: [new]}\n"
    (fleet / "specs/teams/new.yaml").write_text(team)
    for _ in range(2):
        found = differs(fleet)
        assert {c.identity.namespace or c.identity.name for c, _ in found.changes} == {"new"}
        assert all(c.before is None for c, _ in found.changes)
        assert {cause.split(" ")[1].split(":")[0] for cause in causes(found)} == {"specs/teams/new.yaml"}
        build(fleet)  # the new files are there now, and git does not know them


def test_a_file_that_somebody_deleted(fleet: Path) -> None:
    (fleet / "golden/eks-dev/platform/cluster.yaml").unlink()
    assert differs(fleet).changes == ()


def test_a_revision_without_outputs(fleet: Path) -> None:
    git(fleet, "rm", "-rq", "--cached", "golden")
    git(fleet, "commit", "-qm", "x")
    found = differs(fleet)
    assert len(found.new) == 2
    assert found.notes == ("HEAD has no outputs in golden/: everything is new",)


def test_outputs_that_git_ignores(fleet: Path) -> None:
    git(fleet, "rm", "-rq", "--cached", "golden")
    (fleet / ".gitignore").write_text("golden/\n")
    commit(fleet)
    found = differs(fleet)
    assert found.notes == ("HEAD has no outputs in golden/, which git ignores: everything is new",)
    git(fleet, "add", "-f", "golden")
    git(fleet, "commit", "-qm", "x")
    assert differs(fleet).changes == ()


def test_the_root_is_a_folder_of_the_repository(tmp_path: Path) -> None:
    top = base_fleet(tmp_path / "top/fleets/acme").parents[1]
    shutil.rmtree(top / "fleets/acme/.git")
    git(top, "init", "-q")
    (top / "golden").mkdir()
    (top / "golden/other.yaml").write_text("x")
    commit(top)
    assert differs(top / "fleets/acme").changes == ()
    edit(top, "fleets/acme/specs/teams/search.yaml", MEMBERS, "admins: oncall")
    (top / "golden/other.yaml").write_text("y")
    assert causes(differs(top / "fleets/acme")) == {"line specs/teams/search.yaml:6"}


def test_another_output_folder(fleet: Path) -> None:
    edit(fleet, "specs/fleet.yaml", "  organisation: acme\n", "  organisation: acme\n  outputs: {manifests: out}\n")
    found = differs(fleet)
    assert found.changes == ()
    assert found.notes == ("the outputs of HEAD are in golden/, now in out/",)


def test_foreign_files_are_not_compared(fleet: Path) -> None:
    (fleet / "golden/eks-dev/notes.yaml").write_text("kind: Secret\n")
    (fleet / "golden/README.md").write_text("a\n")
    commit(fleet)
    (fleet / "golden/eks-dev/notes.yaml").write_text("kind: ConfigMap\n")
    (fleet / "golden/README.md").unlink()
    assert differs(fleet).changes == ()


def test_a_name_that_moves_to_another_file_is_the_same_object(fleet: Path) -> None:
    maps = "objects:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: search}, data: {a: b}}\n"
    manifest = "apiVersion: fleetc/v1alpha1\nkind: Manifest\nmetadata: {name: %s, team: search}\nspec:\n  " + maps
    (fleet / "specs/one.yaml").write_text(manifest % "one")
    build(fleet)
    commit(fleet)
    (fleet / "specs/one.yaml").write_text(manifest % "two")
    assert differs(fleet).changes == ()
    (fleet / "specs/one.yaml").write_text((manifest % "two").replace("a: b", "a: c"))
    assert told(differs(fleet)) == ["ConfigMap search/a: changes on eks-dev, onprem-prod"]


def test_files_that_specs_include(fleet: Path) -> None:
    head = "apiVersion: fleetc/v1alpha1\nkind: Manifest\nmetadata: {name: one, team: search}\n"
    spec = f"{head}spec: {{files: [../raw/a.yaml]}}\n"
    (fleet / "raw").mkdir()
    made = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: search}\ndata:\n  one: b\n  two: b\n"
    (fleet / "raw/a.yaml").write_text(made)
    (fleet / "specs/one.yaml").write_text(spec)
    build(fleet)
    commit(fleet)
    edit(fleet, "raw/a.yaml", "two: b", "two: c")
    for cold in (False, True):
        assert causes(differs(fleet, cold=cold)) == {"line raw/a.yaml:6"}


def test_names_that_git_quotes(fleet: Path) -> None:
    for name in ("ä b.yaml", 'with"quote.yaml'):
        shutil.copy(fleet / "specs/teams/search.yaml", fleet / f"specs/{name}")
        edit(fleet, f"specs/{name}", "search", f"t{len(name)}")
        edit(fleet, f"specs/{name}", '    ingress: ["team/risk:8080"]\n', "    ingress: []\n")
    build(fleet)
    commit(fleet)
    assert differs(fleet).changes == ()
    edit(fleet, "specs/ä b.yaml", "t8-leads", "others")
    assert causes(differs(fleet)) == {"line specs/ä b.yaml:6"}


def test_no_repository(tmp_path: Path, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(fleet / ".git")
    assert _code(fleet).startswith("FLT610 ")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _code(fleet) == "FLT610 git cannot be started"


def test_unknown_revisions(fleet: Path) -> None:
    for name in ("nowhere", "HEAD~7", "--all", "HEAD:specs", "", "a b", "--output=/x"):
        assert _code(fleet, name).startswith("FLT611 ")
    git(fleet, "tag", "-a", "v1", "-m", "x")
    assert differs(fleet, "v1").changes == ()


def test_a_repository_without_commits(tmp_path: Path, fleet: Path) -> None:
    shutil.rmtree(fleet / ".git")
    git(fleet, "init", "-q")
    assert _code(fleet) == "FLT611 the repository has no commit yet"


def test_a_shallow_clone(tmp_path: Path, fleet: Path) -> None:
    commit(fleet)
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{fleet}", "shallow")
    assert differs(tmp_path / "shallow").changes == ()
    assert "this is a shallow clone" in _code(tmp_path / "shallow", "HEAD~1")


def test_specs_with_errors_come_first(fleet: Path) -> None:
    edit(fleet, "specs/teams/search.yaml", "kind: Team", "kind: Teem")
    outcome = run(Options(str(fleet), write=False, discard_edits=True))
    assert outcome.summary is None
    assert outcome.diagnostics


def test_nothing_is_written(fleet: Path) -> None:
    edit(fleet, "specs/teams/search.yaml", MEMBERS, "admins: oncall")
    before = {p: p.stat().st_mtime_ns for p in fleet.rglob("*") if p.is_file()}
    differs(fleet)
    differs(fleet, cold=True)
    assert {p: p.stat().st_mtime_ns for p in fleet.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize(
    ("data", "place"),
    [(b"kind: [\n", "specs/odd.yaml:2:1"), (b"\xff", "specs/odd.yaml:1:1"), (b"a: b\n", "specs/odd.yaml:1:1")],
)
def test_a_revision_whose_specs_cannot_be_read(fleet: Path, data: bytes, place: str) -> None:
    """What it emitted is compared all the same; why nothing is planned is told at the place in that revision."""
    (fleet / "specs/odd.yaml").write_bytes(data)
    commit(fleet)
    (fleet / "specs/odd.yaml").unlink()
    edit(fleet, "specs/teams/search.yaml", MEMBERS, "admins: oncall")
    found = differs(fleet)
    assert told(found) == ["RoleBinding search/team-admin: widens RBAC, narrows RBAC on eks-dev, onprem-prod"]
    (note,) = found.notes
    assert note.startswith(f"HEAD:{place}: ")
    assert note.endswith("; placements and cost are not compared, since that revision's specs are not valid")
