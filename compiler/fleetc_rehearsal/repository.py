"""A Git repository on disk, for programs that take what is to run from one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fleetc_rehearsal.errors import ToolError

_WHO: Final = {"NAME": "rehearsal", "EMAIL": "rehearsal@localhost"}


class Repository:
    """A bare repository. Nothing of the user's settings of Git has a say in it, and it needs no network."""

    def __init__(self, folder: Path) -> None:
        """Made in a folder that is not there yet. Raises ToolError where there is no git."""
        self.folder = folder
        git = shutil.which("git")
        if git is None:
            raise ToolError("a rehearsal with a repository needs `git` on PATH")
        self._program = git
        folder.mkdir(parents=True)
        self._git("init", "--quiet", "--bare")
        self._git("symbolic-ref", "HEAD", "refs/heads/main")

    @property
    def url(self) -> str:
        """By which it is cloned."""
        return self.folder.absolute().as_uri()

    def commit(self, tree: Path | Mapping[str, str], *, branch: str = "main", message: str = "rehearsal") -> str:
        """Make a folder, or texts by their paths, all that a branch holds; returns the revision.

        The branch moves at once and as a whole: nobody sees half a commit. A commit that changes nothing is one too.
        """
        with tempfile.TemporaryDirectory(prefix="tree-", dir=self.folder) as temporary:
            work = Path(temporary, "tree")
            _lay_out(tree, work)
            index = {"GIT_INDEX_FILE": str(Path(temporary, "index"))}
            self._git(f"--work-tree={work}", "add", "--all", "--force", ".", cwd=work, more=index)
            written = self._git("write-tree", more=index)
        before = self.revision(branch)
        parents = ["-p", before] if before else []
        made = self._git("commit-tree", written, *parents, "-m", message)
        self._git("update-ref", f"refs/heads/{branch}", made)
        return made

    def revision(self, branch: str = "main") -> str:
        """Where a branch is; empty where there is none."""
        return self._git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")

    def tag(self, name: str, revision: str) -> None:
        """Set or move a tag."""
        self._git("update-ref", f"refs/tags/{name}", revision)

    def _git(self, *arguments: str, cwd: Path | None = None, more: Mapping[str, str] | None = None) -> str:
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _WHO.items()}
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **who,
            **(more or {}),
        }
        words = [self._program, f"--git-dir={self.folder}", *arguments]
        # Our own arguments, and no shell.
        done = subprocess.run(words, cwd=cwd or self.folder, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - above
        if done.returncode:
            raise ToolError(f"git {arguments[0]} failed\n{done.stderr.strip()}")
        return done.stdout.strip()


def _lay_out(tree: Path | Mapping[str, str], work: Path) -> None:
    if isinstance(tree, Path):
        shutil.copytree(tree, work, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        return
    work.mkdir()
    for path, text in tree.items():
        file = work / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
