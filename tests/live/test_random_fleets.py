"""Random small fleets: what the plan promises, the real scheduler binds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import pytest
from tests.driver.fleets import inside
from tests.live.clusters import apply_all, emitted_by
from tests.live.pools import simulated
from tests.live.random_fleets import CLUSTER, write_divided, write_random
from tests.live.serving import Rehearsed, promises, scale

from fleetc.driver.explain import explainer
from fleetc.emission.site import ClusterSite
from fleetc.plan import CLUSTER_SUBJECT
from fleetc_rehearsal import LWS, Cluster, control_plane

pytestmark = pytest.mark.live

SECONDS: Final = int(os.environ.get("FLEETC_RANDOM_SECONDS", "150"))
"""How long new fleets are begun; `make live` takes the default."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One control plane for all fleets."""
    with control_plane("1.36", scheduler=True, controllers=True, kwok=True, dra=True, operators=[LWS]) as made:
        yield made


def test_plan_and_scheduler_agree(cluster: Cluster, tmp_path: Path) -> None:
    started, seed, odd = time.monotonic(), 0, list[str]()
    placed = refused = pods = 0
    while time.monotonic() - started < SECONDS:
        seed += 1
        names = write_random(tmp_path / str(seed), seed)
        said = inside(tmp_path / str(seed), "build")
        if said.status:
            # What has no room, or fits no device here, is refused as a whole: nothing is promised.
            assert said.status == 1
            assert "FLT30" in said.err, said.err
            refused += len(names)
            continue
        found = promised_and_bound(cluster, tmp_path / str(seed))
        placed, pods, odd = placed + len(names), pods + found[0], [*odd, *found[1]]
    sys.stdout.write(f"{seed} fleets: {placed} models with {pods} pods placed, {refused} without room\n")
    assert placed > 5
    assert odd == []


@pytest.mark.parametrize("dra", [False, True], ids=["plugin", "claims"])
def test_large_pods_find_the_nodes_that_are_kept_for_them(cluster: Cluster, tmp_path: Path, dra: bool) -> None:
    write_divided(tmp_path / "divided", dra=dra)
    said = inside(tmp_path / "divided", "build")
    assert said.status == 0, said.err
    parts = [
        p for here in explainer(tmp_path / "divided").plan.planned().values() for s in here.values() for p in s.parts
    ]
    assert sorted(part.kept for part in parts) == ["", "large"]
    assert promised_and_bound(cluster, tmp_path / "divided") == (9, [])


def promised_and_bound(cluster: Cluster, root: Path) -> tuple[int, list[str]]:
    """How many pods were promised, and what is otherwise."""
    plan = explainer(root).plan
    site = cast(ClusterSite, plan.site(plan.subjects[CLUSTER_SUBJECT], 0))
    pools = {one.nodes.name: one for one in simulated(site, guaranteed=True)}
    for one in pools.values():
        cluster.add_pool(one.nodes)
    emitted = emitted_by(root, "golden", CLUSTER)
    made = Rehearsed(plan, 0, cluster, pools, [])
    odd = [str(answer) for answer in apply_all(cluster.client, emitted) if isinstance(answer, Exception)]
    scale(made, emitted)
    wanted = promises(plan, 0)
    for promise in wanted:
        try:
            found = made.running(promise)
        except Exception as error:
            odd.append(f"{root.name}: {promise.workload}: {error} {getattr(error, '__notes__', '')}")
            continue
        nodes = {node.name for node in pools[promise.part.node_set()].nodes.nodes()}
        odd += [
            f"{root.name}: {bound} is not on {promise.part.node_set()}" for bound in found if bound.node not in nodes
        ]
    for namespace in {promise.namespace for promise in wanted}:
        cluster.client.delete("v1", "Namespace", namespace)
    for one in pools.values():
        for node in one.nodes.nodes():
            cluster.client.delete("v1", "Node", node.name)
    return sum(promise.pods for promise in wanted), odd
