"""Damages to what the fields of an object mean together."""

from __future__ import annotations

from collections.abc import Iterator

from tests.check.damage.places import Object, containers, drop, fields, put


def selector_mismatch(obj: Object) -> Iterator[Object]:
    """A selector that does not match the template's labels."""
    if obj.get("kind") in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        yield put(obj, ("spec", "selector"), {"matchLabels": {"app": "other"}})
        yield put(obj, ("spec", "selector"), {})
        yield drop(obj, ("spec", "template", "metadata"))


def bad_selector(obj: Object) -> Iterator[Object]:
    """A selector whose operator and values do not fit."""
    for path, value in fields(obj, {"podSelector", "selector", "namespaceSelector"}):
        if isinstance(value, dict) and obj.get("kind") not in ("Service", "HorizontalPodAutoscaler"):
            for operator, values in (("In", []), ("Exists", ["a"]), ("Gt", ["1"])):
                yield put(obj, path, {"matchExpressions": [{"key": "a", "operator": operator, "values": values}]})


def dangling_mount(obj: Object) -> Iterator[Object]:
    """A mount of a volume that the pod does not have."""
    for path, _value in containers(obj):
        yield put(obj, (*path, "volumeMounts"), [{"name": "nowhere", "mountPath": "/x"}])


def bad_volume(obj: Object) -> Iterator[Object]:
    """A volume of two sources, or of a bad name."""
    for path, _value in fields(obj, {"volumes"}):
        yield put(obj, path, [{"name": "a", "emptyDir": {}, "configMap": {"name": "b"}}])
        yield put(obj, path, [{"name": "A_b", "emptyDir": {}}])


def bad_cidr(obj: Object) -> Iterator[Object]:
    """A range of addresses that is none, or an exception outside of it."""
    for path, _value in fields(obj, {"cidr"}):
        yield from (put(obj, path, bad) for bad in ("10.0.0.0", "10.0.0.0/33", "300.0.0.0/8", "everything", "::/129"))
    for path, _value in fields(obj, {"except"}):
        yield put(obj, path, ["192.168.0.0/16"])


def bad_image(obj: Object) -> Iterator[Object]:
    """No image."""
    for path, _value in containers(obj):
        yield put(obj, (*path, "image"), "")
        yield drop(obj, (*path, "image"))


def request_above_limit(obj: Object) -> Iterator[Object]:
    """Requests above limits, and devices shared."""
    for path, _value in containers(obj):
        yield put(obj, (*path, "resources"), {"requests": {"cpu": "2"}, "limits": {"cpu": "1900m"}})
        yield put(obj, (*path, "resources"), {"requests": {"memory": "-1"}})
        yield put(obj, (*path, "resources"), {"requests": {"nvidia.com/gpu": "1"}, "limits": {"nvidia.com/gpu": "2"}})


def bad_probe(obj: Object) -> Iterator[Object]:
    """A probe of two kinds, or of none."""
    for path, _value in containers(obj):
        yield put(obj, (*path, "livenessProbe"), {"httpGet": {"port": 80}, "exec": {"command": ["a"]}})
        yield put(obj, (*path, "livenessProbe"), {"periodSeconds": 5})
        yield put(obj, (*path, "livenessProbe"), {"httpGet": {"port": "Not_A_Port"}})


def bad_env(obj: Object) -> Iterator[Object]:
    """An environment variable of two values, or of a bad name."""
    source = {"secretKeyRef": {"name": "a", "key": "b"}}
    for path, _value in containers(obj):
        yield put(obj, (*path, "env"), [{"name": "A", "value": "b", "valueFrom": source}])
        yield put(obj, (*path, "env"), [{"name": "A=B", "value": "b"}])
        yield put(obj, (*path, "env"), [{"name": "A", "valueFrom": {}}])
        yield put(obj, (*path, "env"), [{"name": "A", "value": 1}])


def bad_restart_policy(obj: Object) -> Iterator[Object]:
    """A restart policy that the kind refuses."""
    wrong = {
        "Deployment": "Never",
        "StatefulSet": "OnFailure",
        "DaemonSet": "Never",
        "Job": "Always",
        "CronJob": "Always",
    }
    for path, _value in fields(obj, {"containers"}):
        if obj.get("kind") in wrong:
            yield put(obj, (*path[:-1], "restartPolicy"), wrong[str(obj["kind"])])


def no_containers(obj: Object) -> Iterator[Object]:
    """A pod without containers."""
    for path, _value in fields(obj, {"containers"}):
        yield put(obj, path, [])


def bad_schedule(obj: Object) -> Iterator[Object]:
    """A schedule that is none."""
    for path, _value in fields(obj, {"schedule"}):
        yield from (put(obj, path, bad) for bad in ("* * *", "61 * * * *", "often", "", "* * * * mun"))


