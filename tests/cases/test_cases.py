"""Errors as users see them: one file each, with the specs that are wrong and what `fleetc check` says of them."""

import re
from pathlib import Path

import pytest
from tests.pages import BASE, Page

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*.md"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    page = Page(path, tmp_path / "acme")
    assert page.text.startswith("# ")
    assert page.blocks[-1].is_output
    page.execute()
    assert page.unread() == set()
    assert not re.search(r"Traceback|\b[A-Z]\w+Error\b|<\w+\.\w+|FLT999", page.text)


def test_the_base_is_clean(tmp_path: Path) -> None:
    page = Page(CASES[0], tmp_path / "acme")
    assert page.run("fleetc check").stderr == ""
    assert page.run("fleetc check").status == 0


def test_nothing_else_is_here() -> None:
    found = {path.name for path in HERE.iterdir() if not path.name.startswith(("test_", "__"))}
    assert found == {path.name for path in CASES} | {BASE.name}
