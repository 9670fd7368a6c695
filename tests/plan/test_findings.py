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


ONLY_DEV = "overrides: [{match: {environments: [dev]}, set: {network: {ingress: ['team/t%s']}}}]"


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ("team/u", "network: {ingress: [team/t]}", []),
        ("team/u", ONLY_DEV % "", ["b"]),
        ("team/u", ONLY_DEV % ":80", ["b"]),
        ("team/u", f"placement: {{environments: [dev]}}, {ONLY_DEV % ''}", []),
        ("team/u:80", "network: {ingress: ['team/t:80']}, " + ONLY_DEV % ":90", ["a"]),
        ("team/u:90", "network: {ingress: ['team/t:80']}, " + ONLY_DEV % ":90", ["b"]),
        ("team/u:80", "network: {ingress: ['team/t:80-90']}", []),
    ],
)
def test_traffic_that_is_let_in_somewhere_else(tmp_path: Path, mine: str, theirs: str, expected: list[str]) -> None:
    got = told(tmp_path, team(f"network: {{egress: ['{mine}']}}"), team(theirs, "u"))
    why = "egress of team t to team u, whose ingress leaves it out on cluster"
    assert got == [f"{why} {name} | '{mine}'" for name in expected]


def test_a_default_for_all_teams_names_the_team_itself_too(tmp_path: Path) -> None:
    fleet = FLEET.replace("environments", "defaults: {team: {network: {egress: [team/u]}}}, environments")
    both = (team(), team("network: {ingress: [team/t]}", "u"))
    assert Fleet(tmp_path, fleet, A, B, *both).found() == []


def test_traffic_between_teams_that_are_alike_everywhere_is_looked_at_once(tmp_path: Path) -> None:
    sites = [A.replace("name: a", f"name: a{n}") for n in range(3)]
    mine, theirs = team("network: {egress: [team/u]}"), team(ONLY_DEV % "", "u")
    prod = [s.replace("environment: dev", "environment: prod") for s in sites]
    assert Fleet(tmp_path, FLEET, *prod, mine, theirs).found() == ["missing_ingress team/u"]


STANDARD = "more than one default priority class | true"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("priorityClasses: {mine: {value: 5, default: true}}", [f"cluster c has {STANDARD}"]),
        ("priorityClasses: {mine: {value: 5, default: true}, standard: {default: false}}", []),
        ("storage: {classes: {mine: {provisioner: x}}}", []),
        (
            "storage: {classes: {mine: {provisioner: x, default: true}}}",
            ["cluster c has more than one default storage class | true"],
        ),
        ("storage: {classes: {mine: {provisioner: x, default: true}, general: {default: false}}}", []),
    ],
)
def test_one_default_of_each_class(tmp_path: Path, fields: str, expected: list[str]) -> None:
    site = A.replace("name: a", "name: c").replace("environment", f"{fields}, environment")
    assert told(tmp_path, team(), site) == expected


def test_a_second_default_of_the_fleet_is_said_once_a_cluster_and_names_the_first(tmp_path: Path) -> None:
    fleet = FLEET.replace(
        "environments", "defaults: {cluster: {priorityClasses: {p: {value: 1, default: true}}}}, environments"
    )
    _, found = Fleet(tmp_path, fleet, A, B, team()).plan()
    assert [(str(d.span).partition(":")[0], d.related[0].span.file) for d in found] == [
        ("specs/0.yaml", "fleetc/language/tables/defaults.yaml")
    ] * 2


def test_namespaces_that_a_default_says_to_exist(tmp_path: Path) -> None:
    fleet = FLEET.replace("environments", "defaults: {cluster: {existing: {namespaces: t}}}, environments")
    _, found = Fleet(tmp_path, fleet, A, B, team()).plan()
    assert [d.related[0].span.file for d in found] == ["specs/0.yaml"]
