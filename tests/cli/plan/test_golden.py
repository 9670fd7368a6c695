"""What `fleetc plan` prints of fleets that are built by hand, held in golden/. FLEETC_UPDATE=1 writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.cli.plan import fleets
from tests.pages import UPDATE, blocks_of

from fleetc.cli.planning.report import named, report
from fleetc.cli.planning.table import Screen
from fleetc.cli.planning.whatif import Question, whatif
from fleetc.cli.style import Style
from fleetc.plan.placement import LostCluster, drain, lose
from fleetc.plan.view import PlanView

GOLDEN = Path(__file__).parent / "golden"
PLAIN = Style(False)
WIDE, NARROW, ASCII = Screen(PLAIN, 120, True), Screen(PLAIN, 80, True), Screen(PLAIN, 100, False)


class Case(NamedTuple):
    view: Callable[[], PlanView]
    screen: Screen = WIDE
    verbose: bool = False


PLANS = {
    "small": Case(fleets.small),
    "small-narrow": Case(fleets.small, NARROW),
    "small-ascii": Case(fleets.small, ASCII),
    "small-verbose": Case(fleets.small, WIDE, verbose=True),
    "unplaced": Case(fleets.crowded),
    "unplaced-narrow": Case(fleets.crowded, NARROW),
    "apart": Case(fleets.apart),
    "spot": Case(fleets.spot),
    "choices": Case(fleets.choices),
    "unpriced": Case(fleets.unpriced),
    "tpu": Case(fleets.tpu),
    "cpu": Case(fleets.cpus),
    "enterprise": Case(fleets.enterprise),
    "enterprise-narrow": Case(fleets.enterprise, NARROW, verbose=True),
    "large": Case(fleets.large),
    "uneven": Case(fleets.uneven),
    "empty": Case(fleets.nothing),
}


def compare(name: str, lines: Iterable[str]) -> None:
    text = "\n".join(lines) + "\n"
    file = GOLDEN / f"{name}.txt"
    if UPDATE:
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, "run it with FLEETC_UPDATE=1, and read the difference"


@pytest.mark.parametrize("name", PLANS)
def test_plan(name: str) -> None:
    case = PLANS[name]
    lines = list(report(case.view(), case.screen, verbose=case.verbose))
    compare(name, lines)
    assert all(line == line.rstrip() for line in lines)
    assert all(len(line) <= case.screen.width for line in lines)
    assert case.screen.unicode or all(line.isascii() for line in lines)


def test_named() -> None:
    compare("named", named(fleets.crowded(), ["deepseek-r1", "mixtral"], WIDE))


def test_a_loss() -> None:
    found = lose(fleets.loss(), LostCluster("west"))
    compare("lose", whatif(found, Question("Without cluster west", "USD"), WIDE, folded=True))
    compare("lose-narrow", whatif(found, Question("Without cluster west", "USD"), NARROW, folded=False))


def test_a_drain() -> None:
    problem = fleets.small().result.problem
    compare("drain", whatif(drain(problem, "fra"), Question("With cluster fra drained", "USD"), WIDE, folded=True))
    compare(
        "drain-clean", whatif(drain(problem, "ams"), Question("With cluster ams drained", "USD"), WIDE, folded=True)
    )


def test_the_page_shows_what_is_printed() -> None:
    """Its blocks are goldens, by their name after the language."""
    page = GOLDEN.parents[3] / "docs/plan.md"
    text = page.read_text(encoding="utf-8")
    lines = text.split("\n")
    blocks = [block for block in blocks_of(text) if block.words[:1] == ("text",)]
    for block in reversed(blocks):
        _, name = block.words
        golden = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
        lines[block.first + 1 : block.last] = golden.split("\n")[:-1]
    now = "\n".join(lines)
    if UPDATE:
        page.write_text(now, encoding="utf-8")
    assert blocks
    assert now == page.read_text(encoding="utf-8")


def test_nothing_stale() -> None:
    others = {"named", "lose", "lose-narrow", "drain", "drain-clean"}
    assert {file.stem for file in GOLDEN.iterdir()} == {*PLANS, *others}
