"""What stands against serving a model as planned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.backends.serving.sites import HUB, part, site, wide
from tests.driver.fleets import acme

from fleetc.driver.explain import explainer
from fleetc.driver.planned import plan_of
from fleetc.language.serving import Serving, ServingPart
from fleetc.plan.capacity import Capacity
from fleetc.plan.fit import Layout
from fleetc.plan.fit.memory import checkpoint
from fleetc.plan.placement.result import Placed, Placement
from fleetc.plan.servable import obstacles

PLAIN = {"kubernetes": "1.35"}


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
        ([wide("p" * 43)], {"here": PLAIN}, []),
        ([wide("p" * 44)], {"here": PLAIN}, ["50 characters, of 49 at most"]),
    ],
)
def test_obstacles(parts: list[Any], more: dict[str, Any], says: list[str]) -> None:
    at = site(*parts, **more)
    found = list(obstacles(at.model, at.serving, at.cluster, at.components))
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
    world = fleet.plan.world
    for placed in made.result.placed:
        model = made.capacity.groups[placed.workload].model
        for name, serving in servings(made.capacity, placed):
            cluster = world.clusters[world.index[name]]
            assert list(obstacles(model, serving, cluster, world.components(cluster))) == [], (placed.workload, name)


def servings(made: Capacity, placed: Placed) -> Iterator[tuple[str, Serving]]:
    """What was planned of a model on each of its clusters, by the cluster's name."""
    asked, id = made.asked[placed.workload], placed.workload
    work, terms = asked.workload, asked.terms
    for name in dict.fromkeys(at.cluster for at in placed.parts):
        serving = Serving(
            id=f"Serving/{id}", name=id, labels={}, engine=asked.engine.name, version=asked.version,
            parts=tuple(_part(made, id, at) for at in placed.parts if at.cluster == name),
            context=work.context, concurrency=work.concurrency, weights=str(work.weights), cache=str(work.cache),
            utilization=terms.utilization_permille, checkpoint=checkpoint(work.architecture, work.weights),
        )  # fmt: skip
        yield name, serving


def _part(made: Capacity, id: str, at: Placement) -> ServingPart:
    way = made.ways[id, at.alternative]
    ran, layout = way.alternative, way.fit.layout if way.fit is not None else Layout(1)
    return ServingPart(
        pool=at.pool.partition("/")[2], way=ran.name, accelerator=ran.accelerator, profile=ran.profile,
        devices=ran.devices, nodes=ran.nodes, tensor=layout.tensor, pipeline=layout.pipeline, data=layout.data,
        expert=layout.expert, cpu=ran.cpu, memory=ran.memory, least=at.least, most=at.most,
    )  # fmt: skip
