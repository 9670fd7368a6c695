"""What a change of a policy means, from the Policy's spec on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.check.judged import policy
from tests.check.policy.test_wrapping import CLUSTER

from fleetc.check.change.admission import BINDING, POLICY, differs
from fleetc.check.change.model import Effect
from fleetc.emission.admission import admission
from fleetc.language.policy import Excepted, Exemption, Rule


def rule(name: str, expression: str = "true") -> Rule:
    """A rule."""
    return Rule(name=name, on="pod", expression=expression, message="m", fix="f", pass_={}, fail={})


def effects(before: dict[str, Any], after: dict[str, Any]) -> set[Effect]:
    """The effects of a change of both objects."""
    out: set[Effect] = set()
    was, now = (admission(policy("p", **{"rules": (rule("a"),), **one}), CLUSTER) for one in (before, after))
    for kind, old, new in ((POLICY, was.spec, now.spec), (BINDING, was.binding, now.binding)):
        if old != new:
            out |= {meaning.effect for meaning in differs(kind, {"spec": old}, {"spec": new})}
    return out


EXCEPTION = Exemption(
    name="one", owner="o", reason="r", expires="2099-01-01", rules=(), match=Excepted(namespaces=("search",), names=())
)


@pytest.mark.parametrize(
    ("strict", "loose"),
    [
        ({"action": "deny"}, {"action": "warn"}),
        ({"action": "warn"}, {"action": "audit"}),
        ({"rules": (rule("a"), rule("b"))}, {"rules": (rule("a"),)}),
        ({}, {"exceptions": (EXCEPTION,)}),
        ({}, {"match": {"kinds": ("Pod",)}}),
        ({"match": {"teams": ("a", "b")}}, {"match": {"teams": ("a",)}}),
        ({}, {"match": {"teams": ("a",)}}),
        ({}, {"match": {"labels": {"a": "b"}}}),
    ],
)
def test_weaker_is_looser(strict: dict[str, Any], loose: dict[str, Any]) -> None:
    assert effects(strict, loose) == {Effect.LOOSENS}
    assert Effect.LOOSENS not in effects(loose, strict)


def test_another_expression_may_be_either() -> None:
    assert effects({}, {"rules": (rule("a", "false"),)}) == {Effect.CHANGES}
    assert effects({}, {"match": {"namespaces": ("x",)}}) == {Effect.CHANGES}
