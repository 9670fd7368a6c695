"""What is compiled beside what changed, since models are planned otherwise: no less, compared with cold builds, and not
more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.backends.serving.sites import part
from tests.driver.fleets import STATE, output
from tests.driver.test_scopes import Builds, builds, clusters, edit, example, subjects
from tests.plan.serving import serving

from fleetc.driver import memory as memories
from fleetc.driver.memory import Memory
from fleetc.driver.scope import WHOLE, Scope, widened
from fleetc.language.serving import Serving, recalled_servings, remembered_servings

__all__ = ["builds", "example"]

MISTRAL = "specs/models/risk.yaml"
ONE, TWO = serving(part(least=1)), serving(part(least=2))


def remembered(tmp_path: Path, servings: dict[str, dict[str, Serving]]) -> Memory:
    """A memory of what is planned, and of who read it."""
    body = memories.Body({}, (), {}, {}, {}, READ, remembered_servings(servings), [], crossing=False, witnesses={})
    (tmp_path / STATE).mkdir()
    head = memories.Head("this", {}, [], [], [], "", {}, "golden", "stacks", 0, {}, {}, ())
    memories.save(str(tmp_path / STATE), head, body)
    found = memories.load(str(tmp_path / STATE), "this")
    assert found is not None
    return found


KEPT = serving(part(least=2, kept="large", apart=2, apart_most=2))
READ = {
    "Model/m": ["Model/m", "Serving/m"],
    "Team/t": ["Team/t", "Serving/m"],
    "Team/u": ["Team/u"],
    "GPUPool/h100": ["GPUPool/h100", "Division/h100"],
    "GPUPool/other": ["GPUPool/other", "Division/other"],
}


@pytest.mark.parametrize(
    ("scope", "now", "wider"),
    [
        (clusters("c"), {"m": {"a": ONE, "b": ONE}}, clusters("c")),
        (clusters("c"), {"m": {"a": ONE, "b": TWO}}, clusters("b", "c")),
        (clusters("c"), {"m": {"a": ONE, "d": ONE}}, clusters("b", "c", "d")),
        (clusters("c"), {}, clusters("a", "b", "c")),
        (subjects("Team/u"), {"m": {"a": ONE, "b": ONE}}, subjects("Team/u")),
        (subjects("Team/u"), {"m": {"a": ONE, "b": TWO}}, subjects("Model/m", "Team/t", "Team/u")),
        (subjects("Team/u"), {"m": {"a": ONE, "b": KEPT}}, subjects("GPUPool/h100", "Model/m", "Team/t", "Team/u")),
        (subjects("Team/u"), {"m": {"a": ONE}}, WHOLE),
        (subjects("Team/u"), {"m": {"a": ONE, "b": ONE}, "n": {"a": ONE}}, WHOLE),
        (WHOLE, {}, WHOLE),
    ],
)
def test_what_is_planned_otherwise(
    tmp_path: Path, scope: Scope, now: dict[str, dict[str, Serving]], wider: Scope
) -> None:
    assert widened(scope, remembered(tmp_path, {"m": {"a": ONE, "b": ONE}}), now) == wider


def test_without_a_memory_nothing_is_wider() -> None:
    assert widened(clusters("c"), None, {"m": {"a": ONE}}) == clusters("c")


def test_what_is_remembered_is_what_was_planned() -> None:
    wide = serving(part("a", profile="3g.40gb", nodes=2, expert=True), part("b", least=0, most=7))
    planned = {"m": {"a": wide, "b": wide, "c": ONE}, "n": {"a": TWO}}
    kept = remembered_servings(planned)
    assert recalled_servings(kept) == planned
    assert kept["m"]["a"] is kept["m"]["b"]
    recalled = recalled_servings(kept)
    assert recalled["m"]["a"] is recalled["m"]["b"]


def readers(root: Path, model: str) -> set[str]:
    """The subjects that read what was planned of a model."""
    found = memories.load(f"{root}/{STATE}", memories.tool_digest())
    assert found is not None
    return {subject for subject, read in found.body.depends.items() if f"Serving/{model}" in read}


def test_replicas_of_a_model(example: Path, builds: Builds) -> None:
    before, reading = output(example), readers(example, "mistral-7b")
    assert reading >= {"Model/mistral-7b", "Team/risk", "Cluster"}
    assert not any(id.startswith("Model/") for id in reading - {"Model/mistral-7b"})
    edit(example, MISTRAL, "replicas: 2", "replicas: 3")
    (scope,) = builds(example)
    assert scope == subjects(*reading)
    moved = {path for path, data in output(example).items() if before.get(path) != data}
    assert "golden/onprem-fra/teams/risk/models/mistral-7b.yaml" in moved
    assert {path.split("/")[1] for path in moved} == {"onprem-fra"}


def test_a_pool_by_which_nothing_moves(example: Path, builds: Builds) -> None:
    edit(example, "specs/pools/kind-dev.yaml", "cpu: 8", "cpu: 9")
    assert builds(example) == [clusters("kind-dev")]


def test_a_pool_that_drives_models_elsewhere(example: Path, builds: Builds) -> None:
    before = planned_at(example)
    edit(example, "specs/pools/onprem-fra.yaml", "accelerators: H200:8", "maintenance: true\n  accelerators: H200:8")
    # What autoscalers own is on other clusters then, which their hub has to know.
    scope, whole = builds(example)
    assert whole == WHOLE
    now = planned_at(example)
    moved = {
        name
        for model in before.keys() | now.keys()
        for name in {*before.get(model, {}), *now.get(model, {})}
        if before.get(model, {}).get(name) != now.get(model, {}).get(name)
    }
    assert moved > {"onprem-fra"}
    assert "eks-use1-prod" not in moved
    assert scope == clusters(*moved)


def planned_at(root: Path) -> Any:
    found = memories.load(f"{root}/{STATE}", memories.tool_digest())
    assert found is not None
    return found.body.servings
