"""The JSON of a plan, against docs/schemas/plan.json; and rendering of random problems."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.cli.plan import fleets
from tests.cli.plan.test_golden import PLANS
from tests.plan.placement.problems import problems

from fleetc.cli.planning.data import plan_data, whatif_data
from fleetc.cli.planning.report import named, report
from fleetc.cli.planning.table import Screen
from fleetc.cli.planning.use import uses
from fleetc.cli.planning.whatif import Question, whatif
from fleetc.cli.style import Style
from fleetc.plan.placement import LostCluster, drain, explain, locked, lose, solve
from fleetc.plan.placement.model import Problem
from fleetc.plan.view import PlanView

SCHEMA = Path(__file__).parents[3] / "docs/schemas/plan.json"
CHECK = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
SCREENS = st.builds(Screen, st.builds(Style, st.booleans()), st.integers(1, 160), st.booleans())


def checked(data: dict[str, Any]) -> dict[str, Any]:
    """The data as it is read again, once it is known to be as declared."""
    again: dict[str, Any] = json.loads(json.dumps(data))
    CHECK.validate(again)
    assert again == data
    return again


@pytest.mark.parametrize("name", PLANS)
def test_plans_are_as_declared(name: str) -> None:
    view = PLANS[name].view()
    data = checked(plan_data(view, [], verbose=False))
    assert [w["id"] for w in data["workloads"]] == sorted(w.id for w in view.result.problem.workloads)
    assert all(w["explained"] for w in data["workloads"])
    assert all(w["rejected"] is None for w in data["workloads"])
    assert all((w["reason"] is not None) == w["placed"] for w in data["workloads"])
    whole = checked(plan_data(view, [], verbose=True))
    assert all(w["rejected"] is not None for w in whole["workloads"])


def test_one_workload() -> None:
    data = checked(plan_data(fleets.crowded(), ["deepseek-r1"], verbose=False))
    (one,) = data["workloads"]
    assert one["binding"] == {"constraint": "nodes", "text": "fra/h100: no room for 1 replica beside rank-0 and rank-1"}
    assert one["remedies"][0] == {
        "kind": "endMaintenance", "pool": "ams/h100", "text": "end the maintenance of ams/h100",
    }  # fmt: skip
    assert one["rejected"][0]["why"] == {"kind": "inMaintenance", "text": "in maintenance"}
    assert len(data["pools"]) == 3


def test_moves_nest_their_reason() -> None:
    data = checked(whatif_data(drain(fleets.loss(), "west"), {"drain": "west"}, "USD", ()))
    assert data["shifts"][0]["reason"] == {
        "kind": "noLongerSuits", "why": {"kind": "inMaintenance"}, "text": "in maintenance",
    }  # fmt: skip
    assert data["wrote"] == []


def test_a_loss() -> None:
    data = checked(whatif_data(lose(fleets.loss(), LostCluster("west")), {"lose": "west"}, "USD", None))
    assert [b["workload"] for b in data["broken"]] == ["local"]
    assert (data["moved"], data["narrowed"], data["wrote"]) == (["chat", "code"], ["chat"], None)
    assert [s["to"] for s in data["shifts"] if s["workload"] == "local"] == [None]


def test_large_fleets_are_explained_when_asked() -> None:
    """An explanation takes a tenth of a second there; what is named is explained."""
    view = fleets.large(400)._replace(currency=None)
    pools = view.result.problem.pools * 20
    view = view._replace(result=view.result._replace(problem=view.result.problem._replace(pools=pools)))
    data = plan_data(view, [], verbose=False)
    assert not any(w["explained"] for w in data["workloads"])
    screen = Screen(Style(False), 120, True)
    assert "first by name" not in "\n".join(report(view, screen, verbose=False))


@settings(max_examples=60, deadline=None)
@given(problems(4, 5, 3), SCREENS, st.booleans())
def test_everything_can_be_told(problem: Problem, screen: Screen, relocked: bool) -> None:
    result = solve(problem)
    if relocked:
        result = solve(locked(problem, result))
    view = PlanView(result, partial(explain, result))
    for verbose in (False, True):
        lines = list(report(view, screen, verbose=verbose))
        told = "\n".join(lines)
        assert all(w.id in told for w in problem.workloads)
        assert screen.unicode or told.isascii()
        checked(plan_data(view, [], verbose=verbose))
    coloured = "\n".join(report(view, screen._replace(style=Style(True)), verbose=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == "\n".join(
        report(view, screen._replace(style=Style(False)), verbose=True)
    )
    ids = [w.id for w in problem.workloads]
    assert all(id in "\n".join(named(view, [id], screen)) for id in ids)
    assert list(report(view, screen, verbose=False)) == list(report(view, screen, verbose=False))
    for use in uses(result):
        assert min(use.promised, use.burst, use.aside, use.apart, use.free) >= 0
        assert use.promised + use.apart + use.free == use.guaranteed


@settings(max_examples=40, deadline=None)
@given(problems(4, 5, 3), SCREENS, st.sampled_from(("east", "west")), st.booleans())
def test_every_question_can_be_answered(problem: Problem, screen: Screen, cluster: str, folded: bool) -> None:
    for found in (lose(problem, LostCluster(cluster)), drain(problem, cluster)):
        told = "\n".join(whatif(found, Question("Then", None), screen, folded=folded))
        assert all(id in told for id in (*found.moved, *found.narrowed, *found.broken))
        checked(whatif_data(found, {"lose": cluster}, None, None))
