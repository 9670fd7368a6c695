"""Damages to the form of an object: its fields, types, names and numbers."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from tests.check.damage.places import Object, Path, below, built_in, containers, drop, fields, first_field, places, put

COUNTS = {
    "replicas",
    "backoffLimit",
    "minReplicas",
    "periodSeconds",
    "averageUtilization",
    "parallelism",
    "completions",
}
INTEGERS = COUNTS | {"containerPort", "endPort", "number", "maxReplicas", "weight"}
PORTS = {"containerPort", "number", "hostPort", "nodePort", "endPort"}
QUANTITIES = {"requests", "limits", "hard", "min", "max", "default", "defaultRequest", "podFixed", "overhead"}
ENUMS = {
    *("imagePullPolicy", "policyTypes", "protocol", "reclaimPolicy", "volumeBindingMode"),
    *("concurrencyPolicy", "pathType", "restartPolicy", "preemptionPolicy", "effect", "operator"),
    *("whenUnsatisfiable", "accessModes", "terminationMessagePolicy"),
}
POINTERS = {"volumeBindingMode", "preemptionPolicy", "failurePolicy", "matchPolicy", "scope", "protocol"}
WITH_SPEC = {
    *("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "HorizontalPodAutoscaler", "Ingress"),
    *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
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


def unknown_field(obj: Object) -> Iterator[Object]:
    """A field that does not exist, at the top, in the spec, in a container."""
    yield {**obj, "surprise": 1}
    if isinstance(obj.get("spec"), dict) and built_in(obj):
        yield put(obj, ("spec", "surprise"), {})
    for path, _value in containers(obj):
        yield put(obj, (*path, "allowPrivilegedEscalation"), False)


def unknown_metadata_field(obj: Object) -> Iterator[Object]:
    """A misspelt field of the metadata."""
    yield put(obj, ("metadata", "lables"), {"a": "b"})


def misspelt_field(obj: Object) -> Iterator[Object]:
    """The first field is misspelt."""
    path = first_field(obj)
    if path is not None:
        value = below(obj, path)
        yield put(drop(obj, path), (*path[:-1], f"{path[-1]}z"), value)


def wrong_type(obj: Object) -> Iterator[Object]:
    """A string or a mapping where another type belongs."""
    yield put(obj, ("metadata",), "text")
    yield put(obj, ("metadata", "labels"), ["a"])
    if "spec" in obj:
        yield {**obj, "spec": "text"}
    for path, value in fields(obj, {"containers", "rules", "subjects", "ports", "policyTypes"}):
        if isinstance(value, list):
            yield put(obj, path, {"item": value[0]})


def int_for_string(obj: Object) -> Iterator[Object]:
    """A number where a string belongs."""
    yield put(obj, ("metadata", "name"), 7)
    yield put(obj, ("metadata", "labels"), {"a": 1})
    for path, _value in fields(obj, {"image", "namespace", "schedule", "provisioner", "handler", "roleRef"}):
        yield put(obj, path, 7)


def string_for_int(obj: Object) -> Iterator[Object]:
    """A number in quotes."""
    for path, value in fields(obj, INTEGERS):
        if isinstance(value, int):
            yield put(obj, path, str(value))


def float_for_int(obj: Object) -> Iterator[Object]:
    """A fraction where a whole number belongs."""
    for path, value in fields(obj, INTEGERS):
        if isinstance(value, int):
            yield put(obj, path, 1.5)


def too_large(obj: Object) -> Iterator[Object]:
    """A number beyond 32 bits."""
    for path, value in fields(obj, INTEGERS):
        if isinstance(value, int):
            yield put(obj, path, 2**31)


def string_for_bool(obj: Object) -> Iterator[Object]:
    """A boolean in quotes."""
    for path, value in places(obj):
        if isinstance(value, bool) and built_in(obj):
            yield put(obj, path, str(value).lower())


def bad_quantity(obj: Object) -> Iterator[Object]:
    """A quantity that is none."""
    for path, value in fields(obj, QUANTITIES):
        if isinstance(value, dict) and value:
            name = next(iter(value))
            yield from (put(obj, (*path, name), bad) for bad in ("16GB", "1 Gi", "", "many"))


def missing_required(obj: Object) -> Iterator[Object]:
    """A required field is left out."""
    for path in REQUIRED.get(str(obj.get("kind")), ()) if built_in(obj) else ():
        if below(obj, path) is not None:
            yield drop(obj, path)


def null_required(obj: Object) -> Iterator[Object]:
    """A required field is null."""
    for path in REQUIRED.get(str(obj.get("kind")), ()) if built_in(obj) else ():
        if below(obj, path) is not None:
            yield put(obj, path, None)


def missing_header(obj: Object) -> Iterator[Object]:
    """No kind, no apiVersion, no name."""
    yield drop(obj, ("kind",))
    yield drop(obj, ("apiVersion",))
    yield drop(obj, ("metadata", "name"))


def bad_enum(obj: Object) -> Iterator[Object]:
    """A value that is none of those allowed."""
    for path, value in fields(obj, ENUMS):
        yield put(obj, path, "Sometimes" if isinstance(value, str) else ["Sometimes"])


def lower_case_enum(obj: Object) -> Iterator[Object]:
    """An allowed value in lower case."""
    for path, value in fields(obj, ENUMS):
        yield put(obj, path, value.lower() if isinstance(value, str) else [str(each).lower() for each in value])


def bad_name(obj: Object) -> Iterator[Object]:
    """A name that is none."""
    yield from (put(obj, ("metadata", "name"), name) for name in ("Bad/Name", "", "a/b", "per%cent"))
    if obj.get("kind") not in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "PodDisruptionBudget"):
        yield from (put(obj, ("metadata", "name"), name) for name in ("Bad_Name", "-a", "a" * 254))


def bad_namespace(obj: Object) -> Iterator[Object]:
    """A namespace whose name is none."""
    if obj["metadata"].get("namespace"):
        yield put(obj, ("metadata", "namespace"), "Team_A")


def bad_label(obj: Object) -> Iterator[Object]:
    """Labels that are none."""
    for labels in ({"a": "no spaces"}, {"a": "x" * 64}, {"a": "-a"}, {"a b": "c"}, {"A.com/b/c": "d"}, {"": "x"}):
        yield put(obj, ("metadata", "labels"), labels)


def bad_annotation(obj: Object) -> Iterator[Object]:
    """Annotations that are none."""
    for bad in ({"a b": "c"}, {"a": 1}, {"a": True}, {"/b": "c"}):
        yield put(obj, ("metadata", "annotations"), bad)


def port_out_of_range(obj: Object) -> Iterator[Object]:
    """A port below 1 or above 65535."""
    for path, value in fields(obj, PORTS):
        if isinstance(value, int):
            # Below zero, a node port is as good as none.
            numbers = (65536, 99999999) if path[-1] == "nodePort" else (-1, 65536, 99999999)
            yield from (put(obj, path, bad) for bad in numbers)


def duplicate_item(obj: Object) -> Iterator[Object]:
    """An item of a keyed list twice."""
    for path, value in fields(obj, {"containers", "env", "ports", "volumes", "volumeMounts", "imagePullSecrets"}):
        keyed = obj.get("kind") not in ("NetworkPolicy", "ServiceAccount")  # their lists are atomic
        if isinstance(value, list) and value and keyed:
            yield put(obj, path, [*value, copy.deepcopy(value[0])])


def negative_count(obj: Object) -> Iterator[Object]:
    """A negative count."""
    for path, value in fields(obj, COUNTS):
        if isinstance(value, int):
            yield put(obj, path, -1)


def unserved_version(obj: Object) -> Iterator[Object]:
    """An apiVersion that is not served."""
    group, slash, _version = str(obj["apiVersion"]).rpartition("/")
    yield {**obj, "apiVersion": f"{group}{slash}v9"}


def unknown_kind(obj: Object) -> Iterator[Object]:
    """A kind that does not exist."""
    if built_in(obj):
        yield {**obj, "kind": f"{obj['kind']}x"}


def unset_enum(obj: Object) -> Iterator[Object]:
    """An empty string, where that does not mean that nothing is set."""
    for path, value in fields(obj, POINTERS):
        if isinstance(value, str) and not (path[-1] == "protocol" and obj["kind"] != "NetworkPolicy"):
            yield put(obj, path, "")


def port_without_letter(obj: Object) -> Iterator[Object]:
    """The name of a port in digits only."""
    for path, value in fields(obj, {"port", "targetPort"}):
        if isinstance(value, str | int) and not (obj["kind"] == "Service" and path[-1] == "port"):
            yield put(obj, path, "8080")


def null_in_custom(obj: Object) -> Iterator[Object]:
    """A null in a custom resource, where no default takes its place."""
    if not built_in(obj) and "spec" in obj:
        yield {**obj, "spec": None}


def bad_resource_name(obj: Object) -> Iterator[Object]:
    """A resource that has no prefix, and is none of Kubernetes' own."""
    for path, value in fields(obj, QUANTITIES):
        claims = obj["kind"] == "PersistentVolumeClaim" or {"volumeClaimTemplates", "volumeClaimTemplate"} & set(path)
        amounts = isinstance(value, dict) and all(isinstance(amount, str | int) for amount in value.values())
        if value and amounts and not claims:
            yield put(obj, path, {**value, "gpu": "1"})


def nameless_reference(obj: Object) -> Iterator[Object]:
    """A reference without the name of what it refers to."""
    for path, value in fields(obj, {"configMap", "secret", "configMapKeyRef", "secretKeyRef", "configMapRef"}):
        if isinstance(value, dict):
            yield put(obj, path, {key: held for key, held in value.items() if key not in ("name", "secretName")})


def no_spec(obj: Object) -> Iterator[Object]:
    """No spec at all, where there must be one."""
    if obj.get("kind") in WITH_SPEC:
        yield drop(obj, ("spec",))
        yield {**obj, "spec": None}
