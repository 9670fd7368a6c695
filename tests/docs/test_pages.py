"""The page of each diagnostic: its form, its examples executed, and that `fleetc explain` prints it."""

import re
from pathlib import Path

import pytest
from tests.pages import Page, blocks_of

from fleetc.cli.main import main
from fleetc.diagnostics import CODES

PAGES = Path(__file__).parents[2] / "docs/diagnostics"

NOT_EXECUTED = {
    "FLT133": "it takes a bug: tests/driver/fmt/test_files.py puts some in",
    "FLT508": "names are unique and lower-case, and each makes one path, so that no specs of today lead there",
    "FLT521": "it takes helm: tests/live/test_charts.py has some",
    "FLT522": "it takes helm: tests/live/test_charts.py has some",
    "FLT604": "root may write anywhere, and CI is root: tests/cli/test_tree.py runs it as another user",
    "FLT605": "it takes a disk that is full: tests/cli/test_tree.py makes one",
    "FLT608": "names are unique and lower-case, and each makes one path, so that no specs of today lead there",
    "FLT440": "it takes cue: tests/live/test_constraints.py executes it",
    "FLT442": "it takes cue: tests/live/test_constraints.py executes it",
    "FLT922": "it takes a server: tests/driver/live/test_live_drift.py runs one",
    "FLT999": "it takes a bug",
}
"""Pages whose examples nothing can execute, and why."""


@pytest.mark.parametrize("code", [code for code in CODES if code not in NOT_EXECUTED])
def test_examples(code: str, tmp_path: Path) -> None:
    page = Page(PAGES / f"{code}.md", tmp_path / "acme")
    page.execute()
    ran = page.run("fleetc check")
    assert (ran.status, ran.stderr) == (0, ""), "the good part is not good"
    assert page.unread() == set()


@pytest.mark.parametrize("code", CODES)
def test_form(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {code} `{CODES[code].name}`\n\n{CODES[code].title[0].upper()}{CODES[code].title[1:]}")
    assert re.findall("(?m)^## (.*)", text) == ["Why it matters", "Bad", "Good"]
    bad = [block for block in blocks_of(text) if block.heading == "Bad" and block.is_output]
    assert len(bad) == 1
    assert f"{CODES[code].severity}[{code} {CODES[code].name}]: " in bad[0].text
    assert any(block.heading == "Good" for block in blocks_of(text)) or code in NOT_EXECUTED
    inside = {n for block in blocks_of(text) for n in range(block.first, block.last)}
    assert all(len(line) <= 120 for n, line in enumerate(text.splitlines()) if n not in inside)


def test_every_reason_is_needed() -> None:
    assert set(NOT_EXECUTED) <= set(CODES)
    assert {path.stem for path in PAGES.iterdir()} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_explain_prints_the_page(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (code, code.lower(), CODES[code].name):
        assert main(["explain", name]) == 0
        assert capsys.readouterr().out == (PAGES / f"{code}.md").read_text(encoding="utf-8")
