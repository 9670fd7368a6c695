"""A Policy as API servers take it: ValidatingAdmissionPolicy, its binding and its parameters. What `check` judges at
build is the very same: both come from here.

The expressions of rules stand in it as they were written, on lines of their own; what is around them says for which
pods and containers, and what excepts an object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetc.catalogue.policies import PodKind, pack, pod_kinds
from fleetc.language.cluster import Cluster
from fleetc.language.policy import Action, Exemption, On, Policy
from fleetc.language.team import TEAM_LABEL
from fleetc.tuples import NamedTuple

NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"
"""The label that the API server itself sets on each Namespace."""
PARAMETERS_IN: Final = "kube-system"
"""Every cluster has it, and no tenant writes there."""
ACTIONS: Final[Mapping[Action, str]] = {"deny": "Deny", "warn": "Warn", "audit": "Audit"}
ALIVE: Final = "!has(object.metadata.deletionTimestamp)"
"""What is being deleted is not judged: nothing would come of it, and a finalizer could not be removed any more."""
_MADE: Final = ("Job", "Pod", "ReplicaSet", "StatefulSet")
"""What controllers make of what people write."""
_PLURALS: Final = {"Endpoints": "endpoints"}


class RuleOf(NamedTuple):
    """A rule, of the Policy itself or of its pack."""

    name: str
    on: On
    expression: str
    message: str
    fix: str
    passing: Mapping[str, Any] | None
    failing: Mapping[str, Any] | None
    own: bool


class Kind(NamedTuple):
    """A kind that is matched; `pods` where it holds some."""

    group: str
    version: str
    kind: str
    resource: str
    pods: PodKind | None = None

    @property
    def text(self) -> str:
        """As a Policy names it."""
        return f"{self.group}/{self.kind}" if self.group else self.kind

    @property
    def api_version(self) -> str:
        """As an object names it."""
        return f"{self.group}/{self.version}" if self.group else self.version


class Made(NamedTuple):
    """The specs of a policy and its binding, and the data of its parameters (None: it has none)."""

    spec: dict[str, Any]
    binding: dict[str, Any]
    parameters: dict[str, str] | None


def rules_of(policy: Policy) -> list[RuleOf]:
    """The rules that count: those of the pack that are not excluded, then the Policy's own."""
    of_pack = pack(policy.pack).rules if policy.pack is not None else ()
    out = [
        RuleOf(r.name, _on(r.on), r.expression, r.message, r.fix, r.passing, r.failing, own=False)
        for r in of_pack
        if r.name not in policy.exclude
    ]
    for rule in policy.rules:
        made = RuleOf(rule.name, rule.on, rule.expression, rule.message, rule.fix, rule.pass_, rule.fail, own=True)
        out.append(made)
    return out


def _on(text: str) -> On:
    return "container" if text == "container" else "pod" if text == "pod" else "object"


def parameters_of(policy: Policy) -> dict[str, str]:
    """The parameters: those of the pack, and the Policy's own."""
    return {**(pack(policy.pack).parameters if policy.pack is not None else {}), **policy.parameters}


def kinds_of(policy: Policy, cluster: Cluster) -> list[Kind]:
    """The kinds that are matched and that the cluster serves."""
    found = [*_all_kinds(policy)]
    return [kind for kind in found if kind.pods is None or served(kind.pods, cluster)]


def served(kind: PodKind, cluster: Cluster) -> bool:
    """Whether a cluster serves a kind."""
    return not kind.component or kind.component in cluster.components


def _all_kinds(policy: Policy) -> Iterator[Kind]:
    known = {_text(k): k for k in pod_kinds()}
    if not policy.match.kinds:
        yield from (Kind(k.group, k.version, k.kind, k.resource, k) for k in pod_kinds())
    for text in policy.match.kinds:
        group, _, kind = text.rpartition("/")
        if text in known:
            k = known[text]
            yield Kind(k.group, k.version, k.kind, k.resource, k)
        else:
            yield Kind(group, "*" if group else "v1", kind, plural(kind))


def _text(kind: PodKind) -> str:
    return f"{kind.group}/{kind.kind}" if kind.group else kind.kind


def plural(kind: str) -> str:
    """The resource of a kind, by the rule that Kubernetes and controller-gen follow."""
    name = kind.lower()
    if kind in _PLURALS:
        return _PLURALS[kind]
    if re.search("(s|x|z|ch|sh)$", name):
        return f"{name}es"
    return f"{name[:-1]}ies" if re.search("[^aeiou]y$", name) else f"{name}s"


