"""Promotions in tiny repositories: what is written, what is refused, and what holds whatever is tried."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli.test_schemas import schema_of
from tests.driver.fleets import acme, inside
from tests.driver.promoting.repository import FILE, WAVES, codes, commit, evidence, promote, repository, told
from tests.driver.tree.trees import git, put

from fleetc.driver.load import Sources
from fleetc.source import yaml

NAMES: Final = ("one", "two", "three")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "r")


def waves(root: Path) -> dict[str, dict[str, object]]:
    spec = yaml.parse((root / FILE).read_bytes()).documents[0].value["spec"]
    return {name: spec["waves"][name] for name in NAMES}


def test_one_wave_after_the_other(root: Path) -> None:
    first = git(root, "rev-parse", "HEAD").strip()
    for n, name in enumerate(NAMES, 1):
        data = told(root)
        assert (data["wave"], data["from"], data["to"], data["written"]) == (name, None, first, True)
        assert data["paths"] == {"added": [f"golden/c{n}/platform"], "removed": [], "kept": []}
    assert {wave["revision"] for wave in waves(root).values()} == {first}
    assert inside(root, "check").status == 0
    before = (root / FILE).read_bytes()
    assert not told(root)["changes"]
    assert "nothing to promote" in promote(root).out
    assert (root / FILE).read_bytes() == before
    second = commit(root)
    assert told(root)["to"] == second
    assert (told(root)["wave"], told(root)["wave"]) == ("two", "three")


def test_comments_and_layout_stay(root: Path) -> None:
    for _ in NAMES:
        assert promote(root).status == 0
    text = (root / FILE).read_text()
    for line in WAVES.splitlines():
        assert line in text.splitlines() or line == "    three: {}"
    assert inside(root, "fmt", "--check", FILE).status in (0, 1)


@pytest.mark.parametrize("formatted", [True, False])
def test_a_file_in_its_layout_keeps_it(root: Path, formatted: bool) -> None:
    if formatted:
        assert inside(root, "fmt").status == 0
    else:
        put(root, FILE, (root / FILE).read_bytes().replace(b"kind: Rollout", b"kind:  Rollout"))
    for _ in NAMES:
        assert promote(root).status == 0
    assert (b"kind:  Rollout" in (root / FILE).read_bytes()) is not formatted
    text = inside(root, "fmt", "--check").out
    assert ("would change" in text) is not formatted


def test_line_ends_and_marks_stay(root: Path) -> None:
    put(root, FILE, b"\xef\xbb\xbf" + WAVES.replace("\n", "\r\n").encode())
    assert promote(root).status == 0
    data = (root / FILE).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf#")
    assert data.count(b"\n") == data.count(b"\r\n")
    (root / FILE).write_bytes(data.replace(b"\r\n", b"\n", 1))
    assert codes(root) == ["FLT133"]


def test_what_cannot_be_edited_is_refused(root: Path) -> None:
    """An anchor stays; what an alias stands for is the value of others, too."""
    put(root, FILE, WAVES.replace("match: {clusters: c1}", "match: &c {clusters: c1}").encode())
    assert codes(root) == []
    assert b"match: &c {clusters: c1}  # the first" in (root / FILE).read_bytes()
    first = git(root, "rev-parse", "HEAD").strip()
    one = f"match: {{clusters: c1}}\n      revision: &r {first}\n      paths: golden/c1/platform\n"
    two = "    two:\n      revision: *r\n      paths: golden/c2/platform\n"
    text = WAVES.replace("match: {clusters: c1}  # the first\n", one).replace("    two:\n", two)
    put(root, FILE, text.encode())
    commit(root)
    assert codes(root, "--wave", "one") == ["FLT133"]
    assert (root / FILE).read_text() == text
    assert codes(root, "--wave", "two", "--revision", first) == []  # it is there already


def test_a_link_is_followed(root: Path) -> None:
    put(root, "real/rollout.yaml", WAVES.encode())
    (root / FILE).unlink()
    (root / FILE).symlink_to("../real/rollout.yaml")
    assert promote(root).status == 0
    assert (root / FILE).is_symlink()
    assert b"revision" in (root / "real/rollout.yaml").read_bytes()


def test_a_dry_run_writes_nothing(root: Path) -> None:
    before = (root / FILE).read_bytes()
    data = told(root, "--dry-run")
    assert (data["changes"], data["written"]) == (True, False)
    assert (root / FILE).read_bytes() == before
    assert not (root / ".fleetc").exists()


def test_no_wave_is_skipped(root: Path) -> None:
    assert codes(root, "--wave", "three") == ["FLT322"]
    assert codes(root, "--wave", "two") == ["FLT322"]
    old = git(root, "rev-parse", "HEAD").strip()
    assert promote(root).status == 0
    new = commit(root)
    assert codes(root, "--wave", "two", "--revision", new) == ["FLT322"]
    assert told(root, "--wave", "two", "--revision", old[:10])["to"] == old


def test_folders_are_those_of_the_revision(root: Path) -> None:
    assert promote(root).status == 0
    put(root, "golden/c1/teams/a/team.yaml", b"a: 1\n")
    put(root, "golden/c1/other/x.yaml", b"a: 1\n")
    put(root, "golden/c1/teams/README.md", b"not a folder\n")
    assert not told(root, "--dry-run", "--wave", "one")["changes"]  # it is not committed
    commit(root)
    shutil.rmtree(root / "golden/c1/platform")
    paths = told(root, "--wave", "one")["paths"]
    assert paths == {"added": ["golden/c1/teams/a"], "removed": [], "kept": ["golden/c1/platform"]}
    commit(root)
    assert told(root, "--wave", "one")["paths"]["removed"] == ["golden/c1/platform"]


def test_clusters_that_a_revision_has_nothing_for(root: Path) -> None:
    shutil.rmtree(root / "golden/c1")
    commit(root)
    assert codes(root) == ["FLT634"]
    put(root, FILE, WAVES.replace("{clusters: c1}", "{clusters: [c1, c3]}").replace("    three: {}\n", "").encode())
    assert "nothing is there yet for c1\n" in promote(root, "--dry-run").out
    data = told(root)
    assert (data["clusters"], data["without"]) == (["c1", "c3"], ["c1"])


def test_a_root_below_the_repository(tmp_path: Path) -> None:
    """Paths are relative to the root, as in all specs."""
    root = repository(tmp_path / "r")
    shutil.rmtree(root / ".git")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "all")
    assert told(root)["paths"]["added"] == ["golden/c1/platform"]


def test_backwards_only_when_it_is_said(root: Path) -> None:
    old = git(root, "rev-parse", "HEAD").strip()
    new = commit(root)
    assert promote(root).status == promote(root).status == 0
    assert codes(root, "--wave", "one", "--revision", old) == ["FLT630"]
    back = ("--rollback", "--revision", old, "--wave")
    assert codes(root, *back, "one") == ["FLT322"]  # two would be ahead
    assert told(root, *back, "two")["to"] == old
    assert told(root, *back, "one")["from"] == new
    assert codes(root, "--rollback", "--revision", new, "--wave", "one") == ["FLT630"]
    assert codes(root, *back, "three") == ["FLT630"]
    assert codes(root, "--rollback") == ["FLT903"]


def test_another_branch_is_neither_before_nor_after(root: Path) -> None:
    assert promote(root).status == 0
    git(root, "checkout", "-q", "--orphan", "other")
    other = commit(root)
    assert codes(root, "--wave", "one", "--revision", other) == ["FLT630"]
    assert codes(root, "--wave", "one", "--revision", other, "--rollback") == ["FLT630"]


def test_folders_of_a_cluster_that_moved(root: Path) -> None:
    """A stray path is told of, and promoting the wave to what it has mends it."""
    assert promote(root).status == 0
    first = git(root, "rev-parse", "HEAD").strip()
    text = (root / FILE).read_text().replace("{clusters: c1}", "{clusters: c3}")
    put(root, FILE, text.encode())
    assert [d["code"] for d in inside(root, "check", "--output", "json").data()["diagnostics"]] == ["FLT323"]
    commit(root)
    data = told(root, "--wave", "one", "--revision", first[:12])
    assert data["paths"] == {"added": ["golden/c3/platform"], "removed": ["golden/c1/platform"], "kept": []}
    assert (data["from"], data["to"]) == (first, first)
    assert inside(root, "check").status == 0


GATED = WAVES.replace(
    "    # whoever",
    "      gates: {errors: {max: 0.01}, soaked: {min: 24, max: 48}, smoke: {equals: true}}\n    # whoever",
)
GOOD: Final = '"errors": 0.01, "soaked": 24, "smoke": true'


@pytest.mark.parametrize(
    ("values", "missed"),
    [
        (GOOD, 0),
        ('"errors": 1e-2, "soaked": 48.0, "smoke": true', 0),
        ('"errors": 0.010000000000000000001, "soaked": 24, "smoke": true', 1),
        ('"errors": true, "soaked": 24, "smoke": true', 1),
        ('"errors": 0, "soaked": 24, "smoke": 1', 1),
        ('"errors": 0, "soaked": 24, "smoke": false', 1),
        ('"errors": 0, "soaked": 48.5, "smoke": true', 1),
        ('"errors": -1, "soaked": 23.9, "smoke": true', 1),
        ('"errors": 0', 2),
        ("", 3),
    ],
)
def test_gates(tmp_path: Path, values: str, missed: int) -> None:
    root = repository(tmp_path / "r", GATED)
    assert promote(root).status == 0
    head = git(root, "rev-parse", "HEAD").strip()
    assert codes(root) == ["FLT631"] * 3
    words = ("--wave", "two", "--evidence", evidence(root, head, "one", f"{{{values}}}"))
    data = told(root, *words)
    schema_of("promote").validate(data)
    assert [d["code"] for d in data["diagnostics"]] == ["FLT631"] * missed
    if not missed:
        assert [gate["met"] for gate in data["gates"]] == [True] * 3
        assert not told(root, *words)["changes"]


def test_evidence_of_something_else(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", GATED)
    old = git(root, "rev-parse", "HEAD").strip()
    head = commit(root)
    assert promote(root).status == 0
    assert codes(root, "--evidence", evidence(root, old, "one", f"{{{GOOD}}}")) == ["FLT632"]
    assert codes(root, "--evidence", evidence(root, head, "two", f"{{{GOOD}}}")) == ["FLT632"]
    assert codes(root, "--evidence", evidence(root, head, None, f"{{{GOOD}}}")) == ["FLT632"]
    assert codes(root, "--evidence", str(root / "none.json")) == ["FLT902"]
    assert codes(root, "--evidence", evidence(root, head, "one", f'{{{GOOD}, "sooked": 1}}')) == ["FLT633"]


def test_gates_of_the_first_wave_are_of_no_wave(tmp_path: Path) -> None:
    text = WAVES.replace("    two:", "      gates: {tests: {equals: true}}\n    two:")
    root = repository(tmp_path / "r", text)
    head = git(root, "rev-parse", "HEAD").strip()
    assert codes(root) == ["FLT631"]
    assert codes(root, "--evidence", evidence(root, head, "one", '{"tests": true}')) == ["FLT632"]
    assert told(root, "--evidence", evidence(root, head, None, '{"tests": true}'))["written"]


def test_names_that_are_not_known(root: Path, tmp_path: Path) -> None:
    assert codes(root, "al") == codes(root, "--wave", "on") == ["FLT903"]
    assert codes(root, "--revision", "nothing") == ["FLT611"]
    assert codes(acme(tmp_path / "acme")) == ["FLT903"]
    shutil.rmtree(root / ".git")
    assert codes(root) in (["FLT610"], ["FLT634"])


def test_several_rollouts(root: Path) -> None:
    put(root, "specs/other.yaml", WAVES.replace("name: all", "name: some").encode())
    assert codes(root) == ["FLT903"]
    put(root, "specs/other.yaml", b"kind: Rollout\napiVersion: fleetc/v1alpha1\nmetadata: {name: some}\n"
        b"spec: {waves: {w: {match: {clusters: c3}}}}\n")  # fmt: skip
    put(root, FILE, WAVES.replace("three: {}", "three: {match: {clusters: c3}}").encode())
    assert codes(root, "all") == ["FLT320"]
    put(root, FILE, WAVES.replace("    three: {}\n", "").encode())
    assert told(root, "some")["paths"]["added"] == ["golden/c3/platform"]


def test_specs_with_errors_come_first(root: Path) -> None:
    put(root, "specs/bad.yaml", b"kind: Tem\napiVersion: fleetc/v1alpha1\n")
    assert codes(root) == ["FLT120"]


def test_a_shallow_clone_says_so(root: Path, tmp_path: Path) -> None:
    assert promote(root).status == 0
    for _ in range(3):
        commit(root)
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "shallow")
    assert codes(tmp_path / "shallow", "--wave", "one") == ["FLT611"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("commit", "promote", "promote", "promote", "back")), st.integers(0, 2), st.integers(0, 5)
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_is_tried(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]) -> None:
    """Along the waves, each is at the commit of the one before it or at an older one; comments survive; what is written
    is right, and a refusal changes nothing."""
    root = repository(tmp_path_factory.mktemp("any") / "r")
    history = [git(root, "rev-parse", "HEAD").strip()]
    for what, wave, at in steps:
        if what == "commit":
            history.append(commit(root))
            continue
        before = (root / FILE).read_bytes()
        words = ["--wave", NAMES[wave]]
        if what == "back" or at % 2:
            words += ["--revision", history[at % len(history)]]
        got = promote(root, *words, *(["--rollback"] if what == "back" else []))
        assert got.status in (0, 1), got.err
        assert got.status == 0 or (root / FILE).read_bytes() == before
        at_now = [waves(root)[name].get("revision") for name in NAMES]
        places = [history.index(str(commit)) if commit is not None else -1 for commit in at_now]
        assert places == sorted(places, reverse=True)
        text = (root / FILE).read_text()
        assert all(
            text.count(comment) == 1 for comment in ("# a laptop", "# the first", "# the second", "# whoever is")
        )
    assert not Sources(str(root)).load(FILE).diagnostics
    assert inside(root, "check").status == 0
