"""Every trap of recorded reads that ARCHITECTURE names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from tests.emission.nodes import Cached, cluster, site, team

from fleetc.emission.recorder import CLUSTER, NAMES, PRESENT, Read, settle, step_into, traced
from fleetc.emission.shapes import Columns
from fleetc.emission.site import TeamSite
from fleetc.emission.vary import varied
from fleetc.language.cluster import Cluster
from fleetc.language.record import field_names
from fleetc.language.team import Quota, Team, TeamNamespace
from fleetc.language.types import Part

SEARCH = "Team/search"


def reads(lower: Any, where: TeamSite) -> dict[Read, Any]:
    """What a function of a site reads; it makes one object of what it returns."""
    return traced(lambda s: [{"got": lower(s)}], where)[1]


def got(lower: Any, where: TeamSite) -> Any:
    return traced(lambda s: [{"got": lower(s)}], where)[0][0]["got"]


@pytest.fixture
def here() -> TeamSite:
    own = team(namespaces={"a": {"share": 1}, "b": {"share": 2}}, contact="x@acme.example", quota={"pods": 1})
    return site(own, cluster(), team("risk"), team("audit"))


def test_a_read_is_written_down_with_what_it_gave(here: TeamSite) -> None:
    assert reads(lambda s: s.team.contact, here) == {(SEARCH, ("contact",)): "x@acme.example"}


def test_nothing_read_nothing_written_down(here: TeamSite) -> None:
    assert reads(lambda s: (s.team, s.cluster.network, s.team.quota) and 1, here) == {}


def test_the_sites_own_cluster_is_a_role_not_a_name(here: TeamSite) -> None:
    assert reads(lambda s: s.cluster.kubernetes, here) == {(CLUSTER, ("kubernetes",)): "1.35"}


def test_twins_are_of_the_nodes_class(here: TeamSite) -> None:
    def lower(s: TeamSite) -> list[bool]:
        twins = (s, s.team, s.team.quota)
        return [*map(isinstance, twins, (TeamSite, Team, Quota)), s.team.__class__ is Team, type(s.team) is not Team]

    assert got(lower, here) == [True] * 5
    assert reads(lower, here) == {}


def test_match_works_and_is_recorded(here: TeamSite) -> None:
    def lower(s: TeamSite) -> str:
        node: Any = s.team
        match node:
            case Cluster():
                return "cluster"
            case Team(contact=str(contact)):
                return contact
            case _:
                return "other"

    assert got(lower, here) == "x@acme.example"
    assert reads(lower, here) == {(SEARCH, ("contact",)): "x@acme.example"}


def test_equality_of_twins_and_nodes_reads_what_it_compares(here: TeamSite) -> None:
    same = here.team.namespaces[0].__replace__()
    assert got(lambda s: s.team.namespaces[0] == same, here) is True
    assert got(lambda s: same == s.team.namespaces[0], here) is True
    assert got(lambda s: s.team.namespaces[0] == s.team.namespaces[1], here) is False
    found = reads(lambda s: s.team.quota == here.team.quota, here)
    assert {path for _, path in found} == {("quota", f) for f in field_names(Quota)}


def test_a_twin_is_itself(here: TeamSite) -> None:
    assert got(lambda s: s.team is s.team and s.team.namespaces[0] is s.team.namespaces[0], here) is True
    assert got(lambda s: s.teams.get("search") is s.team, here) is True


def test_hash_of_twins(here: TeamSite) -> None:
    def lower(s: TeamSite) -> int:
        return len({s.team.quota, here.team.quota, s.team.quota})

    assert got(lower, here) == 1
    assert len(reads(lower, here)) == len(field_names(Quota))


def test_repr_and_copies_read_everything(here: TeamSite) -> None:
    everything = {("quota", f) for f in field_names(Quota)}
    whole: tuple[Any, ...] = (repr, lambda part: part.__replace__())
    for reader in whole:
        assert {path for _, path in reads(lambda s, r=reader: r(s.team.quota) and 1, here)} == everything


def test_methods_and_properties_are_recorded_through(here: TeamSite) -> None:
    own = team(network={"egress": {"team/risk": {"to": "team/risk", "ports": ["443"]}}})
    at = ("network", "egress")
    assert reads(lambda s: [p.team() for p in s.team.network.egress], site(own, cluster())) == {
        (SEARCH, at): ("team/risk",),
        (SEARCH, (*at, "team/risk", "to")): "team/risk",
    }
    assert reads(lambda s: s.cluster.network.enforces_host_names(), here) == {(CLUSTER, ("network", "cni")): "cilium"}


@pytest.fixture
def filled() -> TeamSite:
    """A site whose team has computed its property already."""
    own = Cached(**team(namespaces={"a": {"share": 1}, "b": {"share": 2}}).__dict__)
    assert own.shares == 3
    return site(own, cluster())


def test_a_filled_cached_property_hides_no_reads(filled: TeamSite) -> None:
    base = (SEARCH, ("namespaces",))
    expected = {base: ("a", "b"), (SEARCH, (*base[1], "a", "share")): 1, (SEARCH, (*base[1], "b", "share")): 2}
    assert reads(lambda s: s.team.shares, filled) == expected
    assert reads(lambda s: s.team.shares + s.team.shares, filled) == expected


def test_a_filled_cached_property_hides_no_experiment(filled: TeamSite) -> None:
    own: Any = varied(filled, {(SEARCH, ("namespaces", "a", "share")): 5}).team
    assert own.shares == 7


def test_the_id_is_a_read_like_any_other(here: TeamSite) -> None:
    assert reads(lambda s: s.cluster.id, here) == {(CLUSTER, ("id",)): "Cluster/c1"}


def test_leaves_are_the_real_builtins(here: TeamSite) -> None:
    def lower(s: TeamSite) -> list[type]:
        return [type(s.team.contact), type(s.team.quota.pods), type(s.cluster.network.dns.ports)]

    assert got(lower, here) == [str, int, tuple]


def test_a_list_of_parts_is_read_as_its_keys_and_items_by_themselves(here: TeamSite) -> None:
    keys: dict[Read, Any] = {(SEARCH, ("namespaces",)): ("a", "b")}
    assert reads(lambda s: len(s.team.namespaces), here) == keys
    found = reads(lambda s: next(n.share for n in s.team.namespaces if n is s.team.namespaces[1]), here)
    assert found == keys | {(SEARCH, ("namespaces", "b", "share")): 2}


def test_an_empty_list_of_parts_and_one_of_scalars_are_leaves(here: TeamSite) -> None:
    assert reads(lambda s: list(s.team.network.egress), here) == {(SEARCH, ("network", "egress")): ()}
    assert reads(lambda s: list(s.cluster.network.dns.ports), here) == {(CLUSTER, ("network", "dns", "ports")): (53,)}


def test_one_name_of_a_collection(here: TeamSite) -> None:
    assert reads(lambda s: s.teams.get("risk") is not None, here) == {("Team/risk", (PRESENT,)): True}
    assert reads(lambda s: s.teams.get("risk").name, here) == {
        ("Team/risk", (PRESENT,)): True,
        ("Team/risk", ("name",)): "risk",
    }
    assert reads(lambda s: s.teams.get("none") is None, here) == {("Team/none", (PRESENT,)): False}


def test_all_names_of_a_collection_and_iteration(here: TeamSite) -> None:
    names: dict[Read, Any] = {("@Team", (NAMES,)): ("audit", "risk", "search")}
    assert reads(lambda s: s.teams.names(), here) == names
    assert reads(lambda s: [1 for _ in s.teams], here) == names
    found = reads(lambda s: [t.contact for t in s.teams if t.name == "search"], here)
    named = {(f"Team/{name}", ("name",)): name for name in ("audit", "risk", "search")}
    assert found == names | named | {(SEARCH, ("contact",)): "x@acme.example"}


def test_the_collection_of_twins_gives_twins(here: TeamSite) -> None:
    def lower(s: TeamSite) -> list[bool]:
        return [isinstance(t, Team) and type(t) is not Team for t in s.teams]

    assert got(lower, here) == [True] * 3


def test_a_lowering_may_be_a_generator(here: TeamSite) -> None:
    def lower(s: TeamSite) -> Iterator[Mapping[str, Any]]:
        for namespace in s.team.namespaces:
            yield {"name": namespace.name}

    objects, found = traced(lower, here)
    assert objects == [{"name": "a"}, {"name": "b"}]
    assert (SEARCH, ("namespaces", "b", "name")) in found


def test_originals_are_never_touched(here: TeamSite) -> None:
    before = repr(here.team), dict(here.team.__dict__)
    reads(lambda s: repr(s.team) and hash(s.team.quota), here)
    assert (repr(here.team), here.team.__dict__) == before


class _Column:
    """Nodes of one root, by cluster."""

    def __init__(self, **columns: list[Part]) -> None:
        self.columns = columns

    def column(self, root: str) -> list[Part]:
        return self.columns[root]


def split(nodes: Iterable[Part], *paths: tuple[str, ...]) -> list[list[int]]:
    made = list(nodes)
    parts = Columns(_Column(cluster=made)).split(range(len(made)), "all", [(CLUSTER, path) for path in paths])[1]
    return [list(part) for part in parts]


def test_equal_to_python_is_not_equal_in_yaml() -> None:
    values: tuple[Any, ...] = (1, True, 1.0, "1", 1)
    made = [cluster().__replace__(region=value) for value in values]
    assert split(made, ("region",)) == [[0, 4], [1], [2], [3]]


def test_what_is_not_read_does_not_unshare() -> None:
    made = [cluster(f"c{n}", region=f"r{n}", kubernetes=f"1.{35 + n % 2}") for n in range(4)]
    assert split(made, ("environment",)) == [[0, 1, 2, 3]]
    assert split(made, ("kubernetes",)) == [[0, 2], [1, 3]]
    assert split(made, ("kubernetes",), ("region",)) == [[0], [1], [2], [3]]


def test_an_item_is_compared_by_its_key_and_not_with_the_others() -> None:
    fast = {"provisioner": "x.example"}
    made = [cluster(storage={"fast": fast, "slow": {"provisioner": f"p{n}.example"}}) for n in range(3)]
    at = ("storage", "classes")
    assert split(made, (*at, "fast", "provisioner")) == [[0, 1, 2]]
    assert split(made, (*at, "slow", "provisioner")) == [[0], [1], [2]]
    assert split([*made, cluster(storage={"fast": fast})], at) == [[0, 1, 2], [3]]


def test_steps_into_what_is_not_there() -> None:
    assert repr(step_into(team(), "none")) == "<absent>"
    assert repr(step_into(team().namespaces, "none")) == "<absent>"
    assert step_into(team(namespaces={"a": {"share": 7}}).namespaces, "a") == TeamNamespace(
        name="a", share=7, labels={}, annotations={}, pod_security=None
    )
    assert settle(team(namespaces={"a": {}, "b": {}}).namespaces) == ("a", "b")
