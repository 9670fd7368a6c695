"""A plan with models: which nodes, documents and columns there are of what is planned, and of pools."""

from __future__ import annotations

from typing import Any

import pytest
from tests.backends.serving.sites import part
from tests.plan.serving import serving, world

from fleetc.emission.recorder import CLUSTER
from fleetc.emission.site import ModelSite, PoolSite
from fleetc.language.document import Doc
from fleetc.language.serving import Division
from fleetc.plan import CLUSTER_SUBJECT, Plan


@pytest.fixture
def plan() -> Plan:
    """Nothing is planned yet."""
    return Plan(world())


def test_models_are_where_they_are_planned(plan: Plan) -> None:
    one, two = serving(part(least=1)), serving(part(least=2))
    served = plan.served({"m": {"c": two, "a": one}})
    model = served.subjects["Model/m"]
    assert (model.kind, model.placed, model.doc) == ("Model", (0, 2), served.world.docs["Model/m"])
    assert [s.id for s in served.on(1)] == [CLUSTER_SUBJECT, "GPUPool/h100", "Team/t"]
    assert [s.id for s in served.on(2)] == [CLUSTER_SUBJECT, "GPUPool/h100", "Team/t", "Model/m"]
    assert served.placed({})["Model/m"] == ["a", "c"]
    assert served.placed({"Model/m": ["z"]})["Model/m"] == ["a", "c", "z"]
    assert served.serving("m", 0) is one
    assert served.column("Serving/m") == [one, None, two]
    assert [served.find("Serving/m", n) for n in range(3)] == [one, None, two]
    for kind in ("Model", "Serving"):
        assert [served.names_on(kind, n) for n in range(3)] == [("m",), (), ("m",)]
        assert served.column(f"@{kind}") == [("m",), (), ("m",)]
    assert [served.find("Model/m", n) is not None for n in range(3)] == [True, False, True]
    assert [node is not None for node in served.column("Model/m")] == [True, False, True]


def test_what_was_there_before_stays_as_it_was(plan: Plan) -> None:
    before, sites = dict(plan.subjects), plan.site(plan.subjects["Team/t"], 0)
    served = plan.served({"m": {"a": serving(part())}})
    assert plan.subjects == before
    assert "Model/m" not in plan.subjects
    assert plan.names_on("Serving", 0) == ()
    assert plan.column("Serving/m") == [None, None, None]
    assert (plan.find("Serving/m", 0), plan.find("Model/m", 0), plan.find("Serving/x", 0)) == (None, None, None)
    assert list(sites.servings) == []
    assert [s.name for s in served.site(served.subjects["Team/t"], 0).servings] == ["m"]
    # Planned otherwise, nothing of the plan before is left.
    other = served.served({"m": {"b": serving(part())}})
    assert (other.subjects["Model/m"].placed, other.names_on("Serving", 0)) == ((1,), ())
    assert served.subjects["Model/m"].placed == (0,)


def test_pools_are_divided_where_nodes_of_them_are_kept(plan: Plan) -> None:
    large: dict[str, Any] = {"kept": "large", "apart": 2, "apart_most": 3}
    served = plan.served({"m": {"a": serving(part(**large)), "b": serving(part()), "c": serving(part(**large))}})
    column = served.column("Division/h100")
    assert [node is not None for node in column] == [True, False, True]
    assert column[0] is column[2] is served.find("Division/h100", 0), "alike ones are one object"
    assert isinstance(column[0], Division)
    assert [(k.name, k.guaranteed, k.most) for k in column[0].kept] == [("h100-large", 2, 3)]
    assert [served.names_on("Division", n) for n in range(3)] == [("h100",), (), ("h100",)]
    sites = [served.site(served.subjects["GPUPool/h100"], n) for n in range(3)]
    assert [site.divisions.get("h100") for site in sites] == column
    assert plan.column("Division/h100") == [None, None, None]
    assert plan.find("Division/h100", 0) is None


