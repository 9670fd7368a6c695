"""`fleetc schema print`: what it prints and writes, and the lines that lead editors to it."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
import yaml
from tests.driver.fleets import CHECKOUT, Run, acme
from tests.driver.tree.trees import content

from fleetc.cli.main import main
from fleetc.driver import editor_schemas
from fleetc.language.kinds import KINDS

STEMS = [*(kind.lower() for kind in KINDS), "spec"]


def printed(*words: str) -> Run:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["schema", "print", *words])
    return Run(status, out.getvalue(), err.getvalue())


def test_the_committed_schemas_are_current() -> None:
    assert printed("--all", str(CHECKOUT / "schemas"), "--check") == Run(0, "", "")
    assert {path.name for path in (CHECKOUT / "schemas").iterdir()} == {f"{stem}.json" for stem in STEMS} | {"cue"}
    assert {path.name for path in (CHECKOUT / "schemas/cue").iterdir()} == {f"{stem}.cue" for stem in STEMS}


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind(kind: str) -> None:
    found = printed(kind)
    assert found == printed(kind.lower())
    assert found.out == (CHECKOUT / f"schemas/{kind.lower()}.json").read_text()
    assert yaml.safe_load(printed(kind, "--output", "yaml").out) == json.loads(found.out)


def test_all_in_one_piece() -> None:
    whole = printed().data()
    assert [each["$id"] for each in whole["$defs"].values()] == [f"{kind.lower()}.json" for kind in KINDS]


def test_usage() -> None:
    ran = printed("Taem")
    assert (ran.status, "did you mean `Team`?" in ran.err) == (2, True)
    for words in (
        ["print", "--check"], ["print", "--all"], ["print", "--to", "x"], ["print", "--from", "x"], ["pull", "Team"],
        ["pull", "--check"], ["pull", "--modeline"], ["pull", "--output", "yaml"], ["pull", "--all", "x"],
    ):  # fmt: skip
        assert main(["schema", *words]) == 2, words
    with pytest.raises(SystemExit):
        main(["schema"])


def test_only_what_is_stale_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "a/b"
    assert printed("--all", str(folder), "--check").err.count("is not as it is made today") == 2 * len(STEMS)
    assert not folder.exists()
    assert printed("--all", str(folder)).status == 0
    assert "up to date" in printed("--all", str(folder)).out
    (folder / "team.json").write_text("{}")
    (folder / "mine.json").write_text("mine")
    ran = printed("--all", str(folder), "--check")
    assert (ran.status, ran.err.count("\n"), "team.json" in ran.err) == (1, 1, True)
    assert printed("--all", str(folder)).out.startswith(f"1 of {2 * len(STEMS)} ")
    assert printed("--all", str(folder), "--check").status == 0
    assert {path.name for path in folder.iterdir()} == {f"{stem}.json" for stem in STEMS} | {"mine.json", "cue"}


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = printed("--all", str(tmp_path / "file"))
    assert (ran.status, "FLT999" in ran.err) == (2, False)
    assert "FLT604" in ran.err


def test_lines_are_printed_and_added(tmp_path: Path) -> None:
    root = acme(tmp_path)
    before = content(root)
    ran = printed("--root", str(root), "--modeline")
    assert content(root) == before
    assert "specs/teams/risk.yaml: # yaml-language-server: $schema=../../schemas/team.json\n" in ran.out
    path = root / "specs/teams/risk.yaml"
    for _ in range(2):
        assert printed("--root", str(root), "--modeline", str(path)).status == 0
        assert (
            path.read_bytes()
            == b"# yaml-language-server: $schema=../../schemas/team.json\n" + before["specs/teams/risk.yaml"]
        )
    assert printed("--root", str(root), "--modeline", str(path), "--all", str(root / "s")).status == 0
    assert path.read_text().startswith("# yaml-language-server: $schema=../../s/team.json\napiVersion")
    assert not (root / "s").exists()


def test_files_that_cannot_be_read_are_told_at_once(tmp_path: Path) -> None:
    root = acme(tmp_path)
    bad = root / "specs/bad.yaml"
    bad.write_bytes(b"\xff")
    ran = printed("--root", str(root), "--modeline", str(bad), str(root / "gone.yaml"))
    assert (ran.status, ran.err.count("FLT902")) == (2, 2)


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("kind: Team\n", "team"),
        ("kind: Team\n---\nkind: Model\n", "spec"),
        ("kind: Nothing\n", "spec"),
        ("kind: [Team]\n", "spec"),
        ("[", "spec"),
        ("", "spec"),
    ],
)
def test_the_schema_of_a_file(text: str, stem: str) -> None:
    line = editor_schemas.modeline("/a/specs/x.yaml", text, "/a/schemas")
    assert line == f"# yaml-language-server: $schema=../schemas/{stem}.json"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n", "L\na: 1\n"),
        ("a: 1\r\nb: 2\r\n", "L\r\na: 1\r\nb: 2\r\n"),
        ("\ufeffa: 1\n", "\ufeffL\na: 1\n"),
        ("", "L\n"),
        ("# yaml-language-server: $schema=old\na: 1\n", "L\na: 1\n"),
        ("# mine\n# yaml-language-server: $schema=old\n", "L\n# mine\n# yaml-language-server: $schema=old\n"),
    ],
)
def test_where_the_line_goes(before: str, after: str) -> None:
    line = "# yaml-language-server: $schema=new"
    assert editor_schemas.with_modeline(before, line) == after.replace("L", line)
