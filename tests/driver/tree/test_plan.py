"""What a plan says of each thing that can stand in the tree: one test per diagnostic, with its text."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from tests.driver.tree.trees import build, content, diagnose, git, own, place, put, shown, state_files, want

from fleetc.driver.tree import look as looking
from fleetc.driver.tree.api import Place, plan_writes
from fleetc.driver.tree.model import RACY_NS

A, B = "golden/c/a.yaml", "golden/c/b.yaml"
CARRY, DISCARD = "carry the change into specs/x.yaml", "or use --discard-edits, which saves it as a patch first"
HINT, STALE = f"{CARRY}, as `fleetc adopt` does it, {DISCARD}", f"{CARRY}, {DISCARD}"
INSIDE = "choose a path inside of the root"
AWAY = "move it away, or rename what makes the wanted path"


def test_writes_deletes_and_leaves(tmp_path: Path) -> None:
    put(tmp_path, "golden/README.md", b"mine\n")
    put(tmp_path, "golden/empty/deep/old.yaml", own("old: 1\n"))
    (tmp_path / "golden/kept").mkdir()
    build(tmp_path, {A: own("a: 1\n"), B: own("b: 1\n")})
    done = build(tmp_path, {A: own("a: 1\n"), "golden/d.yaml": own("d: 1\n")}, jobs=2)
    assert (done.written, done.deleted) == (("golden/d.yaml",), (B,))
    assert content(tmp_path) == {
        "golden/README.md": b"mine\n",
        A: own("a: 1\n"),
        "golden/d.yaml": own("d: 1\n"),
    }
    assert (tmp_path / "golden/kept").is_dir()
    assert not (tmp_path / "golden/empty").exists()
    assert state_files(tmp_path) == ["lock"]


def test_permission_bits_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        build(tmp_path, {A: own("a: 1\n")})
    finally:
        os.umask(before)
    assert (tmp_path / A).stat().st_mode & 0o777 == 0o640


def test_file_and_folder_change_places(tmp_path: Path) -> None:
    build(tmp_path, {"golden/a/b": own("1"), "golden/c": own("2")})
    build(tmp_path, {"golden/a": own("3"), "golden/c/d": own("4")})
    assert content(tmp_path) == {"golden/a": own("3"), "golden/c/d": own("4")}


def test_hand_edited(tmp_path: Path) -> None:
    build(tmp_path, {A: own("a: 1\nb: 2\n"), B: own("b: 1\n")})
    put(tmp_path, A, own("a: 1\nb: 2\n").replace(b"b: 2", b"b: 3"))
    put(tmp_path, B, own("b: 1\n") + b"c: 1\n")
    assert diagnose(tmp_path, {A: own("a: 1\nb: 2\n")}) == [
        f"FLT601 {A}:3:1 {A}: edited by hand since fleetc made it ({HINT})",
        f"FLT601 {B}:1:1 {B}: no spec makes it any more, and it was edited by hand ({STALE})",
    ]


def test_the_line_of_an_edit_is_found_in_git_too(tmp_path: Path) -> None:
    build(tmp_path, {A: own("a: 1\nb: 2\n")})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "golden")
    git(tmp_path, "commit", "-qm", "one")
    put(tmp_path, A, own("a: 1\nb: 2\n") + b"c: 3\n")
    assert diagnose(tmp_path, {A: own("a: 2\nb: 2\n")}) == [
        f"FLT601 {A}:4:1 {A}: edited by hand since fleetc made it ({HINT})"
    ]


def test_foreign_things_in_the_way(tmp_path: Path) -> None:
    put(tmp_path, "golden/file.yaml", b"mine\n")
    put(tmp_path, "golden/folder.yaml/x", b"mine\n")
    (tmp_path / "golden/link.yaml").symlink_to("file.yaml")
    (tmp_path / "golden/linked").symlink_to("..")
    put(tmp_path, "golden/parent", b"mine\n")
    os.mkfifo(tmp_path / "golden/pipe.yaml")
    names = ("file.yaml", "folder.yaml", "link.yaml", "linked/a.yaml", "parent/a.yaml", "pipe.yaml")
    before = content(tmp_path)
    assert diagnose(tmp_path, {f"golden/{n}": own("a") for n in names}) == [
        f"FLT603 golden/{n}:1:1 golden/{n}: {kind} that fleetc did not make stands where it must write {what} ({AWAY})"
        for n, kind, what in (
            ("file.yaml", "a file", "a file"),
            ("folder.yaml", "a folder", "a file"),
            ("link.yaml", "a symbolic link", "a file"),
            ("linked", "a symbolic link", "golden/linked/a.yaml"),
            ("parent", "a file", "golden/parent/a.yaml"),
            ("pipe.yaml", "a special file", "a file"),
        )
    ]
    assert content(tmp_path) == before


def test_the_output_folder_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "golden").symlink_to("elsewhere")
    what = "a symbolic link that fleetc did not make stands where it must write a file"
    assert diagnose(tmp_path, {A: own("a")}) == [f"FLT603 golden:1:1 golden: {what} ({AWAY})"]


def test_outside_of_the_root(tmp_path: Path) -> None:
    for output in ("../golden", "/golden", "x/../../golden"):
        plan = plan_writes(Place(str(tmp_path), output, str(tmp_path / ".fleetc")), {}, {})
        lies = "the output folder lies outside of the root"
        assert [shown(d) for d in plan.diagnostics] == [f"FLT607 {output}:1:1 {output}: {lies} ({INSIDE})"]
    bad = ("golden/../x", "x", "/golden/x", "golden/./x", "golden//x", "golden/y/", "golden/.git/config")
    lies, belongs = "lies outside of the output folder golden", "belongs to git or to fleetc's state"
    assert diagnose(tmp_path, {p: own("a") for p in bad}) == [
        f"FLT607 {p}:1:1 {p}: {belongs if '.git' in p else lies} ({INSIDE})" for p in sorted(bad)
    ]


def test_path_conflicts(tmp_path: Path) -> None:
    names = ("golden/A", "golden/a", "golden/b", "golden/b/c", "golden/\u00e9", "golden/e\u0301")
    two = "(rename one of the two)"
    assert diagnose(tmp_path, {n: own("a") for n in names}) == [
        f"FLT608 golden/a:1:1 golden/a: differs only by case from golden/A {two}",
        f"FLT608 golden/b/c:1:1 golden/b/c: needs a folder where a file is wanted: golden/b {two}",
        f"FLT608 golden/\u00e9:1:1 golden/\u00e9: differs only by case from golden/e\u0301 {two}",
    ]


def test_all_findings_at_once(tmp_path: Path) -> None:
    put(tmp_path, A, b"mine")
    put(tmp_path, B, own("b") + b"edit")
    assert [line[:6] for line in diagnose(tmp_path, {A: own("a"), B: own("b")})] == ["FLT603", "FLT601"]
    assert content(tmp_path) == {A: b"mine", B: own("b") + b"edit"}


def test_known_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "golden/README", b"mine\n")
    build(tmp_path, {A: own("a"), B: own("b")})
    time.sleep(2 * RACY_NS / 1e9)
    files = want({A: own("a"), B: own("b")})
    known = plan_writes(place(tmp_path), files, {}).known
    assert known is not None
    assert known.keys() == {A, B, "golden/README"}
    put(tmp_path, B, own("b") + b"edited")
    read: list[str] = []
    look = looking.look_at

    def record(path: str, name: str) -> looking.Look | None:
        read.append(path)
        return look(path, name)

    monkeypatch.setattr("fleetc.driver.tree.plan.look_at", record)
    plan = plan_writes(place(tmp_path), files, known)
    assert read == [B]
    assert [d.code.code for d in plan.diagnostics] == ["FLT601"]
    assert plan.known is not None
    assert B not in plan.known


def test_a_file_that_just_changed_is_not_remembered(tmp_path: Path) -> None:
    written = build(tmp_path, {A: own("a")})
    assert A not in written.known
    assert A not in (plan_writes(place(tmp_path), want({A: own("a")}), {}).known or {})


def test_the_state_folder_may_lie_in_the_output(tmp_path: Path) -> None:
    put(tmp_path, "README", b"mine")
    put(tmp_path, ".git/own.yaml", own("x"))
    here = Place(str(tmp_path), ".", str(tmp_path / ".fleetc"))
    put(tmp_path, ".fleetc/own.yaml", own("x"))
    plan = plan_writes(here, want({"a.yaml": own("a")}), {})
    assert [c.path for c in plan.writes] == ["a.yaml"]
    assert not plan.deletes
    assert not plan.diagnostics
