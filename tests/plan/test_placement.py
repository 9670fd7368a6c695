"""Which subject is on which cluster, why, and what follows from it, against the naive way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolve.test_overrides import CHOICES, SITES, clusters, matches, selectors
from tests.resolve.worlds import FLEET, fold, made, world_of

from fleetc.emission.site import ClusterSite, ManifestSite, TeamSite
from fleetc.language.document import Doc, Tree
from fleetc.plan import CLUSTER_SUBJECT, Plan
from fleetc.resolve.layers import leaf_paths
from fleetc.source.span import Path

TABLE: Tree = {"Team": {"podSecurity": "restricted"}, "Manifest": {}}
SUBJECTS = ("Manifest/free", "Manifest/owned", "Team/one", "Team/two")


@st.composite
def fleets(draw: st.DrawFn) -> list[Doc]:
    """Three clusters; two teams, a Manifest of one of them and one of nobody; placements in every layer."""
    placed = selectors().map(lambda s: {"placement": s} if s else {})
    defaults = {kind: draw(placed) for kind in ("Team", "Manifest")}
    return [
        made("Fleet", "acme", FLEET, defaults={**defaults, "Cluster": {"region": "us"}}),
        *clusters(),
        made("Team", "one", draw(placed), defaults={"Manifest": draw(placed)}),
        made("Team", "two", draw(placed)),
        made("Manifest", "owned", {"team": "one", **draw(placed)}),
        made("Manifest", "free", draw(placed)),
    ]


def planned(docs: list[Doc]) -> Plan:
    return Plan(world_of(docs, TABLE))


def placements(docs: list[Doc]) -> dict[str, list[int]]:
    """Where each subject is, worked out from the documents."""
    by_id = {d.id: d for d in docs}
    fleet = by_id["Fleet/acme"].tree["defaults"]
    regions = {**{"region": "us"}}
    sites = [{**regions, **site} for site in SITES]
    out: dict[str, list[int]] = {}
    for id in ("Team/one", "Team/two", "Manifest/free", "Manifest/owned"):
        doc = by_id[id]
        team = by_id.get(f"Team/{doc.tree['spec'].get('team')}")
        layers = [
            fleet.get(doc.kind, {}),
            *([team.tree["defaults"].get("Manifest", {})] if team else []),
            doc.tree["spec"],
        ]
        selector = fold([layer.get("placement", {}) for layer in layers])
        found = [n for n, site in enumerate(sites) if matches(selector, site)]
        out[id] = [n for n in found if team is None or n in out[team.id]]
    return out


@settings(max_examples=40, deadline=None)
@given(fleets())
def test_a_subject_is_where_all_of_its_placement_says(docs: list[Doc]) -> None:
    plan = planned(docs)
    where = placements(docs)
    assert {id: list(plan.subjects[id].placed) for id in SUBJECTS} == {id: where[id] for id in SUBJECTS}
    assert plan.subjects[CLUSTER_SUBJECT].placed == (0, 1, 2)
    assert set(plan.subjects["Manifest/owned"].placed) <= set(plan.subjects["Team/one"].placed)
    assert list(plan.subjects) == [CLUSTER_SUBJECT, "Team/one", "Team/two", "Manifest/free", "Manifest/owned"]


@settings(max_examples=25, deadline=None)
@given(fleets())
def test_what_is_on_a_cluster(docs: list[Doc]) -> None:
    plan = planned(docs)
    where = {CLUSTER_SUBJECT: [0, 1, 2], **placements(docs)}
    for n, name in enumerate("abc"):
        here = [id for id in plan.subjects if n in where[id]]
        assert [s.id for s in plan.on(n)] == here
        for kind in ("Team", "Manifest"):
            names = tuple(id.partition("/")[2] for id in here if id.startswith(f"{kind}/"))
            assert plan.names_on(kind, n) == names == plan.column(f"@{kind}")[n]
        site = plan.site(plan.subjects[CLUSTER_SUBJECT], n)
        assert isinstance(site, ClusterSite)
        assert (site.cluster.name, site.fleet.name, site.teams.names()) == (name, "acme", plan.names_on("Team", n))
    for id in SUBJECTS:
        present = [node is not None for node in plan.column(id)]
        assert present == [n in where[id] for n in range(3)]
        for n in where[id]:
            found = plan.site(plan.subjects[id], n)
            node = (
                found.team
                if isinstance(found, TeamSite)
                else found.manifest
                if isinstance(found, ManifestSite)
                else None
            )
            assert node is plan.column(id)[n] is plan.find(id, n)
    assert plan.placed({}) == {id: ["abc"[n] for n in where[id]] for id in where if id != CLUSTER_SUBJECT}
    assert plan.placed({"Team/one": ["z"]})["Team/one"] == ["abc"[n] for n in where["Team/one"]] + ["z"]
    assert plan.sources() == {**{id: [id] for id in SUBJECTS}, "Manifest/owned": ["Manifest/owned", "Team/one"]}


def test_equal_names_are_one_object() -> None:
    plan = planned([made("Fleet", "acme", FLEET), *clusters(), made("Team", "one", {}), made("Team", "two", {})])
    assert plan.names_on("Team", 0) is plan.names_on("Team", 1) is plan.names_on("Team", 2)


@settings(max_examples=30, deadline=None)
@given(fleets())
def test_reasons_are_complete(docs: list[Doc]) -> None:
    """Whatever single edit takes a subject off a cluster is at a place that is among the reasons for it there."""
    plan = planned(docs)
    before = placements(docs)
    for doc, path, edited in edits(docs):
        after = planned([edited if d is doc else d for d in docs])
        for id in SUBJECTS:
            for n in set(before[id]) - set(after.subjects[id].placed):
                reasons = {(d.id, p) for d, p in plan.reasons(plan.subjects[id], n)}
                assert any((doc.id, path[:length]) in reasons for length in range(len(path) + 1)), (id, n, doc.id, path)


@settings(max_examples=30, deadline=None)
@given(fleets())
def test_reasons_are_places(docs: list[Doc]) -> None:
    """Each is there: in a document or the table, and no layer that was beaten is among them."""
    plan = planned(docs)
    for subject in plan.subjects.values():
        for n in subject.placed:
            for doc, path in plan.reasons(subject, n):
                here: Any = doc.tree
                for step in path:
                    assert step in here, (doc.id, path)
                    here = here[step]


def test_what_was_beaten_is_no_reason() -> None:
    fleet = made("Fleet", "acme", FLEET, defaults={"Team": {"placement": {"roles": ["worker"], "labels": {"x": "1"}}}})
    team = made("Team", "t", {"placement": {"roles": ["worker", "both"]}})
    plan = planned([fleet, *clusters(), team])
    assert plan.subjects["Team/t"].placed == (0, 1)
    assert [(doc.id, path) for doc, path in plan.reasons(plan.subjects["Team/t"], 1)] == [
        ("Cluster/b", ("metadata", "name")),
        ("Team/t", ("metadata", "name")),
        ("Team/t", ("spec", "placement", "roles")),
        ("Cluster/b", ("spec", "role")),
        ("Fleet/acme", ("defaults", "Team", "placement", "labels")),
        ("Cluster/b", ("metadata", "labels", "x")),
    ]


def edits(docs: list[Doc]) -> Iterator[tuple[Doc, Path, Doc]]:
    """Each leaf that a placement may hang on, with another value, and without it."""
    for doc in docs:
        sections: list[Path] = [("spec", "placement")]
        sections += [("defaults", kind, "placement") for kind in ("Team", "Manifest")]
        if doc.kind == "Cluster":
            sections = [("metadata", "labels"), *(("spec", f) for f in ("environment", "region", "residency", "role"))]
        if doc.kind == "Fleet":
            sections.append(("defaults", "Cluster", "region"))
        for section in sections:
            below = get(doc.tree, section)
            for leaf in leaf_paths(below) if below is not None else ():
                path = (*section, *leaf)
                value = get(doc.tree, path)
                if isinstance(value, dict):
                    continue
                other: Any = ["zz"] if isinstance(value, list) else "zz"
                if path[-1] == "role":
                    other = CHOICES["roles"][CHOICES["roles"].index(value) - 1]
                yield doc, path, Doc(doc.kind, doc.name, doc.sources, put(doc.tree, path, other), doc.moves)


def get(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def put(tree: Tree, path: Path, value: Any) -> Tree:
    return {**tree, str(path[0]): put(tree[str(path[0])], path[1:], value)} if path else value
