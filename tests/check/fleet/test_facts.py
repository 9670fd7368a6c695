"""What one object says of others: what it makes, and every kind of reference in it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from fleetc.check.fleet.facts import Facts, facts_of
from fleetc.check.fleet.targets import Target

MADE = [
    ("{apiVersion: v1, kind: ConfigMap, data: {a: '1'}, binaryData: {b: aA==}}", [" ConfigMap o#a", " ConfigMap o#b"]),
    ("{apiVersion: v1, kind: Secret, data: {a: ''}, stringData: {b: x}}", [" Secret o#a", " Secret o#b"]),
    (
        "{apiVersion: v1, kind: Service, spec: {ports: [{port: 80, name: http}, {port: 81}]}}",
        [" Service o#port 80", " Service o#port http", " Service o#port 81"],
    ),
    ("{apiVersion: external-secrets.io/v1, kind: ExternalSecret, spec: {}}", [" Secret o"]),
    ("{apiVersion: external-secrets.io/v1, kind: ExternalSecret, spec: {target: {name: x}}}", [" Secret x"]),
    ("{apiVersion: cert-manager.io/v1, kind: Certificate, spec: {secretName: x}}", [" Secret x"]),
    ("{apiVersion: cert-manager.io/v1, kind: Certificate, spec: {}}", []),
    (
        "{apiVersion: apps/v1, kind: StatefulSet, spec: {replicas: 2, volumeClaimTemplates: [{metadata: {name: d}}]}}",
        [" PersistentVolumeClaim d-o-0", " PersistentVolumeClaim d-o-1"],
    ),
    (
        "{apiVersion: apps/v1, kind: StatefulSet, spec: {ordinals: {start: 5}, volumeClaimTemplates: [{metadata:"
        " {name: d}}]}}",
        [" PersistentVolumeClaim d-o-5"],
    ),
    (
        "{apiVersion: v1, kind: PersistentVolume, spec: {storageClassName: manual}}",
        ["storage.k8s.io StorageClass manual"],
    ),
    ("{apiVersion: apps/v1, kind: Deployment, spec: {}}", []),
]


def facts(text: str) -> Facts:
    """The facts of an object `o` in namespace `n`."""
    obj: dict[str, Any] = yaml.safe_load(text)
    obj["metadata"] = {"name": "o", "namespace": "n", **obj.get("metadata", {})}
    return facts_of(obj, "1.35")


def shown(target: Target) -> str:
    return f"{target.kind} {target.name}" + (f"#{target.key}" if target.key else "")


@pytest.mark.parametrize(("text", "expected"), MADE)
def test_what_is_made(text: str, expected: list[str]) -> None:
    found = facts(text)
    assert found.made[0] == found.identity
    assert [shown(target) for target in found.made[1:]] == expected


def test_labels_of_services_are_made() -> None:
    found = facts("{apiVersion: v1, kind: Service, metadata: {labels: {app: x}}}")
    assert found.made[1].key == "label app=x"


POD = "{{apiVersion: v1, kind: Pod, spec: {{{0}}}}}"
CONTAINER = "{{apiVersion: v1, kind: Pod, spec: {{containers: [{{name: c, {0}}}]}}}}"
VOLUME = "{{apiVersion: v1, kind: Pod, spec: {{volumes: [{{name: v, {0}}}]}}}}"
BINDING = "{{apiVersion: rbac.authorization.k8s.io/v1, kind: {0}, {1}}}"
ROLE = "rbac.authorization.k8s.io Role"
PRIORITY = "scheduling.k8s.io PriorityClass"
STORAGE = "storage.k8s.io StorageClass"
NAMESPACE_LABEL = "kubernetes.io/metadata.name"

# What refers, and what to: its namespace, kind, name and key, where in the object, and `?` for optional ones.
REFERENCES: list[tuple[str, list[str]]] = [
    # pods
    (POD.format("serviceAccountName: x"), ["n  ServiceAccount x at spec.serviceAccountName"]),
    (POD.format("priorityClassName: x"), [f"- {PRIORITY} x at spec.priorityClassName"]),
    (POD.format("runtimeClassName: x"), ["- node.k8s.io RuntimeClass x at spec.runtimeClassName"]),
    (POD.format("imagePullSecrets: [{name: x}]"), ["n  Secret x at spec.imagePullSecrets.0.name"]),
    (
        POD.format("resourceClaims: [{name: a, resourceClaimName: x}, {name: b, resourceClaimTemplateName: y}]"),
        [
            "n resource.k8s.io ResourceClaim x at spec.resourceClaims.0.resourceClaimName",
            "n resource.k8s.io ResourceClaimTemplate y at spec.resourceClaims.1.resourceClaimTemplateName",
        ],
    ),
    (
        VOLUME.format("configMap: {name: x, items: [{key: k, path: p}]}"),
        [
            "n  ConfigMap x at spec.volumes.0.configMap.name",
            "n  ConfigMap x#k at spec.volumes.0.configMap.items.0.key",
        ],
    ),
    (VOLUME.format("configMap: {name: x, optional: true}"), ["n  ConfigMap x at spec.volumes.0.configMap.name?"]),
    (
        VOLUME.format("secret: {secretName: x, items: [{key: k, path: p}]}"),
        ["n  Secret x at spec.volumes.0.secret.secretName", "n  Secret x#k at spec.volumes.0.secret.items.0.key"],
    ),
    (
        VOLUME.format("persistentVolumeClaim: {claimName: x}"),
        ["n  PersistentVolumeClaim x at spec.volumes.0.persistentVolumeClaim.claimName"],
    ),
    (
        VOLUME.format("ephemeral: {volumeClaimTemplate: {spec: {storageClassName: x}}}"),
        [f"- {STORAGE} x at spec.volumes.0.ephemeral.volumeClaimTemplate.spec.storageClassName"],
    ),
    (
        VOLUME.format("projected: {sources: [{configMap: {name: x}}, {secret: {name: y, optional: true}}]}"),
        [
            "n  ConfigMap x at spec.volumes.0.projected.sources.0.configMap.name",
            "n  Secret y at spec.volumes.0.projected.sources.1.secret.name?",
        ],
    ),
    (
        CONTAINER.format("env: [{name: A, valueFrom: {configMapKeyRef: {name: x, key: k}}}]"),
        [
            "n  ConfigMap x at spec.containers.0.env.0.valueFrom.configMapKeyRef.name",
            "n  ConfigMap x#k at spec.containers.0.env.0.valueFrom.configMapKeyRef.key",
        ],
    ),
    (
        CONTAINER.format("env: [{name: A, valueFrom: {secretKeyRef: {name: x, key: k, optional: true}}}]"),
        [
            "n  Secret x at spec.containers.0.env.0.valueFrom.secretKeyRef.name?",
            "n  Secret x#k at spec.containers.0.env.0.valueFrom.secretKeyRef.key?",
        ],
    ),
    (
        CONTAINER.format("envFrom: [{configMapRef: {name: x}}, {secretRef: {name: y, optional: true}}]"),
        [
            "n  ConfigMap x at spec.containers.0.envFrom.0.configMapRef.name",
            "n  Secret y at spec.containers.0.envFrom.1.secretRef.name?",
        ],
    ),
    (
        POD.format("initContainers: [{name: i, envFrom: [{configMapRef: {name: x}}]}]"),
        ["n  ConfigMap x at spec.initContainers.0.envFrom.0.configMapRef.name"],
    ),
    # every kind that makes pods
    *(
        (
            f"{{apiVersion: {version}, kind: {kind}, {path.format('{serviceAccountName: x}')}}}",
            [f"n  ServiceAccount x at {where}.serviceAccountName"],
        )
        for version, kind, path, where in (
            ("v1", "PodTemplate", "template: {{spec: {0}}}", "template.spec"),
            ("v1", "ReplicationController", "spec: {{template: {{spec: {0}}}}}", "spec.template.spec"),
            ("apps/v1", "Deployment", "spec: {{template: {{spec: {0}}}}}", "spec.template.spec"),
            ("apps/v1", "ReplicaSet", "spec: {{template: {{spec: {0}}}}}", "spec.template.spec"),
            ("apps/v1", "StatefulSet", "spec: {{template: {{spec: {0}}}}}", "spec.template.spec"),
            ("apps/v1", "DaemonSet", "spec: {{template: {{spec: {0}}}}}", "spec.template.spec"),
            ("batch/v1", "Job", "spec: {{template: {{spec: {0}}}}}", "spec.template.spec"),
            (
                "batch/v1",
                "CronJob",
                "spec: {{jobTemplate: {{spec: {{template: {{spec: {0}}}}}}}}}",
                "spec.jobTemplate.spec.template.spec",
            ),
        )
    ),
    # access
    (
        BINDING.format("RoleBinding", "roleRef: {kind: Role, name: x}"),
        [f"n {ROLE} x at roleRef.name"],
    ),
    (
        BINDING.format("ClusterRoleBinding", "roleRef: {kind: ClusterRole, name: x}"),
        ["- rbac.authorization.k8s.io ClusterRole x at roleRef.name"],
    ),
    (
        BINDING.format(
            "RoleBinding",
            "subjects: [{kind: ServiceAccount, name: x}, {kind: ServiceAccount, name: y, namespace: m}, {kind:"
            " Group, name: z}]",
        ),
        ["n  ServiceAccount x at subjects.0.name", "m  ServiceAccount y at subjects.1.name"],
    ),
    (
        "{apiVersion: v1, kind: ServiceAccount, imagePullSecrets: [{name: x}]}",
        ["n  Secret x at imagePullSecrets.0.name"],
    ),
    # storage
    (
        "{apiVersion: v1, kind: PersistentVolumeClaim, spec: {storageClassName: x}}",
        [f"- {STORAGE} x at spec.storageClassName"],
    ),
    ("{apiVersion: v1, kind: PersistentVolumeClaim, spec: {storageClassName: ''}}", []),
    (
        "{apiVersion: apps/v1, kind: StatefulSet, spec: {serviceName: s, volumeClaimTemplates: [{spec:"
        " {storageClassName: x}}]}}",
        [
            "n  Service s at spec.serviceName",
            f"- {STORAGE} x at spec.volumeClaimTemplates.0.spec.storageClassName",
        ],
    ),
    # traffic
    (
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, spec: {defaultBackend: {service: {name: x, port:"
        " {number: 80}}}}}",
        [
            "n  Service x at spec.defaultBackend.service.name",
            "n  Service x#port 80 at spec.defaultBackend.service.port.number",
        ],
    ),
    (
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, spec: {tls: [{secretName: t}], rules: [{http: {paths:"
        " [{backend: {service: {name: x, port: {name: http}}}}]}}]}}",
        [
            "n  Service x at spec.rules.0.http.paths.0.backend.service.name",
            "n  Service x#port http at spec.rules.0.http.paths.0.backend.service.port.name",
            "n  Secret t at spec.tls.0.secretName",
        ],
    ),
    (
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {ingress: [{from: [{namespaceSelector:"
        f" {{matchLabels: {{{NAMESPACE_LABEL}: x, other: y}}}}}}]}}]}}}}",
        [f"-  Namespace x at spec.ingress.0.from.0.namespaceSelector.matchLabels.{NAMESPACE_LABEL}"],
    ),
    (
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {egress: [{to: [{namespaceSelector:"
        f" {{matchExpressions: [{{key: {NAMESPACE_LABEL}, operator: In, values: [x, y]}},"
        f" {{key: {NAMESPACE_LABEL}, operator: NotIn, values: [z]}}]}}}}]}}]}}}}",
        [
            f"-  Namespace {name} at spec.egress.0.to.0.namespaceSelector.matchExpressions.0.values.{n}"
            for n, name in enumerate(("x", "y"))
        ],
    ),
    (
        "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, spec: {egress: [{toEndpoints:"
        " [{matchLabels: {'k8s:io.kubernetes.pod.namespace': x}}]}], ingress: [{fromEndpoints:"
        " [{matchLabels: {io.kubernetes.pod.namespace: y}}]}]}}",
        [
            "-  Namespace y at spec.ingress.0.fromEndpoints.0.matchLabels.io.kubernetes.pod.namespace",
            "-  Namespace x at spec.egress.0.toEndpoints.0.matchLabels.k8s:io.kubernetes.pod.namespace",
        ],
    ),
    # the rest
    (
        "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, spec: {scaleTargetRef: {apiVersion: apps/v1, kind:"
        " Deployment, name: x}}}",
        ["n apps Deployment x at spec.scaleTargetRef.name"],
    ),
    (
        "{apiVersion: v1, kind: ResourceQuota, spec: {scopeSelector: {matchExpressions: [{scopeName: PriorityClass,"
        " operator: In, values: [x]}, {scopeName: BestEffort, operator: Exists}]}}}",
        [f"- {PRIORITY} x at spec.scopeSelector.matchExpressions.0.values.0"],
    ),
    (
        "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, spec: {policyName: x}}",
        ["- admissionregistration.k8s.io ValidatingAdmissionPolicy x at spec.policyName"],
    ),
    *(
        (
            f"{{apiVersion: admissionregistration.k8s.io/v1, kind: {kind}, webhooks: [{{clientConfig: {{service:"
            f" {{name: x,"
            " namespace: m}}}]}",
            ["m  Service x at webhooks.0.clientConfig.service.name"],
        )
        for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
    ),
    # damage is not a reference
    (POD.format("serviceAccountName: 7, priorityClassName: '', volumes: x, imagePullSecrets: [{}]"), []),
    (BINDING.format("RoleBinding", "roleRef: {kind: Role}, subjects: [{kind: ServiceAccount}]"), []),
    (VOLUME.format("configMap: {items: [{key: k, path: p}]}"), []),
    (CONTAINER.format("env: [{name: A, valueFrom: {secretKeyRef: {key: k}}}]"), []),
]


@pytest.mark.parametrize(("text", "expected"), REFERENCES)
def test_references(text: str, expected: list[str]) -> None:
    found = [
        f"{r.target.namespace or '-'} {shown(r.target)} at {'.'.join(map(str, r.path))}{'?' if r.optional else ''}"
        for r in facts(text).references
    ]
    assert found == ["-  Namespace n at metadata.namespace", *expected]


def test_cluster_scoped_objects_name_no_namespace() -> None:
    obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "o"}}
    found = facts_of(obj, "1.35")
    assert (found.references, found.scope, found.identity) == ((), "Cluster", Target(" Namespace", "", "o"))


def test_pods() -> None:
    text = """
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    metadata: {labels: {a: b}}
    spec:
      initContainers: [{name: i, ports: [{name: x, containerPort: 1, protocol: UDP}]}]
      containers: [{name: c, ports: [{name: y, containerPort: 2}, {containerPort: 3}]}]
