"""What stands against serving a model as planned, and where in the specs it is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.backends.serving.sites import HUB, part, site, wide
from tests.driver.fleets import acme
from tests.plan.serving import locate, serving, world

from fleetc.driver.explain import explainer
from fleetc.driver.planned import plan_of
from fleetc.language.serving import Serving
from fleetc.plan import Plan
from fleetc.plan.servable import obstacles, servable
from fleetc.plan.serving import servings

PLAIN = {"kubernetes": "1.35"}
KEPT: dict[str, Any] = {"kept": "large", "apart": 2, "apart_most": 2}


@pytest.mark.parametrize(
    ("parts", "more", "says"),
    [
        ([part()], {"here": PLAIN}, []),
        ([wide()], {"here": PLAIN}, []),
        ([part()], {"here": {"kubernetes": "1.34"}}, ["image volumes are off on cluster c1, which has 1.34"]),
        ([part()], {"here": {"kubernetes": "1.34"}, "spec": {"source": HUB}}, []),
        ([wide()], {"here": PLAIN, "components": {}}, ["on 2 nodes each, for which on cluster c1 there is no"]),
        ([wide()], {"here": PLAIN, "planned": {"version": "0.11.0"}}, ["vllm 0.11.0 is not known to run on such"]),
        ([part()], {"here": PLAIN, "components": {}, "planned": {"version": "0.11.0"}}, []),
        ([part(**KEPT)], {"here": PLAIN}, []),
        (
            [part(**KEPT), part("h100-large")],
            {"here": PLAIN},
            ["2 nodes of pool h100 on cluster c1 are kept for its pods, called `h100-large`, as another pool there is"],
        ),
        ([part("p" * 57, **KEPT)], {"here": PLAIN}, []),
        ([part("p" * 58, **KEPT)], {"here": PLAIN}, ["too long: 64 characters, of 63 at most"]),
        ([wide("p" * 43)], {"here": PLAIN}, []),
        ([wide("p" * 44)], {"here": PLAIN}, ["50 characters, of 49 at most"]),
    ],
)
def test_obstacles(parts: list[Any], more: dict[str, Any], says: list[str]) -> None:
    at = site(*parts, **more)
    found = list(obstacles(at.model, at.serving, at.cluster, at.pools.names()))
    assert len(found) == len(says)
    assert all(text in obstacle.message for obstacle, text in zip(found, says, strict=True))
    assert all(obstacle.hint for obstacle in found)


def test_acme_serves_all_its_models(tmp_path: Path) -> None:
    acme(tmp_path)
    fleet = explainer(tmp_path)
    made, _ = plan_of(fleet)
    assert not made.diagnostics
    assert made.result.placed
    assert not made.result.unplaced
    found = servings(made.capacity, made.result)
    plan = fleet.plan.served(found)
    models = {doc.name for doc in plan.world.docs.values() if doc.kind == "Model"}
    assert {s.name for s in plan.subjects.values() if s.kind == "Model"} == found.keys() == models
    assert list(servable(plan, locate)) == []


def said(plan: Plan, subjects: set[str] | None = None) -> Iterator[tuple[str, str]]:
    """What is said, each with the place in specs that it is said at."""
    for found in servable(plan, locate, subjects):
        assert found.span is not None
        assert found.code.code == "FLT308"
        yield found.message, found.span.file


def plan_with(here: dict[str, Serving], **more: Any) -> Plan:
    return Plan(world(**more)).served({"m": here})


def test_each_thing_is_said_once() -> None:
    groups = {name: serving(wide()) for name in ("a", "b", "c")}
    found = list(said(plan_with(groups)))
    assert [message for message, _ in found] == [
        "its replicas are on 2 nodes each, for which on cluster a there is no LeaderWorkerSet"
    ]
    assert list(said(plan_with({}))) == []
    # Only c has none.
    assert [m for m, _ in said(plan_with(groups, components={"a": "lws: 0.10.0", "b": "lws: 0.10.0"}))] == [
        "its replicas are on 2 nodes each, for which on cluster c there is no LeaderWorkerSet"
    ]


def test_things_of_several_clusters_are_all_said() -> None:
    here = {"a": serving(part()), "b": serving(wide())}
    found = [message for message, _ in said(plan_with(here, minors={"a": "1.34"}, source="oci"))]
    assert len(found) == 2
    assert "image volumes are off on cluster a" in found[0]
    assert "on cluster b there is no LeaderWorkerSet" in found[1]


def test_each_is_said_where_the_spec_asks_for_it() -> None:
    plan = plan_with({"a": serving(part(), wide("p" * 60))}, minors={"a": "1.34"}, source="oci")
    places = [place.rpartition("#") for _, place in said(plan)]
    assert {file for file, _, _ in places} == {"Model/m.yaml"}
    assert [path for _, _, path in places] == ["spec/source", "spec/resources", "spec"]


def test_only_subjects_that_are_asked_about() -> None:
    plan = plan_with({"a": serving(wide())})
    assert len(list(said(plan, {"Model/m"}))) == 1
    assert list(said(plan, {"Model/other", "Team/t"})) == []
