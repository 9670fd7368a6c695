"""The index of the documentation: everything is in it, and every link leads somewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.manual import DOCS

from fleetc.cli.described import program
from fleetc.diagnostics import CODES
from fleetc.language.kinds import KINDS

ROOT = DOCS.parent
INDEX = DOCS / "README.md"
PAGES = sorted({*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))})
_FENCED = re.compile(r"(?ms)^(`{3,}).*?^\1$")
_LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|`[^`]*`)*\]\(([^)\s]+)\)")


def links(page: Path) -> Iterator[str]:
    """Where the links of a page lead; those in blocks of code are none."""
    yield from _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))


def targets(page: Path) -> set[Path]:
    """The files that a page links to."""
    inside = (link.partition("#")[0] for link in links(page) if not re.match(r"\w+:", link))
    return {Path(os.path.normpath(page.parent / link)) for link in inside if link}


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.*)$", _FENCED.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert {str(path) for path in targets(page) if not path.exists()} == set()
    for link in links(page):
        file, hash, anchor = link.partition("#")
        if hash and not re.match(r"\w+:", link):
            assert anchor in anchors(page.parent / file if file else page), link


def test_every_page_is_in_the_index() -> None:
    """Directly, or in the index of a folder that is linked."""
    listed = targets(INDEX)
    for folder in [path for path in listed if path.name == "README.md"]:
        listed |= targets(folder)
    missing = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if page != INDEX} - {
        str(page.relative_to(DOCS)) for page in listed if page.is_relative_to(DOCS)
    }
    assert missing == set(), "link it from docs/README.md or from the README.md of its folder"


def test_each_thing_has_its_page() -> None:
    wanted = {
        *(DOCS / f"commands/{one.name}.md" for one in program().commands),
        *(DOCS / f"kinds/{kind.lower()}.md" for kind in KINDS),
        *(DOCS / f"diagnostics/{code}.md" for code in CODES),
    }
    assert {str(page.relative_to(ROOT)) for page in wanted if not page.is_file()} == set()
    listed = targets(INDEX) | targets(DOCS / "commands/README.md") | targets(DOCS / "kinds/README.md")
    assert {str(page.relative_to(ROOT)) for page in wanted - listed} == set(), "make golden"


def test_the_readme_leads_to_the_index() -> None:
    assert INDEX in targets(ROOT / "README.md")
