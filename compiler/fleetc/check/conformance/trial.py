"""Emitted admission policies, tried: what would the API server say of a pod?

A rule of a pack has two examples, one that is to pass and one that is to fail. A policy keeps the rule where one of its
expressions takes the one and refuses the other: what refuses everything protects nothing, and is found so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.catalogue.policies import PackRule
from fleetc.check.conformance.facts import Found, Here
from fleetc.check.policy.engine import Error, Unsure, evaluate
from fleetc.check.policy.examples import merged
from fleetc.check.rules.access import Map, at, items, strings
from fleetc.check.rules.selectors import matches
from fleetc.language.team import TEAM_LABEL
from fleetc.tuples import NamedTuple

_ADMISSION: Final = "admissionregistration.k8s.io"
_CONTAINER: Final[Map] = {"name": "example", "image": "registry.example/app:1"}
_CREATED: Final = {"apiGroups": "", "apiVersions": "v1", "operations": "CREATE", "resources": "pods"}
_NAMESPACE: Final = "namespaceObject"


class Guard(NamedTuple):
    """An admission policy that is bound so that it refuses, and its parameters."""

    policy: Found
    binding: Found
    params: Map | None


class Trial:
    """The policies of a cluster on trial."""

    def __init__(self, here: Here) -> None:
        self.here = here
        self.guards = list(_guards(here))
        self._kept: dict[tuple[int, str, str], bool] = {}

    def refusing(self, rule: PackRule, space: str) -> Guard | None:
        """The first policy that keeps a rule in a namespace."""
        labels = space_labels(self.here, space)
        for n, guard in enumerate(self.guards):
            reads = _NAMESPACE in repr(guard.policy.spec)
            key = (n, rule.name, space if reads else "")
            if not _for_pods_in(guard, labels):
                continue
            if key not in self._kept:
                self._kept[key] = self._keeps(guard, rule, space, labels)
            if self._kept[key]:
                return guard
        return None

    def _keeps(self, guard: Guard, rule: PackRule, space: str, labels: Mapping[str, object]) -> bool:
        around = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space, "labels": labels}}
        good, bad = (
            self._said(guard, _example(rule, change, space), around) for change in (rule.passing, rule.failing)
        )
        return any(taken is True and refused is False for taken, refused in zip(good, bad, strict=False))

    def _said(self, guard: Guard, pod: Map, space: Map) -> list[object]:
        """What each expression of a policy says of a pod; nothing where a condition leaves it out."""
        minor = self.here.cluster.kubernetes
        values: dict[str, Any] = {"object": pod, _NAMESPACE: space}
        if guard.params is not None:
            values["params"] = guard.params
        found: dict[str, Any] = {}
        for _, each in items(guard.policy.spec, "variables"):
            value = evaluate(str(each.get("expression")), {**values, "variables": found}, minor)
            # What reads one that came to nothing comes to nothing, too.
            if not isinstance(value, (Error, Unsure)):
                found[str(each.get("name"))] = value
        values["variables"] = found

        def told(field: str) -> list[object]:
            return [evaluate(str(e.get("expression")), values, minor) for _, e in items(guard.policy.spec, field)]

        return told("validations") if all(met is True for met in told("matchConditions")) else []


def space_labels(here: Here, name: str) -> dict[str, object]:
    """The labels of a namespace; of one that is not emitted, those that a team's would have."""
    found = next((f for f in here.of("", "Namespace") if f.name == name), None)
    return {**(found.labels if found else {TEAM_LABEL: name}), "kubernetes.io/metadata.name": name}


def _example(rule: PackRule, change: Map, space: str) -> dict[str, Any]:
    """The pod of an example."""
    spec = {"containers": [merged(_CONTAINER, change) if rule.on == "container" else _CONTAINER]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "example", "namespace": space}, "spec": spec}
    return pod if rule.on == "container" else merged(pod, change)


def _guards(here: Here) -> Iterator[Guard]:
    """The policies that are bound with Deny; those with parameters only where these are emitted."""
    policies = {f.name: f for f in here.of(_ADMISSION, "ValidatingAdmissionPolicy")}
    for binding in here.of(_ADMISSION, "ValidatingAdmissionPolicyBinding"):
        policy = policies.get(str(binding.spec.get("policyName")))
        if policy is None or "Deny" not in strings(binding.spec, "validationActions"):
            continue
        params = _params(here, binding)
        if params is not None or not at(policy.spec, "paramKind"):
            yield Guard(policy, binding, params)


def _params(here: Here, binding: Found) -> Map | None:
    wanted = at(binding.spec, "paramRef")
    named = str(wanted.get("namespace", "")), str(wanted.get("name"))
    return next((f.object for f in here.of("", "ConfigMap") if (f.namespace, f.name) == named), None)


def _for_pods_in(guard: Guard, space: Mapping[str, object]) -> bool:
    """Whether a policy and its binding are for pods that are created in a namespace."""
    bound = at(guard.binding.spec, "matchResources")
    return _matched(at(guard.policy.spec, "matchConstraints"), space) and (not bound or _matched(bound, space, True))


def _matched(constraints: Map, space: Mapping[str, object], bound: bool = False) -> bool:
    if matches(at(constraints, "namespaceSelector"), space) is not None:
        return False
    # A pod without labels: what is only for pods with some leaves others out.
    if matches(at(constraints, "objectSelector"), {}) is not None:
        return False
    if any(_for_pods(rule) for _, rule in items(constraints, "excludeResourceRules")):
        return False
    rules = [rule for _, rule in items(constraints, "resourceRules")]
    return any(map(_for_pods, rules)) or (bound and not rules)


def _for_pods(rule: Map) -> bool:
    fits = all({value, "*"} & {*strings(rule, field)} for field, value in _CREATED.items())
    return fits and not strings(rule, "resourceNames")
