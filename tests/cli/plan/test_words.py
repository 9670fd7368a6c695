"""Numbers and reasons in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.plan.fleets import gpu, view_of
from tests.plan.placement.problems import GI, model, pool, way

from fleetc.cli.planning.draw import Mark, Piece, bar
from fleetc.cli.planning.reasons import explained, why
from fleetc.cli.planning.table import Screen, wrapped
from fleetc.cli.planning.totals import notes, quality
from fleetc.cli.planning.units import basis, cores, hourly, memory, money, percent, some, span, to_point
from fleetc.cli.planning.words import Fleet, leaving, remedied
from fleetc.cli.style import Style
from fleetc.language.wording import gib
from fleetc.plan.placement.model import Locked, Problem, Quota, Range, Workload
from fleetc.plan.placement.reasons import Component, GivesWay, OneZone, RaiseQuota, RaiseQuotas
from fleetc.plan.placement.result import Explanation, Gap, Move

PLAIN = Screen(Style(False), 80, False)


def why_of(problem: Problem, id: str) -> str:
    view = view_of(problem)
    fleet, placed = Fleet.of(problem, "USD"), view.result.of(id)
    assert placed is not None
    return why(view, fleet, fleet.workloads[id], placed, told=True)


def test_numbers() -> None:
    assert [money(n) for n in (0, 1, 1_500_000, 1_234_567_890_000, -2_500_000)] == [
        "0.00", "0.000001", "1.50", "1,234,567.89", "-2.50",
    ]  # fmt: skip
    assert [gib(n) for n in (GI, GI - 1, 0, -1)] == ["1.0 GiB", "0.9 GiB", "0.0 GiB", "-0.1 GiB"]
    assert gib(GI + 1, up=True) == "1.1 GiB"
    assert [memory(n) for n in (16 * GI, 512 * 2**20, 1_000_001, 20 * GI + 2**20)] == [
        "16 GiB", "512 MiB", "0.1 GiB", "20.1 GiB",
    ]  # fmt: skip
    assert [cores(n) for n in (250, 1000, 1500, 12_000_000)] == ["0.25", "1", "1.5", "12,000"]
    assert (percent(1, 3), percent(1, 0), basis(1205)) == ("33%", "0%", "12.05%")
    assert (span(2, 2), span(1, 1000)) == ("2", "1..1,000")
    assert (hourly(1, 2_000_000, "EUR"), hourly(0, 0, None)) == ("0.000001..2.00 EUR/h", "0.00 an hour")
    assert to_point(["1.50", "", "10.125", "unknown"]) == ["1.50 ", "", "10.125", "unknown    "]


def test_lists() -> None:
    assert [some(list("abcdef"[:n])) for n in range(6)] == [
        "", "a", "a and b", "a, b and c", "a, b, c and d", "a, b, c and 2 more",
    ]  # fmt: skip
    assert list(wrapped("aa bb cc", 7, "- ", "  ")) == ["- aa bb", "  cc"]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=5), st.integers(8, 40))
def test_bars_have_their_width_and_every_piece(amounts: list[int], width: int) -> None:
    marks: tuple[Mark, ...] = ("promised", "burst", "apart", "free", "more")
    drawn = bar([Piece(mark, n) for mark, n in zip(marks, amounts, strict=False)], width, PLAIN)
    assert len(drawn) == width + 2
    glyphs = zip("#+/.-", amounts, strict=False)
    assert all((glyph in drawn) == (n > 0) for glyph, n in glyphs)


def test_choices_that_are_wanted_alike_are_one() -> None:
    pools = (gpu("west/h100", (0, 1), 8), gpu("west/h200", (0, 1), 9, accelerator="H200"))
    alike = model("chat", way(8, rank=0), way(8, "H200", rank=0))
    assert why_of(Problem(pools, (alike,)), "chat") == "cheapest reserved"
    later = model("chat", way(8, "B200", rank=0), way(8, rank=1), way(8, "H200", rank=1))
    assert why_of(Problem(pools, (later,)), "chat") == "second choice (no pool has B200), cheapest reserved"


def test_why_an_earlier_choice_was_not_taken() -> None:
    pools = (pool("west/h100", (0, 1)), pool("west/h200", (0, 2), accelerator="H200"))
    old = model("old", previous=(Locked("west/h100", "H100:8", 1),))
    new = model("new", way(8), way(8, "H200"))
    assert why_of(Problem(pools, (old, new)), "new") == "second choice (no room for H100:8), only pool with room"
    assert why_of(Problem(pools, (old, new)), "old") == "locked"
    within = Problem(pools, (new,), (Quota("search", "H100", 4),))
    assert why_of(within, "new") == "second choice (H100:8 over quota), only way within the quota"


def test_moves_and_remedies() -> None:
    fleet = Fleet.of(Problem((), ()), None)
    assert leaving(Move("a", "west/h100", "H100:8", 2, GivesWay(("b",))), fleet) == (
        "2 replicas (H100:8) leave west/h100: gives way to b"
    )
    raised = RaiseQuota("risk", "A100-80", "1g.10gb", 12, "west")
    assert remedied(raised, model("a")) == "raise the quota of team risk to 12 A100-80/1g.10gb on west"
    both = RaiseQuotas("risk", "H100", "", 8)
    assert remedied(both, model("a")) == "raise the quota of team risk to 8 H100 on each cluster"
    said = "give west/h100 one zone, such as a: the nodes of a replica have to be in one"
    assert remedied(OneZone("west/h100", "a"), model("a")) == said


@pytest.mark.parametrize(
    ("component", "said"),
    [
        ("price", "12.00 USD an hour, and no plan costs less than 10.00 USD (20.00% above)"),
        ("parts", "fewer places may be possible (by 2,000,000 at most)"),
        ("alternatives", "earlier choices may be possible"),
        ("broken", "fewer workloads without a place may be possible"),
    ],
)
def test_how_good_it_is(component: Component, said: str) -> None:
    view = view_of(Problem((pool("west/h100"),), (model("a"),)))
    assert quality(view) == "best possible: every combination was searched"
    rough = view.result._replace(exact=False, gap=Gap(component, 12_000_000, 10_000_000))
    assert said in quality(view._replace(result=rough))


def test_explanations_are_asked_for_what_is_told() -> None:
    """What stays where its lock has it is known to do so."""
    problem = Problem((pool("west/h100"),), (model("a", previous=(Locked("west/h100", "H100:8", 1),)), model("b")))
    view = view_of(problem)
    assert explained(view) == {"b"}

    def never(id: str) -> Explanation:
        raise AssertionError(id)

    silent = view._replace(explanation=never)
    fleet, placed = Fleet.of(problem, None), view.result.of("a")
    assert placed is not None
    assert why(silent, fleet, fleet.workloads["a"], placed, told=True) == "locked"


def noted(*workloads: Workload, nodes: tuple[int, int] = (2, 4), **given: Any) -> list[str]:
    """The notes of a plan of one pool, each on a line."""
    view = view_of(Problem((pool("west/h100", nodes, **given),), workloads))
    return list(notes(view, Screen(Style(False), 400, True), folded=False))


def test_nodes_that_nobody_keeps_up_are_noted_where_promises_count_on_them() -> None:
    waits = "note  west/h100: promises count on 1 node that nobody keeps up: a node comes when a pod waits for it"
    one = model("a")
    assert noted(one, capacity="onDemand", waits=True) == [waits]
    assert noted(one, capacity="onDemand") == noted(one, capacity="reserved", waits=True) == []
    assert noted(one._replace(replicas=Range(0, 1)), capacity="onDemand", waits=True) == []


def test_nodes_that_are_kept_are_noted_with_what_burst_would_use_of_them() -> None:
    small, large = model("small", way(1), replicas=(7, 7)), model("large", way(8), replicas=(1, 2))
    (note, *_) = noted(small, large, nodes=(2, 4), capacity="onDemand")
    assert note == (
        "note  west/h100: 1 of 2 nodes is kept apart for large pods: 1..2 (h100-large) for large (pods of 8 H100); on "
        "shared nodes all pods could need 8 in the worst case"
    )
