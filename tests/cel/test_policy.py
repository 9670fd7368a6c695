"""Whole policies: variables, conditions, messages, and what does not compile, by its path."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from tests.cel.corpus import values

from fleetc.cel.policy import Policy, Typed
from fleetc.check.typed import object_type


class Case(NamedTuple):
    """A policy, and what it says of the Deployment of the corpus."""

    spec: dict[str, Any]
    decision: str


def _case(decision: str, **spec: Any) -> Case:
    return Case(spec, decision)


REPLICAS = {"name": "replicas", "expression": "object.spec.replicas"}
POLICIES = [
    _case("", validations=[{"expression": "variables.replicas == 3"}], variables=[REPLICAS]),
    _case(
        "denied: has 3",
        variables=[REPLICAS, {"name": "twice", "expression": "variables.replicas * 2"}],
        validations=[
            {"expression": "variables.twice == 5", "messageExpression": "'has ' + string(variables.replicas)"}
        ],
    ),
    _case("denied: too many", validations=[{"expression": "object.spec.replicas < 2", "message": " too many "}]),
    _case(
        "denied: failed expression: object.spec.replicas < 2", validations=[{"expression": "object.spec.replicas < 2"}]
    ),
    _case(
        "denied: plain",
        validations=[{"expression": "false", "message": "plain", "messageExpression": "string(object.spec.nothing)"}],
    ),
    _case("denied: plain", validations=[{"expression": "false", "message": "plain", "messageExpression": "'  '"}]),
    _case(
        "error: expression 'variables.bad == 1' resulted in error: composited variable \"bad\" fails to evaluate: "
        "no such key: nothing",
        variables=[{"name": "bad", "expression": "object.spec.nothing"}],
        validations=[{"expression": "variables.bad == 1"}],
    ),
    _case(
        "",
        variables=[{"name": "bad", "expression": "object.spec.nothing"}],
        validations=[{"expression": "true || variables.bad == 1"}],
    ),
    _case("", failurePolicy="Ignore", validations=[{"expression": "object.spec.nothing == 1"}]),
    _case(
        "",
        matchConditions=[{"name": "none", "expression": "object.spec.replicas == 1"}],
        validations=[{"expression": "false"}],
    ),
    _case(
        "denied: no",
        matchConditions=[{"name": "some", "expression": "object.spec.replicas == 3"}],
        validations=[{"expression": "false", "message": "no"}],
    ),
    _case(
        "",
        matchConditions=[
            {"name": "bad", "expression": "object.spec.nothing == 1"},
            {"name": "none", "expression": "object.spec.replicas == 1"},
        ],
        validations=[{"expression": "false"}],
    ),
    _case(
        "refused: validations.0.expression 1:1 undeclared reference to 'params' (in container '')",
        validations=[{"expression": "params.x == 1"}],
    ),
    _case(
        "refused: validations.0.messageExpression 1:1 undeclared reference to 'authorizer' (in container '')",
        validations=[{"expression": "false", "messageExpression": "authorizer.path('/').check('get').reason()"}],
    ),
    _case(
        "refused: variables.0.expression 1:10 undefined field 'later'",
        variables=[{"name": "early", "expression": "variables.later"}, {"name": "later", "expression": "1"}],
        validations=[{"expression": "variables.early == 1"}],
    ),
    _case(
        "refused: validations.0.expression 1:17 found no matching overload for '_==_' applied to '(int, string)'",
        variables=[{"name": "count", "expression": "size('abc')"}],
        validations=[{"expression": "variables.count == '3'"}],
    ),
    _case(
        "refused: matchConditions.0.expression 1:1 undeclared reference to 'variables' (in container '')",
        variables=[REPLICAS],
        matchConditions=[{"name": "a", "expression": "variables.replicas == 3"}],
        validations=[{"expression": "true"}],
    ),
    _case(
        "refused: validations.0.messageExpression 1:1 must evaluate to string but got int",
        validations=[{"expression": "true", "messageExpression": "1"}],
    ),
    _case("", auditAnnotations=[{"key": "a", "valueExpression": "'a' + object.metadata.name"}]),
]


def decided(case: Case, minor: str) -> str:
    """What this library says of a policy, and by it of the Deployment, in the words of a server."""
    policy = Policy(case.spec, minor)
    for wrong in policy.wrong:
        first = wrong.problems[0]
        return f"refused: {'.'.join(map(str, wrong.path))} {first.line}:{first.column} {first.reason}"
    decision = policy.review(values())
    return f"{decision.kind}: {decision.texts[0]}" if decision.texts else ""


@pytest.mark.parametrize("case", POLICIES, ids=lambda case: str(case.decision))
@pytest.mark.parametrize("minor", ["1.33", "1.36"])
def test_what_a_policy_says(case: Case, minor: str) -> None:
    assert decided(case, minor) == case.decision


def test_an_annotation_is_text_or_nothing() -> None:
    policy = Policy({"auditAnnotations": [{"key": "a", "valueExpression": "1"}]}, "1.36")
    (wrong,) = policy.wrong
    assert wrong.path == ("auditAnnotations", 0, "valueExpression")
    assert wrong.problems[0].reason == "must evaluate to one of string, null but got int"


def test_types_find_what_a_server_only_warns_of() -> None:
    declared = object_type("apps/v1", "Deployment", "1.36")
    assert declared is not None
    spec = {
        "validations": [
            {"expression": "object.spec.replica == 1"},
            {"expression": "object.spec.replicas == '1'"},
            {"expression": "object.spec.strategy.rollingUpdate.maxSurge == '25%' || true"},
            {"expression": "object.metadata.labels.app == 'x' && oldObject.spec.replicas > 1"},
        ]
    }
    assert Policy(spec, "1.36").wrong == []
    wrong = Policy(spec, "1.36", Typed(declared.type, messages=declared.messages)).wrong
    assert [(w.path[1], w.problems[0].column, w.problems[0].reason) for w in wrong] == [
        (0, 12, "undefined field 'replica'"),
        (1, 22, "found no matching overload for '_==_' applied to '(int, string)'"),
    ]


def test_params_are_there_where_a_kind_of_them_is_named() -> None:
    spec = {
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "validations": [{"expression": "params.data.x == ''"}],
    }
    policy = Policy(spec, "1.36")
    assert policy.wrong == []
    assert policy.review({**values(), "params": {"data": {"x": ""}}}).kind == "admitted"
    assert policy.review(values()).kind == "unsupported"  # What params are is not told.


def test_damaged_policies_are_stood() -> None:
    damaged: list[dict[str, Any]] = [
        *({}, {"validations": 1}, {"validations": [1, {}]}, {"variables": [{"name": 3}]}, {"variables": {}}),
    ]
    for spec in damaged:
        Policy(spec, "1.36").review(values())
