"""Discarded edits become one patch that `git apply` takes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.driver.tree.trees import build, content, git, own, put

ODD = 'golden/odd "n\u00e4me".yaml'


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_patch_brings_the_edits_back(tmp_path: Path, jobs: int) -> None:
    old = {"golden/a.yaml": own("a: 1\nb: 2\n"), ODD: own("x\n"), "golden/gone here.yaml": own("g\n")}
    build(tmp_path, old)
    edited = {path: data.replace(b"sha256:", b"sha256:", 1) + b"mine: \xff\r\x0c1" for path, data in old.items()}
    for path, data in edited.items():
        put(tmp_path, path, data)
    put(tmp_path, "fleetc-edits-1.patch", b"an older one")
    new = {"golden/a.yaml": own("a: 2\nb: 2\n"), ODD: own("x\n")}
    done = build(tmp_path, new, jobs, discard_edits=True)
    assert done.patch == "fleetc-edits-2.patch"
    assert {p: d for p, d in content(tmp_path).items() if p.startswith("golden")} == new
    git(tmp_path, "init", "-q")
    git(tmp_path, "apply", done.patch)
    assert {p: d for p, d in content(tmp_path).items() if p.startswith("golden")} == edited


def test_nothing_to_discard_makes_no_patch(tmp_path: Path) -> None:
    assert build(tmp_path, {"golden/a": own("a")}, discard_edits=True).patch is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([b"a\n", b"b\n", b"\\ No\n", b"-- \n", b"\0\n", b"\r\n", b"\n", b"c"])))
def test_any_edit_comes_back(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    root = tmp_path_factory.mktemp("edit")
    text = own("a\nb\na\n")[:-2] + b"".join(lines)
    build(root, {"golden/a": own("a\nb\na\n")})
    put(root, "golden/a", text)
    done = build(root, {"golden/a": own("b\n")}, discard_edits=True)
    if done.patch:
        git(root, "init", "-q")
        git(root, "apply", "--whitespace=nowarn", done.patch)
        assert content(root)["golden/a"] == text
    else:
        assert text in (own("a\nb\na\n"), own("b\n"))
