"""Damages that the check of one object lets through, each for a reason that the tests hold."""

from __future__ import annotations

from collections.abc import Iterator

from tests.check.damage.places import Object, below, fields, put


def broken_rule_of_a_custom_kind(obj: Object) -> Iterator[Object]:
    """A value that only the CEL rules of the CRD, or the component's own webhook, refuse."""
    if obj.get("kind") == "CiliumNetworkPolicy":
        yield {key: value for key, value in obj.items() if key != "spec"}
    if obj.get("kind") == "PrometheusRule" and below(obj, ("spec", "groups", 0, "rules", 0)):
        yield put(obj, ("spec", "groups", 0, "rules", 0, "expr"), "sum(rate(http_requests_total[5m])")


def other_number(obj: Object) -> Iterator[Object]:
    """A right number that is another one than was meant."""
    for path, value in fields(obj, {"pods", "requests.cpu", "replicas"}):
        if isinstance(value, str | int):
            yield put(obj, path, 1)


def wider_role(obj: Object) -> Iterator[Object]:
    """A role that allows everything."""
    if obj.get("kind") == "Role":
        yield {**obj, "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
