"""Sharing by what was read gives exactly what running every lowering on every site gives, and shares all that is
equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emission.nodes import cluster, divisions, fleet, no_pools, servings, team

from fleetc.emission.emission import body_of
from fleetc.emission.recorder import CLUSTER, traced
from fleetc.emission.shapes import Columns, Shapes, lower_naively, lower_subject
from fleetc.emission.site import Collection, Lowering, Object, TeamSite
from fleetc.language.cluster import Cluster
from fleetc.language.team import Team

NAMES = ("audit", "risk", "search")
Term = Callable[[TeamSite], Any]


@dataclass
class Little:
    """A small fleet: clusters, and each team as it is on each of them (None: it is not there)."""

    clusters: list[Cluster]
    teams: dict[str, list[Team | None]]
    fleet: Any = field(default_factory=fleet)

    def column(self, root: str) -> Sequence[Any]:
        if root == CLUSTER:
            return self.clusters
        if root == "@Team":
            return [self.names(n) for n in range(len(self.clusters))]
        if root == self.fleet.id:
            return [self.fleet] * len(self.clusters)
        return self.teams.get(root.removeprefix("Team/"), [None] * len(self.clusters))

    def names(self, n: int) -> tuple[str, ...]:
        return tuple([name for name, nodes in sorted(self.teams.items()) if nodes[n]])

    def site(self, n: int) -> TeamSite:
        def get(name: str) -> Team:
            node = self.teams[name][n]
            assert node is not None
            return node

        teams = Collection("Team", self.names(n), get)
        return TeamSite(
            fleet=self.fleet,
            cluster=self.clusters[n],
            teams=teams,
            pools=no_pools(),
            servings=servings(),
            divisions=divisions(),
            team=get("search"),
        )

    def placed(self) -> list[int]:
        return [n for n, node in enumerate(self.teams["search"]) if node]


TEXT = st.sampled_from(["", "a", "b", "zz", "1", "true"])
NUMBER = st.integers(0, 3)
ITEMS = st.lists(st.sampled_from("abc"), unique=True, max_size=3)


@st.composite
def clusters(draw: st.DrawFn) -> list[Cluster]:
    """Clusters that often hold equal values; 1, True and 1.0 stand for values that only YAML tells apart."""
    odd = st.sampled_from([1, True, 1.0, "1"])
    return [
        cluster(
            f"c{n}",
            draw(st.dictionaries(st.sampled_from("xyz"), TEXT, max_size=2)),
            kubernetes=draw(st.sampled_from(["1.35", "1.36"])),
            region=draw(odd),
            residency=draw(TEXT),
            storage={k: {"provisioner": draw(TEXT), "default": draw(st.booleans())} for k in draw(ITEMS)},
            priorityClasses={k: {"value": draw(NUMBER)} for k in draw(ITEMS)},
        )
        for n in range(draw(st.integers(1, 6)))
    ]


@st.composite
def variants(draw: st.DrawFn, name: str, number: int) -> list[Team | None]:
    """A team on each cluster: one of a few nodes, as a default and overrides make them, or none."""
    made: list[Team | None] = [
        team(
            name,
            contact=draw(TEXT),
            quota={"pods": draw(NUMBER), "jobs": draw(NUMBER)},
            namespaces={k: {"share": draw(NUMBER)} for k in draw(ITEMS)},
            priorityClasses=draw(ITEMS),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    return [draw(st.sampled_from([None, *made])) for _ in range(number)]


@st.composite
def littles(draw: st.DrawFn) -> Little:
    made = draw(clusters())
    return Little(made, {name: draw(variants(name, len(made))) for name in NAMES})


READS: dict[str, Term] = {
    "minor": lambda s: s.cluster.kubernetes,
    "region": lambda s: s.cluster.region,
    "residency": lambda s: s.cluster.residency,
    "name": lambda s: s.cluster.name,
    "id": lambda s: s.cluster.id,
    "labels": lambda s: s.cluster.labels,
    "contact": lambda s: s.team.contact,
    "pods": lambda s: s.team.quota.pods,
    "namespaces": lambda s: [n.name for n in s.team.namespaces],
    "shares": lambda s: sum(n.share for n in s.team.namespaces),
    "one class": lambda s: next((c.provisioner for c in s.cluster.storage.classes if c.default), None),
    "classes": lambda s: {c.name: c.provisioner for c in s.cluster.storage.classes},
    "values": lambda s: [c.value for c in s.cluster.priority_classes],
    "teams": lambda s: list(s.teams.names()),
    "all pods": lambda s: [t.quota.pods for t in s.teams],
    "risk": lambda s: risk.contact if (risk := s.teams.get("risk")) else "nobody",
    "audit": lambda s: s.teams.get("audit") is None,
    "nobody": lambda s: s.teams.get("nobody") is None,
    "quota": lambda s: repr(s.team.quota),
    "same quota": lambda s: all(t.quota == s.team.quota for t in s.teams),
    "organisation": lambda s: s.fleet.organisation,
}


def both(one: Term, two: Term, name: str) -> Term:
    """A combination of two terms."""
    whole: dict[str, Term] = {
        "min": lambda s: min(one(s), two(s), key=repr),
        "max": lambda s: max(one(s), two(s), key=repr),
        "any": lambda s: bool(one(s)) or bool(two(s)),
        "all": lambda s: bool(one(s)) and bool(two(s)),
        "equal": lambda s: one(s) == two(s),
        "sorted": lambda s: sorted([one(s), two(s)], key=repr),
        "joined": lambda s: f"{one(s)}/{two(s)}",
        "if": lambda s: one(s) if two(s) else "else",
        "part": lambda s: {"one": one(s), "more": [{"two": two(s)}]},
    }
    return whole[name]


COMBINED = ["min", "max", "any", "all", "equal", "sorted", "joined", "if", "part"]
TERMS = st.recursive(
    st.sampled_from(sorted(READS)).map(READS.__getitem__),
    lambda inner: st.builds(both, inner, inner, st.sampled_from(COMBINED)),
    max_leaves=5,
)


def lowering(guard: Term, value: Term, name: str) -> Lowering[TeamSite]:
    """An object for each namespace when a guard holds, else one for the team."""

    def lower(s: TeamSite) -> Iterator[Object]:
        if guard(s):
            for namespace in s.team.namespaces:
                yield {"kind": name, "metadata": {"name": namespace.name}, "value": value(s)}
        else:
            yield {"kind": name, "value": value(s)}

    return Lowering(name, lower)


LOWERINGS = st.lists(st.builds(lowering, TERMS, TERMS, st.sampled_from(["One", "Two"])), min_size=1, max_size=3)


@settings(max_examples=120, deadline=None)
@given(littles(), LOWERINGS)
def test_sharing_gives_what_every_lowering_on_every_site_gives(
    little: Little, lowerings: list[Lowering[TeamSite]]
) -> None:
    shapes, naive = Shapes(), Shapes()
    shared = lower_subject(lowerings, little.placed(), little.site, Columns(little), shapes).cells
    expected = lower_naively(lowerings, little.placed(), little.site, naive)
    assert {n: body_of(made) for n, made in shared.items()} == {n: body_of(made) for n, made in expected.items()}
    # Equal objects are one shape, and no shape is anything else.
    texts = {shape.text: shape for made in shared.values() for shape in made}
    assert all(texts[shape.text] is shape for made in shared.values() for shape in made)
    assert texts.keys() == naive.all.keys() == shapes.all.keys()


@settings(max_examples=60, deadline=None)
@given(littles(), st.builds(lowering, TERMS, TERMS, st.just("One")))
def test_a_lowering_runs_once_for_sites_that_agree_on_what_it_reads(little: Little, one: Lowering[TeamSite]) -> None:
    runs: list[TeamSite] = []

    def counted(s: TeamSite) -> Iterator[Object]:
        runs.append(s)
        yield from one.lower(s)

    lower_subject([Lowering("counted", counted)], little.placed(), little.site, Columns(little), Shapes())
    read = [traced(one.lower, little.site(n))[1] for n in little.placed()]
    different = {repr(list(reads.items())) for reads in read}
    assert len(different) <= len(runs) <= len(read)
    if len({tuple(reads) for reads in read}) == 1:
        # Where one site reads what another does not, sites are told apart by more than they read themselves.
        assert len(runs) == len(different)


@settings(max_examples=25, deadline=None)
@given(littles(), TERMS)
def test_the_roots_of_what_was_read_are_told(little: Little, term: Term) -> None:
    def lower(s: TeamSite) -> Iterator[Object]:
        yield {"value": term(s)}

    got = lower_subject([Lowering("One", lower)], little.placed(), little.site, Columns(little), Shapes())
    assert got.touched == {root for n in little.placed() for root, _ in traced(lower, little.site(n))[1]}
