"""The plan before the real scheduler: it binds every replica that is promised, where that was planned, and what does
not fit any more is as much as planning says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import cast

import pytest
from tests.check.goldens import ROOT
from tests.live.clusters import explained_fleet
from tests.live.serving import Promise, Rehearsed, allocated, promises, rehearsed

from fleetc.plan.capacity.pools import pool_site
from fleetc.plan.placement.model import Room
from fleetc_rehearsal import Binding, until

pytestmark = pytest.mark.live

PLAN = explained_fleet().plan
SERVING = sorted(
    {PLAN.world.cluster_docs[n].name for s in PLAN.subjects.values() if s.kind == "Model" for n in s.placed}
)


@pytest.fixture(scope="module", params=SERVING)
def made(request: pytest.FixtureRequest) -> Iterator[Rehearsed]:
    """Each cluster with models in turn."""
    with rehearsed(PLAN, cast(str, request.param), ROOT) as cluster:
        yield cluster


def test_every_promised_replica_is_bound_where_it_was_planned(made: Rehearsed) -> None:
    assert made.refused == []
    wanted = promises(made.plan, made.number)
    assert wanted
    minor = made.plan.world.clusters[made.number].kubernetes
    for promise in wanted:
        found = made.running(promise)
        nodes = {node.name for node in made.pools[promise.part.node_set()].nodes.nodes()}
        assert {b.node for b in found} <= nodes, [b.reason for b in found]
        if promise.part.nodes > 1:
            assert len({b.node for b in found}) == len(found)  # Each takes a whole node.
        if promise.claims:
            devices = allocated(made.client, minor, promise.namespace)
            assert {len(devices[b.pod]) for b in found} == {promise.part.devices}
            assert {d["pool"] for b in found for d in devices[b.pod]} <= nodes


def test_an_updated_model_on_full_nodes_comes_back(made: Rehearsed) -> None:
    """All nodes that nothing promised is on go; then the model is updated, with no room for a pod more."""
    wanted = [p for p in promises(made.plan, made.number) if p.part.nodes == 1]
    for name in {p.part.node_set() for p in wanted}:
        used = {b.node for p in wanted if p.part.node_set() == name for b in made.pods(p)}
        for node in made.pools[name].nodes.nodes():
            made.client.patch("v1", "Node", node.name, {"spec": {"unschedulable": node.name not in used}})
    for promise in wanted:
        before = {b.pod for b in made.running(promise)}
        annotations = {"fleetc.dev/rehearsal": "updated"}
        change = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
        made.client.patch("apps/v1", "Deployment", promise.workload, change, promise.namespace)

        def updated(promise: Promise = promise, before: set[str] = before) -> list[Binding] | None:
            found = made.pods(promise)
            new = [b for b in found if b.pod not in before and b.ready]
            return new if len(new) == len(found) == promise.pods else None

        until(updated, f"updated pods of {promise.workload}", 180)
    for name in {p.part.node_set() for p in wanted}:
        for node in made.pools[name].nodes.nodes():
            made.client.patch("v1", "Node", node.name, {"spec": {"unschedulable": None}})


def test_one_node_less_than_is_needed_leaves_waiting_what_planning_says(made: Rehearsed) -> None:
    """The last one of these tests: its nodes are gone afterwards."""
    for name, pool in made.pools.items():
        mine = [p for p in promises(made.plan, made.number) if p.part.node_set() == name]
        if not mine:
            continue
        at = pool_site(pool.pool, made.plan.world.clusters[made.number]).pool
        where = {b.node: at.node() for p in mine for b in made.pods(p)}
        # All but one of the nodes that something is on.
        gone = sorted(where)[0]
        free = free_room(made, mine, {n.name: at.node() for n in pool.nodes.nodes() if n.name != gone})
        lost = [(p, b) for p in mine for b in made.pods(p) if b.node == gone]
        made.client.delete("v1", "Node", gone)
        for node in set(free) - set(where):
            made.client.delete("v1", "Node", node)  # Nodes that nothing is on: what is lost has to fit on the rest.
        waiting = Counter(p.workload for p in unplaced(lost, {n: r for n, r in free.items() if n in where}))

        def pending(mine: list[Promise] = mine, gone: str = gone) -> Counter[str] | None:
            found = {p: made.pods(p) for p in mine}
            if any(b.node == gone or not (b.ready or b.reason) for here in found.values() for b in here):
                return None
            if any(len(here) != p.pods for p, here in found.items()):
                return None
            return Counter(p.workload for p, here in found.items() for b in here if b.pending)

        assert until(pending, f"verdict on what was on {gone}", 180) == waiting


def free_room(made: Rehearsed, mine: list[Promise], nodes: dict[str, Room]) -> dict[str, Room]:
    """What is left on nodes beside the promised pods."""
    out = dict(nodes)
    for promise in mine:
        for bound in made.pods(promise):
            if bound.node in out:
                out[bound.node] = less(out[bound.node], promise)
    return out


def less(room: Room, promise: Promise) -> Room:
    part = promise.part
    return Room(room.devices - part.devices, room.cpu - part.cpu, room.memory - part.memory)


def unplaced(lost: list[tuple[Promise, Binding]], free: dict[str, Room]) -> list[Promise]:
    """The pods that find no node any more; of equal size on each, so first fit is as good as any."""
    out: list[Promise] = []
    for promise, _ in lost:
        node = next((n for n, room in sorted(free.items()) if min(less(room, promise)) >= 0), None)
        if node is None:
            out.append(promise)
        else:
            free[node] = less(free[node], promise)
    return out
