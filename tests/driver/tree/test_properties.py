"""Any mix of files: foreign and edited ones are never lost, and the rest is what is wanted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.driver.tree.trees import build, content, git, own, put, state_files

from fleetc.diagnostics import Failure
from fleetc.driver.tree.api import State, state_of

NAMES = ("a", "b", "c/a", "c/b", "c/d/a", "e/f/a", "e/f/b")
FILES = st.dictionaries(
    st.sampled_from([f"golden/{name}" for name in NAMES]),
    st.sampled_from([own("1"), own("2"), own("1") + b"edit", b"# Made by hand\n", b"", own("2")[:-1]]),
)
WANTED = st.dictionaries(st.sampled_from([f"golden/{name}" for name in NAMES]), st.sampled_from([own("1"), own("2")]))


def safe(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if state_of(data) is not State.OURS}


@settings(max_examples=150, deadline=None)
@given(FILES, st.lists(st.tuples(WANTED, FILES, st.booleans()), min_size=1, max_size=3))
def test_nothing_of_others_is_lost(
    tmp_path_factory: pytest.TempPathFactory,
    start: dict[str, bytes],
    runs: list[tuple[dict[str, bytes], dict[str, bytes], bool]],
) -> None:
    root = tmp_path_factory.mktemp("mix")
    for path, data in start.items():
        put(root, path, data)
    for wanted, changes, discard in runs:
        before = {p: d for p, d in content(root).items() if p.startswith("golden/")}
        edited = {p: d for p, d in before.items() if state_of(d) is State.EDITED}
        foreign = {p: d for p, d in before.items() if state_of(d) is State.FOREIGN}
        must_fail = bool(foreign.keys() & wanted.keys()) or (bool(edited) and not discard)
        if must_fail:
            with pytest.raises(Failure):
                build(root, wanted, discard_edits=discard)
            assert {p: d for p, d in content(root).items() if p.startswith("golden/")} == before
        else:
            done = build(root, wanted, discard_edits=discard)
            assert {p: d for p, d in content(root).items() if p.startswith("golden/")} == {**wanted, **foreign}
            assert bool(done.patch) == bool(edited)
            if done.patch:
                git(root, "init", "-q")
                git(root, "apply", done.patch)
                assert {p: content(root)[p] for p in edited} == edited
        assert state_files(root) == ["lock"]
        for path, data in changes.items():
            put(root, path, data)


@settings(max_examples=50, deadline=None)
@given(WANTED, WANTED)
def test_no_folder_of_ours_is_left_empty(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, bytes], second: dict[str, bytes]
) -> None:
    root = tmp_path_factory.mktemp("folders")
    build(root, first)
    build(root, second)
    for folder, below, files in os.walk(Path(root) / "golden"):
        assert below or files or folder == f"{root}/golden"
