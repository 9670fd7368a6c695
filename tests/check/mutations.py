"""Damages objects in ways that an API server refuses. `mutate` runs every damage that applies to an object.

A damage is a generator from a deep copy to damaged copies; it yields nothing where it does not apply. It must never
make an object that is still right, since the tests read "not refused" as a hole in the checker.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

Object = dict[str, Any]
Path = tuple[str | int, ...]
Damage = Callable[[Object, str], Iterator[Object]]

COUNTS = {
    "replicas",
    "backoffLimit",
    "minReplicas",
    "periodSeconds",
    "averageUtilization",
    "parallelism",
    "completions",
}
INTEGERS = COUNTS | {"containerPort", "endPort", "number", "maxReplicas", "weight", "revisionHistoryLimit"}
PORTS = {"containerPort", "number", "hostPort", "nodePort", "endPort"}
QUANTITIES = {"requests", "limits", "hard", "min", "max", "default", "defaultRequest", "podFixed", "overhead"}
ENUMS = {
    *("imagePullPolicy", "policyTypes", "protocol", "reclaimPolicy", "volumeBindingMode"),
    *("concurrencyPolicy", "pathType", "restartPolicy", "preemptionPolicy", "effect", "operator"),
    *("whenUnsatisfiable", "accessModes", "terminationMessagePolicy"),
}
BUILTIN_GROUPS = {
    *("", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io"),
    *("scheduling.k8s.io", "node.k8s.io", "resource.k8s.io", "admissionregistration.k8s.io", "coordination.k8s.io"),
}
REQUIRED: dict[str, tuple[Path, ...]] = {
    "Deployment": (("spec", "selector"), ("spec", "template"), ("spec", "template", "spec", "containers", 0, "name")),
    "StatefulSet": (("spec", "selector"), ("spec", "template")),
    "DaemonSet": (("spec", "selector"), ("spec", "template")),
    "CronJob": (("spec", "schedule"), ("spec", "jobTemplate")),
    "Job": (("spec", "template"),),
    "LimitRange": (("spec", "limits", 0, "type"),),
    "Role": (("rules", 0, "verbs"),),
    "ClusterRole": (("rules", 0, "verbs"),),
    "RoleBinding": (("roleRef",), ("roleRef", "name"), ("subjects", 0, "kind"), ("subjects", 0, "name")),
    "ClusterRoleBinding": (("roleRef",), ("roleRef", "name")),
    "StorageClass": (("provisioner",),),
    "Service": (("spec", "ports", 0, "port"),),
    "Ingress": (("spec", "rules", 0, "http", "paths", 0, "pathType"),),
    "HorizontalPodAutoscaler": (("spec", "maxReplicas"), ("spec", "scaleTargetRef")),
    "RuntimeClass": (("handler",),),
    "CiliumNetworkPolicy": (),
}


def mutate(obj: Object, minor: str) -> Iterator[tuple[str, Object]]:
    """Every damaged copy of an object with the damage's name; several copies may share one."""
    for name, damage in DAMAGES.items():
        for damaged in damage(copy.deepcopy(obj), minor):
            yield name, damaged


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place of a document, with its value, the root first."""
    yield path, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from places(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, (*path, index))


def put(obj: Object, path: Path, value: Any) -> Object:
    """A copy with another value at a path."""
    out = copy.deepcopy(obj)
    below(out, path[:-1])[path[-1]] = value
    return out


def drop(obj: Object, path: Path) -> Object:
    """A copy without what stands at a path."""
    out = copy.deepcopy(obj)
    del below(out, path[:-1])[path[-1]]
    return out


def below(obj: Any, path: Path) -> Any:
    """What stands at a path, None when there is nothing."""
    for step in path:
        if isinstance(obj, list):
            obj = obj[step] if isinstance(step, int) and step < len(obj) else None
        else:
            obj = obj.get(step) if isinstance(obj, dict) else None
    return obj


def built_in(obj: Object) -> bool:
    """Whether the kind is the API server's own, so that its rules beyond the schema are known here."""
    return str(obj.get("apiVersion")).rpartition("/")[0] in BUILTIN_GROUPS


def _fields(obj: Object, names: set[str]) -> Iterator[tuple[Path, Any]]:
    """The places of fields with one of some names; maps whose keys are free are left out."""
    if built_in(obj):
        for path, value in places(obj):
            free = {"data", "labels", "annotations", "matchLabels", "parameters", "nodeSelector"} & set(path[:-1])
            if path and path[-1] in names and not free:
                yield path, value


