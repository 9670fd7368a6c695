"""The rules between the fields of one object, each with a damage that it finds: rules.yaml."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.check.damage.places import Path, drop, put
from tests.check.objects import HERE, OBJECTS, THOROUGH

from fleetc.check.schemas import check_object
from fleetc.check.states import State

BY_NAME: dict[str, dict[str, Any]] = {f"{o['kind']}/{o['metadata']['name']}": o for o in (*THOROUGH, *OBJECTS)}
MINORS = ("1.33", "1.34", "1.35", "1.36", "1.37")
SINCE = {"resource.k8s.io/v1": "1.34"}
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "rules.yaml").read_text())
PREFIXES: dict[object, Path] = {
    "POD": ("spec", "template", "spec"),
    "MAIN": ("spec", "template", "spec", "containers", 0),
}


def whole(path: list[str | int]) -> Path:
    """A path with its prefix written out."""
    return (*PREFIXES.get(path[0], (path[0],)), *path[1:])


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["object"])
def test_rule(case: dict[str, Any]) -> None:
    obj, path = BY_NAME[case["object"]], whole(case["at"])
    damaged = put(obj, path, case["put"]) if "put" in case else drop(obj, path)
    found = {(problem.path, problem.message) for problem in check_object(damaged, "1.35").problems}
    where = whole(case["where"]) if "where" in case else path
    if "says" in case:
        assert any(at == where and case["says"] in text for at, text in found), found
    else:
        assert not found


def test_a_config_map_that_is_too_large() -> None:
    (problem,) = check_object(put(BY_NAME["ConfigMap/bin"], ("data", "a"), "x" * (1 << 20)), "1.35").problems
    assert (problem.path, problem.message) == (("data",), "is larger than 1 MiB")


@pytest.mark.parametrize("obj", THOROUGH, ids=lambda o: f"{o['kind']}-{o['metadata']['name']}")
@pytest.mark.parametrize("minor", MINORS)
def test_thorough_objects_pass(obj: dict[str, Any], minor: str) -> None:
    if minor < SINCE.get(obj["apiVersion"], ""):
        return
    verdict = check_object(obj, minor)
    assert verdict.problems == ()
    assert verdict.state is State.VALID
