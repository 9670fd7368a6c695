"""What the objects of a cell have to do with quotas, kind by kind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from fleetc.check.fleet.facts import Facts
from fleetc.check.fleet.pod_stakes import GROUPS, amounts, claim_usage, groups, volumes
from fleetc.check.fleet.stakes import Amounts, Quota, Range, Requirement, Stake, Template
from fleetc.check.fleet.targets import CLAIM, CREDENTIALS, DEVICES, PRIORITY_CLASS, RUNTIME_CLASS, SERVICE, Target
from fleetc.check.rules.access import Map, at, items, strings, whole
from fleetc.check.rules.quantity import parse

DEVICE_SUFFIX: Final = ".deviceclass.resource.k8s.io/devices"
RESOURCE_CLAIMS: Final = "count/resourceclaims.resource.k8s.io"
MADE_EVERYWHERE: Final = {"kube-root-ca.crt": "configmaps", "default": "serviceaccounts"}
"""The names of what Kubernetes makes in each namespace, and what it counts for."""

_SHORT: Final = frozenset(
    ["configmaps", "secrets", "services", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas"]
)
"""Core resources that quotas also know without `count/`."""

_CHILDREN: Final[Mapping[str, tuple[str, ...]]] = {
    "apps Deployment": ("replicasets.apps",),
    "keda.sh ScaledObject": ("horizontalpodautoscalers.autoscaling",),
    # The headless Service through which a group's pods find each other, and the StatefulSet of the leaders.
    GROUPS: ("services", "statefulsets.apps"),
}
"""What the controller of a kind makes for each object, at least."""


def stakes(found: Iterable[tuple[Map, Facts]], minor: str) -> Iterator[tuple[str, Stake]]:
    """The stake in each namespace of a cell's objects."""
    by_space: dict[str, list[tuple[int, Map, Facts]]] = defaultdict(list)
    for n, (obj, facts) in enumerate(found):
        by_space[facts.identity.namespace].append((n, obj, facts))
    for namespace, held in by_space.items():
        stake = _global(held) if not namespace else _stake(held, minor)
        if stake != Stake():
            yield namespace, stake


def _stake(held: list[tuple[int, Map, Facts]], minor: str) -> Stake:
    parts: dict[str, list[Any]] = defaultdict(list)
    fixed: dict[str, tuple[Decimal, int]] = {}
    for n, obj, facts in held:
        identity = facts.identity
        for resource, amount in _usage(obj, facts):
            total, first = fixed.get(resource, (Decimal(0), n))
            fixed[resource] = total + (parse(amount) or 0), first
        parts["groups"] += groups(n, obj, identity, facts.pods, minor)
        parts["volumes"] += volumes(n, obj, identity, facts.pods)
        for name, part in _by_kind(n, obj, identity):
            parts[name].append(part)
    return Stake(
        fixed=tuple((resource, f"{total:f}", n) for resource, (total, n) in fixed.items()),
        **{name: tuple(found) for name, found in parts.items()},
    )


def _global(held: list[tuple[int, Map, Facts]]) -> Stake:
    """What decides in all namespaces."""
    classes = [f.identity.name for _, o, f in held if f.identity.kind == PRIORITY_CLASS and o.get("globalDefault")]
    overheads = [
        (facts.identity.name, amounts(at(obj, "overhead", "podFixed")))
        for _, obj, facts in held
        if facts.identity.kind == RUNTIME_CLASS and at(obj, "overhead", "podFixed")
    ]
    return Stake(classes=tuple(classes), overheads=tuple(overheads))


def _usage(obj: Map, facts: Facts) -> Iterator[tuple[str, str]]:
    """What an object counts for, but for its pods."""
    identity, spec = facts.identity, at(obj, "spec")
    for resource in _CHILDREN.get(identity.kind, ()):
        yield from _one(resource)
    if at(spec, "target").get("creationPolicy") not in ("Merge", "None"):
        for target in facts.made:
            if target.kind == CREDENTIALS and target != identity and not target.key:
                yield from _one("secrets")
    if identity.kind == CLAIM:
        yield from claim_usage(spec)
    elif identity.kind != " Pod":  # counted with its replicas
        yield from _one(plural(identity.kind))
    if identity.kind == SERVICE:
        yield from _service(spec)
    elif identity.kind == f"{DEVICES} ResourceClaim":
        yield from _devices(at(spec, "devices"))[0]


def _one(resource: str) -> Iterator[tuple[str, str]]:
    yield f"count/{resource}", "1"
    if resource in _SHORT:
        yield resource, "1"


