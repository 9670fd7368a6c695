"""Why something is where it is, and what would work where nothing does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from tests.plan.placement.problems import GI, model, pool, problems, way

from fleetc.plan.placement import explain, search, solve
from fleetc.plan.placement.model import Excluded, Locked, Problem, Quota, Range, Sharing
from fleetc.plan.placement.reasons import (
    AllowCluster,
    AlternativeGone,
    Beaten,
    Better,
    ClusterExcluded,
    EndMaintenance,
    FewerClusters,
    FewerReplicas,
    Full,
    GivesWay,
    InMaintenance,
    Kept,
    MoreNodes,
    NoLongerSuits,
    OneZone,
    OnlyWay,
    OverQuota,
    PodTooLarge,
    PoolGone,
    RaiseQuota,
    RaiseQuotas,
    Remedy,
    SeveralZones,
    TooFewNodes,
    UseAccelerator,
    Why,
)
from fleetc.plan.placement.result import Apart, Explanation


def of(problem: Problem, id: str) -> Explanation:
    return explain(solve(problem), id)


def whys(found: Explanation) -> dict[str, Why]:
    return {r.pool: r.why for r in found.rejected}


def test_reserved_comes_before_on_demand_before_spot_whatever_the_price() -> None:
    pools = (
        pool("west/reserved", (0, 1), price=9),
        pool("west/onDemand", (1, 4), capacity="onDemand", price=5),
        pool("west/spot", (1, 4), capacity="spot", price=1),
    )
    found = of(Problem(pools, (model("chat"),)), "chat")
    assert found.reason == Better("capacityClass", 0, 1, ("west/onDemand",))
    assert whys(found) == {
        "west/onDemand": Beaten("capacityClass", 0, 1),
        "west/spot": Beaten("capacityClass", 0, 2),
    }


def test_spot_promises_only_its_minimum() -> None:
    found = of(Problem((pool("west/spot", (0, 9), capacity="spot"),), (model("chat"),)), "chat")
    assert whys(found) == {"west/spot": TooFewNodes(1, 0)}
    assert found.binding == "nodes"
    assert found.remedies == (MoreNodes("west/spot", 1),)


def test_an_earlier_alternative_is_worth_any_price() -> None:
    pools = (pool("west/h100", price=90), pool("west/h200", price=10, accelerator="H200"))
    found = of(Problem(pools, (model("chat", way(8), way(4, "H200")),)), "chat")
    assert found.reason == Better("alternatives", 0, 1, ("west/h200",))


def test_what_is_locked_stays_though_there_is_something_better() -> None:
    pools = (pool("west/a", price=90), pool("west/b", price=10))
    chat = model("chat", previous=(Locked("west/a", "H100:8", 1),))
    assert of(Problem(pools, (chat,)), "chat").reason == Kept()


def test_a_lock_gives_way_to_a_promise_only() -> None:
    pools = (pool("west/a", (0, 1)), pool("west/b", (0, 1), accelerator="H200"))
    chat = model("chat", way(8), way(8, "H200"), previous=(Locked("west/a", "H100:8", 1),))
    result = solve(Problem(pools, (chat, model("new"))))
    assert [(m.workload, m.why) for p in result.placed for m in p.moves] == [("chat", GivesWay(("new",)))]
    apart = solve(Problem(pools, (chat, model("new", way(8), way(8, "H200")))))
    assert not any(p.moves for p in apart.placed)


def test_a_move_says_why_the_place_is_none_any_more() -> None:
    pools = (pool("west/a", maintenance=True), pool("west/b"))
    result = solve(Problem(pools, (model("chat", previous=(Locked("west/a", "H100:8", 1),)),)))
    assert [m.why for m in result.placed[0].moves] == [NoLongerSuits(InMaintenance())]


def test_reasons_without_fields_are_told_apart() -> None:
    """Named tuples without fields are equal to each other, and false."""
    gone = model("chat", previous=(Locked("west/gone", "H100:8", 1),))
    result = solve(Problem((pool("west/h100"),), (gone,)))
    assert [type(m.why) for m in result.placed[0].moves] == [PoolGone]
    other = model("chat", previous=(Locked("west/h100", "H100:4", 1),))
    result = solve(Problem((pool("west/h100"),), (other,)))
    assert [type(m.why) for m in result.placed[0].moves] == [AlternativeGone]


def test_exclusions_are_named_and_lifted_one_by_one() -> None:
    pools = (pool("west/h100", maintenance=True), pool("east/h100"), pool("north/h100"))
    excluded = (Excluded("east", "residency us"), Excluded("north", "region us"))
    found = of(Problem(pools, (model("chat", excluded=excluded),)), "chat")
    assert found.binding == "maintenance"
    assert whys(found)["east/h100"] == ClusterExcluded("residency us")
    assert found.remedies == (
        EndMaintenance("west/h100"),
        AllowCluster("east", "residency us"),
        AllowCluster("north", "region us"),
    )


def test_full_names_who_is_there_and_how_many_nodes_are_missing() -> None:
    others = tuple(model(f"old-{n}", previous=(Locked("west/h100", "H100:8", 1),)) for n in range(2))
    found = of(Problem((pool("west/h100"),), (*others, model("new", replicas=(2, 2)))), "new")
    assert whys(found) == {"west/h100": Full(2, ("old-0", "old-1"), False)}
    assert found.remedies == (MoreNodes("west/h100", 2),)


def test_fragmentation_is_told_from_a_lack_of_devices() -> None:
    """Devices are enough for all, but the nodes that small pods need apart leave none for the large one."""
    many = model("small", way(5), replicas=(2, 2), previous=(Locked("west/h100", "H100:5", 2),))
    found = of(Problem((pool("west/h100"),), (many, model("pair", way(2), replicas=(3, 3)))), "pair")
    assert whys(found) == {"west/h100": Full(3, ("small",), True)}
    assert found.binding == "fragmentation"
    # Two pairs on one node would leave only three devices there, and one of the fives without a place.
    assert found.remedies == (FewerReplicas(1), MoreNodes("west/h100", 1))


def test_quota() -> None:
    found = of(Problem((pool("west/h100"),), (model("chat", replicas=(2, 2)),), (Quota("search", "H100", 8),)), "chat")
    assert whys(found) == {"west/h100": OverQuota(16, 8)}
    assert found.binding == "quota"
    assert found.remedies == (FewerReplicas(1), RaiseQuota("search", "H100", "", 16))


def test_quotas_of_two_clusters_are_raised_together() -> None:
    pools = (pool("west/h100"), pool("east/h100"))
    chat = model("chat", on="west east", replicas=(2, 2), failover=True)
    quotas = tuple(Quota("search", "H100", 4, "", cluster) for cluster in ("east", "west"))
    found = of(Problem(pools, (chat,), quotas), "chat")
    assert found.binding == "quota"
    assert found.remedies == (RaiseQuotas("search", "H100", "", 8),)
    raised = tuple(quota._replace(devices=8) for quota in quotas)
    assert solve(Problem(pools, (chat,), raised)).of("chat") is not None


def test_a_pool_of_one_zone_holds_what_takes_several_nodes() -> None:
    wide = pool("west/h100", zones=("a", "b"), nodes=(2, 2))
    group = model("large", way(8, nodes=2, one_zone=True))
    found = of(Problem((wide,), (group,)), "large")
    assert found.binding == "zones"
    assert found.remedies == (OneZone("west/h100", "a"),)
    assert solve(Problem((wide._replace(zones=("a",)),), (group,))).of("large") is not None


def test_a_spread_over_zones_that_are_not_there_can_be_given_up() -> None:
    found = of(Problem((pool("west/h100", nodes=(4, 4)),), (model("chat", replicas=(4, 4), spread="zone"),)), "chat")
    assert (found.binding, found.remedies) == ("split", (FewerReplicas(1), FewerClusters(1)))


def test_failover_needs_a_second_cluster() -> None:
    pools = (pool("west/h100"), pool("east/h100", maintenance=True))
    found = of(Problem(pools, (model("chat", on="west east", replicas=(2, 2), failover=True),)), "chat")
    assert found.remedies[:2] == (FewerClusters(1), EndMaintenance("east/h100"))


def test_another_accelerator_has_room() -> None:
    pools = (pool("west/l4", accelerator="L4"), pool("west/h200", accelerator="H200"))
    found = of(Problem(pools, (model("chat"),)), "chat")
    assert found.binding == "accelerator"
    assert found.remedies == (UseAccelerator("west/h200", "H200", ""), UseAccelerator("west/l4", "L4", ""))


def test_pods_and_zones_that_do_not_fit() -> None:
    pools = (pool("west/h100", devices=4), pool("west/wide", zones=("a", "b")))
    group = way(8, nodes=2, one_zone=True)
    found = of(Problem(pools, (model("chat", group),)), "chat")
    assert whys(found) == {"west/h100": PodTooLarge("devices", 8, 4), "west/wide": SeveralZones(("a", "b"))}
    large = of(Problem(pools, (model("chat", way(8, memory=9999 * GI)),)), "chat")
    assert whys(large)["west/wide"] == PodTooLarge("memory", 9999 * GI, 2048 * GI)


def test_groups_of_nodes_have_them_to_themselves() -> None:
    """A pod of a group leaves devices over, and nobody else gets them; nor do small pods get into its way."""
    group = model("r1", way(4, nodes=2))
    small = model("small", way(1), replicas=(4, 4))
    assert len(solve(Problem((pool("west/h100", (0, 2)),), (group, small))).unplaced) == 1
    three = solve(Problem((pool("west/h100", (0, 3)),), (group, small)))
    (proof,) = three.proofs
    assert [(g.nodes, [p.workloads for p in g.pods]) for g in proof.groups] == [(1, [("small",)]), (2, [("r1",)])]
    assert proof.set_aside() == 2
    assert proof.apart == Apart(6)


def test_shares_of_a_device_are_allocated_as_such() -> None:
    mig = pool("west/mig", (0, 1), accelerator="A100", sharing=Sharing("1g.10gb", 7))
    seven = model("tiny", way(1, "A100", profile="1g.10gb", cpu=1000, memory=GI), replicas=(56, 56))
    assert solve(Problem((mig,), (seven,))).of("tiny") is not None
    assert of(Problem((mig,), (seven._replace(replicas=Range(57, 57)),)), "tiny").remedies == (
        FewerReplicas(56),
        MoreNodes("west/mig", 1),
    )


def test_without_accelerators_cpu_decides_and_is_paid_for() -> None:
    cpu = pool("west/cpu", (0, 2), accelerator="", devices=0, cpu=16_000, memory=64 * GI, price=1_000)
    embed = model("embed", way(0, "", cpu=4_000, memory=4 * GI), replicas=(8, 8))
    placed = solve(Problem((cpu,), (embed,))).of("embed")
    assert placed is not None
    assert placed.price_least == 8 * 250
    assert solve(Problem((cpu,), (embed._replace(replicas=Range(9, 9)),))).of("embed") is None


def test_burst_is_reported() -> None:
    found = solve(Problem((pool("west/h100", (0, 4)),), (model("chat", replicas=(2, 6)),)))
    assert (found.proofs[0].at_most, found.proofs[0].burst) == (6, "partly")
    spot = solve(Problem((pool("west/spot", (2, 8), capacity="spot"),), (model("chat", replicas=(2, 6)),)))
    assert (spot.proofs[0].at_most, spot.proofs[0].burst) == (6, "preemption")


@settings(max_examples=40, deadline=None)
@given(problems(4, 5, 3))
def test_where_options_are_too_many_seats_are_compared(problem: Problem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fleetc.plan.placement.options.Choices.all", lambda *_: None)
        patch.setattr(search, "MOST_WORKLOADS", 0)
        result = solve(problem)
        for placed in result.placed:
            found = explain(result, placed.workload)
            told = [r.why for r in found.rejected if isinstance(r.why, Beaten)]
            assert all(why.chosen < why.own or why.by == "balance" for why in told)
            assert not isinstance(found.reason, Better) or found.reason.own < found.reason.other


def works(problem: Problem, id: str, remedy: Remedy) -> bool:
    """Whether a remedy does what it says, when everything is solved anew with all others locked."""
    workload = next(w for w in problem.workloads if w.id == id)
    match remedy:
        case FewerReplicas():
            workload = workload._replace(replicas=Range(remedy.least, workload.replicas.most))
        case FewerClusters():
            workload = workload._replace(failover=False, spread="none", cluster_count=None)
        case RaiseQuota():
            asked = (remedy.team, remedy.accelerator, remedy.profile, remedy.cluster)
            quotas = tuple(q for q in problem.quotas if (q.team, q.accelerator, q.profile, q.cluster) != asked)
            raised = Quota(remedy.team, remedy.accelerator, remedy.devices, remedy.profile, remedy.cluster)
            problem = problem._replace(quotas=(*quotas, raised))
        case EndMaintenance():
            pools = tuple(p._replace(maintenance=p.maintenance and p.id != remedy.pool) for p in problem.pools)
            problem = problem._replace(pools=pools)
        case _:
            return True
    workloads = tuple(workload if w.id == id else w for w in problem.workloads)
    return solve(problem._replace(workloads=workloads)).of(id) is not None


@settings(max_examples=40, deadline=None)
@given(problems(3, 4, 3))
def test_every_pool_is_accounted_for_and_every_remedy_works(problem: Problem) -> None:
    result = solve(problem)
    kept = {p.workload for p in result.placed}
    for workload in problem.workloads:
        found = explain(result, workload.id)
        placed = result.of(workload.id)
        chosen = {(p.pool, p.alternative) for p in placed.parts} if placed else set[tuple[str, str]]()
        told = {(r.pool, r.alternative) for r in found.rejected}
        assert told | chosen == {(p.id, a.name) for p in problem.pools for a in workload.alternatives}
        assert not told & chosen
        assert (found.reason is None) == (placed is None) == (found.binding is not None)
        assert not any(isinstance(r.why, Beaten) and r.why.chosen > r.why.own for r in found.rejected)
        assert found.reason is None or isinstance(found.reason, Kept | OnlyWay | Better)
        alone = problem._replace(workloads=tuple(w for w in problem.workloads if w.id in {*kept, workload.id}))
        assert all(works(alone, workload.id, remedy) for remedy in found.remedies)
