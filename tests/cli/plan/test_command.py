"""`fleetc plan` with a driver that is made by hand: what it prints where, and its exit status."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.plan import fleets

from fleetc.cli import plan
from fleetc.cli.plan import Planning, lost_of
from fleetc.diagnostics import Diagnostic, Failure, codes
from fleetc.plan.placement import LostCluster, LostPool, LostZone
from fleetc.plan.placement.model import Problem
from fleetc.plan.placement.result import Result
from fleetc.plan.view import PlanView, Refused
from fleetc.source.span import Span


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/fleet.yaml").write_text("kind: Fleet\n", encoding="utf-8")
    return str(tmp_path)


class Driver:
    """Plans what it is given, and notes what it is to write."""

    def __init__(self, view: Callable[[], PlanView | Refused], *wrote: str) -> None:
        self.view = view
        self.wrote = wrote
        self.results: list[Result] = []

    def planning(self) -> Planning:
        return Planning(lambda _root: self.view(), self._relock)

    def _relock(self, _root: str, result: Result) -> tuple[str, ...]:
        self.results.append(result)
        return self.wrote


def run(root: str, driver: Driver, *workloads: str, **given: Any) -> int:
    options = argparse.Namespace(
        root=root, workloads=[*workloads], lose=None, drain=None, verbose=False, output="text", color="never"
    )
    vars(options).update(given)
    return plan.command(options, driver.planning())


def loss() -> PlanView:
    return fleets.view_of(fleets.loss())


@pytest.mark.parametrize(
    ("view", "words", "given", "status", "said"),
    [
        (fleets.small, (), {}, 0, "all have a place"),
        (fleets.crowded, (), {}, 1, "1 without a place"),
        (fleets.crowded, ("mixtral",), {}, 0, "mixtral  search  placed"),
        (fleets.crowded, ("deepseek-r1",), {}, 1, "deepseek-r1  research  no place"),
        (fleets.small, (), {"verbose": True}, 0, "rejected"),
        (loss, (), {"lose": "west"}, 1, "Without cluster west: 1 workload stays"),
        (loss, (), {"lose": "east/h200"}, 0, "Without pool east/h200: 4 workloads stay"),
        (loss, (), {"lose": "zone:west-a"}, 1, "Without zone west-a of eu"),
    ],
)
def test_status_and_text(
    root: str,
    view: Callable[[], PlanView],
    words: tuple[str, ...],
    given: dict[str, Any],
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(root, Driver(view), *words, **given) == status
    got = capsys.readouterr()
    assert said in got.out
    assert got.err == ""
    assert run(root, Driver(view), *words, **given, output="json") == status
    assert json.loads(capsys.readouterr().out)["apiVersion"] == "fleetc.plan/v1"


def test_named_twice_is_told_once(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(root, Driver(fleets.crowded), "mixtral", "mixtral")
    assert capsys.readouterr().out.count("mixtral  search  placed") == 1


def test_a_drain_writes_the_locks(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    driver = Driver(fleets.small, "specs/locks/llama-3-1-70b.yaml")
    assert run(root, driver, drain="ams") == 0
    out = capsys.readouterr().out
    assert "\n\nwrote specs/locks/llama-3-1-70b.yaml\nnext  write `maintenance: true` in its pools" in out
    assert "next  take back `failover`, `spread` or `count` of llama-3-1-70b until then" in out
    (result,) = driver.results
    assert {part.cluster for placed in result.placed for part in placed.parts} == {"fra"}
    assert run(root, driver, drain="ams", output="json") == 0
    assert json.loads(capsys.readouterr().out)["wrote"] == ["specs/locks/llama-3-1-70b.yaml"]


def test_a_drain_of_what_is_empty(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, Driver(fleets.crowded), drain="ams") == 0
    assert "\nlock files are up to date\nnext  write `maintenance: true`" in capsys.readouterr().out


def test_a_drain_that_breaks_a_promise_writes_nothing(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    driver = Driver(fleets.small)
    assert run(root, driver, drain="fra") == 1
    assert capsys.readouterr().out.endswith("nothing is written: a promise would break\n")
    assert driver.results == []


@pytest.mark.parametrize(
    ("words", "given", "said", "hint"),
    [
        (("mixtrall",), {}, "there is no workload `mixtrall`", "did you mean `mixtral`?"),
        (("zzz",), {}, "there is no workload `zzz`", "known are deepseek-r1, mixtral, rank-0, rank-1"),
        ((), {"lose": "fraa"}, "there is no cluster, pool or zone `fraa`", "did you mean `fra`?"),
        ((), {"lose": "fra/h10"}, "there is no cluster, pool or zone `fra/h10`", "did you mean `fra/h100`?"),
        ((), {"lose": "fra-a"}, "there is no cluster, pool or zone `fra-a`", "did you mean `zone:fra-a`?"),
        ((), {"lose": "zone:fra-b"}, "there is no zone `fra-b`", "did you mean `zone:fra-a`?"),
        ((), {"lose": "zone:eu/nyc-a"}, "there is no zone `eu/nyc-a`", "did you mean `zone:us/nyc-a`?"),
        ((), {"drain": "frb"}, "there is no cluster `frb`", "did you mean `fra`?"),
        (("mixtral",), {"lose": "fra"}, "what a loss or a drain does concerns all workloads", "name workloads, or use"),
    ],
)
def test_names_that_are_not_known(
    root: str, words: tuple[str, ...], given: dict[str, Any], said: str, hint: str
) -> None:
    with pytest.raises(Failure) as failed:
        run(root, Driver(fleets.crowded), *words, **given)
    (found,) = failed.value.diagnostics
    assert found.code is codes.BAD_USAGE
    assert found.message == said
    assert found.hint is not None
    assert hint in found.hint


def test_what_can_be_lost() -> None:
    twice = (
        fleets.gpu("a/h100", (0, 1), 1, zones=("z1",)),
        fleets.gpu("b/h100", (0, 1), 1, zones=("z1",), region="us"),
    )
    problem = Problem(twice, ())
    assert lost_of("a", problem) == LostCluster("a")
    assert lost_of("a/h100", problem) == LostPool("a/h100")
    assert lost_of("zone:us/z1", problem) == LostZone("us", "z1")
    with pytest.raises(Failure) as failed:
        lost_of("zone:z1", problem)
    assert failed.value.diagnostics[0].hint == "name its region: zone:eu/z1 or zone:us/z1"


def test_specs_with_errors(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = Diagnostic(codes.UNKNOWN_FIELD, "unknown field `bogus`", Span("specs/fleet.yaml", 1, 1), "remove it")
    driver = Driver(lambda: Refused((wrong,), lambda _: "bogus: 1\n"))
    assert run(root, driver) == 1
    got = capsys.readouterr()
    assert got.out == ""
    assert got.err.startswith("error[FLT121 unknown_field]: unknown field `bogus`")
    assert run(root, driver, output="json") == 1
    assert json.loads(capsys.readouterr().out)["diagnostics"][0]["code"] == "FLT121"


def test_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert plan.screen_for("never").width == 80
    monkeypatch.setenv("COLUMNS", "wide")
    assert plan.screen_for("never").width == 120
    assert plan.screen_for("always").style.on
