"""How rules are emitted: as they are written, around them what says for which pods and containers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.check.goldens import golden
from tests.check.judged import MINORS, policies, policy, workers

from fleetc.catalogue.policies import pack, pack_names, pod_kinds
from fleetc.cel import Program
from fleetc.check.policy.engine import SEEN, compiled
from fleetc.check.policy.examples import examples, made, verdict
from fleetc.check.policy.judge import Ready, judge, ready
from fleetc.emission.admission import RuleOf, plural, wrapped
from fleetc.language.policy import Rule

CLUSTER = golden().world.clusters[workers(MINORS[-1])[0]]
POD = {"metadata": {"name": "a", "namespace": "search"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}


def ruled(expression: str, on: str = "container", **changes: object) -> Ready:
    """A policy of one rule."""
    rule = Rule(name="r", on=on, expression=expression, message="m", fix="f", pass_={}, fail={})  # type: ignore[arg-type]
    return ready(policy("p", rules=(rule,), **changes), CLUSTER)


def holds(expression: str, obj: Mapping[str, object], on: str = "container", **changes: object) -> bool:
    """What one rule says of an object."""
    (found,) = judge(ruled(expression, on, **changes), obj, None).rules
    return found.holds


def pod(*containers: dict[str, object], **spec: object) -> dict[str, object]:
    """A Pod."""
    return {"apiVersion": "v1", "kind": "Pod", **POD, "spec": {"containers": [*containers], **spec}}


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1))
def test_an_expression_stands_as_it_is_written(text: str) -> None:
    for on in SEEN:
        rule = RuleOf("r", on, text, "m", "f", None, None, own=True)
        assert text in wrapped(rule, ["variables.excepted_a"])


@pytest.mark.parametrize("expression", ["true", "false || true", "true // so", "true\n// so", "[1].all(pod, pod == 1)"])
def test_whatever_compiles_compiles_wrapped(expression: str) -> None:
    assert holds(expression, pod({"name": "c", "image": "i"}))


@pytest.mark.parametrize("field", ["containers", "initContainers", "ephemeralContainers"])
def test_every_container_counts(field: str) -> None:
    good: dict[str, object] = {"name": "c", "image": "good"}
    made = pod(good, **{field: [good, {"name": "d", "image": "bad"}]})
    assert not holds('container.image == "good"', made)
    assert holds('container.image != "other"', made)


def test_an_error_refuses() -> None:
    assert not holds("container.nothing == 1", pod({"name": "c", "image": "i"}))


def test_pods_of_every_kind() -> None:
    one = ruled('container.image == "good"')
    assert {kind.kind for kind in one.kinds} == {kind.kind for kind in pod_kinds()}
    for example in ({"image": "good"}, {"image": "bad"}):
        for kind in one.kinds:
            (found,) = judge(one, made(one, one.rules[0], example, kind), None).rules
            assert found.holds == (example["image"] == "good"), kind


def test_a_rule_on_pods_passes_what_has_none() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "search"}, "spec": {}}
    assert holds("false", service, match={"kinds": ("Service", "Pod")})


@pytest.mark.parametrize("name", pack_names())
def test_examples_of_packs(name: str) -> None:
    for cluster in (workers(minor)[0] for minor in MINORS):
        one = ready(policy(name, pack=name), golden().world.clusters[cluster])
        found = [(e.rule.name, e.which, verdict(one, e)) for e in examples(one)]
        assert len(found) == 2 * len(pack(name).rules)
        assert [(rule, which) for rule, which, said in found if said.holds != (which == "pass")] == []
        assert [said.error for _, which, said in found if which == "fail" and said.error] == []


def test_every_rule_of_the_fleet_compiles() -> None:
    for minor in MINORS:
        for one in policies(workers(minor)[0]):
            names = [compiled(rule.expression, SEEN[rule.on], minor) for rule in one.rules]
            assert all(isinstance(found, Program) for found in names), one.policy.name


def test_plurals() -> None:
    kinds = {"NetworkPolicy": "networkpolicies", "Ingress": "ingresses", "Gateway": "gateways", "Service": "services"}
    assert {kind: plural(kind) for kind in kinds} == kinds
    assert plural("Endpoints") == "endpoints"
