"""What no layer says, and where that is reported: at the nearest place that somebody wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.language.texts import spec
from tests.resolve.fleets import FLEET, A, Fleet, team


def cluster(fields: str) -> str:
    return spec("Cluster", f"{{{fields}}}", "{name: a}")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", ["spec"] * 3),
        ("kubernetes: '1.35', environment: dev", ["spec", "spec"]),
        ("kubernetes: '1.35', provider: kind", ["spec"]),
        ("provider: kind, environment: dev", ["spec"]),
        ("kubernetes: '1.35', provider: kind, environment: dev, storage: {classes: [s]}", ["s"]),
        ("kubernetes: '1.35', provider: kind, environment: dev, storage: {classes: {s: {}, general: {}}}", ["s"]),
        ("kubernetes: '1.35', provider: kind, environment: dev, priorityClasses: [p, {name: q}]", ["p", "{name"]),
        ("kubernetes: '1.35', provider: kind, environment: dev, runtimeClasses: {r: {}}", ["r"]),
        ("kubernetes: '1.35', provider: kind, environment: dev, network: {dns: {namespace: dns}}", []),
    ],
)
def test_clusters(tmp_path: Path, fields: str, expected: list[str]) -> None:
    got = Fleet(tmp_path, FLEET, cluster(fields)).found()
    missing = [line.removeprefix("missing_field ") for line in got]
    assert [token for token in missing if token != "spec"] == [token for token in expected if token != "spec"]
    assert missing.count("spec") >= expected.count("spec")
    assert bool(missing) == bool(expected)


def test_a_fleet_without_a_name_of_its_organisation(tmp_path: Path) -> None:
    assert Fleet(tmp_path, spec("Fleet", "{environments: [dev]}"), A, team()).found() == ["missing_field spec"]


def test_defaults_give_what_is_required(tmp_path: Path) -> None:
    defaults = "kubernetes: '1.35', provider: kind, environment: dev, priorityClasses: {p: {value: 5}}"
    fleet = FLEET.replace("environments", f"defaults: {{cluster: {{{defaults}}}}}, environments")
    assert Fleet(tmp_path, fleet, cluster("priorityClasses: [p]"), team()).found() == []


def test_defaults_that_lack_something_are_where_it_is_missed(tmp_path: Path) -> None:
    fleet = FLEET.replace("environments", "defaults: {cluster: {priorityClasses: {lacking: {}}}}, environments")
    assert Fleet(tmp_path, fleet, A, A.replace("name: a", "name: b"), team()).found() == ["missing_field lacking"] * 2


def test_each_thing_is_said_once_for_many_clusters(tmp_path: Path) -> None:
    lacking = spec("Cluster", "{kubernetes: '1.35', provider: kind, environment: dev}", "{name: a%d}")
    clusters = [lacking % n for n in range(5)]
    override = "overrides: [{match: {}, set: {namespaces: {u: {labels: {a: b}}}}}]"
    assert Fleet(tmp_path, FLEET, *clusters, team(override)).found() == []