def _containers(obj: Object) -> Iterator[tuple[Path, Object]]:
    for path, value in _fields(obj, {"containers"}):
        if isinstance(value, list):
            yield from (((*path, index), container) for index, container in enumerate(value))


def _main(obj: Object) -> Path | None:
    """The root's or spec's first field that is not a header."""
    if isinstance(obj.get("spec"), dict) and obj["spec"]:
        return ("spec", next(iter(obj["spec"])))
    rest = [name for name in obj if name not in ("apiVersion", "kind", "metadata")]
    return (rest[0],) if rest else None


def unknown_field(obj: Object, _: str) -> Iterator[Object]:
    yield {**obj, "surprise": 1}
    if isinstance(obj.get("spec"), dict) and built_in(obj):
        yield put(obj, ("spec", "surprise"), {})
    for path, _value in _containers(obj):
        yield put(obj, (*path, "allowPrivilegedEscalation"), False)


def unknown_metadata_field(obj: Object, _: str) -> Iterator[Object]:
    yield put(obj, ("metadata", "lables"), {"a": "b"})


def misspelt_field(obj: Object, _: str) -> Iterator[Object]:
    path = _main(obj)
    if path is not None:
        value = below(obj, path)
        yield put(drop(obj, path), (*path[:-1], f"{path[-1]}z"), value)


def wrong_type(obj: Object, _: str) -> Iterator[Object]:
    yield put(obj, ("metadata",), "text")
    yield put(obj, ("metadata", "labels"), ["a"])
    if "spec" in obj:
        yield {**obj, "spec": "text"}
    for path, value in _fields(obj, {"containers", "rules", "subjects", "ports", "policyTypes"}):
        if isinstance(value, list):
            yield put(obj, path, {"item": value[0]})


def int_for_string(obj: Object, _: str) -> Iterator[Object]:
    yield put(obj, ("metadata", "name"), 7)
    yield put(obj, ("metadata", "labels"), {"a": 1})
    for path, _value in _fields(obj, {"image", "namespace", "schedule", "provisioner", "handler", "roleRef"}):
        yield put(obj, path, 7)


def string_for_int(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, INTEGERS):
        if isinstance(value, int):
            yield put(obj, path, str(value))


def float_for_int(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, INTEGERS):
        if isinstance(value, int):
            yield put(obj, path, 1.5)


def too_large(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, INTEGERS):
        if isinstance(value, int):
            yield put(obj, path, 2**31)


def string_for_bool(obj: Object, _: str) -> Iterator[Object]:
    for path, value in places(obj):
        if isinstance(value, bool) and built_in(obj):
            yield put(obj, path, str(value).lower())


def bad_quantity(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, QUANTITIES):
        if isinstance(value, dict) and value:
            name = next(iter(value))
            yield from (put(obj, (*path, name), bad) for bad in ("16GB", "1 Gi", "", "many"))


def missing_required(obj: Object, _: str) -> Iterator[Object]:
    for path in REQUIRED.get(str(obj.get("kind")), ()) if built_in(obj) else ():
        if below(obj, path) is not None:
            yield drop(obj, path)


def null_required(obj: Object, _: str) -> Iterator[Object]:
    for path in REQUIRED.get(str(obj.get("kind")), ()) if built_in(obj) else ():
        if below(obj, path) is not None:
            yield put(obj, path, None)


def missing_header(obj: Object, _: str) -> Iterator[Object]:
    yield drop(obj, ("kind",))
    yield drop(obj, ("apiVersion",))
    yield drop(obj, ("metadata", "name"))


def bad_enum(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, ENUMS):
        yield put(obj, path, "Sometimes" if isinstance(value, str) else ["Sometimes"])


def lower_case_enum(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, ENUMS):
        yield put(obj, path, value.lower() if isinstance(value, str) else [str(each).lower() for each in value])


def bad_name(obj: Object, _: str) -> Iterator[Object]:
    yield from (put(obj, ("metadata", "name"), name) for name in ("Bad/Name", "", "a/b", "per%cent"))
    if obj.get("kind") not in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "PodDisruptionBudget"):
        yield from (put(obj, ("metadata", "name"), name) for name in ("Bad_Name", "-a", "a" * 254))


