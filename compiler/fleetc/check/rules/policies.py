"""Rules on quotas, limits, disruption budgets, autoscalers and priorities."""

from __future__ import annotations

from itertools import pairwise

from fleetc.check.rules import resources
from fleetc.check.rules.access import Found, Map, at, items, problem, strings, whole
from fleetc.check.rules.quantity import parse
from fleetc.source.span import Path

_USER_PRIORITY_LIMIT = 1_000_000_000
_SYSTEM_PRIORITIES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
_METRICS = {
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "External": "external",
}
_TARGETS = {"Utilization": "averageUtilization", "Value": "value", "AverageValue": "averageValue"}
_LIMIT_ORDER = ("min", "defaultRequest", "default", "max")
_POD_SCOPES = {
    "BestEffort",
    "NotBestEffort",
    "Terminating",
    "NotTerminating",
    "PriorityClass",
    "CrossNamespacePodAffinity",
}
_EXCLUSIVE = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))


def autoscaler(obj: Map) -> Found:
    """HorizontalPodAutoscaler: bounds in order, metrics and targets that fit their type."""
    spec = at(obj, "spec")
    low, high = whole(spec, "minReplicas"), whole(spec, "maxReplicas")
    if low is not None and high is not None and low > high:
        yield problem(("spec", "maxReplicas"), f"must be at least `minReplicas` ({low}), got {high}")
    yield from _scaled(at(spec, "scaleTargetRef"), ("spec", "scaleTargetRef", "apiVersion"))
    for index, metric in items(spec, "metrics"):
        here = ("spec", "metrics", index)
        wanted = _METRICS.get(str(metric.get("type")))
        present = [field for field in _METRICS.values() if metric.get(field) is not None]
        if wanted is not None and wanted not in present:
            yield problem((*here, wanted), f"is required when the type is {metric['type']}")
        for field in present:
            if wanted is not None and field != wanted:
                yield problem((*here, field), f"cannot be set when the type is {metric['type']}")
            target = at(metric, field, "target")
            needed = _TARGETS.get(str(target.get("type")))
            name = at(metric, field).get("name")
            if field == "containerResource" and isinstance(name, str):
                yield from resources.of_container({name: None}, (*here, field))
            for amount in ("value", "averageValue"):
                number = parse(target.get(amount))
                if number is not None and number <= 0:
                    yield problem((*here, field, "target", amount), f"must be more than 0, got {target[amount]}")
            if needed is not None and target.get(needed) is None:
                yield problem(
                    (*here, field, "target", needed), f"is required when the target's type is {target['type']}"
                )


def _scaled(target: Map, path: Path) -> Found:
    """Only ReplicationControllers are in the core group."""
    version = str(target.get("apiVersion") or "")
    if not target or (version == "v1" and target.get("kind") == "ReplicationController"):
        return
    if version.count("/") != 1 or not all(version.split("/")):
        yield problem(path, f"`{version}` is not a group and version, such as apps/v1")


def limit_range(obj: Map) -> Found:
    """LimitRange: min <= defaultRequest <= default <= max for every resource."""
    seen: dict[str, int] = {}
    for index, item in items(at(obj, "spec"), "limits"):
        here = ("spec", "limits", index)
        what = str(item.get("type"))
        if seen.setdefault(what, index) != index:
            yield problem((*here, "type"), f"`{what}` is the type of item {seen[what]} too")
        named = resources.of_container if what in ("Container", "Pod") else resources.of_claim
        for field in (*_LIMIT_ORDER, "maxLimitRequestRatio"):
            yield from named(at(item, field), (*here, field))
        if item.get("type") == "Pod":
            for field in ("default", "defaultRequest"):
                if at(item, field):
                    yield problem((*here, field), "cannot be set when the type is Pod")
        for name, ratio in at(item, "maxLimitRequestRatio").items():
            number = parse(ratio)
            if number is not None and number < 1:
                yield problem((*here, "maxLimitRequestRatio", name), f"must be at least 1, got {ratio}")
        for resource in sorted({name for field in _LIMIT_ORDER for name in at(item, field)}):
            known = [
                (field, value) for field in _LIMIT_ORDER if (value := parse(at(item, field).get(resource))) is not None
            ]
            for (lower, low), (upper, high) in pairwise(known):
                if low > high:
                    yield problem(
                        (*here, lower, resource), f"must not be above `{upper}` ({at(item, upper)[resource]})"
                    )
        if item.get("type") == "PersistentVolumeClaim" and not (
            "storage" in at(item, "min") or "storage" in at(item, "max")
        ):
            yield problem(here, "needs `min` or `max` of storage when the type is PersistentVolumeClaim")


def quota(obj: Map) -> Found:
    """ResourceQuota: scopes that can hold together, and resources that they cover."""
    spec = at(obj, "spec")
    scopes = strings(spec, "scopes")
    yield from resources.of_quota(at(spec, "hard"), ("spec", "hard"))
    for one, other in _EXCLUSIVE:
        if one in scopes and other in scopes:
            yield problem(("spec", "scopes"), f"{one} and {other} exclude each other")
    selected = [str(item.get("scopeName")) for _, item in items(at(spec, "scopeSelector"), "matchExpressions")]
    for name in at(spec, "hard"):
        for scope in dict.fromkeys([*scopes, *selected]):
            if not resources.covered(str(name), scope):
                yield problem(("spec", "hard", name), f"is not covered by the scope {scope}")
    for index, item in items(at(spec, "scopeSelector"), "matchExpressions"):
        here = ("spec", "scopeSelector", "matchExpressions", index)
        operator, values = item.get("operator"), strings(item, "values")
        if operator in ("In", "NotIn") and not values:
            yield problem((*here, "values"), f"must not be empty when the operator is {operator}")
        if operator in ("Exists", "DoesNotExist") and values:
            yield problem((*here, "values"), f"must be empty when the operator is {operator}")
        if str(item.get("scopeName")) in _POD_SCOPES - {"PriorityClass"} and operator not in (None, "Exists"):
            yield problem((*here, "operator"), f"must be Exists for the scope {item['scopeName']}")


def priority_class(obj: Map) -> Found:
    """PriorityClass: users have values up to a billion; `system-` names are the server's."""
    name, value = at(obj, "metadata").get("name"), whole(obj, "value")
    if isinstance(name, str) and name.startswith("system-") and value != _SYSTEM_PRIORITIES.get(name):
        yield problem(("metadata", "name"), "names that start with `system-` are reserved")
    elif value is not None and value > _USER_PRIORITY_LIMIT and name not in _SYSTEM_PRIORITIES:
        yield problem(("value",), f"must be at most {_USER_PRIORITY_LIMIT}, got {value}")


def disruption_budget(obj: Map) -> Found:
    """PodDisruptionBudget: at most one of its two bounds, percentages up to 100."""
    spec = at(obj, "spec")
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        yield problem(("spec", "maxUnavailable"), "cannot be set together with `minAvailable`")
    for name in ("minAvailable", "maxUnavailable"):
        share = str(spec.get(name, ""))
        if share.endswith("%") and share[:-1].isdecimal() and int(share[:-1]) > 100:
            yield problem(("spec", name), f"must be at most 100%, got {share}")
