"""Generated files of two branches, merged by git or by a person, are rebuilt; edits inside a merge are not lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.driver.tree.trees import build, content, diagnose, git, own, put

A = "golden/a.yaml"
LINES = [f"line{n}: 0\n" for n in range(20)]


def body(first: int, last: int) -> bytes:
    return own("".join([f"line0: {first}\n", *LINES[1:-1], f"line19: {last}\n"]))


@pytest.fixture
def branches(tmp_path: Path) -> Path:
    """main changed the last line, other the first."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / ".gitignore").write_text(".fleetc\n")
    for branch, data in (("main", body(0, 0)), ("other", body(1, 0)), ("main", body(0, 1))):
        git(tmp_path, "checkout", "-q", *(["-b"] if branch == "other" else []), branch, check=False)
        build(tmp_path, {A: data})
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", branch)
    return tmp_path


def rebuilt(root: Path) -> None:
    build(root, {A: body(1, 1)})
    assert content(root)[A] == body(1, 1)


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_conflict_markers_are_rebuilt(branches: Path, style: str) -> None:
    git(branches, "-c", f"merge.conflictstyle={style}", "merge", "other", check=False)
    assert b"<<<<<<<" in content(branches)[A]
    rebuilt(branches)


def test_committed_conflict_markers_are_rebuilt(branches: Path) -> None:
    git(branches, "merge", "other", check=False)
    git(branches, "commit", "-qam", "oops")
    rebuilt(branches)


def test_a_conflicted_file_that_no_spec_makes_goes(branches: Path) -> None:
    git(branches, "merge", "other", check=False)
    build(branches, {})
    assert A not in content(branches)


@pytest.mark.parametrize("side", ["ours", "theirs"])
@pytest.mark.parametrize("commit", [False, True])
def test_a_merge_by_git_is_rebuilt(branches: Path, side: str, commit: bool) -> None:
    git(branches, "merge", "-X", side, *([] if commit else ["--no-commit"]), "other")
    assert content(branches)[A] != body(1, 1)
    rebuilt(branches)


def test_a_union_merge_is_rebuilt(branches: Path) -> None:
    (branches / ".git/info/attributes").write_text("golden/** merge=union\n")
    git(branches, "merge", "-q", "other", check=False)
    assert content(branches)[A].count(b"# Made by fleetc") == 2
    rebuilt(branches)


@pytest.mark.parametrize("commit", [False, True])
def test_an_edit_inside_of_a_merge_is_refused(branches: Path, commit: bool) -> None:
    git(branches, "merge", "-X", "ours", *([] if commit else ["--no-commit"]), "other")
    for old, new in ((b"line7: 0", b"line7: 9"), (b"line7: 0\n", b"")):
        merged = content(branches)[A]
        put(branches, A, merged.replace(old, new))
        assert [d[:6] for d in diagnose(branches, {A: body(1, 1)})] == ["FLT601"]
        put(branches, A, merged)


def test_an_edit_inside_of_a_conflict_is_refused(branches: Path) -> None:
    git(branches, "merge", "other", check=False)
    put(branches, A, content(branches)[A].replace(b"line7: 0", b"line7: 9"))
    assert [d[:6] for d in diagnose(branches, {A: body(1, 1)})] == ["FLT601"]


def test_going_back_by_hand_is_an_edit_not_a_merge(branches: Path) -> None:
    put(branches, A, body(0, 1).replace(b"line19: 1", b"line19: 0"))
    assert [d[:6] for d in diagnose(branches, {A: body(0, 1)})] == ["FLT601"]


def test_an_edit_after_a_rebuilt_merge_is_refused(branches: Path) -> None:
    git(branches, "merge", "other", check=False)
    rebuilt(branches)
    git(branches, "commit", "-qam", "merged")
    put(branches, A, body(1, 1).replace(b"line19: 1", b"line19: 0"))
    assert [d[:6] for d in diagnose(branches, {A: body(1, 1)})] == ["FLT601"]


def test_conflict_markers_without_git_are_rebuilt(tmp_path: Path) -> None:
    put(tmp_path, A, b"<<<<<<< a\n" + body(0, 1) + b"=======\n" + body(1, 0) + b">>>>>>> b\n")
    rebuilt(tmp_path)