def test_clusters_that_are_not_compiled_are_passed_over(plan: Plan) -> None:
    served = plan.served({"m": {"elsewhere": serving(part()), "b": serving(part())}})
    assert served.subjects["Model/m"].placed == (1,)
    assert plan.served({"m": {"elsewhere": serving(part())}}).subjects["Model/m"].placed == ()


def test_sites(plan: Plan) -> None:
    planned = serving(part())
    served = plan.served({"m": {"b": planned}})
    at = served.site(served.subjects["Model/m"], 1)
    assert isinstance(at, ModelSite)
    assert (at.model.name, at.team.name, at.cluster.name) == ("m", "t", "b")
    assert at.serving is planned
    assert at.servings.get("m") is planned
    assert served.site(served.subjects["Team/t"], 0).servings.get("m") is None
    pool = served.site(served.subjects["GPUPool/h100"], 1)
    assert isinstance(pool, PoolSite)
    assert (pool.pool.name, pool.pool.cluster, pool.pools.names()) == ("h100", "b", ("h100",))
    assert pool.pools.get("h100") is pool.pool


def test_pools_of_one_name_are_one_subject_with_documents_of_their_own(plan: Plan) -> None:
    pools = plan.subjects["GPUPool/h100"]
    assert (pools.placed, pools.doc) == ((0, 1, 2), None)
    assert [plan.doc(pools, n).id for n in range(3)] == [f"GPUPool/{name}/h100" for name in "abc"]
    column = plan.column("GPUPool/h100")
    assert [pool.cluster for pool in column] == ["a", "b", "c"]
    assert [pool.key() for pool in column] == ["a/h100", "b/h100", "c/h100"]
    assert all(plan.find("GPUPool/h100", n) is column[n] for n in range(3))
    assert plan.find("GPUPool/other", 0) is None
    assert plan.column("GPUPool/other") == [None, None, None]
    assert plan.find(CLUSTER, 1) is plan.world.clusters[1]
    assert [plan.doc(plan.subjects[CLUSTER_SUBJECT], n).id for n in range(3)] == [f"Cluster/{name}" for name in "abc"]


def test_a_pool_that_is_not_on_a_cluster_has_the_document_of_where_it_is() -> None:
    docs = {id: doc for id, doc in world().docs.items() if id != "GPUPool/a/h100"}
    plan = Plan(type(world())(docs, world().table))
    pools = plan.subjects["GPUPool/h100"]
    assert pools.placed == (1, 2)
    assert plan.doc(pools, 0).id == "GPUPool/b/h100"
    assert plan.column("GPUPool/h100")[0] is plan.find("GPUPool/h100", 0) is None
    assert [plan.names_on("GPUPool", n) for n in range(3)] == [(), ("h100",), ("h100",)]


def test_reasons_are_in_the_lock_file_too(plan: Plan) -> None:
    lines = [{"pool": pool, "resources": "H100:4", "replicas": 1} for pool in ("a/h100", "b/h100", "a/other", "aa/x")]
    lock = Doc("Lock", "m", (("m.model.lock", 0),), {"placements": lines}, {})
    served = plan.served({"m": {"a": serving(part()), "b": serving(part())}}, {"m": lock})
    assert served.lock_lines("m", 0) == {
        "h100": [(lock, ("placements", 0))],
        "other": [(lock, ("placements", 2))],
    }
    assert served.lock_lines("m", 2) == served.lock_lines("x", 0) == {}
    reasons = list(served.reasons(served.subjects["Model/m"], 0))
    assert (lock, ("placements", 0)) in reasons
    assert (lock, ("placements", 2)) in reasons
    assert not [path for doc, path in reasons if doc is lock and path[1] in (1, 3)]
    assert (served.world.docs["Model/m"], ("metadata", "name")) in reasons
    assert (served.world.docs["Team/t"], ("metadata", "name")) in reasons