def plural(kind: str) -> str:
    """The resource of a "group Kind", as quotas write it (meta.UnsafeGuessKindToResource; CRDs follow it)."""
    group, _, name = kind.partition(" ")
    low = name.lower()
    if low == "endpoints":
        many = low
    elif low.endswith(("s", "x", "ch")):
        many = f"{low}es"
    elif low.endswith("y") and low[-2:-1] not in "aeiou":
        many = f"{low[:-1]}ies"
    else:
        many = f"{low}s"
    return f"{many}.{group}" if group else many


def _service(spec: Map) -> Iterator[tuple[str, str]]:
    """A load balancer takes node ports, too, unless it is told not to."""
    ports = [port for _, port in items(spec, "ports")]
    kind = spec.get("type")
    if kind == "LoadBalancer":
        yield "services.loadbalancers", "1"
        if spec.get("allocateLoadBalancerNodePorts") is False:
            ports = [port for port in ports if port.get("nodePort")]
    if kind in ("NodePort", "LoadBalancer") and ports:
        yield "services.nodeports", str(len(ports))


def _by_kind(n: int, obj: Map, identity: Target) -> Iterator[tuple[str, object]]:
    """Fields of the stake, with what the object adds to them."""
    spec = at(obj, "spec")
    match identity.kind:
        case " ResourceQuota":
            hard = amounts(at(spec, "hard"))
            yield "quotas", Quota(n, identity.name, hard, tuple(_requirements(spec)))
        case " LimitRange":
            for number, item in items(spec, "limits"):
                if item.get("type") == "Container":
                    yield "defaults", _defaults(item)
                yield "ranges", _range(n, number, item)
        case "autoscaling HorizontalPodAutoscaler":
            yield "scales", (*_scaled(spec, ""), _least(spec, ("minReplicas",), 1))
        case "keda.sh ScaledObject":
            yield "scales", (*_scaled(spec, "apps/v1"), _least(spec, ("idleReplicaCount", "minReplicaCount"), 0))
        case "resource.k8s.io ResourceClaimTemplate":
            yield "templates", Template(identity.name, *_devices(at(spec, "spec", "devices")))
        case "resource.k8s.io ResourceClaim":
            for resource in _devices(at(spec, "devices"))[1]:
                yield "unknown", resource
        case " ConfigMap" | " ServiceAccount" if MADE_EVERYWHERE.get(identity.name) == plural(identity.kind):
            yield "own", identity.name
        case _:
            pass


def _requirements(spec: Map) -> Iterator[Requirement]:
    for scope in strings(spec, "scopes"):
        yield Requirement(scope, "Exists", ())
    for _, item in items(at(spec, "scopeSelector"), "matchExpressions"):
        yield Requirement(str(item.get("scopeName")), str(item.get("operator")), tuple(strings(item, "values")))


def _defaults(item: Map) -> tuple[Amounts, Amounts]:
    """The requests and limits that containers get: unless said otherwise, limits are the largest allowed, and requests
    are the limits, else the least allowed (pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem)."""
    limits = {**at(item, "max"), **at(item, "default")}
    requests = {**at(item, "min"), **limits, **at(item, "defaultRequest")}
    return amounts(requests), amounts(limits)


def _range(n: int, number: int, item: Map) -> Range:
    least, most, ratio = (amounts(at(item, name)) for name in ("min", "max", "maxLimitRequestRatio"))
    return Range(n, number, str(item.get("type")), least, most, ratio)


def _scaled(spec: Map, version: str) -> tuple[str, str]:
    target = at(spec, "scaleTargetRef")
    group = str(target.get("apiVersion") or version).rpartition("/")[0]
    return f"{group} {target.get('kind') or 'Deployment'}", str(target.get("name"))


def _least(spec: Map, fields: tuple[str, ...], default: int) -> int:
    return next((found for field in fields if (found := whole(spec, field)) is not None), default)


def _devices(devices: Map) -> tuple[Amounts, tuple[str, ...]]:
    """What a claim counts for, and of which resources it takes a number that is not known."""
    exact: Counter[str] = Counter()
    unknown: list[str] = []
    for _, request in items(devices, "requests"):
        choices = [choice for _, choice in items(request, "firstAvailable")]
        for one in choices or [at(request, "exactly") or request]:
            resource = f"{one.get('deviceClassName')}{DEVICE_SUFFIX}"
            if choices or one.get("allocationMode") not in (None, "", "ExactCount"):
                unknown.append(resource)
            else:
                count = whole(one, "count")
                exact[resource] += 1 if count is None else count
    return tuple((resource, str(number)) for resource, number in exact.items()), tuple(unknown)
