"""Reachability of models: their policies let those in whom specs name, at the engine's port, and nobody else."""

from __future__ import annotations

import copy
from typing import Any, cast

import pytest
from tests.backends.serving.sites import IMAGE, part
from tests.check.fleet.clusters import cluster, emission, ends, report, said, team, world
from tests.check.fleet.test_reachability import lowered
from tests.emission.nodes import no_pools, servings
from tests.language.texts import spec

from fleetc.check.fleet.reachability import judge
from fleetc.check.fleet.traffic import traffic_of
from fleetc.check.run import Face, check
from fleetc.emission.site import ModelSite
from fleetc.language.model import Model
from fleetc.language.serving import Serving
from fleetc.language.team import Team
from fleetc.plan import Plan
from fleetc.resolve import World
from fleetc_kubernetes.serving.network_policy import network_policies

GATEWAY = "gateway: {namespace: gateway, name: g, selector: {app: gateway}, sources: [10.129.0.0/23]}"
MONITORING = "monitoring: {namespace: monitoring, selector: {app: prometheus}}"
ROUTED = "routing: {hostname: m.example}, access: [team/u]"


def fleet(fields: str = ROUTED, here: str = f"network: {{{GATEWAY}}}, {MONITORING}", image: str = IMAGE) -> World:
    """Teams `t` and `u`, and model `m` of team `t`, whose spec has `fields`."""
    own = f"{{source: 'pvc://m@1', architecture: qwen3-8b, engine: {{image: '{image}'}}, {fields}}}"
    model = spec("Model", own, "{name: m, team: t}")
    return world(team(namespaces="t, t-two"), team("u"), model, cluster(here))


def emitted(made: World) -> dict[str, list[dict[str, Any]]]:
    """What the teams and the model emit."""
    plan = Plan(made)
    model, own = cast(Model, made.variant("Model/m", 0)), cast(Team, made.variant("Team/t", 0))
    serving = Serving(
        id="Serving/m", name="m", labels={}, team="t", parts=(part(),), engine="vllm", version="0.21.0", context=1024,
        concurrency=1, weights="bf16", cache="bf16", utilization=900, checkpoint=1,
    )  # fmt: skip
    at = plan.site(plan.subjects["Team/t"], 0)
    site = ModelSite(
        fleet=at.fleet, cluster=at.cluster, teams=at.teams, pools=no_pools(), servings=servings(serving),
        divisions=at.divisions, team=own, model=model, serving=serving,
    )  # fmt: skip
    return {**lowered(made), "Model/m": [copy.deepcopy(dict(item)) for item in network_policies(site)]}


def test_what_is_emitted_is_declared() -> None:
    made = fleet()
    found = report(made, emitted(made))
    assert said(found, "unexpected_traffic") == []
    assert ends(found, "reachability") == {"valid": 6}


@pytest.mark.parametrize("fields", ["", "access: [team/u]", "routing: {hostname: m.example}"])
@pytest.mark.parametrize("here", ["", f"network: {{{GATEWAY}}}", MONITORING])
def test_whoever_it_is_for(fields: str, here: str) -> None:
    made = fleet(fields, here)
    assert said(report(made, emitted(made)), "unexpected_traffic") == []


PEERS = ["gateway", "address 10.129.", "monitoring", "u"]


@pytest.mark.parametrize("peer", range(4))
def test_who_is_missing(peer: int) -> None:
    made = fleet()
    rows = emitted(made)
    del rows["Model/m"][0]["spec"]["ingress"][0]["from"][peer]
    found = said(report(made, rows), "unexpected_traffic")
    assert found
    assert all("may not be reached by" in text and PEERS[peer].split()[-1] in text for text in found)
    assert all("8000/TCP" in text for text in found)


@pytest.mark.parametrize("selector", [{}, {"matchLabels": {"fleetc.dev/team": "t"}}])
def test_not_more_pods_than_the_models(selector: dict[str, Any]) -> None:
    made = fleet()
    rows = emitted(made)
    rows["Model/m"][0]["spec"]["podSelector"] = selector
    assert any("may be reached by" in text for text in said(report(made, rows), "unexpected_traffic"))


def test_not_more_ports() -> None:
    made = fleet()
    rows = emitted(made)
    del rows["Model/m"][0]["spec"]["ingress"][0]["ports"]
    assert any("may be reached by" in text for text in said(report(made, rows), "unexpected_traffic"))


def test_not_all_pods_of_the_gateways_namespace() -> None:
    made = fleet()
    rows = emitted(made)
    del rows["Model/m"][0]["spec"]["ingress"][0]["from"][0]["podSelector"]
    found = said(report(made, rows), "unexpected_traffic")
    assert any("may be reached by pods of namespace gateway" in text for text in found)


def face(fields: str, image: str = IMAGE) -> Face:
    """What the rules on whole clusters see of the model when it emits what it does with `ROUTED`."""
    made = fleet(fields, image=image)
    rows = emission(made, emitted(fleet()))
    found = check(rows, made)
    return found.face("Model/m", 0, found.cells.cell(rows.minors[0], rows.rows["Model/m"].cells[0]))


def test_what_is_seen_of_a_model() -> None:
    seen = face(ROUTED)
    assert seen == face(f"{ROUTED}, replicas: 2, pod: {{cpu: '4'}}")
    for other in ("routing: {hostname: m.example}", "access: [team/u]", "routing: {hostname: n.example}, access: []"):
        assert face(other)[:3] == seen[:3]
        assert face(other)[3] != seen[3]
    assert face(ROUTED, IMAGE.replace("vllm", "other"))[3] != seen[3]


@pytest.mark.parametrize(
    ("fields", "here"),
    [
        ("access: [team/u]", f"network: {{{GATEWAY}}}, {MONITORING}"),
        ("routing: {hostname: m.example}", f"network: {{{GATEWAY}}}, {MONITORING}"),
        (ROUTED, f"network: {{{GATEWAY}}}"),
        (ROUTED, MONITORING),
        (ROUTED, f"network: {{{GATEWAY.replace('129', '130')}}}, {MONITORING}"),
    ],
)
def test_remembered_traffic_is_held_against_specs_as_they_are(fields: str, here: str) -> None:
    memo: dict[object, object] = {}
    made, other = fleet(), fleet(fields, here)
    rows = emission(made, emitted(made))
    found = check(rows, made)
    packed = [found.cells.cell(rows.minors[0], row.cells[0]).network for row in rows.rows.values()]
    nodes = ["Team/t", "Team/u", "Model/m"]
    before, now = (traffic_of(w.clusters[0], [w.variant(id, 0) for id in nodes], packed) for w in (made, other))
    assert not judge(before, memo).differences
    assert judge(now, memo).differences
    assert not judge(before, memo).differences
