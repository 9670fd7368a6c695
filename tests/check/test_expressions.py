"""CEL in built-in objects: a server's refusals are findings at the expression, and what is not compiled is counted."""

from __future__ import annotations

from typing import Any

import pytest

from fleetc.check.schemas import check_object
from fleetc.check.states import State, Verdict

RULES = [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"]}]


def policy(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "a"},
        "spec": {"matchConstraints": {"resourceRules": RULES}, **spec},
    }


def device_class(expression: str) -> dict[str, Any]:
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "DeviceClass",
        "metadata": {"name": "a"},
        "spec": {"selectors": [{"cel": {"expression": expression}}]},
    }


def claim(expression: str) -> dict[str, Any]:
    request = {"deviceClassName": "a", "selectors": [{"cel": {"expression": expression}}]}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaim",
        "metadata": {"name": "a", "namespace": "b"},
        "spec": {"devices": {"requests": [{"name": "one", "exactly": request}]}},
    }


def said(verdict: Verdict) -> list[tuple[tuple[str | int, ...], str]]:
    return [(problem.path, problem.message.partition("not compile: ")[2]) for problem in verdict.problems]


def test_each_place_of_a_policy() -> None:
    bad = policy(
        matchConditions=[{"name": "m", "expression": "object.x =="}],
        variables=[{"name": "v", "expression": "objekt"}],
        validations=[{"expression": "\nobject.a &&\n 1", "messageExpression": "1"}],
        auditAnnotations=[{"key": "k", "valueExpression": "f()"}],
    )
    assert said(check_object(bad, "1.35")) == [
        (
            ("spec", "matchConditions", 0, "expression"),
            "column 12: Syntax error: mismatched input '<EOF>' expecting an expression",
        ),
        (("spec", "variables", 0, "expression"), "column 1: undeclared reference to 'objekt' (in container '')"),
        (("spec", "validations", 0, "expression"), "line 3, column 2: expected type 'bool' but found 'int'"),
        (("spec", "validations", 0, "messageExpression"), "column 1: must evaluate to string but got int"),
        (("spec", "auditAnnotations", 0, "valueExpression"), "column 2: undeclared reference to 'f' (in container '')"),
    ]


def test_what_a_server_only_warns_of_is_taken() -> None:
    assert check_object(policy(validations=[{"expression": "object.spec.replica == 1"}]), "1.35").state is State.VALID


def test_a_minor_lacks_what_came_later() -> None:
    obj = policy(validations=[{"expression": "isSemver('1.2.3')"}])
    assert [check_object(obj, minor).state for minor in ("1.33", "1.35")] == [State.INVALID, State.VALID]


@pytest.mark.parametrize("made", [device_class, claim])
@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("device.driver == 'gpu.example.com'", ""),
        ("device.attributes['gpu.example.com'].model", ""),
        ("cel.bind(a, device.attributes['gpu.example.com'], a.model == 'x' && a.healthy)", ""),
        ("device.capacity['gpu.example.com'].memory.isGreaterThan(quantity('40Gi'))", ""),
        ("device.capacity['gpu.example.com'].memory > 40", "column 43: found no matching overload for '_>_'"),
        ("device.driver", "column 1: must evaluate to one of bool, any but got string"),
        ("dyn(true)", "column 1: must evaluate to one of bool, any but got dyn"),
        ("device.name == 'x'", "column 7: undefined field 'name'"),
        ("object.spec.replicas == 1", "column 1: undeclared reference to 'object'"),
    ],
)
def test_selectors_of_devices(made: Any, expression: str, problem: str) -> None:
    verdict = check_object(made(expression), "1.35")
    if not problem:
        assert (verdict.state, verdict.problems) == (State.VALID, ())
    else:
        ((path, message),) = said(verdict)
        assert path[-3:] == (0, "cel", "expression")
        assert message.startswith(problem)


def test_a_loop_in_a_selector_is_partial() -> None:
    verdict = check_object(device_class("device.attributes.all(d, d == 'gpu.example.com')"), "1.35")
    assert verdict.state is State.PARTIAL
    assert "what a loop costs is not estimated" in verdict.reason


def test_conditions_of_a_webhook() -> None:
    hook = {
        "name": "a.example.com",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": "https://a.example"},
        "matchConditions": [{"name": "m", "expression": "request.resource.group == 1"}],
    }
    obj = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "a"},
        "webhooks": [hook],
    }
    ((path, message),) = said(check_object(obj, "1.35"))
    assert path == ("webhooks", 0, "matchConditions", 0, "expression")
    assert message == "column 24: found no matching overload for '_==_' applied to '(string, int)'"
