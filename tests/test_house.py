"""The house rules that no linter knows: sizes of modules and functions, and every code with its page."""

import ast
import tomllib
from pathlib import Path

import pytest

from fleetc import __version__
from fleetc.diagnostics import CODES

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    p for folder in ("compiler", "backends", "stacks", "benchmarks", "tools") for p in (ROOT / folder).rglob("*.py")
)
SLOW_TUPLES = {
    "compiler/fleetc/emission/site.py": "generic",
    "compiler/fleetc/language/expectation.py": "its annotations are read as types, not as text",
    "compiler/fleetc/language/team.py": "so are these",
    "compiler/fleetc/language/types.py": "and these",
    "compiler/fleetc/tuples.py": "what type checkers see",
}
"""What takes `NamedTuple` from `typing`, whose classes take eight times as long to make as those of `fleetc.tuples`."""
MOST_MODULE_LINES = 400
MOST_FUNCTION_LINES = 40


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_sizes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_MODULE_LINES
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {f.name: f.end_lineno - f.lineno + 1 for f in functions if f.end_lineno is not None}
    assert {name: lines for name, lines in long.items() if lines > MOST_FUNCTION_LINES} == {}


def test_every_code_has_its_page() -> None:
    pages = {p.stem for p in (ROOT / "docs/diagnostics").glob("FLT*.md")}
    assert pages == set(CODES)


def test_codes_are_named_after_the_bad_thing_once() -> None:
    assert len({code.name for code in CODES.values()}) == len(CODES)
    assert sorted(CODES) == list(CODES)


def test_one_version() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert __version__ == declared


def test_named_tuples_are_made_quickly() -> None:
    ours = [p for p in MODULES if p.is_relative_to(ROOT / "backends") or p.is_relative_to(ROOT / "compiler/fleetc")]
    slow = [p for p in ours if _takes(ast.parse(p.read_text(encoding="utf-8")), "typing", "NamedTuple")]
    assert {str(p.relative_to(ROOT)) for p in slow} == SLOW_TUPLES.keys()


def _takes(module: ast.Module, source: str, name: str) -> bool:
    imports = [n for n in ast.walk(module) if isinstance(n, ast.ImportFrom)]
    return any(n.module == source and any(alias.name == name for alias in n.names) for n in imports)
