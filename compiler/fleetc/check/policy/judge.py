"""One object against one policy, as an API server judges it when the object is created."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.check.policy.defaults import defaulted
from fleetc.check.policy.engine import Error, Unsure, evaluate
from fleetc.check.rules.access import Map, at
from fleetc.check.rules.selectors import matches
from fleetc.emission.admission import Kind, Made, RuleOf, admission, kinds_of, rules_of, variable, wrapped
from fleetc.language.cluster import Cluster
from fleetc.language.policy import Policy
from fleetc.tuples import NamedTuple

NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"


class Ready(NamedTuple):
    """A policy as a cluster has it."""

    policy: Policy
    made: Made
    kinds: tuple[Kind, ...]
    rules: tuple[RuleOf, ...]
    minor: str


class Ruled(NamedTuple):
    """How a rule ended for an object. `error`: it could not be evaluated, which the server takes for a refusal.
    `excepted`: the exceptions without which it would be refused."""

    rule: RuleOf
    holds: bool
    error: str = ""
    unsure: str = ""
    excepted: tuple[str, ...] = ()


class Judged(NamedTuple):
    """How all rules ended for an object; none where the policy does not match it."""

    rules: tuple[Ruled, ...]


def ready(policy: Policy, cluster: Cluster) -> Ready:
    """A policy on a cluster."""
    made, kinds = admission(policy, cluster), tuple(kinds_of(policy, cluster))
    return Ready(policy, made, kinds, tuple(rules_of(policy)), cluster.kubernetes)


def kind_of(ready: Ready, obj: Map) -> Kind | None:
    """The kind of an object, if the policy is for it."""
    group = str(obj.get("apiVersion")).rpartition("/")[0]
    return next((k for k in ready.kinds if (k.group, k.kind) == (group, obj.get("kind"))), None)


def concerns(ready: Ready, obj: Map, space: Map | None) -> bool:
    """Whether the policy matches an object. `space`: its Namespace; None where it has none, or is one."""
    if kind_of(ready, obj) is None:
        return False
    constraints = ready.made.spec["matchConstraints"]
    own = at(obj, "metadata", "labels")
    if obj.get("kind") == "Namespace":
        space = named(obj)
    if space is not None and matches(constraints["namespaceSelector"], at(space, "metadata", "labels")) is not None:
        return False
    if matches(constraints.get("objectSelector", {}), own) is not None:
        return False
    return "deletionTimestamp" not in at(obj, "metadata")


def named(space: Map) -> Mapping[str, Any]:
    """A Namespace as the server holds it."""
    metadata = at(space, "metadata")
    labels = {**at(space, "metadata", "labels"), NAMESPACE_NAME: metadata.get("name")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {**metadata, "labels": labels},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def judge(ready: Ready, obj: Map, space: Map | None) -> Judged:
    """An object that the policy matches, against its rules."""
    values = bindings(ready, obj, space)
    return Judged(tuple([_ruled(ready, n, rule, values) for n, rule in enumerate(ready.rules)]))


def bindings(ready: Ready, obj: Map, space: Map | None) -> dict[str, Any]:
    """The variables of the policy's expressions."""
    kind = kind_of(ready, obj)
    given = defaulted(obj, kind) if kind is not None else obj
    values: dict[str, Any] = {"object": given, "namespaceObject": space}
    if ready.made.parameters is not None:
        values["params"] = {"apiVersion": "v1", "kind": "ConfigMap", "data": ready.made.parameters}
    found: dict[str, Any] = {}
    for each in ready.made.spec.get("variables", ()):
        value = evaluate(each["expression"], {**values, "variables": found}, ready.minor)
        # What reads one that came to nothing comes to nothing, too: the name is not there.
        if not isinstance(value, (Error, Unsure)):
            found[each["name"]] = value
    return {**values, "variables": found}


def _ruled(ready: Ready, number: int, rule: RuleOf, values: Mapping[str, Any]) -> Ruled:
    value = evaluate(ready.made.spec["validations"][number]["expression"], values, ready.minor)
    if isinstance(value, Unsure):
        return Ruled(rule, holds=False, unsure=value.reason)
    if isinstance(value, Error):
        return Ruled(rule, holds=False, error=value.text)
    if value is True and ready.policy.exceptions:
        return Ruled(rule, holds=True, excepted=tuple(_needed(ready, rule, values)))
    return Ruled(rule, holds=value is True)


def _needed(ready: Ready, rule: RuleOf, values: Mapping[str, Any]) -> Iterator[str]:
    """The exceptions that let an object pass that would not."""
    there = [
        e.name
        for e in ready.policy.exceptions
        if (not e.rules or rule.name in e.rules) and values["variables"].get(variable(e)) is True
    ]
    if there and evaluate(wrapped(rule, []), values, ready.minor) is not True:
        yield from there
