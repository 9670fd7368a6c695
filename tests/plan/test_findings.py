"""What a plan finds wrong, and where it says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.resolve.fleets import FLEET, A, B, Fleet, manifest, team
from tests.resolve.worlds import CLUSTER, made, world_of

from fleetc.plan import plan
from fleetc.source.span import Path as DataPath
from fleetc.source.span import Span

CILIUM = B  # onprem has cilium; kind, which A is, has kindnet


def told(root: Path, *texts: str) -> list[str]:
    """Messages and what they point to."""
    fleet = Fleet(root, FLEET, A, B, *texts)
    _, found = fleet.plan()
    return [f"{d.message} | {fleet.at(d)}" for d in found]


@pytest.mark.parametrize(
    "placement",
    [
        "{labels: {x: other}}",
        "{regions: [mars]}",
        "{residency: mars}",
        "{roles: manager}",
        "{clusters: [a], environments: [prod]}",
        "{clusters: [a], labels: {x: v}}",
    ],
)
def test_nothing_placed_is_an_error(tmp_path: Path, placement: str) -> None:
    lost = "is on no cluster: no cluster meets its whole placement | placement"
    assert told(tmp_path, team(), team(f"placement: {placement}", "u")) == [f"Team/u {lost}"]
    assert told(tmp_path, team(), manifest(f"placement: {placement}")) == [f"Manifest/m {lost}"]
    owned = "Manifest/m is on no cluster: no cluster of Team/t meets its whole placement | placement"
    assert told(tmp_path, team(), manifest(f"placement: {placement}", owner="t")) == [owned]


def test_by_a_default(tmp_path: Path) -> None:
    fleet = Fleet(
        tmp_path,
        FLEET.replace("environments", "defaults: {team: {placement: {roles: manager}}}, environments"),
        A,
        team(),
    )
    assert fleet.found() == ["not_placed spec"]


def test_without_clusters(tmp_path: Path) -> None:
    assert Fleet(tmp_path, FLEET, team()).found() != []


def test_what_belongs_to_a_team_that_is_nowhere_is_not_said_twice(tmp_path: Path) -> None:
    nowhere = team("placement: {regions: [mars]}")
    assert (
        len(told(tmp_path, nowhere, manifest("", owner="t"), manifest("placement: {clusters: a}", "other", "t"))) == 1
    )


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("{clusters: [a, b]}", []),
        ("{clusters: [a, b], environments: [dev]}", ["b"]),
        ("{clusters: [b, a], labels: {x: v}}", ["a"]),
    ],
)
def test_every_named_cluster_is_meant(tmp_path: Path, placement: str, expected: list[str]) -> None:
    why = "but the rest of its placement leaves it out"
    got = told(tmp_path, team(f"placement: {placement}"))
    assert got == [f"Team/t names cluster {name}, {why} | {name}" for name in expected]


def test_a_manifest_stays_on_its_teams_clusters(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, FLEET, A, B, team("placement: {clusters: a}"), manifest("", owner="t"))
    made, found = fleet.plan()
    assert found == []
    assert made.placed({}) == {"Team/t": ["a"], "Manifest/m": ["a"]}
    got = told(tmp_path, team("placement: {clusters: a}"), manifest("placement: {clusters: [a, b]}", owner="t"))
    assert got == ["Manifest/m names cluster b, but the placement of Team/t leaves it out | b"]


def nowhere(file: str, index: int, path: DataPath, key: bool) -> Span:
    return Span(file, 1, 1)


def test_what_is_placed_on_clusters_that_are_not_compiled_counts() -> None:
    team = made("Team", "t", {"podSecurity": "baseline", "placement": {"clusters": ["a", "z"]}})
    item = made("Manifest", "m", {"team": "t"})
    world = world_of([made("Cluster", "b", CLUSTER), team, item])
    assert [d.code.name for d in plan(world, nowhere)[1]] == ["not_placed"]
    assert [d.path for d in plan(world, nowhere, {"Team/t": ["a"]})[1]] == [
        ("spec", "placement", "clusters", 1),
        ("spec", "placement"),
    ]
    assert plan(world, nowhere, {"Team/t": ["a", "z"], "Manifest/m": ["a"]})[1] == []


def host(where: str, of: str = "team") -> str:
    return f"egress to host {where} cannot be enforced on cluster a: its CNI is kindnet | {of}"


def test_host_names(tmp_path: Path) -> None:
    def peers(text: str) -> list[str]:
        return told(tmp_path, team(f"network: {{egress: {text}}}"))

    assert peers("[a.b]") == [host("a.b", "a.b")]
    assert peers("['*.a.b:443', 10.0.0.0/8, namespace/x]") == [host("*.a.b", "'*.a.b:443'")]
    assert peers("{c.d: {}, a.b: {ports: [443]}}") == [host("c.d", "c.d"), host("a.b", "a.b")]
    assert peers("[{ports: [443], to: a.b}]") == [host("a.b", "a.b")]
    assert told(tmp_path, team("placement: {clusters: b}, network: {egress: [a.b]}")) == []


def test_host_names_of_overrides_and_defaults(tmp_path: Path) -> None:
    on = "overrides: [{match: {clusters: [%s]}, set: {network: {egress: ['a.b:%d']}}}]"
    assert told(tmp_path, team(on % ("b", 1))) == []
    assert told(tmp_path, team(on % ("a", 1))) == [host("a.b", "'a.b:1'")]
    both = on.replace("}]", "}, {match: {clusters: b}, set: {network: {egress: ['a.b:2']}}}]") % ("a", 1)
    assert told(tmp_path, team(both)) == [host("a.b", "'a.b:1'")]
    fleet = FLEET.replace("environments", "defaults: {team: {network: {egress: [d.e]}}}, environments")
    assert Fleet(tmp_path, fleet, A, team(), team("", "u")).found() == ["host_not_enforced d.e"]


def test_host_names_of_the_defaults_of_each_cluster(tmp_path: Path) -> None:
    one, two = (
        A.replace("name: a", f"name: {n}").replace(
            "environment", f"defaults: {{team: {{network: {{egress: ['x.y:{m}']}}}}}}, environment"
        )
        for n, m in (("a", 1), ("c", 2))
    )
    got = Fleet(tmp_path, FLEET, one, two, team()).found()
    assert got == ["host_not_enforced 'x.y:1'", "host_not_enforced 'x.y:2'"]


def test_an_override_that_does_not_apply_is_not_blamed(tmp_path: Path) -> None:
    text = "network: {egress: ['a.b:1']}, overrides: [{match: {clusters: b}, set: {network: {egress: ['a.b:2']}}}]"
    assert told(tmp_path, team(text)) == [host("a.b", "'a.b:1'")]


@pytest.mark.parametrize("form", ["namespaces: [u, gateway]", "namespaces: {u: {}, gateway: {share: 2}}"])
def test_namespaces_that_somebody_else_keeps(tmp_path: Path, form: str) -> None:
    site = A.replace("environment", "existing: {namespaces: [other, gateway]}, environment")
    mine = team().replace("namespaces: [t]", form)
    fleet = Fleet(tmp_path, FLEET, site, B, mine)
    _, found = fleet.plan()
    (got,) = found
    assert (got.code.name, got.message) == ("invalid_value", "namespace gateway of Team/t is on cluster a already")
    assert fleet.at(got) == "gateway"
    assert got.related[0].span.file == "specs/1.yaml"
    assert (
        Fleet(tmp_path, FLEET, site, B, mine.replace("{namespaces", "{placement: {clusters: b}, namespaces")).found()
        == []
    )


def test_namespaces_that_a_default_says_to_exist(tmp_path: Path) -> None:
    fleet = FLEET.replace("environments", "defaults: {cluster: {existing: {namespaces: t}}}, environments")
    _, found = Fleet(tmp_path, fleet, A, B, team()).plan()
    assert [d.related[0].span.file for d in found] == ["specs/0.yaml"]
