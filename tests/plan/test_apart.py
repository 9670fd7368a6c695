"""Nodes that are kept apart, as they are emitted: whoever arrives first and wherever the scheduler puts each pod of the
nodes that it selects, every promised pod finds room."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.emitted import NODE, PROVISIONED, Asked, Emitted, Pods, emitted, nodes_of, pods_of
from tests.plan.placement.adversary import Pods as Shapes
from tests.plan.placement.adversary import always

SMALL, LARGE = Asked(1, 12, 128, "7..9"), Asked(8, 12, 128, "2")


@st.composite
def models(draw: st.DrawFn) -> list[Asked]:
    """Two or three sizes, and more small pods than large ones."""
    sizes = draw(st.sampled_from(((1, 8), (2, 8), (1, 4), (4, 8), (1, 4, 8), (1, 2, 8))))
    out: list[Asked] = []
    for devices in sizes:
        least, more = draw(st.integers(1, 5 if devices == sizes[0] else 2)), draw(st.sampled_from((0, 0, 1, 2)))
        cpu = draw(st.sampled_from((2, 10, 12)))
        out.append(Asked(devices, cpu, draw(st.sampled_from((64, 128))), f"{least}..{least + more}"))
    return out


def by_nodes(made: Emitted, pods: list[Pods]) -> dict[str, list[Pods]]:
    """Pods by the one set of nodes that they find."""
    sets = nodes_of(made.pool)
    out: dict[str, list[Pods]] = {name: [] for name in sets}
    for one in pods:
        (name,) = [name for name, (labels, _) in sets.items() if one.selector.items() <= labels.items()]
        out[name].append(one)
    return out


def shapes(pods: list[Pods]) -> Shapes:
    counts: dict[tuple[int, int, int], int] = {}
    for one in pods:
        counts[one.room] = counts.get(one.room, 0) + one.number
    return tuple(sorted(counts.items()))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PROVISIONED)), st.integers(2, 4), models())
def test_every_promised_pod_finds_room_on_nodes_as_they_are_emitted(how: str, nodes: int, asked: list[Asked]) -> None:
    made = emitted(how, str(nodes), asked)
    if made is None:
        return
    sets, pods = nodes_of(made.pool), pods_of(made.models)
    (proof,) = made.result.proofs
    names = ["p", *(f"p-{group.name}" for group in proof.groups[1:])]
    assert sorted(sets) == sorted(names)
    kept = dict(zip(names, (group.kept for group in proof.groups), strict=True))
    assert sum(number.most for number in kept.values()) == nodes
    for name, mine in by_nodes(made, pods).items():
        declared = sets[name][1]
        assert declared in (None, kept[name].most), name
        assert always(NODE, shapes(mine), kept[name].most), name
    if len(sets) > 1:
        assert not always(NODE, shapes(pods), nodes), "nodes are kept apart only where they have to be"


@pytest.mark.parametrize("how", sorted(PROVISIONED))
def test_small_pods_never_go_where_large_ones_need_whole_nodes(how: str) -> None:
    made = emitted(how, "5", [SMALL, LARGE])
    assert made is not None
    found = by_nodes(made, pods_of(made.models))
    assert {name: [one.name for one in pods] for name, pods in found.items()} == {"p": ["m0-p"], "p-large": ["m1-p"]}
    if how != "computeClass":
        assert {name: number for name, (_, number) in nodes_of(made.pool).items()} == {"p": 3, "p-large": 2}


def test_queues_count_each_set_of_nodes_and_what_is_promised_there() -> None:
    made = emitted("static", "5", [SMALL, LARGE])
    assert made is not None
    flavors = {o["metadata"]["name"]: o["spec"]["nodeLabels"] for o in made.pool if o["kind"] == "ResourceFlavor"}
    assert flavors == {name: {"fleetc.dev/pool": name} for name in ("p", "p-large")}
    (queue,) = [o for o in made.team if o["kind"] == "ClusterQueue"]
    (group,) = queue["spec"]["resourceGroups"]
    rows = {f["name"]: {r["name"]: r["nominalQuota"] for r in f["resources"]} for f in group["flavors"]}
    assert {name: row["cpu"] for name, row in rows.items()} == {"p": "312", "p-large": "208"}


def test_nodes_that_scale_are_divided_from_the_least_to_the_most() -> None:
    """Two of four nodes are guaranteed; the large pods' burst gets a node that the small ones' would not use."""
    made = emitted("clusterAutoscaler", "2..4", [Asked(1, 12, 128, "7"), Asked(8, 12, 128, "1..2")])
    assert made is not None
    numbers = {o["metadata"]["name"]: o["data"]["nodes"] for o in made.pool if o["kind"] == "ConfigMap"}
    assert numbers == {"fleetc-pool-p": "1..2", "fleetc-pool-p-large": "1..2"}


def test_what_may_only_burst_goes_where_its_size_is_kept() -> None:
    made = emitted("static", "5", [SMALL, LARGE, Asked(8, 12, 128, "0..1")])
    assert made is not None
    parts = {name: serving["c"].parts[0] for name, serving in made.plan.planned().items()}
    assert [(name, parts[name].kept, parts[name].apart) for name in sorted(parts)] == [
        ("m0", "", 0), ("m1", "large", 3), ("m2", "large", 3),
    ]  # fmt: skip
