"""Users copy the program: it stands on Pulumi, PyYAML and the standard library, and its modules form no circle."""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

from tests.check.goldens import ROOT

PROGRAM = ROOT / "stacks"


def imported(path: Path) -> set[str]:
    """The modules that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_what_it_stands_on() -> None:
    tops = {name.partition(".")[0] for path in PROGRAM.rglob("*.py") for name in imported(path)}
    assert tops - sys.stdlib_module_names == {"fleet", "pulumi", "yaml"}


def test_no_circle() -> None:
    graph = {f"fleet.{path.stem}": imported(path) for path in (PROGRAM / "fleet").glob("*.py")}
    assert list(TopologicalSorter(graph).static_order())


def test_the_package_names_its_modules() -> None:
    text = (PROGRAM / "fleet/__init__.py").read_text(encoding="utf-8")
    modules = {path.stem for path in (PROGRAM / "fleet").glob("*.py")} - {"__init__"}
    assert all(f"`{name}`" in text for name in modules)
