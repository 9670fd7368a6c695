"""What a report says that it was made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.driver.fleets import inside, synthetic
from tests.driver.tree.trees import git, put


def inputs(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = inside(root, "report", "--output", "json").data()["inputs"]
    return found


def test_the_digest_is_of_all_files_and_of_nothing_else(tmp_path: Path) -> None:
    root = synthetic(tmp_path / "a")
    first = inputs(root)
    assert (first["revision"], first["modified"]) == (None, False)
    assert inputs(synthetic(tmp_path / "b/deeper")) == first
    assert inside(root, "build").status == 0
    assert inputs(root) == first, "what runs remember is no input"
    put(root, "extra/odd.txt", (root / "extra/odd.txt").read_bytes() + b"\n")
    changed = inputs(root)
    assert changed["digest"] != first["digest"], "an included file is an input"
    (root / "specs/clusters/c0000.yaml").rename(root / "specs/clusters/other.yaml")
    assert inputs(root)["digest"] not in (first["digest"], changed["digest"])


def test_the_commit(tmp_path: Path) -> None:
    root = synthetic(tmp_path)
    git(root, "init", "-q")
    assert inputs(root)["revision"] is None
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all")
    clean = inputs(root)
    assert len(clean["revision"]) == 40
    assert not clean["modified"]
    put(root, "notes.txt", b"no input\n")
    assert inputs(root) == clean
    put(root, "extra/odd.txt", (root / "extra/odd.txt").read_bytes() + b"\n")
    assert inputs(root)["modified"]
    git(root, "checkout", "-q", "--", ".")
    assert inputs(root) == clean
    (root / "specs/clusters/c0000.yaml").rename(root / "specs/clusters/new.yaml")
    assert inputs(root)["modified"], "a new file is no file of the commit"


def test_a_repository_around_it(tmp_path: Path) -> None:
    """That knows nothing of the fleet, and says nothing of it."""
    put(tmp_path, "other.txt", b"other\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "other")
    assert inputs(synthetic(tmp_path / "inner"))["revision"] is None