def bad_namespace(obj: Object, _: str) -> Iterator[Object]:
    if obj["metadata"].get("namespace"):
        yield put(obj, ("metadata", "namespace"), "Team_A")


def bad_label(obj: Object, _: str) -> Iterator[Object]:
    for labels in ({"a": "no spaces"}, {"a": "x" * 64}, {"a": "-a"}, {"a b": "c"}, {"A.com/b/c": "d"}, {"": "x"}):
        yield put(obj, ("metadata", "labels"), labels)


def bad_annotation(obj: Object, _: str) -> Iterator[Object]:
    for bad in ({"a b": "c"}, {"a": 1}, {"a": True}, {"/b": "c"}):
        yield put(obj, ("metadata", "annotations"), bad)


def port_out_of_range(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, PORTS):
        if isinstance(value, int):
            yield from (put(obj, path, bad) for bad in (-1, 65536, 99999999))


def duplicate_item(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, {"containers", "env", "ports", "volumes", "volumeMounts", "imagePullSecrets"}):
        keyed = obj.get("kind") not in ("NetworkPolicy", "ServiceAccount")  # their lists are atomic
        if isinstance(value, list) and value and keyed:
            yield put(obj, path, [*value, copy.deepcopy(value[0])])


def negative_count(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, COUNTS):
        if isinstance(value, int):
            yield put(obj, path, -1)


def selector_mismatch(obj: Object, _: str) -> Iterator[Object]:
    if obj.get("kind") in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        yield put(obj, ("spec", "selector"), {"matchLabels": {"app": "other"}})
        yield put(obj, ("spec", "selector"), {})
        yield drop(obj, ("spec", "template", "metadata"))


def bad_selector(obj: Object, _: str) -> Iterator[Object]:
    for path, value in _fields(obj, {"podSelector", "selector", "namespaceSelector"}):
        if isinstance(value, dict) and obj.get("kind") != "Service":
            for operator, values in (("In", []), ("Exists", ["a"]), ("Gt", ["1"])):
                yield put(obj, path, {"matchExpressions": [{"key": "a", "operator": operator, "values": values}]})


def dangling_mount(obj: Object, _: str) -> Iterator[Object]:
    for path, _value in _containers(obj):
        yield put(obj, (*path, "volumeMounts"), [{"name": "nowhere", "mountPath": "/x"}])


def bad_volume(obj: Object, _: str) -> Iterator[Object]:
    for path, _value in _fields(obj, {"volumes"}):
        yield put(obj, path, [{"name": "a", "emptyDir": {}, "configMap": {"name": "b"}}])
        yield put(obj, path, [{"name": "A_b", "emptyDir": {}}])


def unserved_version(obj: Object, _: str) -> Iterator[Object]:
    group, slash, _version = str(obj["apiVersion"]).rpartition("/")
    yield {**obj, "apiVersion": f"{group}{slash}v9"}


def unknown_kind(obj: Object, _: str) -> Iterator[Object]:
    if built_in(obj):
        yield {**obj, "kind": f"{obj['kind']}x"}


def bad_cidr(obj: Object, _: str) -> Iterator[Object]:
    for path, _value in _fields(obj, {"cidr"}):
        yield from (put(obj, path, bad) for bad in ("10.0.0.0", "10.0.0.0/33", "300.0.0.0/8", "everything", "::/129"))
    for path, _value in _fields(obj, {"except"}):
        yield put(obj, path, ["192.168.0.0/16"])


def bad_image(obj: Object, _: str) -> Iterator[Object]:
    for path, _value in _containers(obj):
        yield put(obj, (*path, "image"), "")
        yield drop(obj, (*path, "image"))


def request_above_limit(obj: Object, _: str) -> Iterator[Object]:
    for path, _value in _containers(obj):
        yield put(obj, (*path, "resources"), {"requests": {"cpu": "2"}, "limits": {"cpu": "1900m"}})
        yield put(obj, (*path, "resources"), {"requests": {"memory": "-1"}})
        yield put(obj, (*path, "resources"), {"requests": {"nvidia.com/gpu": "1"}, "limits": {"nvidia.com/gpu": "2"}})