def bounds_out_of_order(obj: Object) -> Iterator[Object]:
    """A minimum above its maximum."""
    if obj.get("kind") == "HorizontalPodAutoscaler":
        yield put(obj, ("spec", "minReplicas"), 1000)
    if obj.get("kind") == "LimitRange":
        yield put(obj, ("spec", "limits", 0, "min"), {"cpu": "1000"})
    for path, _value in fields(obj, {"endPort"}):
        yield put(obj, path, 1)
    if obj.get("kind") == "PodDisruptionBudget":
        yield put(put(obj, ("spec", "minAvailable"), 1), ("spec", "maxUnavailable"), 1)
        yield put(obj, ("spec", "minAvailable"), "half")


def bad_priority(obj: Object) -> Iterator[Object]:
    """A priority that is the system's."""
    if obj.get("kind") == "PriorityClass":
        yield put(obj, ("metadata", "name"), "system-mine")
        yield {**obj, "value": 1_000_000_001}


def bad_subject(obj: Object) -> Iterator[Object]:
    """A subject or role of the wrong kind."""
    if "roleRef" in obj:
        if obj["kind"] == "ClusterRoleBinding":
            yield put(obj, ("subjects",), [{"kind": "ServiceAccount", "name": "a"}])
        yield put(obj, ("subjects",), [{"kind": "Robot", "name": "a"}])
        yield put(obj, ("roleRef", "kind"), "Deployment")
        yield put(obj, ("roleRef", "apiGroup"), "apps")


def bad_rule(obj: Object) -> Iterator[Object]:
    """A rule without verbs, groups or resources."""
    if obj.get("kind") in ("Role", "ClusterRole"):
        yield put(obj, ("rules",), [{"apiGroups": [""], "resources": ["pods"], "verbs": []}])
        yield put(obj, ("rules",), [{"resources": ["pods"], "verbs": ["get"]}])
        yield put(obj, ("rules",), [{"apiGroups": [""], "verbs": ["get"]}])


def bad_scope_of_quota(obj: Object) -> Iterator[Object]:
    """A quota of resources that its scope does not cover, or of fractions of what comes in pieces."""
    if obj.get("kind") == "ResourceQuota":
        yield put(obj, ("spec", "scopes"), ["BestEffort", "NotBestEffort"])
        yield put(put(obj, ("spec", "scopes"), ["BestEffort"]), ("spec", "hard"), {"services": "1"})
        yield put(obj, ("spec", "hard", "pods"), "1.5")


def duplicate_limit(obj: Object) -> Iterator[Object]:
    """Two limits of one type, or a ratio below 1."""
    if obj.get("kind") == "LimitRange":
        limits = obj["spec"]["limits"]
        yield put(obj, ("spec", "limits"), [*limits, limits[0]])
        yield put(obj, ("spec", "limits", 0, "maxLimitRequestRatio"), {"cpu": "0.5"})


def bad_pod_setting(obj: Object) -> Iterator[Object]:
    """Settings of a pod that exclude each other, or lack what they need."""
    for path, _value in fields(obj, {"containers"}):
        pod = path[:-1]
        yield put(put(obj, (*pod, "hostPID"), True), (*pod, "shareProcessNamespace"), True)
        yield put(put(obj, (*pod, "dnsPolicy"), "None"), (*pod, "dnsConfig"), {})
        yield put(obj, (*pod, "tolerations"), [{"key": "a", "operator": "Exists", "value": "b"}])
        yield put(obj, (*pod, "resourceClaims"), [{"name": "gpu"}])


def bad_policy_rule(obj: Object) -> Iterator[Object]:
    """An admission rule without resources, or one where `*` is not alone."""
    for path, value in fields(obj, {"resourceRules"}):
        if isinstance(value, list):
            yield put(obj, path, [])
            yield put(obj, (*path, 0, "operations"), ["*", "CREATE"])
            yield drop(obj, (*path, 0, "resources"))


def bad_peer(obj: Object) -> Iterator[Object]:
    """A peer of a policy that is none, or two in one."""
    for path, value in fields(obj, {"from", "to"}):
        if isinstance(value, list) and value:
            yield put(obj, (*path, 0), {})
            yield put(obj, (*path, 0), {"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}})
    for path, value in fields(obj, {"ports"}):
        if obj.get("kind") == "NetworkPolicy" and isinstance(value, list) and value:
            yield put(obj, (*path, 0), {"port": "http", "endPort": 90})


def broken_expression(obj: Object) -> Iterator[Object]:
    """A CEL expression that does not compile."""
    for path, value in fields(obj, {"expression", "messageExpression", "valueExpression"}):
        if isinstance(value, str):
            yield put(obj, path, f"{value} &&")
            yield put(obj, path, "objekt.spec.replicas > 1")
            yield put(obj, path, "nothing('a')")
            yield put(obj, path, "'a' * 2")
            if path[-1] == "expression" and "variables" not in path:
                yield put(obj, path, "'of another type'")
