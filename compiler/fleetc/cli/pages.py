"""The pages of the codes, as docs/diagnostics has them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from fleetc.diagnostics import Code


def page_of(code: Code) -> str:
    """The page of a code, in Markdown."""
    # The wheel holds the pages in the package; in a checkout they stand where people read them.
    packaged = resources.files("fleetc.diagnostics").joinpath("pages")
    pages = packaged if packaged.is_dir() else Path(__file__).parents[3] / "docs/diagnostics"
    return pages.joinpath(f"{code.code}.md").read_text(encoding="utf-8")