def bad_probe(obj: Object, _: str) -> Iterator[Object]:
    for path, _value in _containers(obj):
        yield put(obj, (*path, "livenessProbe"), {"httpGet": {"port": 80}, "exec": {"command": ["a"]}})
        yield put(obj, (*path, "livenessProbe"), {"periodSeconds": 5})
        yield put(obj, (*path, "livenessProbe"), {"httpGet": {"port": "Not_A_Port"}})


def bad_env(obj: Object, _: str) -> Iterator[Object]:
    source = {"secretKeyRef": {"name": "a", "key": "b"}}
    for path, _value in _containers(obj):
        yield put(obj, (*path, "env"), [{"name": "A", "value": "b", "valueFrom": source}])
        yield put(obj, (*path, "env"), [{"name": "A=B", "value": "b"}])
        yield put(obj, (*path, "env"), [{"name": "A", "valueFrom": {}}])
        yield put(obj, (*path, "env"), [{"name": "A", "value": 1}])


def bad_restart_policy(obj: Object, _: str) -> Iterator[Object]:
    wrong = {
        "Deployment": "Never",
        "StatefulSet": "OnFailure",
        "DaemonSet": "Never",
        "Job": "Always",
        "CronJob": "Always",
    }
    for path, _value in _fields(obj, {"containers"}):
        if obj.get("kind") in wrong:
            yield put(obj, (*path[:-1], "restartPolicy"), wrong[str(obj["kind"])])


def no_containers(obj: Object, _: str) -> Iterator[Object]:
    for path, _value in _fields(obj, {"containers"}):
        yield put(obj, path, [])


def bad_schedule(obj: Object, _: str) -> Iterator[Object]:
    for path, _value in _fields(obj, {"schedule"}):
        yield from (put(obj, path, bad) for bad in ("* * *", "61 * * * *", "often", "", "* * * * mun"))


def bounds_out_of_order(obj: Object, _: str) -> Iterator[Object]:
    if obj.get("kind") == "HorizontalPodAutoscaler":
        yield put(obj, ("spec", "minReplicas"), 1000)
    if obj.get("kind") == "LimitRange":
        yield put(obj, ("spec", "limits", 0, "min"), {"cpu": "1000"})
    for path, _value in _fields(obj, {"endPort"}):
        yield put(obj, path, 1)
    if obj.get("kind") == "PodDisruptionBudget":
        yield put(put(obj, ("spec", "minAvailable"), 1), ("spec", "maxUnavailable"), 1)
        yield put(obj, ("spec", "minAvailable"), "half")


def bad_priority(obj: Object, _: str) -> Iterator[Object]:
    if obj.get("kind") == "PriorityClass":
        yield put(obj, ("metadata", "name"), "system-mine")
        yield {**obj, "value": 1_000_000_001}


def bad_subject(obj: Object, _: str) -> Iterator[Object]:
    if "roleRef" in obj:
        if obj["kind"] == "ClusterRoleBinding":
            yield put(obj, ("subjects",), [{"kind": "ServiceAccount", "name": "a"}])
        yield put(obj, ("subjects",), [{"kind": "Robot", "name": "a"}])
        yield put(obj, ("roleRef", "kind"), "Deployment")
        yield put(obj, ("roleRef", "apiGroup"), "apps")


def bad_rule(obj: Object, _: str) -> Iterator[Object]:
    if obj.get("kind") in ("Role", "ClusterRole"):
        yield put(obj, ("rules",), [{"apiGroups": [""], "resources": ["pods"], "verbs": []}])
        yield put(obj, ("rules",), [{"resources": ["pods"], "verbs": ["get"]}])
        yield put(obj, ("rules",), [{"apiGroups": [""], "verbs": ["get"]}])


DAMAGES: dict[str, Damage] = {
    damage.__name__: damage
    for damage in (
        *(unknown_field, unknown_metadata_field, misspelt_field, wrong_type, int_for_string),
        *(string_for_int, float_for_int, too_large, string_for_bool, bad_quantity, missing_required),
        *(null_required, missing_header, bad_enum, lower_case_enum, bad_name, bad_namespace, bad_label),
        *(bad_annotation, port_out_of_range, duplicate_item, negative_count, selector_mismatch),
        *(bad_selector, dangling_mount, bad_volume, unserved_version, unknown_kind, bad_cidr, bad_image),
        *(request_above_limit, bad_probe, bad_env, bad_restart_policy, no_containers, bad_schedule),
        *(bounds_out_of_order, bad_priority, bad_subject, bad_rule),
    )
}
"""Every damage by name."""
