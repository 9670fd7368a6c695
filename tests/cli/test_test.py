"""`fleetc test` from outside: what it tells of files, of tests, and what it writes with `--update`."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.driver.fleets import CHECKOUT, Run, acme, inside
from tests.driver.tree.trees import content, put
from tests.pages import BASE

from fleetc.cli.junit import junit
from fleetc.cli.test import blocks
from fleetc.diagnostics import Diagnostic, codes
from fleetc.driver.testing.current import Finding, Outputs
from fleetc.driver.testing.run import Results, Verdict
from fleetc.source.span import Span

OUT = "golden/eks-dev/teams/search/team.yaml"
PASSING = b"tests: [{name: there is a team, objects: {kind: Namespace}, expect: some}]\n"
GOLDEN = (
    b"tests: [{name: quotas, objects: {kind: ResourceQuota, namespace: search}, clusters: eks-dev, golden: quotas}]\n"
)
KEPT = "tests/quotas/eks-dev/teams/search/team.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "fleet"
    shutil.copytree(BASE, made)
    put(made, "tests/some.yaml", PASSING)
    assert inside(made, "build").status == 0
    return made


def told(root: Path, *words: str) -> list[tuple[str, str | None]]:
    """The codes of what is wrong with files, and the files."""
    data = inside(root, "test", "--output", "json", *words).data()
    found = [*data["diagnostics"], *(data["outputs"] or {"findings": []})["findings"], *data["orphans"]]
    found += [each for test in data["tests"] for each in test["findings"]]
    assert data["passed"] == (not found)
    return [(each["code"], each["file"]) for each in found]


def test_all_is_well(root: Path) -> None:
    before = content(root)
    ran = inside(root, "test")
    assert (ran.status, ran.err) == (0, "")
    assert "6 files: current" in ran.out
    assert content(root) == before


def test_a_missing_file(root: Path) -> None:
    (root / OUT).unlink()
    assert told(root) == [("FLT620", OUT)]
    assert "is missing" in inside(root, "test").err
    assert not (root / OUT).exists()


def test_a_stale_file_with_its_difference(root: Path) -> None:
    path = root / "specs/teams/search.yaml"
    path.write_text(path.read_text().replace("spec:\n", "spec:\n  podSecurity: baseline\n", 1))
    assert told(root) == [("FLT620", OUT), ("FLT620", OUT.replace("eks-dev", "onprem-prod"))]
    ran = inside(root, "test")
    assert ran.status == 1
    assert "  -    pod-security.kubernetes.io/enforce: restricted\n" in ran.err
    assert "  +    pod-security.kubernetes.io/enforce: baseline\n" in ran.err
    assert " specs/teams/search.yaml:5:16: what is wanted there comes from here" in ran.err


def test_a_file_that_was_edited_by_hand(root: Path) -> None:
    path = root / OUT
    path.write_text(path.read_text().replace("restricted", "privileged"))
    assert told(root) == [("FLT601", OUT)]
    assert "  +    pod-security.kubernetes.io/enforce: restricted\n" in inside(root, "test").err


def test_a_file_that_no_spec_makes(root: Path) -> None:
    (root / "specs/more.yaml").write_bytes(
        b"apiVersion: fleetc/v1alpha1\nkind: Team\nmetadata: {name: more}\nspec: {namespaces: [more]}\n"
    )
    assert inside(root, "build").status == 0
    (root / "specs/more.yaml").unlink()
    assert told(root) == [("FLT620", f"golden/{name}/teams/more/team.yaml") for name in ("eks-dev", "onprem-prod")]
    put(root, "golden/eks-dev/notes.yaml", b"not made by fleetc: true\n")
    assert len(told(root)) == 2


def test_a_stale_lock_file(tmp_path: Path) -> None:
    root = acme(tmp_path / "acme")
    shutil.copytree(CHECKOUT / "expectations", root / "expectations")
    assert inside(root, "build").status == 0
    lock = root / "specs/models/mistral-7b.model.lock"
    lock.write_text(lock.read_text().replace("replicas: 2", "replicas: 1"))
    assert told(root) == [("FLT306", "specs/models/mistral-7b.model.lock")]
    lock.unlink()
    assert told(root) == [("FLT306", "specs/models/mistral-7b.model.lock")]
    assert inside(root, "test", "--update").status == 0
    assert "replicas: 2" in lock.read_text()


def test_broken_specs_are_told_instead(root: Path) -> None:
    put(root, "specs/teams/search.yaml", b"apiVersion: fleetc/v1alpha1\nkind: Taem\n")
    ran = inside(root, "test")
    assert ran.status == 1
    assert "FLT120" in ran.err
    assert "passed" in ran.out
    data = inside(root, "test", "--output", "json").data()
    assert (data["passed"], data["outputs"], data["tests"]) == (False, None, [])
    before = content(root)
    assert inside(root, "test", "--update").status == 1
    assert content(root) == before


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"---\n", b"tests: []\n", b"{}\n"])
def test_a_file_without_tests(text: bytes, root: Path) -> None:
    put(root, "tests/some.yaml", text)
    assert told(root) == [("FLT622", "tests/some.yaml")]


def test_no_tests_at_all(root: Path) -> None:
    shutil.rmtree(root / "tests")
    assert told(root) == [("FLT622", None)]
    put(root, "tests/readme.txt", b"not YAML")
    assert told(root) == [("FLT622", None)]


def test_links_and_folders_are_told(root: Path) -> None:
    (root / "tests/away.yaml").symlink_to("/etc/hostname")
    (root / "tests/nowhere.yaml").symlink_to("gone.yaml")
    assert told(root) == [("FLT109", "tests/away.yaml"), ("FLT902", "tests/nowhere.yaml")]


def test_names(root: Path) -> None:
    put(root, "tests/more.yaml", b"tests: [{name: more, objects: {kind: Pod}, expect: 7}]\n")
    assert inside(root, "test").status == 1
    assert inside(root, "test", "there is*").status == 0
    assert told(root, "there is a team") == []
    assert told(root, "more") == [("FLT621", "tests/more.yaml")]


def test_a_name_of_no_test(root: Path) -> None:
    from tests.driver.fleets import program

    ran = program("test", "--root", str(root), "there is a taem")
    assert ran.status == 2
    assert "no test is called `there is a taem`" in ran.err
    assert "did you mean `there is a team`?" in ran.err


def test_the_folder_that_the_fleet_names(root: Path) -> None:
    fleet = root / "specs/fleet.yaml"
    fleet.write_text(fleet.read_text().replace("  organisation", "  tests: promises/of/ours\n  organisation"))
    assert told(root) == [("FLT622", None)]
    put(root, "promises/of/ours/a.yml", PASSING)
    assert told(root) == []


@pytest.mark.parametrize(
    "field",
    [
        "tests: golden",
        "tests: golden/tests",
        "tests: .git",
        "tests: specs/tests",
        "outputs: {manifests: tests/golden}",
        "outputs: {manifests: tests}",
        "outputs: {manifests: Tests}",
    ],
)
def test_folders_in_one_another(field: str, root: Path) -> None:
    fleet = root / "specs/fleet.yaml"
    fleet.write_text(fleet.read_text().replace("spec:\n", f"spec:\n  {field}\n", 1))
    (found,) = inside(root, "check", "--output", "json").data()["diagnostics"]
    assert (found["code"], found["line"]) == ("FLT607", 5)


class TestGoldens:
    @pytest.fixture
    def kept(self, root: Path) -> Path:
        put(root, "tests/quotas.yaml", GOLDEN)
        ran = inside(root, "test", "--update")
        assert (ran.status, ran.err) == (0, "")
        return root

    def test_they_are_those_objects_of_the_output(self, kept: Path) -> None:
        lines = (kept / KEPT).read_text().splitlines()
        whole = (kept / OUT).read_text().splitlines()
        assert lines[0].startswith("# Made by fleetc from specs/teams/search.yaml; edit that instead. sha256:")
        assert [line for line in lines if line.startswith("kind:")] == ["kind: ResourceQuota"] * 2
        assert all(line in whole for line in lines[1:])
        assert told(kept) == []

    def test_changed(self, kept: Path) -> None:
        path = kept / "specs/teams/search.yaml"
        path.write_text(path.read_text().replace("spec:\n", "spec:\n  quota: {pods: 7}\n", 1))
        assert told(kept, "quotas") == [("FLT623", KEPT)]
        before = content(kept)
        assert inside(kept, "test").status == 1
        assert content(kept) == before
        assert inside(kept, "test", "--update").status == 0
        assert 'pods: "7"' in (kept / KEPT).read_text()
        assert told(kept) == []

    def test_edited_by_hand(self, kept: Path) -> None:
        path = kept / KEPT
        made = path.read_bytes()
        path.write_bytes(made.replace(b"ResourceQuota", b"ResourceQuote", 1))
        assert told(kept) == [("FLT601", KEPT)]
        ran = inside(kept, "test", "--update")
        assert ran.status == 0
        assert path.read_bytes() == made
        assert "ResourceQuote" in (kept / "fleetc-edits-1.patch").read_text()

    def test_a_header_that_was_removed(self, kept: Path) -> None:
        path = kept / KEPT
        path.write_bytes(path.read_bytes().partition(b"\n")[2])
        assert {code for code, _ in told(kept)} == {"FLT603", "FLT121", "FLT622"}
        assert inside(kept, "test", "--update").status == 1

    def test_missing(self, kept: Path) -> None:
        (kept / KEPT).unlink()
        assert told(kept) == [("FLT623", KEPT)]

    def test_orphans(self, kept: Path) -> None:
        put(kept, "tests/quotas.yaml", GOLDEN.replace(b"golden: quotas", b"golden: other"))
        put(kept, "tests/quotas/notes.txt", b"mine")
        assert ("FLT623", KEPT) in told(kept)
        assert told(kept, "there is*") == []
        assert inside(kept, "test", "--update").status == 0
        assert not (kept / KEPT).exists()
        assert (kept / "tests/quotas/notes.txt").exists()
        assert told(kept) == []

    def test_all_golden_tests_are_gone(self, kept: Path) -> None:
        (kept / "tests/quotas.yaml").unlink()
        assert told(kept) == [("FLT623", KEPT)]
        assert inside(kept, "test", "--update").status == 0
        assert not (kept / "tests/quotas").exists()

    def test_other_tests_are_let_be(self, kept: Path) -> None:
        """With a test file that is broken, it is not known which golden files are wanted."""
        put(kept, "tests/quotas.yaml", GOLDEN.replace(b"golden:", b"goldne:"))
        assert told(kept) == [("FLT121", "tests/quotas.yaml")]
        assert inside(kept, "test", "--update").status == 1
        assert (kept / KEPT).exists()
        put(kept, "tests/quotas.yaml", GOLDEN.replace(b"namespace: search", b"namespace: serach"))
        assert told(kept) == [("FLT622", "tests/quotas.yaml")]
        assert inside(kept, "test", "--update").status == 1
        assert (kept / KEPT).exists()

    def test_of_specs_that_are_tried(self, kept: Path) -> None:
        text = (kept / "specs/teams/search.yaml").read_text().replace("spec:\n", "spec:\n  quota: {pods: 9}\n", 1)
        indented = "".join(f"      {line}\n" for line in text.splitlines())
        tried = "\n".join(
            [
                "tests:",
                "- name: tried",
                "  objects: {kind: ResourceQuota, name: team-quota}",
                "  golden: tried",
                "  specs:",
                f"    specs/teams/search.yaml:\n{indented}",
            ]
        )
        put(kept, "tests/tried.yaml", tried.encode())
        assert inside(kept, "test", "--update").status == 0
        assert 'pods: "9"' in (kept / "tests/tried/eks-dev/teams/search/team.yaml").read_text()
        assert 'pods: "9"' not in (kept / OUT).read_text()
        assert told(kept) == []


def test_bad_usage(root: Path) -> None:
    with pytest.raises(SystemExit):
        inside(root, "test", "--output", "xml")


def parsed(run: Run) -> ElementTree.Element:
    return ElementTree.fromstring(run.out)


def structure(top: ElementTree.Element) -> None:
    """What readers of JUnit XML rely on: the elements in one another, the attributes, and counts that fit."""
    assert top.tag == "testsuites"
    assert {suite.tag for suite in top} <= {"testsuite"}
    for group in (top, *top):
        cases = list(group.iter("testcase"))
        assert int(group.attrib["tests"]) == len(cases)
        for attribute, tag in (("failures", "failure"), ("errors", "error")):
            assert int(group.attrib[attribute]) == sum(case.find(tag) is not None for case in cases)
        assert group.attrib["name"]
    for suite in top:
        for case in suite:
            assert case.tag == "testcase"
            assert {"name", "classname"} <= case.attrib.keys()
            assert len(case) <= 1
            assert all(result.tag in ("failure", "error") for result in case)
            assert all({"message", "type"} <= result.attrib.keys() and result.text for result in case)


def test_junit(root: Path) -> None:
    put(root, "tests/more.yaml", b'tests: [{name: more <&> "so", objects: {kind: Pod}, expect: 7}, {}]\n')
    (root / OUT).unlink()
    ran = inside(root, "test", "--output", "junit")
    assert (ran.status, ran.err) == (1, "")
    top = parsed(ran)
    structure(top)
    assert (top.attrib["tests"], top.attrib["failures"], top.attrib["errors"]) == ("5", "2", "2")
    names = {case.attrib["name"]: case for case in top.iter("testcase")}
    assert names['more <&> "so"'].find("failure") is not None
    assert names["there is a team"].find("failure") is None
    failed = names["generated files are current"].find("failure")
    assert failed is not None
    assert failed.attrib["type"] == "stale_output"


def test_junit_of_broken_specs(root: Path) -> None:
    put(root, "specs/teams/search.yaml", b"kind: [")
    top = parsed(inside(root, "test", "--output", "junit"))
    structure(top)
    assert int(top.attrib["errors"]) > 0


@given(st.text(st.characters(codec=None), max_size=40), st.text(max_size=40))
def test_junit_of_any_text(name: str, message: str) -> None:
    finding = Finding(Diagnostic(codes.UNMET_EXPECTATION, message, Span(name, 1, 1), name), (f"+{message}",))
    verdict = Verdict(name or "x", Span(name or "x", 1, 1), (finding,), lambda _: message)
    tested = Results(1, [finding.diagnostic], Outputs(1, [finding]), [verdict], [finding], (), (), None, lambda _: name)
    text = junit(tested, blocks)
    top = ElementTree.fromstring(text.encode("utf-8", "strict"))
    assert len(list(top.iter("testcase"))) == 4


def test_our_own_fleet(tmp_path: Path) -> None:
    """What `make test` runs, and each of its tests fails when what it says is not so."""
    root = acme(tmp_path / "acme")
    shutil.copytree(CHECKOUT / "expectations", root / "expectations")
    assert inside(root, "build").status == 0
    assert told(root) == []
    for file, old, new, failing in (
        (
            "specs/teams/risk.yaml",
            "residency: de",
            "clusters: [onprem-fra, eks-use1-prod]",
            "nothing of risk is outside of Germany",
        ),
        ("specs/teams/research.yaml", "podSecurity: baseline", "podSecurity: privileged", "every namespace of a team"),
        (
            "specs/models/search.yaml",
            "[eks-use1-prod, gke-euw4-prod], environments: prod, spread: cluster, failover: true",
            "[gke-euw4-prod]",
            "the large model of search",
        ),
    ):
        path = root / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        data = inside(root, "test", "--output", "json").data()
        failed = [test["name"] for test in data["tests"] if not test["passed"]]
        assert any(name.startswith(failing) for name in failed), (failing, failed, data["diagnostics"])
        path.write_text(text)
