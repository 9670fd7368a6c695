"""Files: before and after, which are chosen, what is written, and what is left as it is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.driver.fleets import acme, inside
from tests.driver.tree.trees import content, git, put
from tests.pages import UPDATE
from tests.source.readers import same

from fleetc.driver import layout
from fleetc.driver.layout import NotKept, lay_out
from fleetc.source.yaml import parse

CASES = sorted((Path(__file__).parent / "cases").glob("*.before.yaml"))
FLEET = (
    b"apiVersion: fleetc/v1alpha1\nkind: Fleet\nmetadata: {name: acme}\nspec: {organisation: acme, environments: dev}\n"
)
UNTIDY = b"kind:   Team\napiVersion: fleetc/v1alpha1 # ours\nmetadata: {name: search}\nspec: {}\n"
TIDY = b"apiVersion: fleetc/v1alpha1  # ours\nkind: Team\nmetadata: {name: search}\nspec: {}\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.split(".")[0])
def test_before_and_after(path: Path) -> None:
    before = path.read_bytes()
    made = lay_out(before)
    after = path.with_name(path.name.replace("before", "after"))
    if UPDATE:
        after.write_bytes(made)
    assert made == after.read_bytes()
    assert lay_out(made) == made


def test_texts_keep_every_byte() -> None:
    for path in CASES:
        if path.name.startswith("specs"):
            continue
        before, after = (parse(data).documents for data in (path.read_bytes(), lay_out(path.read_bytes())))
        texts = [value.value["data"] for value in before if "data" in value.value]
        assert all(map(same, texts, [value.value["data"] for value in after if "data" in value.value]))


@pytest.mark.parametrize("length", [899, 1000, 1024, 5000])
def test_long_keys(length: int) -> None:
    key = "k" * length
    for text in (f"? {key}\n: a: 1  # c\n  b: x\n", f"a: [{{? {key} : 1}}, 2]\n", f"- ? {key}\n  : - 1\n- b\n"):
        made = lay_out(text.encode())
        assert lay_out(made) == made
        assert [d.value for d in parse(made).documents] == [d.value for d in parse(text.encode()).documents]


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    put(tmp_path, "specs/fleet.yaml", FLEET)
    put(tmp_path, "specs/teams/search.yaml", UNTIDY)
    return tmp_path


def test_only_what_changes_is_written(fleet: Path) -> None:
    times = {name: (fleet / name).stat().st_mtime_ns for name in ("specs/fleet.yaml", "specs/teams/search.yaml")}
    got = inside(fleet, "fmt")
    assert (got.status, got.out, got.err) == (
        0, "formatted specs/teams/search.yaml\n1 file formatted, 1 file unchanged\n", "",
    )  # fmt: skip
    assert (fleet / "specs/teams/search.yaml").read_bytes() == TIDY
    assert (fleet / "specs/fleet.yaml").stat().st_mtime_ns == times["specs/fleet.yaml"]
    written = (fleet / "specs/teams/search.yaml").stat().st_mtime_ns
    assert inside(fleet, "fmt").out == "2 files unchanged\n"
    assert (fleet / "specs/teams/search.yaml").stat().st_mtime_ns == written


@pytest.mark.parametrize("words", [("--check",), ("--diff",), ("--check", "--diff")])
def test_looking_writes_nothing(fleet: Path, words: tuple[str, ...]) -> None:
    before = content(fleet)
    got = inside(fleet, "fmt", *words)
    assert got.status == int("--check" in words)
    assert ("FLT134 not_formatted" in got.err) == ("--check" in words)
    assert ("--- a/specs/teams/search.yaml" in got.out) == ("--diff" in words)
    assert content(fleet) == before
    assert not (fleet / ".fleetc").exists()


def test_git_applies_the_diff(tmp_path: Path) -> None:
    root = acme(tmp_path / "fleet")
    put(
        root,
        "specs/teams/windows.yaml",
        UNTIDY.replace(b"search", b"windows").replace(b"\n", b"\r\n").removesuffix(b"\r\n"),
    )
    put(root, "specs/teams/open.yaml", UNTIDY.replace(b"search", b"open").removesuffix(b"\n"))
    git(root, "init", "-q")
    diff = inside(root, "fmt", "--diff").out
    applied = subprocess.run(["git", "apply", "-"], cwd=root, input=diff.encode(), capture_output=True, check=False)
    assert (applied.returncode, applied.stderr) == (0, b"")
    assert inside(root, "fmt", "--check").status == 0


def test_broken_files_stay_and_the_others_are_formatted(fleet: Path) -> None:
    broken = b"a:   1\nb: [x\n# kept\n"
    put(fleet, "specs/broken.yaml", broken)
    put(fleet, "specs/merge.yaml", b"a: &a {b: 1}\nc: {<<: *a}\n")
    put(fleet, "specs/tag.yaml", b"a: !!str   1\n")
    got = inside(fleet, "fmt")
    assert got.status == 1
    assert [line for line in got.err.splitlines() if line.startswith("error")] == [
        "error[FLT101 invalid_yaml]: a list in brackets is not closed",
        "error[FLT103 ambiguous_scalar]: a key must be a string",
        "error[FLT110 unsupported_yaml]: specs take no tags such as !!str",
    ]
    assert (fleet / "specs/broken.yaml").read_bytes() == broken
    assert (fleet / "specs/teams/search.yaml").read_bytes() == TIDY


def test_specs_that_are_wrong_keep_their_fields_where_they_are(fleet: Path) -> None:
    put(
        fleet,
        "specs/wrong.yaml",
        b"kind: Team\napiVersion: fleetc/v1alpha1\nmetadata:   {name: x}\nspec: {quotas: [a]}\n",
    )
    assert inside(fleet, "fmt").status == 0
    assert (
        (fleet / "specs/wrong.yaml")
        .read_bytes()
        .startswith(b"kind: Team\napiVersion: fleetc/v1alpha1\nmetadata: {name: x}\n")
    )


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# nothing\n", b"---\n", b"---\n...\n", b"# one\n---\n# two\n"])
def test_files_without_values(data: bytes) -> None:
    made = lay_out(data)
    assert lay_out(made) == made
    assert sorted(made.split()) == sorted(data.replace(b"---", b"" if b"#" in data else b"---").split())


def test_paths(fleet: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    put(fleet, "specs/teams/b.yaml", UNTIDY)
    put(fleet, "extra/objects.yaml", b"a:   1\n")
    put(fleet, "extra/odd.txt", b"a:   1\n")
    put(fleet, ".hidden/x.yaml", b"a:   1\n")
    monkeypatch.chdir(fleet / "specs")
    got = inside(fleet, "fmt", "teams/b.yaml", "../extra", "../extra/objects.yaml")
    assert (got.status, got.out.splitlines()[-1]) == (0, "2 files formatted")
    assert (fleet / "extra/odd.txt").read_bytes() == b"a:   1\n"
    assert inside(fleet, "fmt", "../extra/odd.txt").out == "formatted extra/odd.txt\n1 file formatted\n"
    assert inside(fleet, "fmt", "..").out.splitlines()[-1] == "1 file formatted, 3 files unchanged"
    assert (fleet / ".hidden/x.yaml").read_bytes() == b"a:   1\n"
    outside = tmp_path_factory.mktemp("outside") / "x.yaml"
    outside.write_bytes(b"a:   1\n")
    got = inside(fleet, "fmt", str(outside), "nowhere.yaml")
    assert got.status == 1
    assert [line[:19] for line in got.err.splitlines() if line.startswith("error")] == [
        "error[FLT109 outsid",
        "error[FLT902 cannot",
    ]
    assert outside.read_bytes() == b"a:   1\n"


def test_links_and_permissions_stay(fleet: Path) -> None:
    target = fleet / "specs/teams/search.yaml"
    target.chmod(0o640)
    (fleet / "specs/link.yaml").symlink_to("teams/search.yaml")
    assert (
        inside(fleet, "fmt", str(fleet / "specs/link.yaml"), str(target)).out
        == "formatted specs/link.yaml\n1 file formatted\n"
    )
    assert (fleet / "specs/link.yaml").is_symlink()
    assert target.read_bytes() == TIDY
    assert target.stat().st_mode & 0o777 == 0o640
    os.symlink("/etc/hostname", fleet / "specs/far.yaml")
    assert "FLT109" in inside(fleet, "fmt").err


def test_generated_files_are_refused(tmp_path: Path) -> None:
    root = acme(tmp_path / "fleet")
    assert inside(root, "build").status == 0
    before = content(root)
    got = inside(root, "fmt", str(root / "golden/hub/platform/cluster.yaml"))
    assert got.status == 1
    assert "FLT135 generated_file" in got.err
    assert inside(root, "fmt", str(root)).status == 0
    assert content(root) == before


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("kind: Team\n", "would say something else"),
        ("apiVersion: fleetc/v1alpha1\nkind: Team\nmetadata: {name: search}\nspec: {}\n", "comment `# ours`"),
        ("apiVersion: fleetc/v1alpha1 # ours # ours\nkind: Team\nmetadata: {name: search}\nspec: {}\n", "comment"),
        ("# ours\nkind: Team\n---\na: 1\n", "1 documents would be 2"),
        ("# ours\nkind: [\n", "would be refused"),
    ],
)
def test_what_would_be_lost_is_refused(made: str, why: str, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a bug, which is put in here."""
    monkeypatch.setattr(layout, "write", lambda *_: made)
    with pytest.raises(NotKept, match=why.replace("`", ".")):
        lay_out(UNTIDY)
    got = inside(fleet, "fmt", str(fleet / "specs/teams/search.yaml"))
    assert got.status == 1
    assert "FLT133 not_kept" in got.err
    assert (fleet / "specs/teams/search.yaml").read_bytes() == UNTIDY
