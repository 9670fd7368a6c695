"""Secure access to accelerators: policies are tried, and emitted pods are looked at."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from tests.check.conformance.clusters import clusters, here, objects, of

from fleetc.check.conformance.facts import Found, Here, Status

ID = "secure_accelerator_access"
SPACE = """
apiVersion: v1
kind: Namespace
metadata: {name: search, labels: {fleetc.dev/team: search}}
"""
OTHER = """
apiVersion: v1
kind: Namespace
metadata: {name: open, labels: {fleetc.dev/team: other, exempt: "true"}}
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: train, namespace: search}
spec:
  containers:
  - name: main
    image: registry.example/train:1
    resources: {limits: {nvidia.com/gpu: "1"}}
"""


def policy() -> list[Any]:
    """The policy of the pack and its binding, as they are emitted."""
    found = clusters()["onprem-fra"].here.of(
        "admissionregistration.k8s.io", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
    )
    return [copy.deepcopy(f.object) for f in found if f.name == "ai-conformance"]


def with_policy(made: list[Any], *texts: str) -> Here:
    return here("\n---\n".join([*texts, *map(yaml.safe_dump, made)]))


def test_the_pack_is_enough() -> None:
    found = of(with_policy(policy(), SPACE, POD), ID)
    assert (found.status, found.by) == (Status.IMPLEMENTED, "emitted")
    assert {e.what for e in found.evidence} == {
        "ValidatingAdmissionPolicy ai-conformance",
        "ValidatingAdmissionPolicyBinding ai-conformance",
        "Pod search/train",
    }


def test_without_namespaces_of_teams_one_is_supposed() -> None:
    assert of(with_policy(policy()), ID).status is Status.IMPLEMENTED


@pytest.mark.parametrize("actions", [["Audit"], ["Warn", "Audit"], []])
def test_what_does_not_refuse_does_not_count(actions: list[str]) -> None:
    rules, binding = policy()
    binding["spec"]["validationActions"] = actions
    found = of(with_policy([rules, binding], SPACE), ID)
    assert found.status is Status.NOT
    assert "pack: ai-conformance" in found.fix


def test_a_policy_without_its_binding_does_not_count() -> None:
    assert of(with_policy(policy()[:1], SPACE), ID).status is Status.NOT


@pytest.mark.parametrize("gone", range(3))
def test_a_rule_that_is_missing(gone: int) -> None:
    rules, binding = policy()
    names = [v["message"].partition(":")[0] for v in rules["spec"]["validations"]]
    del rules["spec"]["validations"][gone]
    found = of(with_policy([rules, binding], SPACE), ID)
    assert found.status is Status.PARTIALLY
    assert f"but for: {names[gone]} in search" in found.note


def test_a_namespace_that_is_left_out() -> None:
    rules, binding = policy()
    out = {"matchExpressions": [{"key": "exempt", "operator": "DoesNotExist"}]}
    binding["spec"]["matchResources"] = {"namespaceSelector": out}
    found = of(with_policy([rules, binding], SPACE, OTHER), ID)
    assert found.status is Status.PARTIALLY
    assert "in open" in found.note
    assert "in search" not in found.note


def weaken_objects(spec: Any) -> None:
    spec["matchConstraints"]["objectSelector"] = {"matchLabels": {"guarded": "true"}}


def weaken_kinds(spec: Any) -> None:
    del spec["matchConstraints"]["resourceRules"][0]


def weaken_operations(spec: Any) -> None:
    for rule in spec["matchConstraints"]["resourceRules"]:
        rule["operations"] = ["UPDATE"]


def weaken_excluded(spec: Any) -> None:
    one = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}
    spec["matchConstraints"]["excludeResourceRules"] = [one]


def weaken_condition(spec: Any) -> None:
    spec["matchConditions"].append({"name": "never", "expression": "false"})


def weaken_rules(spec: Any) -> None:
    for rule in spec["validations"]:
        rule["expression"] = "true"


def deny_all(spec: Any) -> None:
    for rule in spec["validations"]:
        rule["expression"] = "false"


def break_rules(spec: Any) -> None:
    for rule in spec["validations"]:
        rule["expression"] = "object.spec.nothing == 1"


def no_cel(spec: Any) -> None:
    for rule in spec["validations"]:
        rule["expression"] = "((("


@pytest.mark.parametrize(
    "weaken",
    [weaken_objects, weaken_kinds, weaken_operations, weaken_excluded, weaken_condition, weaken_rules, deny_all,
     break_rules, no_cel],
)  # fmt: skip
def test_policies_that_only_look_like_it(weaken: Any) -> None:
    """By name and label they are the pack's. One that refuses everything protects no device, either."""
    rules, binding = policy()
    weaken(rules["spec"])
    assert of(with_policy([rules, binding], SPACE), ID).status is Status.NOT


def test_parameters_that_are_not_there() -> None:
    rules, binding = policy()
    rules["spec"]["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
    binding["spec"]["paramRef"] = {"name": "gone", "namespace": "kube-system", "parameterNotFoundAction": "Allow"}
    assert of(with_policy([rules, binding], SPACE), ID).status is Status.NOT


def test_a_policy_of_ones_own() -> None:
    """Whatever it is called: what counts is what it refuses."""
    rules, binding = policy()
    rules["metadata"]["name"] = binding["spec"]["policyName"] = "devices"
    assert of(with_policy([rules, binding], SPACE), ID).status is Status.IMPLEMENTED


def hostile(**changes: Any) -> str:
    pod = yaml.safe_load(POD)
    pod["spec"] |= {name: value for name, value in changes.items() if name == "volumes"}
    pod["spec"]["containers"][0] |= {name: value for name, value in changes.items() if name != "volumes"}
    return str(yaml.safe_dump(pod))


@pytest.mark.parametrize(
    "bad",
    [
        {"securityContext": {"privileged": True}},
        {"env": [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}]},
        {"volumes": [{"name": "dev", "hostPath": {"path": "/dev"}}]},
    ],
)
def test_an_emitted_pod_that_helps_itself(bad: dict[str, Any]) -> None:
    """Nothing makes up for it: neither a policy nor what a provider says of its product."""
    made = "\n---\n".join([SPACE, hostile(**bad), *map(yaml.safe_dump, policy())])
    for where in (here(made), here(made, "eks-use1-prod", provider="eks")):
        found = of(where, ID)
        assert (found.status, found.by) == (Status.NOT, "emitted")
        assert [e.what for e in found.evidence] == ["Pod search/train"]
        assert found.fix


def test_what_runs_the_nodes_may_reach_them() -> None:
    """In a namespace of no team, and without a device of its own."""
    pod = yaml.safe_load(hostile(volumes=[{"name": "sys", "hostPath": {"path": "/sys"}}]))
    pod["metadata"]["namespace"] = "monitoring"
    asking = [SPACE, str(yaml.safe_dump(pod)), *map(yaml.safe_dump, policy())]
    assert of(here("\n---\n".join(asking)), ID).status is Status.NOT
    del pod["spec"]["containers"][0]["resources"]
    exporter = [SPACE, str(yaml.safe_dump(pod)), *map(yaml.safe_dump, policy())]
    assert of(here("\n---\n".join(exporter)), ID).status is Status.IMPLEMENTED


def test_pods_of_every_kind_are_looked_at() -> None:
    template = yaml.safe_load(hostile(securityContext={"privileged": True}))
    job: dict[str, Any] = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "search"}}
    job["spec"] = {"template": {"spec": template["spec"]}}
    found: Found = objects(str(yaml.safe_dump(job)))[0]
    assert of(here(str(yaml.safe_dump(found.object))), ID).status is Status.NOT
