"""Whether a file whose digest does not fit was put together from two valid versions by a merge: git is asked.

Two branches that change one own file always conflict in its header, so a person picks one header, or git is told to
(`-X ours`, a union driver). Every line then comes from a valid version, nothing was written by hand, and the file is
rebuilt. Git is asked only for files that look edited or conflicted.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Mapping

from fleetc.driver.tree.header import State, state_of, without_markers

_PAIRS = (
    ("HEAD", "MERGE_HEAD"),
    ("HEAD", "CHERRY_PICK_HEAD"),
    ("HEAD", "REBASE_HEAD"),
    (":2", ":3"),
    ("HEAD^1", "HEAD^2"),
)
"""The two sides of a merge under way, of a conflict in the index, and of a merge that was committed."""

_REVISIONS = tuple(dict.fromkeys(revision for pair in _PAIRS for revision in pair))

Versions = Mapping[str, bytes]
"""Valid versions of one file, by revision."""


def ask_git(root: str, paths: Iterable[str]) -> dict[str, Versions]:
    """The versions of each path that are OURS, from one git process; none without git or a repository."""
    names = [p for p in paths if "\n" not in p]
    found: dict[str, dict[str, bytes]] = {p: {} for p in names}
    if not names:
        return {}
    asked = [(path, revision) for path in names for revision in _REVISIONS]
    answer = _cat_file(root, b"".join(os.fsencode(f"{revision}:./{path}\n") for path, revision in asked))
    at = 0
    for path, revision in asked:
        line, end, _ = answer[at : at + 8192].partition(b"\n")
        at += len(line) + len(end)
        words = line.rsplit(b" ", 2)
        if len(words) == 3 and words[1] in {b"blob", b"tree", b"commit"} and words[2].isdigit():
            data = answer[at : at + int(words[2])]
            at += len(data) + 1
            if words[1] == b"blob" and state_of(data) is State.OURS:
                found[path][revision] = data
    return dict(found)


def is_merged(data: bytes, versions: Versions) -> bool:
    """Whether every line stands in one of the two sides of a merge, and every line of both sides is still there."""
    lines = set(data.split(b"\n"))
    for one, other in _PAIRS:
        if one not in versions or other not in versions or versions[one] == versions[other]:
            continue
        if one == "HEAD^1" and "HEAD" in versions:
            continue  # rebuilt since that merge: what differs now is an edit
        left, right = set(versions[one].split(b"\n")), set(versions[other].split(b"\n"))
        if lines <= left | right and lines >= left & right:
            return True
    return False


def is_pure_conflict(data: bytes, versions: Versions) -> bool:
    """Whether the sides of a conflict hold only lines of valid versions, as far as git knows two of them."""
    if len(set(versions.values())) < 2:
        return True
    known = {line for version in versions.values() for line in version.split(b"\n")}
    return known.issuperset(without_markers(data))


def _cat_file(root: str, requests: bytes) -> bytes:
    # Imported here: a build in which nothing was edited does not pay for it.
    subprocess = importlib.import_module("subprocess")
    command = ["git", "-C", root, "cat-file", "--batch"]
    environment = {**os.environ, "LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1"}
    try:
        done = subprocess.run(command, input=requests, capture_output=True, check=False, env=environment)
    except OSError:
        return b""
    return bytes(done.stdout) if done.returncode == 0 else b""
