"""Damages that only show beside the other objects of a cluster. Each takes what a subject emits and the position of one
object, and yields what the subject would emit instead."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.check.damage.places import Object, Path, below, containers, drop, fields, put

Objects = list[Object]
FleetDamage = Callable[[Objects, int], Iterator[Objects]]

NOBODY = "nobody-here"
NAMESPACE_NAME = "kubernetes.io/metadata.name"


def with_(objects: Objects, n: int, changed: Object) -> Objects:
    """The objects with another one in place of the n-th."""
    return [*objects[:n], changed, *objects[n + 1 :]]


def _pods(obj: Object) -> Iterator[Path]:
    yield from (path[:-1] for path, _ in fields(obj, {"containers"}))


def _put(objects: Objects, n: int, path: Path, value: Any) -> Objects:
    return with_(objects, n, put(objects[n], path, value))


def dangling_service_account(objects: Objects, n: int) -> Iterator[Objects]:
    """Pods or subjects of a ServiceAccount that is not there."""
    for pod in _pods(objects[n]):
        yield _put(objects, n, (*pod, "serviceAccountName"), NOBODY)
    if "roleRef" in objects[n]:
        yield _put(objects, n, ("subjects",), [{"kind": "ServiceAccount", "name": NOBODY}])


def dangling_role(objects: Objects, n: int) -> Iterator[Objects]:
    """A binding to a role that is not there."""
    if "roleRef" in objects[n]:
        yield _put(objects, n, ("roleRef", "name"), NOBODY)
        if objects[n]["roleRef"]["kind"] != "ClusterRole":
            yield _put(objects, n, ("roleRef", "kind"), "ClusterRole")


def dangling_class(objects: Objects, n: int) -> Iterator[Objects]:
    """Pods, quotas or claims of a priority, runtime or storage class that is not there."""
    storage = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": NOBODY,
        "resources": {"requests": {"storage": "1Gi"}},
    }
    for pod in _pods(objects[n]):
        yield _put(objects, n, (*pod, "priorityClassName"), NOBODY)
        yield _put(objects, n, (*pod, "runtimeClassName"), NOBODY)
        volumes = below(objects[n], (*pod, "volumes")) or []
        ephemeral = {"name": "x", "ephemeral": {"volumeClaimTemplate": {"spec": storage}}}
        yield _put(objects, n, (*pod, "volumes"), [*volumes, ephemeral])
    for path, value in fields(objects[n], {"scopeSelector"}):
        if isinstance(value, dict):
            yield _put(objects, n, (*path, "matchExpressions", 0, "values", 0), NOBODY)


def dangling_namespace(objects: Objects, n: int) -> Iterator[Objects]:
    """An object in a namespace that is not there, or a peer in one."""
    if objects[n]["metadata"].get("namespace"):
        yield _put(objects, n, ("metadata", "namespace"), NOBODY)
    for path, value in fields(objects[n], {"from", "to"}):
        if isinstance(value, list) and value:
            peer = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: NOBODY}}}
            yield _put(objects, n, (*path, 0), peer)


def dangling_configuration(objects: Objects, n: int) -> Iterator[Objects]:
    """A ConfigMap, a key of one, or a claim that is not there."""
    for path, _ in containers(objects[n]):
        missing = {"name": NOBODY, "key": "a"}
        yield _put(objects, n, (*path, "env"), [{"name": "A", "valueFrom": {"configMapKeyRef": missing}}])
        yield _put(objects, n, (*path, "envFrom"), [{"configMapRef": {"name": NOBODY}}])
    for path, value in fields(objects[n], {"configMap"}):
        if isinstance(value, dict) and "name" in value:
            yield _put(objects, n, (*path, "name"), NOBODY)
            yield _put(objects, n, (*path, "items"), [{"key": "no-such-key", "path": "a"}])
    for pod in _pods(objects[n]):
        yield _put(
            objects, n, (*pod, "volumes"), _and(objects[n], pod, {"persistentVolumeClaim": {"claimName": NOBODY}})
        )


def _and(obj: Object, pod: Path, source: Object) -> list[Object]:
    return [*(below(obj, (*pod, "volumes")) or []), {"name": "x", **source}]


def dangling_secret(objects: Objects, n: int) -> Iterator[Objects]:
    """A Secret that is not there."""
    for pod in _pods(objects[n]):
        yield _put(objects, n, (*pod, "volumes"), _and(objects[n], pod, {"secret": {"secretName": NOBODY}}))


def dangling_target(objects: Objects, n: int) -> Iterator[Objects]:
    """A policy that a binding names, and that is not there."""
    if objects[n]["kind"] == "ValidatingAdmissionPolicyBinding":
        yield _put(objects, n, ("spec", "policyName"), NOBODY)


def selector_of_nothing(objects: Objects, n: int) -> Iterator[Objects]:
    """A selector that nothing meets."""
    obj = objects[n]
    match obj["kind"]:
        case "Service" if obj["spec"].get("selector"):
            yield _put(objects, n, ("spec", "selector"), {"app": NOBODY})
        case "PodDisruptionBudget" | "ServiceMonitor":
            yield _put(objects, n, ("spec", "selector"), {"matchLabels": {"app": NOBODY}})
        case "NetworkPolicy":
            yield _put(objects, n, ("spec", "podSelector"), {"matchLabels": {"app": NOBODY}})
        case "Deployment":
            labels = {"matchLabels": {"app": NOBODY}}
            changed = put(obj, ("spec", "selector"), labels)
            yield with_(objects, n, put(changed, ("spec", "template", "metadata", "labels"), labels["matchLabels"]))
        case _:
            pass


def port_of_nothing(objects: Objects, n: int) -> Iterator[Objects]:
    """A named port that nothing has, of pods or of a Service."""
    for path, _ in fields(objects[n], {"targetPort"}):
        yield _put(objects, n, path, "nowhere")
    if objects[n]["kind"] == "ServiceMonitor":
        yield _put(objects, n, ("spec", "endpoints", 0, "port"), "nowhere")


def duplicate_identity(objects: Objects, n: int) -> Iterator[Objects]:
    """The object emitted twice, the second time with other labels."""
    yield [*objects, put(objects[n], ("metadata", "labels"), {"copy": "true"})]


def removed(objects: Objects, n: int) -> Iterator[Objects]:
    """The object left out."""
    yield [*objects[:n], *objects[n + 1 :]]


def missing_namespace(objects: Objects, n: int) -> Iterator[Objects]:
    """An object that lives in a namespace, and names none."""
    if objects[n]["metadata"].get("namespace"):
        yield with_(objects, n, drop(objects[n], ("metadata", "namespace")))


def needless_namespace(objects: Objects, n: int) -> Iterator[Objects]:
    """An object that lives in no namespace, and names one."""
    if not objects[n]["metadata"].get("namespace"):
        yield _put(objects, n, ("metadata", "namespace"), "kube-system")


def moved(objects: Objects, n: int) -> Iterator[Objects]:
    """A team's object in a namespace that is not the team's."""
    if objects[n]["metadata"].get("namespace"):
        yield _put(objects, n, ("metadata", "namespace"), "kube-system")


def widened_policy(objects: Objects, n: int) -> Iterator[Objects]:
    """A network policy that lets more pass."""
    obj = objects[n]
    if obj["kind"] == "CiliumNetworkPolicy":
        yield _put(objects, n, ("spec", "egress"), [*obj["spec"]["egress"], {"toCIDR": ["0.0.0.0/0"]}])
        yield _put(objects, n, ("spec", "egress"), [*obj["spec"]["egress"], {"toFQDNs": [{"matchPattern": "*"}]}])
    if obj["kind"] != "NetworkPolicy":
        return
    for direction, side in (("ingress", "from"), ("egress", "to")):
        if direction.capitalize() not in obj["spec"]["policyTypes"]:
            continue
        rules = obj["spec"].get(direction) or []
        forged = {"namespaceSelector": {"matchLabels": {"team": "trusted"}}}
        for more in ({}, {side: [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, {side: [forged]}, {"ports": [{"port": 22}]}):
            yield _put(objects, n, ("spec", direction), [*rules, more])
        for m, rule in enumerate(rules):
            if rule.get("ports"):
                yield with_(objects, n, drop(obj, ("spec", direction, m, "ports")))
            if rule.get(side):
                yield with_(objects, n, drop(obj, ("spec", direction, m, side)))


def narrowed_policy(objects: Objects, n: int) -> Iterator[Objects]:
    """A network policy that lets less pass, or isolates fewer pods."""
    obj = objects[n]
    if obj["kind"] not in ("NetworkPolicy", "CiliumNetworkPolicy"):
        return
    selector = "podSelector" if obj["kind"] == "NetworkPolicy" else "endpointSelector"
    yield _put(objects, n, ("spec", selector), {"matchExpressions": [{"key": "open", "operator": "DoesNotExist"}]})
    for direction in ("ingress", "egress"):
        for m, rule in enumerate(obj["spec"].get(direction) or []):
            rules = copy.deepcopy(obj["spec"][direction])
            del rules[m]
            yield _put(objects, n, ("spec", direction), rules)
            if rule.get("ports"):
                yield _put(objects, n, ("spec", direction, m, "ports", 0, "port"), 7)


def bound_to_all(objects: Objects, n: int) -> Iterator[Objects]:
    """A group bound to the role that allows everything."""
    if "roleRef" in objects[n]:
        changed = put(objects[n], ("roleRef", "kind"), "ClusterRole")
        yield with_(objects, n, put(changed, ("roleRef", "name"), "cluster-admin"))


def too_many_replicas(objects: Objects, n: int) -> Iterator[Objects]:
    """More pods than any quota has room for."""
    for field in ("replicas", "minReplicaCount"):
        if field in objects[n].get("spec", {}):
            yield _put(objects, n, ("spec", field), 100_000)


FLEET_DAMAGES: dict[str, FleetDamage] = {
    damage.__name__: damage
    for damage in (
        *(dangling_service_account, dangling_role, dangling_class, dangling_namespace, dangling_configuration),
        *(dangling_secret, dangling_target, selector_of_nothing, port_of_nothing, duplicate_identity, removed),
        *(missing_namespace, needless_namespace, moved, widened_policy, narrowed_policy, bound_to_all),
        too_many_replicas,
    )
}
"""Every damage by name."""
