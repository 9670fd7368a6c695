"""Explanations in Markdown: goldens of each kind, and texts that would break out of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.driver.fleets import CHECKOUT, inside
from tests.driver.tree.trees import put

from fleetc.cli import marked

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "line": ["golden/kind-dev/teams/search/team.yaml:299"],
    "default": ["golden/hub/platform/cluster.yaml:5"],
    "constant": ["golden/hub/platform/cluster.yaml:3"],
    "header": ["golden/hub/platform/cluster.yaml:1"],
    "object": ["golden/onprem-fra/teams/risk/team.yaml:5"],
    "spec": ["specs/teams/risk.yaml:14"],
    "nothing": ["specs/fleet.yaml:1"],
    "placement": ["specs/models/mistral-7b.model.lock:6"],
    "code": ["FLT121"],
    "all": ["--all", "golden/kind-dev"],
}
READER = MarkdownIt("commonmark").enable("table").enable("strikethrough")
HOSTILE = [
    "|",
    "`",
    "``",
    "\\",
    "\n",
    "<b>",
    "<!--",
    "](x)",
    "[",
    "![",
    "*",
    "_",
    "~~",
    "#",
    "@ada",
    "- ",
    "1. ",
    "&amp;",
    " ",
    "é",
]
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(alphabet="ab1 .:", max_size=3), max_size=7).map("".join)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("marked")
    for folder in ("specs", "golden"):
        shutil.copytree(CHECKOUT / folder, root / folder)
    return root


@pytest.mark.parametrize("name", CASES)
def test_goldens(fleet: Path, name: str) -> None:
    got = inside(fleet, "explain", *CASES[name], "--output", "markdown")
    assert (got.status, got.err) == (0, "")
    path = GOLDEN / f"{name}.md"
    if os.environ.get("FLEETC_UPDATE") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(got.out, encoding="utf-8")
    assert got.out == path.read_text(encoding="utf-8")


def test_each_golden_is_of_a_case() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


def test_a_file_that_is_not_current(fleet: Path, tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    shutil.copytree(fleet, root)
    put(root, "specs/teams/risk.yaml", (root / "specs/teams/risk.yaml").read_bytes().replace(b"share: 2", b"share: 3"))
    got = inside(root, "explain", "golden/onprem-fra/teams/risk/team.yaml:361", "--output", "markdown")
    assert got.out.startswith("> note: golden/onprem-fra/teams/risk/team.yaml is not what the specs give now")


def test_what_is_wrong_is_told_as_text(fleet: Path) -> None:
    got = inside(fleet, "explain", "nowhere.yaml:1", "--output", "markdown")
    assert (got.status, got.out) == (2, "")
    assert got.err.startswith("error[FLT904 nothing_to_explain]")


def inline(text: str) -> str:
    """What a reader sees of a paragraph; no markup but code spans."""
    tokens = READER.parse(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "code_inline", "text_special"}
    return "".join(child.content for child in children)


@given(TEXTS)
def test_prose_and_code_are_what_they_say(text: str) -> None:
    plain = " ".join(text.split())
    assert inline(f"x{marked.prose(text)}x").replace("\N{WORD JOINER}", "") == f"x{plain}x"
    assert "@ada" not in marked.prose(text)
    if plain:
        assert inline(marked.code(text)) == plain


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_cells_stay_in_their_tables(rows: Sequence[tuple[str, str]]) -> None:
    page = "\n".join(marked.table(("a", "b"), [(marked.cell(one), marked.prose(two)) for one, two in rows]))
    tokens = READER.parse(page)
    assert [token.type for token in tokens].count("tr_open") == len(rows) + 1
    assert [token.type for token in tokens].count("table_open") == 1
    cells = [tokens[n + 1] for n, token in enumerate(tokens) if token.type == "td_open"]
    shown = ["".join(child.content for child in cell.children or []) for cell in cells]
    wanted = [" ".join(text.split()) for row in rows for text in row]
    assert [text.replace("\N{WORD JOINER}", "") for text in shown] == wanted


def test_it_fits_into_a_comment() -> None:
    text = marked.fitted(["é" * 1000] * 100)
    assert len(text.encode()) < 65_536
    assert text.endswith("\n_More than fits here: `fleetc explain` has all of it._\n")
    assert marked.fitted(["one", ""]) == "one\n"
