"""What is said of right and of damaged objects, word by word."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from tests.check.damage.places import put
from tests.check.mutations import DAMAGES, mutate
from tests.check.objects import OBJECTS, THOROUGH

from fleetc.check.schemas import check_object, nearest, scope_of, served
from fleetc.check.states import SchemaProblem, State, Verdict

BY_KIND: dict[str, dict[str, Any]] = {each["kind"]: each for each in OBJECTS}
CONTAINER = ("spec", "template", "spec", "containers", 0)


def said(obj: dict[str, Any], minor: str = "1.35") -> list[SchemaProblem]:
    return list(check_object(obj, minor).problems)


@pytest.mark.parametrize("minor", ["1.33", "1.34", "1.35", "1.36", "1.37"])
@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_right_objects_pass(kind: str, minor: str) -> None:
    expected = State.PARTIAL if kind == "CiliumNetworkPolicy" else State.VALID
    assert check_object(BY_KIND[kind], minor)[:2] == (expected, ())


@pytest.mark.parametrize("obj", [*OBJECTS, *THOROUGH], ids=lambda o: f"{o['kind']}-{o['metadata']['name']}")
def test_damaged_objects_are_refused(obj: dict[str, Any]) -> None:
    for name, damaged in mutate(obj):
        assert check_object(damaged, "1.35").state is State.INVALID, (name, damaged)


def test_every_damage_is_used() -> None:
    used = {name for obj in (*OBJECTS, *THOROUGH) for name, _ in mutate(obj)}
    assert used == set(DAMAGES)
    assert len(DAMAGES) >= 20


def test_damages_leave_the_original_alone() -> None:
    before = copy.deepcopy(BY_KIND["Deployment"])
    list(mutate(BY_KIND["Deployment"]))
    assert BY_KIND["Deployment"] == before


MESSAGES: list[tuple[str, tuple[str | int, ...], Any, tuple[str | int, ...], str, str]] = [
    ("Deployment", ("spec", "replica"), 1, (), "unknown field `replica`; did you mean `replicas`?", ""),
    ("Deployment", ("spec", "replicas"), "2", (), "expected integer, got string", ""),
    ("Deployment", ("spec", "replicas"), -1, (), "must be at least 0, got -1", ""),
    (
        "Deployment",
        ("metadata", "name"),
        "Bad",
        (),
        '"Bad" is not a DNS-1123 subdomain: lower-case letters, digits, `-` and `.`',
        "",
    ),
    ("Deployment", (*CONTAINER, "image"), "", (), "must not be empty", ""),
    (
        *("Deployment", (*CONTAINER, "imagePullPolicy"), "always", ()),
        *('"always" is not one of Always, IfNotPresent, Never', "did you mean `Always`?"),
    ),
    (
        *("Deployment", (*CONTAINER, "resources", "limits", "memory"), "16GB", ()),
        *('"16GB" is not a quantity of at least 0: a number with a suffix such as m, k, M, G, Ki, Mi or Gi', ""),
    ),
    (
        *("Deployment", (*CONTAINER, "resources", "requests", "memory"), "64Gi", ()),
        *("request 64Gi is above the limit 32Gi", ""),
    ),
    (
        *("Deployment", (*CONTAINER, "volumeMounts", 0, "name"), "cash", ()),
        *("no volume named `cash`", "declared volumes: cache"),
    ),
    (
        *(
            "Deployment",
            ("spec", "selector", "matchLabels", "app"),
            "other",
            ("spec", "template", "metadata", "labels"),
        ),
        *("the selector does not match these labels: app is chat, not other", ""),
    ),
    (
        *("Deployment", ("metadata", "labels", "a b"), "c", ()),
        'the key "a b" is not a qualified name: up to 63 letters, digits, `-`, `_` or `.`, with an optional DNS'
        " prefix and `/`",
        "",
    ),
    ("CronJob", ("spec", "schedule"), "61 * * * *", (), "a bad minute `61` in the schedule `61 * * * *`", ""),
    (
        *("NetworkPolicy", ("spec", "egress", 0, "to", 0, "ipBlock", "except", 0), "11.0.0.0/8", ()),
        *("11.0.0.0/8 must be strictly inside 10.0.0.0/8", ""),
    ),
    (
        *("HorizontalPodAutoscaler", ("spec", "minReplicas"), 9, ("spec", "maxReplicas")),
        *("must be at least `minReplicas` (9), got 4", ""),
    ),
    ("PriorityClass", ("value",), 2_000_000_000, (), "must be at most 1000000000, got 2000000000", ""),
    ("RoleBinding", ("roleRef", "apiGroup"), "apps", (), '"apps" is not one of rbac.authorization.k8s.io', ""),
    (
        *("Namespace", ("metadata", "labels", "pod-security.kubernetes.io/enforce"), "strict", ()),
        *("`strict` is not one of privileged, baseline, restricted", ""),
    ),
    (
        "LimitRange",
        ("spec", "limits", 0, "default", "cpu"),
        "50m",
        ("spec", "limits", 0, "defaultRequest", "cpu"),
        "must not be above `default` (50m)",
        "",
    ),
    (
        "CiliumNetworkPolicy",
        ("spec", "endpointSelektor"),
        {},
        (),
        "unknown field `endpointSelektor`; did you mean `endpointSelector`?",
        "",
    ),
]


@pytest.mark.parametrize(("kind", "path", "value", "where", "message", "hint"), MESSAGES)
def test_message(
    kind: str, path: tuple[str | int, ...], value: object, where: tuple[str | int, ...], message: str, hint: str
) -> None:
    assert said(put(BY_KIND[kind], path, value)) == [SchemaProblem(where or path, message, hint)]


def test_all_problems_are_reported_in_order() -> None:
    obj = put(put(BY_KIND["Deployment"], ("spec", "replicas"), None), ("spec", "paused"), "no")
    obj = put(put(obj, (*CONTAINER, "ports", 0, "containerPort"), 99999999), ("metadata", "labels"), {"a": "-"})
    assert [problem.path for problem in said(obj)] == [
        ("metadata", "labels", "a"),
        ("spec", "paused"),
        (*CONTAINER, "ports", 0, "containerPort"),
    ]


def test_repeated_keys() -> None:
    ports = [{"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"}, {"containerPort": 80, "protocol": "UDP"}]
    assert said(
        put(BY_KIND["Deployment"], (*CONTAINER, "ports"), [*ports, {"name": "http", "containerPort": 8000}])
    ) == [
        SchemaProblem(
            (*CONTAINER, "ports", 1),
            "repeats containerPort 80, protocol 'TCP' of item 0",
            "items of this list need distinct keys",
        )
    ]


def test_unserved() -> None:
    obj = {**BY_KIND["PodDisruptionBudget"], "apiVersion": "policy/v1beta1"}
    message = "policy/v1beta1 PodDisruptionBudget is not served by Kubernetes 1.35"
    hint = "PodDisruptionBudget is served as policy/v1"
    assert check_object(obj, "1.35") == Verdict(State.INVALID, (SchemaProblem(("apiVersion",), message, hint),))
    assert said({**BY_KIND["Deployment"], "kind": "Deploiment"})[0].hint == "did you mean `Deployment`?"
    assert nearest("resource.k8s.io/v1", "ResourceClaim", "1.33").startswith(
        "ResourceClaim is served as resource.k8s.io/v1beta"
    )
    assert nearest("scheduling.k8s.io/v1beta1", "PodGroup", "1.35") != ""


def test_unknown_kinds_are_skipped() -> None:
    verdict = check_object({"apiVersion": "example.com/v1", "kind": "Foo", "metadata": {"name": "a"}}, "1.35")
    assert verdict == Verdict(State.SKIPPED, (), "no schema known for example.com/v1 Foo")


def test_headers() -> None:
    assert said({"kind": "Pod"}) == [SchemaProblem(("apiVersion",), "missing field `apiVersion`", "")]
    assert said({"apiVersion": 1, "kind": "Pod"}) == [
        SchemaProblem(("apiVersion",), "`apiVersion` must be a string", "")
    ]


def test_cel_rules_leave_a_check_partial() -> None:
    assert check_object(BY_KIND["CiliumNetworkPolicy"], "1.35").reason == "CEL rules of the CRD are not checked offline"


def test_minors_without_schemas_are_an_error() -> None:
    with pytest.raises(ValueError, match="no schemas of Kubernetes 1\\.12"):
        check_object(BY_KIND["Deployment"], "1.12")


def test_served_and_scope() -> None:
    assert served("resource.k8s.io/v1", "ResourceClaim", "1.34") is True
    assert served("resource.k8s.io/v1", "ResourceClaim", "1.33") is False
    assert served("cilium.io/v2", "CiliumNetworkPolicy", "1.35") is True
    assert served("cilium.io/v9", "CiliumNetworkPolicy", "1.35") is False
    assert served("example.com/v1", "Foo", "1.35") is None
    assert scope_of("v1", "Namespace", "1.35") == "Cluster"
    assert scope_of("v1", "Pod", "1.35") == "Namespaced"
    assert scope_of("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "1.35") == "Cluster"
    assert scope_of("example.com/v1", "Foo", "1.35") is None


def test_any_damage_is_survived() -> None:
    """Rules read what the schema has already refused: no value at any place may raise."""
    for obj in (*OBJECTS, *THOROUGH):
        stack: list[tuple[tuple[str | int, ...], Any]] = [((), obj)]
        while stack:
            path, value = stack.pop()
            entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            for step, child in entries:
                stack.append(((*path, step), child))
                for junk in (None, "x", [1], {"a": 1}, True):
                    check_object(put(obj, (*path, step), junk), "1.35")


def test_speed() -> None:
    """A wide margin, in processor time: measured 40,000 a second on one core."""
    rounds = 50
    for obj in OBJECTS:
        check_object(obj, "1.35")
    start = time.process_time()
    for _ in range(rounds):
        for obj in OBJECTS:
            check_object(obj, "1.35")
    assert rounds * len(OBJECTS) / (time.process_time() - start) > 5_000
