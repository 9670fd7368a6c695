"""CRDs that are given: choice by component, rules at every level, and what no server would take."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.driver.fleets import acme, inside

from fleetc.cel.names import escaped
from fleetc.check import crds
from fleetc.check.crd_rules import NotRunError, compiled, defaulted, run
from fleetc.check.crds import Crd, Given
from fleetc.check.states import State
from fleetc.driver.crds import read_crds

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "x-kubernetes-validations": [
                {"rule": "self.min <= self.max", "message": "min is above max", "fieldPath": ".min"},
                {"rule": "self.max == oldSelf.max", "message": "max cannot change"},
                {"rule": "!oldSelf.hasValue() || self.max > 0", "optionalOldSelf": True},
                {
                    "rule": "!has(self.every) || duration(self.every) > duration('1s')",
                    "messageExpression": "'at ' + self.name",
                },
            ],
            "properties": {
                "name": {"type": "string"},
                "min": {"type": "integer"},
                "max": {"type": "integer", "default": 3},
                "every": {"type": "string", "format": "duration"},
                "hosts": {
                    "type": "array",
                    "items": {
                        "type": "string",
                        "x-kubernetes-validations": [{"rule": "isIP(self) || self.find('^[a-z]+$') == self"}],
                    },
                },
            },
        }
    },
}


def thing(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "tests.example/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": spec}


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        ({"min": 1, "hosts": ["abc", "10.0.0.1"]}, []),
        ({"min": 4}, [("spec", "min")]),
        ({"min": 4, "max": 9}, []),
        ({"min": 1, "every": "500ms", "name": "x"}, [("spec",)]),
        ({"min": 1, "every": "1m30s"}, []),
        ({"min": 1, "hosts": ["abc", "A1"]}, [("spec", "hosts", 1)]),
        ({}, [("spec", "min")]),
    ],
)
def test_rules_at_every_level(spec: dict[str, Any], paths: list[tuple[str | int, ...]]) -> None:
    found, unrun = run(SCHEMA, thing(**spec), "1.36")
    assert [problem.path for problem in found] == paths
    assert unrun == []


def test_a_message_that_is_an_expression() -> None:
    (problem,), _ = run(SCHEMA, thing(min=1, every="1ms", name="x"), "1.36")
    assert problem.message == "at x"


def test_a_rule_that_does_not_compile_is_never_silent() -> None:
    schema = {"type": "object", "x-kubernetes-validations": [{"rule": "unknownFunction(self)"}]}
    found, (reason,) = run(schema, thing(), "1.36")
    assert found == []
    assert "unknownFunction" in reason


def test_defaults_and_names() -> None:
    assert defaulted(SCHEMA, thing(min=1))["spec"] == {"min": 1, "max": 3}
    assert [escaped(n) for n in ("namespace", "a-b", "a.b", "a__b", "plain")] == [
        "__namespace__", "a__dash__b", "a__dot__b", "a__underscores__b", "plain",
    ]  # fmt: skip


def crd(project: str, version: str) -> Crd:
    return Crd(project, version, "tests.example", "Thing", "0" * 64, b"")


def test_the_version_of_the_component_chooses() -> None:
    given = Given([crd("a", "v1.0.0"), crd("a", "v1.1.0"), crd("b", "v1.0.0")])

    def chosen(**has: str) -> Crd | str:
        return given.choose("tests.example", "Thing", tuple(sorted(has.items())))

    assert chosen(a="1.1.0") == crd("a", "v1.1.0")
    assert chosen(b="1.0.0") == crd("b", "v1.0.0")
    assert "the cluster has a 2.0.0" in str(chosen(a="2.0.0"))
    assert "is not known" in str(chosen(c="1.0.0"))
    assert "was given" in str(Given([]).choose("tests.example", "Thing", ()))
    assert "names no version" in str(Given([crd("a", "")]).choose("tests.example", "Thing", (("a", "1"),)))


def test_no_crd_is_partial() -> None:
    manager = {"apiVersion": "jobset.x-k8s.io/v1alpha2", "kind": "JobSet", "metadata": {"name": "a", "namespace": "b"}}
    verdict = Given([]).judge(manager, "1.35", ())
    assert (verdict.state, verdict.reason) == (State.PARTIAL, "no CRD of JobSet (jobset.x-k8s.io) was given")
    assert Given([]).judge({**manager, "x": 1}, "1.35", ()).state is State.INVALID
    assert Given([]).judge(thing(), "1.35", ()).state is State.SKIPPED


def test_a_folder_without_an_index(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "kind: CustomResourceDefinition\n"
        "metadata: {name: x, labels: {app.kubernetes.io/name: a, app.kubernetes.io/version: v1.0.0}}\n"
        "spec: {group: tests.example, names: {kind: Thing}, versions: [{name: v1, served: true}]}\n"
    )
    given = read_crds([str(tmp_path)])
    assert given is not None
    found = given.choose("tests.example", "Thing", (("a", "1.0.0"),))
    assert isinstance(found, Crd)
    assert found.schema("v1") == {}
    assert found.schema("v2") is None


def _rules(node: Any, *, root: bool) -> Iterator[tuple[dict[str, Any], bool, dict[str, Any]]]:
    """The rules of a schema, each with the place where it is."""
    if isinstance(node, dict):
        yield from ((node, root, rule) for rule in node.get("x-kubernetes-validations", ()))
        for below in (*node.get("properties", {}).values(), node.get("items"), node.get("additionalProperties")):
            yield from _rules(below, root=False)


# CRDs of others are not part of the project: who has them names their folder.
WITH_CRDS = pytest.mark.skipif(
    not os.path.isdir(os.environ.get("FLEETC_CRDS", "")), reason="FLEETC_CRDS names no folder of CRDs"
)


@WITH_CRDS
def test_the_example_fleet_is_checked_whole(tmp_path: Path) -> None:
    """But for its constraints: tests do without cue (conftest.py), and `.ci/run` checks with it."""
    acme(tmp_path)
    (tmp_path / "specs" / "fleet.cue").unlink()
    run = inside(tmp_path, "check", "--strict", "--crds", os.environ["FLEETC_CRDS"], "--output", "json")
    assert run.status == 0, run.err
    states = {state for rule in json.loads(run.out)["summary"]["checks"].values() for state in rule}
    assert states == {"valid", "referenced"}


@pytest.mark.accept
@WITH_CRDS
def test_every_rule_of_a_folder_compiles() -> None:
    refused: list[str] = []
    rules = [
        found
        for path in sorted(Path(os.environ["FLEETC_CRDS"]).rglob("*.yaml"))
        for document in crds.documents(path.read_bytes())
        for version in document["spec"]["versions"]
        for found in _rules(version.get("schema", {}).get("openAPIV3Schema", {}), root=True)
    ]
    for node, root, rule in rules:
        for expression in {rule["rule"], rule.get("messageExpression", rule["rule"])}:
            try:
                compiled(expression, node, root=root, old=bool(rule.get("optionalOldSelf")), minor="1.36")
            except NotRunError as error:
                refused.append(str(error))
    assert rules
    assert refused == []


def test_an_error_of_the_library_is_no_verdict() -> None:
    schema = {"type": "object", "x-kubernetes-validations": [{"rule": "self.spec.a > duration('1s')"}]}
    found, unrun = run(schema, thing(a="2s"), "1.36")
    assert found == []
    assert len(unrun) == 1
