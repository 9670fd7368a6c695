"""The pages of the commands: there is one of each, its usage is current, and what it shows is executed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.pages import Page, blocks_of
from tools.manual import DOCS, generated, main, usage

from fleetc.cli.described import program
from fleetc.cli.main import main as fleetc

PAGES = DOCS / "commands"
COMMANDS = {one.name: one for one in program().commands}


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("base")
    for folder in ("specs", "golden", "stacks/generated", "expectations"):
        shutil.copytree(DOCS.parent / folder, base / folder)
    return base


def page_of(name: str) -> Path:
    page = PAGES / f"{name}.md"
    assert page.is_file(), (
        f"`fleetc {name}` has no page: write docs/commands/{name}.md as docs/commands/check.md is (an empty "
        f"block `usage` is filled by `make golden`), with its schema docs/schemas/{name}.json, and list it in "
        "docs/commands/README.md"
    )
    return page


def test_each_page_is_of_a_command() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} - {"README"} <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_form(name: str) -> None:
    text = page_of(name).read_text(encoding="utf-8")
    assert text.startswith(f"# fleetc {name}\n\n")
    assert {"Exit status", "JSON"} <= set(re.findall("(?m)^## (.*)", text))
    shown = [block.text for block in blocks_of(text) if block.words == ("usage",)]
    assert shown == [usage(COMMANDS[name])], "run make golden"
    statuses = text.partition("## Exit status")[2].partition("\n## ")[0]
    assert {"0"} < set(re.findall(r"(?m)^\| (\d) \|", statuses)) <= {"0", "1", "2"}
    assert f"](../schemas/{name}.json)" in text
    assert (DOCS / f"schemas/{name}.json").is_file()


@pytest.mark.parametrize("name", COMMANDS)
def test_what_it_shows(name: str, tmp_path: Path, acme: Path) -> None:
    page = Page(page_of(name), tmp_path / "acme", base=acme)
    # What doctor prints is of the machine: tests/cli/test_doctor.py compares it with its page.
    page.blocks = [block for block in page.blocks if name != "doctor" or block.words != ("text",)]
    page.execute()


def test_everything_generated_is_current() -> None:
    """`make golden` mends it."""
    assert {str(path): path.read_text(encoding="utf-8") for path in generated()} == {
        str(path): text for path, text in generated().items()
    }
    assert main(["--check"]) == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_usage_says_what_the_grammar_takes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What argparse prints has the same options; how it lays them out depends on its version."""
    with pytest.raises(SystemExit):
        fleetc([name, "--help"])
    printed = capsys.readouterr().out
    found = re.compile(r"(?m)^  (?:-\w, )?(--[\w-]+)")
    assert set(found.findall(printed)) == set(found.findall(usage(COMMANDS[name])))
