"""README and the pages of the spec kinds: their commands and examples executed, and every field described."""

import re
import shutil
from pathlib import Path

import pytest
from tests.pages import BASE, Page, blocks_of

from fleetc.language.kinds import KINDS
from fleetc.language.schema import Keyed, Struct

REPOSITORY = Path(__file__).parents[2]
KIND_PAGES = REPOSITORY / "docs/kinds"
ON_ACME = (
    "README.md", "docs/ci.md", "docs/output-tree.md", "docs/next-minor.md", "docs/schema.md", "docs/crds.md",
    "docs/test.md", "docs/diff.md", "docs/delivery.md", "docs/charts.md",
)  # fmt: skip
"""Pages about the example fleet."""
ON_BASE = ("docs/fmt.md", "docs/import.md")
"""Pages about a small one."""
ON_NOTHING = ("docs/init.md", "docs/tutorial.md")
"""Pages that begin in an empty folder."""


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("base")
    for folder in ("specs", "golden", "stacks/generated", "expectations"):
        shutil.copytree(REPOSITORY / folder, base / folder)
    return base


@pytest.mark.parametrize("name", ON_ACME)
def test_pages_on_acme(name: str, tmp_path: Path, acme: Path) -> None:
    Page(REPOSITORY / name, tmp_path / "acme", base=acme).execute()


@pytest.mark.parametrize("name", ON_BASE)
def test_pages_on_the_base(name: str, tmp_path: Path) -> None:
    Page(REPOSITORY / name, tmp_path / "acme").execute()


@pytest.mark.parametrize("name", ON_NOTHING)
def test_pages_on_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    Page(REPOSITORY / name, tmp_path / "acme", base=tmp_path / "base").execute()


def test_plan_on_acme(tmp_path: Path, acme: Path) -> None:
    """Its other blocks are of fleets that are built by hand: tests/cli/plan/test_golden.py."""
    page = Page(REPOSITORY / "docs/plan.md", tmp_path / "acme", base=acme)
    page.blocks = [block for block in page.blocks if block.words[0] == "console"]
    assert page.blocks
    page.execute()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("heading", ["Minimal", "Full"])
def test_examples(kind: str, heading: str, tmp_path: Path) -> None:
    blocks = blocks_of((KIND_PAGES / f"{kind.lower()}.md").read_text(encoding="utf-8"))
    files = {block.words[1]: block.text for block in blocks if block.heading == heading}
    assert any(f"kind: {kind}\n" in text for text in files.values())
    root = tmp_path / "acme"
    shutil.copytree(BASE, root)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    page = Page(KIND_PAGES / f"{kind.lower()}.md", tmp_path / "page", base=root)
    ran = page.run("fleetc build >/dev/null")
    assert (ran.status, ran.stderr) == (0, "")


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_described_and_shown(kind: str) -> None:
    text = (KIND_PAGES / f"{kind.lower()}.md").read_text(encoding="utf-8")
    common = (KIND_PAGES / "README.md").read_text(encoding="utf-8")
    fields = {name for name in _fields(KINDS[kind].struct) if name not in ("to", "key", "identity", "object", "name")}
    described = set(re.findall(r"`([A-Za-z.]+)`", text + common))
    described |= {part for name in described for part in name.split(".")}
    assert fields - described == set()
    full = "".join(block.text for block in blocks_of(text) if block.heading == "Full")
    selector = set(_fields(KINDS["Team"].struct, "placement"))
    assert {name for name in fields - selector if f"{name}:" not in full} - {"team"} == set()


def _fields(struct: Struct, only: str | None = None) -> list[str]:
    out: list[str] = []
    for name, field in struct.fields.items():
        if only is not None and name != only:
            continue
        out.append(name)
        inner = field.schema.item if isinstance(field.schema, Keyed) else field.schema
        if isinstance(inner, Struct):
            out += _fields(inner)
    return out
