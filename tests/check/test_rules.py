"""The rules between the fields of one object, each with the damage that it finds. An API server refuses all of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.check.damage.places import Path, drop, put
from tests.check.objects import OBJECTS, THOROUGH

from fleetc.check.schemas import check_object
from fleetc.check.states import State

BY_NAME: dict[str, dict[str, Any]] = {f"{o['kind']}/{o['metadata']['name']}": o for o in (*THOROUGH, *OBJECTS)}
MINORS = ("1.33", "1.34", "1.35", "1.36", "1.37")
SINCE = {"resource.k8s.io/v1": "1.34"}

POD: Path = ("spec", "template", "spec")
MAIN: Path = (*POD, "containers", 0)
INDEX = "StatefulSet/index"
CHAT = "Deployment/chat"
DROP = object()

# Object, path, what is put there (DROP: nothing), where the problem is if elsewhere, and what is said of it ("": it is
# right, and stands beside what is wrong).
CASES: list[tuple[str, Path, Any, Path, str]] = [
    # containers
    (INDEX, (*MAIN, "resources", "limits", "gpu"), 1, (), "`gpu` is not a resource of containers"),
    (INDEX, (*MAIN, "resources", "limits", "x.kubernetes.io/y"), 1, (), ""),
    (INDEX, (*MAIN, "resources", "limits", "hugepages-2Mi"), "3Mi", (), "3Mi is not a multiple of the page size"),
    (INDEX, (*MAIN, "resources"), {"limits": {"hugepages-2Mi": "4Mi"}}, (), "`hugepages-2Mi` needs `cpu` or `memory`"),
    (
        *(INDEX, (*MAIN, "resources", "limits", "example.com/nic"), "1500m", ()),
        "`example.com/nic` must be a whole number",
    ),
    (
        *(INDEX, (*MAIN, "resources", "requests", "example.com/nic"), "1", ()),
        "`example.com/nic` needs an equal limit: it cannot be overcommitted",
    ),
    (
        *(INDEX, (*MAIN, "resources"), {"requests": {"a.b/c": 1}, "limits": {"a.b/c": 2}}),
        *((*MAIN, "resources", "requests", "a.b/c"), "request 1 must equal the limit 2"),
    ),
    (
        INDEX,
        (*MAIN, "resources", "claims"),
        [{"name": "x"}],
        (*MAIN, "resources", "claims", 0, "name"),
        "no resource claim `x`",
    ),
    (INDEX, (*MAIN, "env", 0, "value"), "x", (*MAIN, "env", 0, "valueFrom"), "takes `value` or `valueFrom`, not both"),
    (
        INDEX,
        (*MAIN, "env", 0, "valueFrom", "fieldRef", "fieldPath"),
        "spec.hostname",
        (),
        "`spec.hostname` cannot be told here",
    ),
    (INDEX, (*MAIN, "env", 0, "valueFrom", "fieldRef", "fieldPath"), "metadata.labels['a']", (), ""),
    (INDEX, (*MAIN, "env", 1, "valueFrom", "resourceFieldRef", "divisor"), "1k", (), "1k is not one of 1m, 1"),
    (INDEX, (*MAIN, "envFrom", 0), {}, (), "envFrom needs exactly one of `configMapRef`, `secretRef`"),
    (INDEX, (*MAIN, "ports", 1, "name"), "grpc", (), "`grpc` is the name of port 0 too"),
    (INDEX, (*MAIN, "volumeMounts", 0, "subPath"), "a/../b", (), "must not contain `..`"),
    (INDEX, (*MAIN, "volumeMounts", 0, "mountPath"), "/a:b", (), "must not contain `:`"),
    (INDEX, (*MAIN, "volumeMounts", 0, "name"), "dta", (), "no volume named `dta`"),
    (INDEX, (*MAIN, "livenessProbe", "successThreshold"), 2, (), "must be 1 in a livenessProbe"),
    (
        INDEX,
        (*MAIN, "livenessProbe", "exec"),
        {"command": ["a"]},
        (*MAIN, "livenessProbe", "grpc"),
        "takes only one of",
    ),
    (
        INDEX,
        (*MAIN, "lifecycle", "preStop", "sleep", "seconds"),
        61,
        (),
        "must be from 0 to `terminationGracePeriodSeconds` (60)",
    ),
    (INDEX, (*MAIN, "lifecycle", "preStop"), {}, (), "a lifecycle hook needs exactly one of"),
    (
        INDEX,
        (*MAIN, "securityContext", "privileged"),
        True,
        (*MAIN, "securityContext", "allowPrivilegeEscalation"),
        "cannot be false in a privileged container",
    ),
    (
        INDEX,
        (*MAIN, "securityContext", "capabilities", "add"),
        ["SYS_ADMIN"],
        (*MAIN, "securityContext", "allowPrivilegeEscalation"),
        "cannot be false with the capability SYS_ADMIN",
    ),
    (
        INDEX,
        (*POD, "initContainers", 0, "restartPolicy"),
        DROP,
        (*POD, "initContainers", 0, "startupProbe"),
        "only init containers with",
    ),
    (
        INDEX,
        (*POD, "initContainers", 0, "name"),
        "index",
        (*MAIN, "name"),
        "`index` is the name of an init container too",
    ),
    (
        "Deployment/d2",
        (*MAIN, "resizePolicy"),
        [{"resourceName": "cpu", "restartPolicy": "NotRequired"}] * 2,
        (*MAIN, "resizePolicy", 1),
        "`cpu` is in the list twice",
    ),
    # pods
    (INDEX, (*POD, "volumes", 0, "emptyDir"), {}, (), "a volume takes only one source, not configMap and emptyDir"),
    (INDEX, (*POD, "volumes", 0, "configMap", "items", 0, "path"), "../a", (), "must be a relative path without `..`"),
    (
        INDEX,
        (*POD, "volumes", 1, "projected", "sources", 3, "downwardAPI", "items", 0, "path"),
        "a/mode",
        (),
        "`a/mode` is the path of another file too",
    ),
    (
        INDEX,
        (*POD, "volumes", 2, "downwardAPI", "items", 0, "fieldRef", "fieldPath"),
        "status.podIP",
        (),
        "`status.podIP` cannot be told here",
    ),
    (
        INDEX,
        (*POD, "volumes", 2, "downwardAPI", "items", 0, "fieldRef"),
        DROP,
        (*POD, "volumes", 2, "downwardAPI", "items", 0),
        "a file needs exactly one of",
    ),
    (
        INDEX,
        (*POD, "volumes", 3, "ephemeral", "volumeClaimTemplate", "spec", "resources"),
        {},
        (*POD, "volumes", 3, "ephemeral", "volumeClaimTemplate", "spec", "resources", "requests"),
        "needs `storage`",
    ),
    (INDEX, (*POD, "tolerations", 0, "effect"), "NoSchedule", (), "must be NoExecute when `tolerationSeconds` is set"),
    (
        INDEX,
        (*POD, "tolerations", 0, "operator"),
        "Exists",
        (*POD, "tolerations", 0, "value"),
        "must be empty when the operator is Exists",
    ),
    (
        INDEX,
        (*POD, "tolerations", 0, "key"),
        "",
        (*POD, "tolerations", 0, "operator"),
        "must be Exists when `key` is empty",
    ),
    (INDEX, (*POD, "dnsConfig"), DROP, (*POD, "dnsConfig", "nameservers"), "is required when `dnsPolicy` is None"),
    (
        INDEX,
        (*POD, "securityContext", "sysctls"),
        [{"name": "a", "value": "1"}] * 2,
        (*POD, "securityContext", "sysctls", 1, "name"),
        "`a` is the name of sysctl 0 too",
    ),
    (
        INDEX,
        (*POD, "securityContext", "seccompProfile", "type"),
        "RuntimeDefault",
        (*POD, "securityContext", "seccompProfile"),
        "`localhostProfile` goes with type Localhost",
    ),
    (
        "Deployment/d2",
        (*POD, "overhead"),
        {"gpu": 1},
        (*POD, "overhead", "gpu"),
        "`gpu` is not a resource of containers",
    ),
    (
        "DaemonSet/agent",
        (*MAIN, "ports", 0, "hostPort"),
        9101,
        (),
        "must equal `containerPort` with `hostNetwork: true`",
    ),
    ("DaemonSet/agent", (*POD, "shareProcessNamespace"), True, (), "cannot be set together with `hostPID`"),
    (
        "Job/train",
        (*POD, "resourceClaims", 0, "resourceClaimName"),
        "x",
        (*POD, "resourceClaims", 0, "resourceClaimTemplateName"),
        "takes only one of",
    ),
    # what makes pods
    (
        CHAT,
        ("spec", "strategy", "type"),
        "Recreate",
        ("spec", "strategy", "rollingUpdate"),
        "cannot be set when the strategy is Recreate",
    ),
    (
        CHAT,
        ("spec", "strategy", "rollingUpdate", "maxSurge"),
        0,
        ("spec", "strategy", "rollingUpdate", "maxUnavailable"),
        "cannot be 0 when `maxSurge` is 0",
    ),
    (
        "Deployment/d2",
        ("spec", "minReadySeconds"),
        600,
        ("spec", "progressDeadlineSeconds"),
        "must be greater than `minReadySeconds` (600)",
    ),
    (CHAT, ("spec", "selector"), {}, (), "an empty selector would pick every pod of the namespace"),
    (CHAT, (*POD, "restartPolicy"), "Never", (), "must be Always in a Deployment, got Never"),
    (CHAT, (*POD, "activeDeadlineSeconds"), 5, (), "cannot be set in a Deployment"),
    (
        "ReplicationController/rc",
        ("spec", "selector", "app"),
        "x",
        ("spec", "template", "metadata", "labels"),
        "the selector does not match",
    ),
    (
        "DaemonSet/agent",
        ("spec", "updateStrategy", "rollingUpdate", "maxSurge"),
        1,
        (),
        "cannot be set unless `maxUnavailable` is 0",
    ),
    (
        "DaemonSet/agent",
        ("spec", "updateStrategy", "rollingUpdate", "maxUnavailable"),
        0,
        (),
        "cannot be 0 when `maxSurge` is 0",
    ),
    (
        INDEX,
        ("spec", "volumeClaimTemplates", 0, "spec", "resources", "requests", "storage"),
        0,
        (),
        "must be more than 0, got 0",
    ),
    (
        "Job/train",
        (*POD, "restartPolicy"),
        DROP,
        (*POD, "restartPolicy"),
        "must be Never or OnFailure in a job, and the default is Always",
    ),
    ("Job/train", ("spec", "completions"), DROP, (), "is required when `completionMode` is Indexed"),
    ("Job/train", (*POD, "restartPolicy"), "OnFailure", ("spec", "podFailurePolicy"), "needs `restartPolicy: Never`"),
    (
        "Job/train",
        ("spec", "podReplacementPolicy"),
        "TerminatingOrFailed",
        (),
        "must be Failed beside `podFailurePolicy`",
    ),
    (
        "Job/train",
        ("spec", "podFailurePolicy", "rules", 0, "onExitCodes"),
        DROP,
        ("spec", "podFailurePolicy", "rules", 0),
        "a rule needs exactly one of",
    ),
    (
        "Job/train",
        ("spec", "podFailurePolicy", "rules", 0, "onExitCodes", "containerName"),
        "x",
        (),
        "the pod has no container `x`",
    ),
    (
        "Job/train",
        ("spec", "podFailurePolicy", "rules", 0, "onExitCodes", "values"),
        [0],
        (),
        "cannot have 0, which is success",
    ),
    (
        "Job/train",
        ("spec", "podFailurePolicy", "rules", 0, "action"),
        "FailIndex",
        (),
        "FailIndex needs `backoffLimitPerIndex`",
    ),
    ("Job/train", ("spec", "selector"), {"matchLabels": {"a": "b"}}, (), "is made by the server"),
    ("Job/j2", ("spec", "backoffLimitPerIndex"), DROP, (), "is required beside `maxFailedIndexes`"),
    ("Job/j2", ("spec", "maxFailedIndexes"), 5, (), "must be at most `completions`, got 5"),
    ("Job/j2", ("spec", "completionMode"), "NonIndexed", ("spec", "successPolicy"), "needs `completionMode: Indexed`"),
    ("Job/j2", ("spec", "successPolicy", "rules", 0), {}, (), "a rule needs `succeededCount` or `succeededIndexes`"),
    ("CronJob/report", ("spec", "schedule"), "@often", (), "an unknown word in the schedule"),
    ("CronJob/report", ("spec", "schedule"), "TZ=UTC 1 2 3 4 5", (), "a time zone (use `timeZone`)"),
    ("CronJob/report", ("spec", "schedule"), "@every 5m", (), ""),
    ("CronJob/report", ("spec", "jobTemplate", "spec", "manualSelector"), True, (), "cannot be set in a CronJob"),
    # storage
    ("PersistentVolumeClaim/models", ("spec", "resources", "requests", "storage"), "0", (), "must be more than 0"),
    ("PersistentVolumeClaim/models", ("spec", "resources", "requests"), {}, (), "needs `storage`"),
    (
        "PersistentVolumeClaim/models",
        ("spec", "accessModes"),
        ["ReadWriteOncePod", "ReadOnlyMany"],
        (),
        "ReadWriteOncePod takes no other mode",
    ),
    ("PersistentVolume/nfs-1", ("spec", "nfs"), DROP, ("spec",), "a volume needs a source"),
    (
        "PersistentVolume/nfs-1",
        ("spec", "hostPath"),
        {"path": "/a"},
        ("spec", "nfs"),
        "only one source, not hostPath and nfs",
    ),
    ("PersistentVolume/nfs-1", ("spec", "capacity"), {"storage": 1, "cpu": 1}, (), "needs `storage`, and nothing else"),
    ("PersistentVolume/nfs-1", ("spec", "capacity", "storage"), "-1Gi", (), "must be more than 0, got -1Gi"),
    # data
    ("ConfigMap/bin", ("binaryData", "a"), "aGVsbG8=", (), "is in `data` too"),
    ("ConfigMap/bin", ("data", "a"), "x" * (1 << 20), ("data",), "is larger than 1 MiB"),
    ("Secret/tls", ("data", "tls.key"), DROP, ("data",), "needs `tls.key` when the type is kubernetes.io/tls"),
    # access
    ("ClusterRoleBinding/acme:readers", ("roleRef", "kind"), "Role", (), "must be ClusterRole in a ClusterRoleBinding"),
    ("ClusterRoleBinding/acme:readers", ("subjects", 0, "namespace"), DROP, (), "is required for a ServiceAccount"),
    (
        "ClusterRoleBinding/acme:readers",
        ("subjects", 0, "apiGroup"),
        "rbac.authorization.k8s.io",
        (),
        "must be empty for a ServiceAccount",
    ),
    (
        "ClusterRoleBinding/acme:readers",
        ("subjects", 0, "name"),
        "Chat",
        (),
        "`Chat` is not the name of a ServiceAccount",
    ),
    ("ClusterRoleBinding/acme:readers", ("subjects", 1, "namespace"), "a", (), "cannot be set for a User"),
    ("ClusterRole/acme:reader", ("rules", 0, "apiGroups"), DROP, (), "is required; the core group is an empty string"),
    ("ClusterRole/acme:reader", ("rules", 0, "resources"), [], (), "is required"),
    (
        "ClusterRole/acme:reader",
        ("rules", 1, "resources"),
        ["pods"],
        ("rules", 1, "nonResourceURLs"),
        "names resources or URLs, not both",
    ),
    (
        "Role/team:reader",
        ("rules", 0),
        {"nonResourceURLs": ["/x"], "verbs": ["get"]},
        ("rules", 0, "nonResourceURLs"),
        "namespaced rules cannot name URLs",
    ),
    ("Namespace/team-b", ("metadata", "finalizers"), ["keep"], ("metadata", "finalizers", 0), "`keep` needs a domain"),
    ("Namespace/team-b", ("metadata", "finalizers"), ["kubernetes"], (), ""),
    (
        "RuntimeClass/gvisor",
        ("scheduling", "tolerations"),
        [{"key": "a", "operator": "Exists"}] * 2,
        ("scheduling", "tolerations", 1),
        "is in the list twice",
    ),
    (
        "RuntimeClass/gvisor",
        ("overhead",),
        {"podFixed": {"gpu": 1}},
        ("overhead", "podFixed", "gpu"),
        "is not a resource of containers",
    ),
    # limits
    ("ResourceQuota/low", ("spec", "hard", "cpus"), 1, (), "`cpus` is not a resource that quotas know"),
    ("ResourceQuota/low", ("spec", "hard", "pods"), "1.5", (), "`pods` must be a whole number"),
    ("ResourceQuota/low", ("spec", "hard", "services"), 1, (), "is not covered by the scope NotTerminating"),
    ("ResourceQuota/best", ("spec", "hard", "cpu"), 1, (), "is not covered by the scope BestEffort"),
    (
        "ResourceQuota/best",
        ("spec", "scopes"),
        ["VolumeAttributesClass"],
        ("spec", "hard", "pods"),
        "is not covered by the scope VolumeAttributesClass",
    ),
    (
        "ResourceQuota/low",
        ("spec", "scopes"),
        ["Terminating", "NotTerminating"],
        (),
        "Terminating and NotTerminating exclude each other",
    ),
    (
        "ResourceQuota/low",
        ("spec", "scopeSelector", "matchExpressions", 0, "values"),
        [],
        (),
        "must not be empty when the operator is In",
    ),
    (
        "ResourceQuota/low",
        ("spec", "scopeSelector", "matchExpressions", 0, "operator"),
        "Exists",
        ("spec", "scopeSelector", "matchExpressions", 0, "values"),
        "must be empty when the operator is Exists",
    ),
    ("LimitRange/all", ("spec", "limits", 1, "default"), {"cpu": 1}, (), "cannot be set when the type is Pod"),
    ("LimitRange/all", ("spec", "limits", 1, "type"), "Container", (), "`Container` is the type of item 0 too"),
    ("LimitRange/all", ("spec", "limits", 0, "max", "gpu"), 1, (), "`gpu` is not a resource of containers"),
    ("LimitRange/all", ("spec", "limits", 2, "max", "disk"), 1, (), "`disk` is not a resource"),
    ("LimitRange/all", ("spec", "limits", 2), {"type": "PersistentVolumeClaim"}, (), "needs `min` or `max` of storage"),
    ("LimitRange/all", ("spec", "limits", 0, "maxLimitRequestRatio", "cpu"), "0.5", (), "must be at least 1, got 0.5"),
    ("LimitRange/all", ("spec", "limits", 0, "min", "cpu"), "600m", (), "must not be above `defaultRequest` (500m)"),
    # scale and disruption
    (
        "HorizontalPodAutoscaler/index",
        ("spec", "scaleTargetRef", "apiVersion"),
        "apps",
        (),
        "is not a group and version",
    ),
    (
        "HorizontalPodAutoscaler/index",
        ("spec", "metrics", 0, "resource", "target", "averageValue"),
        0,
        (),
        "must be more than 0",
    ),
    (
        "HorizontalPodAutoscaler/index",
        ("spec", "metrics", 0, "resource", "target", "type"),
        "Utilization",
        ("spec", "metrics", 0, "resource", "target", "averageUtilization"),
        "is required when the target's type is Utilization",
    ),
    (
        "HorizontalPodAutoscaler/index",
        ("spec", "metrics", 0, "type"),
        "Pods",
        ("spec", "metrics", 0, "pods"),
        "is required when the type is Pods",
    ),
    (
        "HorizontalPodAutoscaler/index",
        ("spec", "metrics", 1, "containerResource", "name"),
        "gpu",
        ("spec", "metrics", 1, "containerResource", "gpu"),
        "is not a resource of containers",
    ),
    (
        "PodDisruptionBudget/index",
        ("spec", "minAvailable"),
        1,
        ("spec", "maxUnavailable"),
        "cannot be set together with `minAvailable`",
    ),
    ("PodDisruptionBudget/index", ("spec", "maxUnavailable"), "150%", (), "must be at most 100%, got 150%"),
    ("PriorityClass/low", ("metadata", "name"), "system-low", (), "names that start with `system-` are reserved"),
    # traffic
    (
        "Service/public",
        ("spec", "type"),
        "ClusterIP",
        ("spec", "ports", 0, "nodePort"),
        "cannot be set when the type is ClusterIP",
    ),
    ("Service/public", ("spec", "clusterIP"), "None", (), "cannot be None when the type is LoadBalancer"),
    ("Service/elsewhere", ("spec", "externalName"), DROP, (), "is required when the type is ExternalName"),
    ("Service/chat", ("spec", "ports", 1, "name"), "http", (), "`http` is the name of port 0 too"),
    ("Service/chat", ("spec", "ports", 1, "name"), DROP, (), "is required when a service has several ports"),
    ("Service/chat", ("spec", "ports"), [], (), "is required unless the service is headless"),
    (
        "Service/chat",
        ("spec", "externalTrafficPolicy"),
        "Local",
        (),
        "can only be set on services that are reachable from outside",
    ),
    (
        "NetworkPolicy/chat",
        ("spec", "egress", 0, "ports", 0, "endPort"),
        999,
        (),
        "must be at least `port` (1000), got 999",
    ),
    (
        "NetworkPolicy/chat",
        ("spec", "egress", 0, "ports", 0, "port"),
        "http",
        ("spec", "egress", 0, "ports", 0, "endPort"),
        "needs a numeric `port`",
    ),
    ("NetworkPolicy/chat", ("spec", "egress", 0, "to", 0), {}, (), "a peer needs `podSelector`"),
    (
        "NetworkPolicy/chat",
        ("spec", "egress", 0, "to", 0, "podSelector"),
        {},
        ("spec", "egress", 0, "to", 0, "ipBlock"),
        "cannot be set together with `podSelector`",
    ),
    (
        "NetworkPolicy/all",
        ("spec", "ingress", 0, "from", 0, "ipBlock", "cidr"),
        "fg00::/8",
        (),
        "`fg00::/8` is not a CIDR block such as fd00::/8",
    ),
    ("Ingress/all", ("spec",), {"ingressClassName": "x"}, (), "an ingress needs `defaultBackend` or `rules`"),
    ("Ingress/all", ("spec", "defaultBackend"), {}, (), "a backend needs exactly one of `service`, `resource`"),
    ("Ingress/all", ("spec", "defaultBackend", "service", "port"), {}, (), "a service port needs exactly one of"),
    ("Ingress/all", ("spec", "rules", 1, "host"), "10.0.0.1", (), "`10.0.0.1` is an address, not a host name"),
    (
        "Ingress/all",
        ("spec", "rules", 0, "http", "paths", 0, "path"),
        "a",
        (),
        "must start with `/` when the type is Exact",
    ),
    ("Ingress/all", ("spec", "rules", 0, "http", "paths", 0, "path"), "/a//b", (), "`/a//b` is not normal"),
    # admission
    (
        "ValidatingAdmissionPolicy/replicas.example.com",
        ("spec", "matchConstraints"),
        {},
        ("spec", "matchConstraints", "resourceRules"),
        "is required",
    ),
    (
        "ValidatingAdmissionPolicy/replicas.example.com",
        ("spec", "matchConstraints", "resourceRules", 0, "operations"),
        ["*", "CREATE"],
        (),
        "`*` takes no other item beside it",
    ),
    (
        "ValidatingAdmissionPolicy/replicas.example.com",
        ("spec", "auditAnnotations"),
        [{"key": "a", "valueExpression": "x"}] * 2,
        ("spec", "auditAnnotations", 1, "key"),
        "`a` is that of item 0 too",
    ),
    (
        "ValidatingWebhookConfiguration/policy",
        ("webhooks", 0, "clientConfig"),
        {},
        (),
        "a client needs exactly one of `url`, `service`",
    ),
    (
        "MutatingWebhookConfiguration/defaults",
        ("webhooks", 0, "clientConfig", "url"),
        "http://x",
        (),
        "is not an https URL",
    ),
    (
        "MutatingWebhookConfiguration/defaults",
        ("webhooks", 0, "admissionReviewVersions"),
        ["v2"],
        (),
        "needs one of v1, v1beta1",
    ),
    (
        "MutatingWebhookConfiguration/defaults",
        ("webhooks", 0, "admissionReviewVersions"),
        ["v1", "v1"],
        (),
        "has an item twice",
    ),
    (
        "MutatingWebhookConfiguration/defaults",
        ("webhooks", 0, "rules", 0, "resources"),
        ["*/*", "pods"],
        (),
        "`*/*` takes no other item",
    ),
    # devices
    (
        "ResourceClaimTemplate/gpus",
        ("spec", "spec", "devices", "requests", 1, "name"),
        "gpu",
        (),
        "`gpu` is the name of request 0 too",
    ),
    (
        "ResourceClaimTemplate/gpus",
        ("spec", "spec", "devices", "requests", 0, "exactly"),
        DROP,
        ("spec", "spec", "devices", "requests", 0),
        "a device request needs exactly one of",
    ),
    (
        "ResourceClaimTemplate/gpus",
        ("spec", "spec", "devices", "requests", 0, "exactly", "allocationMode"),
        "All",
        ("spec", "spec", "devices", "requests", 0, "exactly", "count"),
        "cannot be set when `allocationMode` is All",
    ),
    (
        "ResourceClaimTemplate/gpus",
        ("spec", "spec", "devices", "requests", 1, "firstAvailable", 1, "name"),
        "fast",
        (),
        "`fast` is the name of item 0 too",
    ),
    (
        "ResourceClaimTemplate/gpus",
        ("spec", "spec", "devices", "requests", 1, "firstAvailable", 0, "count"),
        -1,
        (),
        "must be at least 1, got -1",
    ),
    (
        "ResourceClaimTemplate/gpus",
        ("spec", "spec", "devices", "constraints", 0, "requests"),
        ["gpus"],
        ("spec", "spec", "devices", "constraints", 0, "requests", 0),
        "the claim has no request `gpus`",
    ),
    (
        "ResourceClaimTemplate/gpus",
        ("spec", "spec", "devices", "constraints", 0, "requests"),
        ["gpu", "gpu"],
        ("spec", "spec", "devices", "constraints", 0, "requests", 1),
        "`gpu` is in the list twice",
    ),
    (
        "ResourceClaimTemplate/gpus",
        ("spec", "spec", "devices", "constraints", 0, "requests"),
        ["gpu", "nic/fast"],
        (),
        "",
    ),
    (
        "ResourceClaimTemplate/gpus",
        ("spec", "spec", "devices", "constraints", 0, "matchAttribute"),
        "numa",
        (),
        "`numa` is not an attribute with a domain",
    ),
]


@pytest.mark.parametrize(("name", "path", "value", "where", "message"), CASES)
def test_rule(name: str, path: Path, value: Any, where: Path, message: str) -> None:
    obj = drop(BY_NAME[name], path) if value is DROP else put(BY_NAME[name], path, value)
    found = {(problem.path, problem.message) for problem in check_object(obj, "1.35").problems}
    if message:
        assert any(at == (where or path) and message in text for at, text in found), found
    else:
        assert not found


@pytest.mark.parametrize("obj", THOROUGH, ids=lambda o: f"{o['kind']}-{o['metadata']['name']}")
@pytest.mark.parametrize("minor", MINORS)
def test_thorough_objects_pass(obj: dict[str, Any], minor: str) -> None:
    if minor < SINCE.get(obj["apiVersion"], ""):
        return
    verdict = check_object(obj, minor)
    assert verdict.problems == ()
    with_cel = obj["apiVersion"].startswith(("admissionregistration", "resource")) and "expression" in repr(obj)
    assert verdict.state is (State.PARTIAL if with_cel else State.VALID)