def admission(policy: Policy, cluster: Cluster) -> Made:
    """The policy as a cluster's API server takes it."""
    kinds, rules = kinds_of(policy, cluster), rules_of(policy)
    parameters = parameters_of(policy)
    spec: dict[str, Any] = {"failurePolicy": "Fail"}
    binding: dict[str, Any] = {"policyName": policy.name}
    if parameters:
        spec["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
        name = parameters_name(policy)
        found = {"name": name, "namespace": PARAMETERS_IN, "parameterNotFoundAction": "Deny"}
        binding["paramRef"] = found
    binding["validationActions"] = [ACTIONS[policy.action]]
    spec["matchConstraints"] = _constraints(policy, kinds, rules)
    spec["matchConditions"] = [{"name": "not-deleted", "expression": ALIVE}]
    variables = [*_variables(policy, kinds, rules)]
    if variables:
        spec["variables"] = variables
    spec["validations"] = [
        {"expression": wrapped(rule, _excepting(policy, rule)), "message": message(rule)} for rule in rules
    ]
    return Made(spec, binding, parameters or None)


def parameters_name(policy: Policy) -> str:
    """The ConfigMap of a Policy's parameters."""
    return f"policy-{policy.name}"


def message(rule: RuleOf) -> str:
    """What somebody reads whose object is refused."""
    return f"{rule.name}: {rule.message}; {rule.fix}"


def wrapped(rule: RuleOf, excepting: list[str]) -> str:
    """A rule's expression for every object, pod or container; `excepting`: the variables that except an object."""
    # On lines of its own where it may end in a comment. Else not: in the warning of a server that cannot evaluate an
    # expression this stands whole, and a server drops a warning with more than one line.
    comment = "\n" in rule.expression or "//" in rule.expression
    inner = f"(\n{rule.expression}\n)" if comment else f"({rule.expression})"
    if rule.on == "pod":
        inner = f"variables.pods.all(pod, {inner})"
    elif rule.on == "container":
        inner = f"variables.pods.all(pod, {_CONTAINERS}.all(container, {inner}))"
    return "".join(f"{name} || " for name in excepting) + inner


_CONTAINERS: Final = (
    "(pod.spec.containers + (has(pod.spec.initContainers) ? pod.spec.initContainers : []) + "
    "(has(pod.spec.ephemeralContainers) ? pod.spec.ephemeralContainers : []))"
)


def _constraints(policy: Policy, kinds: list[Kind], rules: list[RuleOf]) -> dict[str, Any]:
    out: dict[str, Any] = {"matchPolicy": "Equivalent", "namespaceSelector": namespace_selector(policy)}
    if policy.match.labels:
        out["objectSelector"] = {"matchLabels": dict(policy.match.labels)}
    out["resourceRules"] = [*_resource_rules(kinds, pods=any(r.on != "object" for r in rules))]
    return out


def namespace_selector(policy: Policy) -> dict[str, Any]:
    """The namespaces whose objects are judged: those of teams, unless the Policy says which."""
    out: list[dict[str, Any]] = []
    if policy.match.namespaces:
        out.append({"key": NAMESPACE_NAME, "operator": "In", "values": sorted(policy.match.namespaces)})
    if policy.match.teams:
        out.append({"key": TEAM_LABEL, "operator": "In", "values": sorted(policy.match.teams)})
    if not out:
        out.append({"key": TEAM_LABEL, "operator": "Exists"})
    return {"matchExpressions": out}


def _resource_rules(kinds: list[Kind], *, pods: bool) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for kind in kinds:
        groups.setdefault((kind.group, kind.version), []).append(kind.resource)
    for (group, version), resources in sorted(groups.items()):
        made: dict[str, Any] = {"apiGroups": [group], "apiVersions": [version]}
        yield {**made, "operations": ["CREATE", "UPDATE"], "resources": sorted(resources)}
    if pods and any(kind.text == "Pod" for kind in kinds):
        # Whoever debugs a pod adds containers to it here.
        made = {"apiGroups": [""], "apiVersions": ["v1"]}
        yield {**made, "operations": ["UPDATE"], "resources": ["pods/ephemeralcontainers"]}


def _variables(policy: Policy, kinds: list[Kind], rules: list[RuleOf]) -> Iterator[dict[str, str]]:
    if any(rule.on != "object" for rule in rules):
        yield {"name": "pods", "expression": pods_expression(kinds)}
    for exception in policy.exceptions:
        yield {"name": variable(exception), "expression": excepted(exception)}


def pods_expression(kinds: list[Kind]) -> str:
    """The pods of an object of any of the kinds. `dyn`: what one kind has is no field of another."""
    ways: dict[str, list[str]] = {}
    for kind in kinds:
        way = " + ".join(map(_list_of, kind.pods.at)) if kind.pods is not None else "[]"
        ways.setdefault(way, []).append(kind.kind)
    most = max(ways, key=lambda way: len(ways[way]))
    out = most
    for way, names in reversed(ways.items()):
        if way != most:
            is_one = f"== {_quoted(names[0])}" if len(names) == 1 else f"in {_listed(names)}"
            out = f"dyn(object).kind {is_one} ? {way} :\n{out}"
    return out


def _list_of(where: str) -> str:
    if not where:
        return "[dyn(object)]"
    optional, where = where.endswith("?"), where.rstrip("?")
    head, star, tail = where.partition(".*.")
    if star:
        return f"dyn(object).{head}.map(item, item.{tail})"
    if optional:
        return f"(has(dyn(object).{where}) ? [dyn(object).{where}] : [])"
    return f"[dyn(object).{where}]"


def _excepting(policy: Policy, rule: RuleOf) -> list[str]:
    return [f"variables.{variable(e)}" for e in policy.exceptions if not e.rules or rule.name in e.rules]


def variable(exception: Exemption) -> str:
    """The variable that tells whether an object is excepted."""
    return "excepted_" + exception.name.replace("-", "_")


def excepted(exception: Exemption) -> str:
    """Whether an object is what an exception is for, or made by the controller of what it names."""
    match, out = exception.match, list[str]()
    if match.namespaces:
        out.append(f"object.metadata.namespace in {_listed(match.namespaces)}")
    if match.names:
        pattern = _quoted(f"^({'|'.join(match.names)})(-[a-z0-9]+)*$")
        owned = (
            f"dyn(object).kind in {_listed(_MADE)} && has(object.metadata.ownerReferences) && "
            "object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller && "
            f"owner.name.matches({pattern}))"
        )
        out.append(f"(object.metadata.name in {_listed(match.names)} || ({owned}))")
    return " &&\n".join(out) or "false"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return f"[{', '.join(map(_quoted, names))}]"


def _quoted(text: str) -> str:
    """A string of CEL, whose escapes are those of JSON."""
    return json.dumps(text)
