"""What docs/checks/cel.md says of functions and of agreement is what is there. With FLEETC_UPDATE=1 it is written."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Final

from tests.cel.corpus import MINORS, answers, verdict

from fleetc.cel.environment import LIBRARIES
from fleetc.cel.functions import Overload

PAGE: Final = Path(__file__).parents[2] / "docs/checks/cel.md"
OLDEST: Final = 33
OPERATORS: Final = ("_", "@", "!", "-", "cel.@")


def functions() -> str:
    lines = ["| About | Functions | From |", "|---|---|---|"]
    for about, library in LIBRARIES.items():
        names = sorted(n for n in library.overloads if not n.startswith(OPERATORS) and not n.endswith("_"))
        told = ", ".join(f"`{_called(name, library.overloads[name])}`" for name in names)
        if told:
            lines.append(f"| {about} | {told} | 1.{max(OLDEST, library.since + 1)} |")
    return "\n".join(lines)


def _called(name: str, overloads: list[Overload]) -> str:
    return f".{name}" if all(overload.member for overload in overloads) else name


def agreement() -> str:
    lines = ["| Minor | Expressions | Refused by both | The same result | Unsupported |", "|---|---:|---:|---:|---:|"]
    for minor in MINORS:
        mine = Counter(verdict(expression, minor).partition(" ")[0].rstrip(":") for expression in answers(minor))
        same = mine.total() - mine["refused"] - mine["unsupported"]
        lines.append(f"| {minor} | {mine.total()} | {mine['refused']} | {same} | {mine['unsupported']} |")
    return "\n".join(lines)


def filled(page: str, name: str, text: str) -> str:
    start, end = f"<!-- {name}, made by tests/cel/test_page.py -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(start)
    return f"{before}{start}\n\n{text}\n\n{end}{rest.partition(end)[2]}"


def test_the_page_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = filled(filled(page, "functions", functions()), "agreement", agreement())
    if os.environ.get("FLEETC_UPDATE") == "1":
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made, "run it with FLEETC_UPDATE=1"


def test_each_function_is_in_the_corpus() -> None:
    text = "\n".join(answers("1.36"))
    names = {name for library in LIBRARIES.values() for name in library.overloads if not name.startswith(OPERATORS)}
    missing = {name for name in names if f"{name}(" not in text} - {"labelSelector", "subresource", "name", "error"}
    assert missing == set()
