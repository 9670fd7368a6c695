"""What an exception is for, and what it is not for."""

from __future__ import annotations

from typing import Any

import pytest
from tests.check.judged import policy
from tests.check.policy.test_wrapping import CLUSTER

from fleetc.check.policy.judge import Ready, judge, ready
from fleetc.language.policy import Excepted, Exemption, Rule


def spared(*names: str, namespaces: tuple[str, ...] = ("search",), rules: tuple[str, ...] = ()) -> Ready:
    """A policy that nothing meets, and an exception of it."""
    made = [Rule(name=name, on="object", expression="false", message="m", fix="f", pass_={}, fail={}) for name in "ab"]
    exception = Exemption(
        name="one", owner="o", reason="r", expires="2099-01-01", rules=rules,
        match=Excepted(namespaces=namespaces, names=names),
    )  # fmt: skip
    return ready(
        policy("p", rules=tuple(made), exceptions=(exception,), match={"kinds": ("Pod", "ConfigMap")}), CLUSTER
    )


def passed(one: Ready, obj: dict[str, Any]) -> list[str]:
    """The rules that an object passes, each thanks to the exception."""
    found = judge(one, obj, None).rules
    assert all(ruled.holds == (ruled.excepted == ("one",)) for ruled in found)
    return [ruled.rule.name for ruled in found if ruled.holds]


def obj(name: str, owner: str = "", kind: str = "Pod", namespace: str = "search", **reference: Any) -> dict[str, Any]:
    """An object, perhaps of a controller."""
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if owner:
        metadata["ownerReferences"] = [{"name": owner, "controller": True, **reference}]
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


@pytest.mark.parametrize(
    ("made", "is_spared"),
    [
        (obj("web"), True),
        (obj("web-2"), False),
        (obj("web", namespace="risk"), False),
        (obj("web-7d9f8-abcde", "web-7d9f8"), True),
        (obj("web-0", "web"), True),
        (obj("web-0", "web", namespace="risk"), False),
        (obj("x", "website"), False),
        (obj("x", "my-web"), False),
        (obj("x", "web.evil"), False),
        (obj("x", "web", controller=False), False),
        (obj("x", "web", kind="ConfigMap"), False),
    ],
)
def test_names_and_what_controllers_make(made: dict[str, Any], is_spared: bool) -> None:
    assert passed(spared("web"), made) == (["a", "b"] if is_spared else [])


def test_namespaces_alone() -> None:
    assert passed(spared(), obj("anything")) == ["a", "b"]
    assert passed(spared(), obj("anything", namespace="risk")) == []


def test_nothing_said_is_nothing_spared() -> None:
    assert passed(spared(namespaces=()), obj("web")) == []


def test_some_rules() -> None:
    assert passed(spared("web", rules=("b",)), obj("web")) == ["b"]