"""
    (pods,) = facts(text).pods
    assert (pods.namespace, pods.labels, pods.path) == ("n", {"a": "b"}, ("spec", "template", "spec"))
    assert pods.ports == (("x", "UDP", 1), ("y", "TCP", 2))
    assert facts("{apiVersion: example.com/v1, kind: Deployment, spec: {template: {spec: {a: b}}}}").pods == ()


SELECTS = [
    (
        "{apiVersion: v1, kind: Service, spec: {selector: {a: b}, ports: [{port: 1, targetPort: x}, {port: 2}]}}",
        "pods",
        ["x TCP"],
    ),
    ("{apiVersion: v1, kind: Service, spec: {ports: [{port: 1}]}}", "", []),
    ("{apiVersion: policy/v1, kind: PodDisruptionBudget, spec: {selector: {matchLabels: {a: b}}}}", "pods", []),
    ("{apiVersion: policy/v1, kind: PodDisruptionBudget, spec: {selector: {}}}", "", []),
    ("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {matchLabels: {a: b}}}}", "pods", []),
    ("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}}}", "", []),
    (
        "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, spec: {selector: {}, endpoints: [{port:"
        " m}, {targetPort: 1}]}}",
        "services",
        ["m "],
    ),
    (
        "{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, spec: {selector: {}, podMetricsEndpoints:"
        " [{port: m}]}}",
        "pods",
        ["m "],
    ),
    (
        "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, spec: {selector: {}, namespaceSelector:"
        " {any: true}}}",
        "",
        [],
    ),
]


@pytest.mark.parametrize(("text", "what", "ports"), SELECTS)
def test_selections(text: str, what: str, ports: list[str]) -> None:
    found = facts(text).selections
    assert [s.what for s in found] == ([what] if what else [])
    assert [f"{p.name} {p.protocol}" for s in found for p in s.ports] == ports


def test_pods_of_groups() -> None:
    text = """
        apiVersion: leaderworkerset.x-k8s.io/v1
        kind: LeaderWorkerSet
        metadata: {name: g, namespace: n}
        spec:
          leaderWorkerTemplate:
            leaderTemplate: {metadata: {labels: {role: leader}}, spec: {serviceAccountName: a, containers: []}}
            workerTemplate: {metadata: {labels: {role: worker}}, spec: {serviceAccountName: b, containers: []}}
        """
    found = facts_of(yaml.safe_load(text), "1.35")
    assert [pods.labels["role"] for pods in found.pods] == ["leader", "worker"]
    accounts = {r.target.name for r in found.references if r.target.kind == " ServiceAccount"}
    assert accounts == {"a", "b"}
