"""Names refer to something, wherever they stand, and both sides of traffic between teams agree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.language.texts import spec
from tests.resolve.fleets import FLEET, A, B, Fleet, manifest, team

from fleetc.driver.files import find_root


def with_defaults(defaults: str) -> str:
    return FLEET.replace("environments", f"defaults: {{{defaults}}}, environments")


@pytest.mark.parametrize("where", ["placement: %s", "overrides: [{match: %s, set: {contact: x}}]"])
@pytest.mark.parametrize(
    ("selector", "unknown"),
    [
        ("{clusters: [a, nope]}", ["nope"]),
        ("{clusters: nope}", ["nope"]),
        ("{environments: [dev, nope, never]}", ["nope", "never"]),
        ("{clusters: a, environments: dev}", []),
    ],
)
def test_selectors(tmp_path: Path, where: str, selector: str, unknown: list[str]) -> None:
    expected = [f"unknown_reference {name}" for name in unknown]
    assert Fleet(tmp_path, FLEET, A, team(where % selector)).found() == expected


def test_selectors_of_defaults(tmp_path: Path) -> None:
    fleet = with_defaults("team: {placement: {clusters: [nope]}}")
    assert Fleet(tmp_path, fleet, A, team()).found() == ["unknown_reference nope"]
    owner = team("defaults: {manifest: {placement: {environments: [nope]}}}")
    assert Fleet(tmp_path, FLEET, A, owner).found() == ["unknown_reference nope"]


def test_environments_of_clusters(tmp_path: Path) -> None:
    assert Fleet(tmp_path, FLEET, A.replace("dev", "nope"), team()).found() == ["unknown_reference nope"]
    bare = A.replace(", environment: dev", "")
    assert Fleet(tmp_path, with_defaults("cluster: {environment: nope}"), bare, team()).found() == [
        "unknown_reference nope"
    ]
    assert Fleet(tmp_path, with_defaults("cluster: {environment: dev}"), bare, team()).found() == []


def test_the_team_of_a_manifest(tmp_path: Path) -> None:
    assert Fleet(tmp_path, FLEET, A, team(), manifest("", owner="nope")).found() == ["unknown_reference nope"]
    assert Fleet(tmp_path, FLEET, A, team(), manifest("", owner="t")).found() == []


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ("egress: [team/u]", "ingress: [team/t]", []),
        ("egress: ['team/u:80']", "ingress: [team/t]", []),
        ("egress: ['team/u:80']", "ingress: ['team/t:80']", []),
        ("egress: ['team/u:80']", "ingress: ['team/t:1-100']", []),
        ("egress: [team/u]", "", ["missing_ingress team/u"]),
        ("egress: [team/u]", "egress: [team/t]", ["missing_ingress team/u", "missing_ingress team/t"]),
        ("egress: ['team/u:443']", "ingress: ['team/t:80']", ["missing_ingress 'team/u:443'"]),
        ("egress: ['team/u:80/UDP']", "ingress: ['team/t:80']", ["missing_ingress 'team/u:80/UDP'"]),
        ("egress: [{to: team/u, ports: [80, 81]}]", "ingress: ['team/t:80']", ["missing_ingress team/u"]),
        ("ingress: [team/u], egress: [team/u]", "ingress: [team/t], egress: [team/t]", []),
        ("egress: [team/nope]", "", ["unknown_reference team/nope"]),
        ("ingress: [team/nope]", "", ["unknown_reference team/nope"]),
        ("egress: [team/t]", "", ["invalid_value team/t"]),
        ("ingress: [team/t]", "", ["invalid_value team/t"]),
        ("egress: [namespace/u]", "", ["invalid_value namespace/u"]),
        ("ingress: [api.bank.example]", "", ["invalid_value api.bank.example"]),
    ],
)
def test_traffic(tmp_path: Path, mine: str, theirs: str, expected: list[str]) -> None:
    fleet = Fleet(tmp_path, FLEET, A, team(f"network: {{{mine}}}"), team(f"network: {{{theirs}}}", "u"))
    assert fleet.found() == expected


@pytest.mark.parametrize("giver", ["Fleet", "Cluster"])
def test_traffic_by_defaults(tmp_path: Path, giver: str) -> None:
    def fleet(peer: str, theirs: str = "") -> list[str]:
        default = f"team: {{network: {{egress: [{peer}]}}}}"
        top = with_defaults(default) if giver == "Fleet" else FLEET
        site = A if giver == "Fleet" else A.replace("environment", f"defaults: {{{default}}}, environment")
        return Fleet(tmp_path, top, site, team(), team(f"network: {{{theirs}}}", "u")).found()

    assert fleet("team/nope") == ["unknown_reference team/nope"]
    assert fleet("team/u") == ["missing_ingress team/u"]
    assert fleet("team/u", "ingress: [team/t]") == []


def test_traffic_by_overrides(tmp_path: Path) -> None:
    mine = team("overrides: [{match: {}, set: {network: {egress: [team/u]}}}]")
    assert Fleet(tmp_path, FLEET, A, mine, team("", "u")).found() == ["missing_ingress team/u"]
    assert Fleet(tmp_path, FLEET, A, mine, team("network: {ingress: [team/t]}", "u")).found() == []


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-x"])
def test_namespaces_of_kubernetes_are_no_teams(tmp_path: Path, name: str) -> None:
    for text in (f"namespaces: [{name}]", f"namespaces: {{{name}: {{}}}}"):
        got = Fleet(tmp_path, FLEET, A, spec("Team", f"{{{text}}}")).found()
        assert got == [f"invalid_value {name}"]
    override = team(f"overrides: [{{match: {{}}, set: {{namespaces: [{name}]}}}}]")
    assert Fleet(tmp_path, FLEET, A, override).found() == [f"invalid_value {name}"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("serving", []),
        ("nope", ["unknown_reference nope"]),
        ("platform-critical", ["invalid_value platform-critical"]),
        ("system-node-critical", ["invalid_value system-node-critical"]),
    ],
)
def test_priority_classes(tmp_path: Path, name: str, expected: list[str]) -> None:
    assert Fleet(tmp_path, FLEET, A, team(f"priorityClasses: [{name}]")).found() == expected


def test_what_a_broken_document_names_is_not_unknown(tmp_path: Path) -> None:
    """Team u and cluster b exist, though something is wrong with them: that is all there is to say."""
    broken = (team("podSecurity: nope", "u"), B.replace("1.36", "1.2"))
    fleet = Fleet(tmp_path, FLEET, A, *broken, team("network: {egress: [team/u]}, placement: {clusters: [a, b]}"))
    assert fleet.found() == ["invalid_value nope", "invalid_value '1.2'"]


def test_a_broken_fleet_has_unknown_environments(tmp_path: Path) -> None:
    fleet = spec("Fleet", "{organisation: acme, environments: [dev, 5]}")
    assert Fleet(tmp_path, fleet, B, team("placement: {environments: [qa]}")).found() == ["wrong_type 5"]


def test_two_of_one_name(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, FLEET, A, team(), team())
    (found,) = fleet.front().diagnostics
    assert (found.code.name, fleet.at(found)) == ("duplicate_spec", "t")
    assert found.span is not None
    assert (found.span.file, found.related[0].span.file) == ("specs/3.yaml", "specs/2.yaml")


@pytest.mark.parametrize(
    ("folder", "good"),
    [
        ("golden", True),
        ("Specs", False),
        (".GIT", False),
        ("specs", False),
        ("specs/golden", False),
        (".git/x", False),
        (".fleetc", False),
    ],
)
def test_where_generated_files_may_go(tmp_path: Path, folder: str, good: bool) -> None:
    fleet = FLEET.replace("environments", f"outputs: {{manifests: {folder}}}, environments")
    assert Fleet(tmp_path, fleet, A, team()).found() == ([] if good else [f"output_outside_root {folder}"])


@pytest.mark.parametrize("listed", [False, True])
def test_a_pipe_is_not_waited_for(tmp_path: Path, listed: bool) -> None:
    fleet = Fleet(tmp_path, FLEET, A, team(), *([spec("Manifest", "{files: [9.yaml]}")] if listed else []))
    os.mkfifo(tmp_path / "specs/9.yaml")
    if not listed:
        fleet.texts["specs/9.yaml"] = ""
    assert find_root(str(tmp_path)) == str(tmp_path)
    (found,) = fleet.front().diagnostics
    assert (found.code.name, found.message) == ("cannot_read", "specs/9.yaml is no ordinary file")
