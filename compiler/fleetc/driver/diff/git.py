"""What git knows of a revision: read through its own commands, which write nothing and fetch nothing."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Mapping
from typing import Final

from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.tuples import NamedTuple

_ENVIRONMENT: Final = {"LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
_REGULAR: Final = (b"100644", b"100755")
"""Modes of files: links and submodules are none."""
_LITERAL: Final = "--literal-pathspecs"
_MISSING: Final = b"missing"


class Files(NamedTuple):
    """The files of a revision below some folders, by path relative to the root: the ids of their contents; and the
    paths of those that do not stand in the working tree as they are there. Files that git does not know are not looked
    at."""

    blobs: Mapping[str, bytes]
    changed: frozenset[str]


class Hunk(NamedTuple):
    """Neighbouring lines of a file that changed: first lines (from 1) and texts, before and after."""

    old_start: int
    old: tuple[str, ...]
    new_start: int
    new: tuple[str, ...]


class Revision:
    """A commit, as the root sees it."""

    def __init__(self, root: str, name: str) -> None:
        """Raises Failure (FLT610, FLT611) when there is no such commit."""
        self.root = root
        self.name = name
        found = self._git("rev-parse", "--is-shallow-repository")
        if found is None:
            raise Failure(_no_git())
        status, out, err = found
        if status:
            raise Failure(_no_repository(root, err))
        self._shallow = out.strip() == b"true"
        status, out, _ = self._must("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if status:
            raise Failure(self._unknown())
        self.commit = out.decode().strip()

    def files(self, folders: Iterable[str]) -> Files:
        """The files below folders of the root."""
        wanted = list(folders)
        status, out, err = self._must(_LITERAL, "ls-tree", "-r", "-z", self.commit, "--", *wanted)
        if status:
            raise Failure(_refused("ls-tree", err))
        blobs: dict[str, bytes] = {}
        for entry in out.split(b"\0"):
            head, tab, name = entry.partition(b"\t")
            if tab and head.startswith(_REGULAR):
                blobs[os.fsdecode(name)] = head.rpartition(b" ")[2]
        return Files(blobs, frozenset(self._changed(wanted)))

    def _changed(self, folders: list[str]) -> Iterable[str]:
        # Git's index tells by their times which files are as they were: none of those is read.
        status, out, err = self._must(
            _LITERAL, "diff", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--no-renames", "--relative",
            "--name-only", "-z", self.commit, "--", *folders,
        )  # fmt: skip
        if status:
            raise Failure(_refused("diff", err))
        return [os.fsdecode(name) for name in out.split(b"\0") if name]

    def folders(self, inside: Iterable[str]) -> list[str]:
        """The folders that stand in folders of the root, by path relative to the root; of those that are there."""
        wanted = [f"{folder}/" for folder in inside]
        if not wanted:
            return []  # Without a path git would list all.
        status, out, err = self._must(_LITERAL, "ls-tree", "-d", "-z", "--name-only", self.commit, "--", *wanted)
        if status:
            raise Failure(_refused("ls-tree", err))
        return [os.fsdecode(name) for name in out.split(b"\0") if name]

    def follows(self, commit: str) -> bool:
        """Whether it is a commit, or has it among its ancestors."""
        status, _, err = self._must("merge-base", "--is-ancestor", commit, self.commit)
        if status > 1:
            raise Failure(_refused("merge-base", err))
        if status and self._shallow:
            message = f"whether {self.commit[:12]} follows {commit[:12]} cannot be told: this is a shallow clone"
            raise Failure(Diagnostic(codes.UNKNOWN_REVISION, message, hint="run `git fetch --unshallow` first"))
        return status == 0

    def contents(self, blobs: Iterable[bytes]) -> dict[bytes, bytes]:
        """The contents of blobs by id, from one process."""
        wanted = list(dict.fromkeys(blobs))
        if not wanted:
            return {}
        status, out, err = self._must("cat-file", "--batch", stdin=b"".join(blob + b"\n" for blob in wanted))
        found: dict[bytes, bytes] = {}
        at = 0
        for blob in wanted:
            end = out.find(b"\n", at)
            words = out[at:end].split(b" ")
            if status or end < 0 or words[-1] == _MISSING or len(words) != 3:
                raise Failure(_refused("cat-file", err or b"an object is missing: is it a partial clone?"))
            size = int(words[2])
            found[blob] = out[end + 1 : end + 1 + size]
            at = end + 2 + size
        return found

    def ignored(self, path: str) -> bool:
        """Whether git ignores a folder."""
        return self._must("check-ignore", "--quiet", "--", f"{path}/")[0] == 0

    def _unknown(self) -> Diagnostic:
        message = f"git knows no commit `{self.name}`"
        hint = "name a branch, a tag or a commit that `git log` shows"
        if self._shallow:
            message += ": this is a shallow clone"
            hint = f"fetch it first: `git fetch --depth=1 origin {self.name}`, or `git fetch --unshallow`"
        elif self.name == "HEAD":
            message, hint = "the repository has no commit yet", "commit the specs and what `fleetc build` writes"
        return Diagnostic(codes.UNKNOWN_REVISION, message, hint=hint)

    def _must(self, *arguments: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        found = self._git(*arguments, stdin=stdin)
        if found is None:
            raise Failure(_no_git())
        return found

    def _git(self, *arguments: str, stdin: bytes = b"") -> tuple[int, bytes, bytes] | None:
        """Exit status, output and errors; None when git cannot be started."""
        # Imported here: most commands need no other process.
        subprocess = importlib.import_module("subprocess")
        command = ["git", "-C", self.root, "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", *arguments]
        try:
            done = subprocess.run(
                command, input=stdin, capture_output=True, check=False, env={**os.environ, **_ENVIRONMENT}
            )
        except OSError:
            return None
        return done.returncode, bytes(done.stdout), bytes(done.stderr)


def _no_git() -> Diagnostic:
    hint = "install git: the revision that is compared with is read through it"
    return Diagnostic(codes.NO_REPOSITORY, "git cannot be started", hint=hint)


def _no_repository(root: str, err: bytes) -> Diagnostic:
    said = _first_line(err)
    if "dubious ownership" in said:
        hint = f"git config --global --add safe.directory {root}"
        return Diagnostic(codes.NO_REPOSITORY, f"git does not trust {root}: it belongs to somebody else", hint=hint)
    hint = "run it in a clone of the repository that holds specs and outputs"
    return Diagnostic(codes.NO_REPOSITORY, f"{root} is in no git repository", hint=hint)


def _refused(what: str, err: bytes) -> Diagnostic:
    hint = "see whether `git status` and `git fsck` work here"
    return Diagnostic(codes.NO_REPOSITORY, f"git {what} failed: {_first_line(err)}", hint=hint)


def _first_line(err: bytes) -> str:
    return (err.decode(errors="replace").strip().splitlines() or ["it says nothing"])[0].removeprefix("fatal: ")
