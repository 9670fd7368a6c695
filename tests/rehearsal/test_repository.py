"""Repositories on disk, read back with the user's own git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fleetc_rehearsal import Repository, ToolError


def git(repository: Repository, *words: str) -> str:
    done = subprocess.run(["git", f"--git-dir={repository.folder}", *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def test_a_commit_is_the_whole_tree(repository: Repository, tmp_path: Path) -> None:
    assert repository.revision() == ""
    first = repository.commit({"a/one.yaml": "1\n", "two.yaml": "2\n"})
    assert repository.revision() == first == git(repository, "rev-parse", "HEAD")
    second = repository.commit({"two.yaml": "3\n", ".hidden": ""}, message="second")
    assert git(repository, "ls-tree", "-r", "--name-only", second).split() == [".hidden", "two.yaml"]
    assert git(repository, "log", "--format=%s", "main").split() == ["second", "rehearsal"]
    assert git(repository, "show", f"{first}:a/one.yaml") == "1"
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", repository.url, str(clone)], check=True)
    assert (clone / "two.yaml").read_text(encoding="utf-8") == "3\n"
    assert [path.name for path in repository.folder.iterdir() if path.name.startswith("tree-")] == []


def test_a_commit_of_a_folder(repository: Repository, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / ".git").mkdir(parents=True)
    (source / ".git/config").write_text("not ours", encoding="utf-8")
    (source / ".gitignore").write_text("*.yaml\n", encoding="utf-8")
    (source / "one.yaml").write_text("1\n", encoding="utf-8")
    made = repository.commit(source)
    assert git(repository, "ls-tree", "-r", "--name-only", made).split() == [".gitignore", "one.yaml"]


def test_branches_and_tags(repository: Repository) -> None:
    main = repository.commit({"a": "main"})
    other = repository.commit({"a": "other"}, branch="stage/one")
    assert (repository.revision(), repository.revision("stage/one")) == (main, other)
    for revision in (main, other):
        repository.tag("v1", revision)
        assert git(repository, "rev-parse", "v1") == revision
    again = repository.commit({"a": "main"})
    assert git(repository, "rev-parse", f"{again}^") == main  # A commit that changes nothing is one too.


def test_settings_of_the_user_have_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / ".gitconfig"
    settings.write_text("[commit]\n\tgpgSign = true\n[init]\n\tdefaultBranch = trunk\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    made = Repository(tmp_path / "repository").commit({"a": "1"})
    assert len(made) == 40


def test_what_goes_wrong(repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"git update-ref failed\n.*no-such"):
        repository.tag("v1", "no-such")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match="needs `git` on PATH"):
        Repository(tmp_path / "other")
