"""What needs what: from objects alone, which others must be there first.

Every kind has a rank, and needs only lower ranks, so there is never a cycle. Below that, an object needs

- its namespace, and the definition of its kind;
- the bindings of admission policies, so that nothing slips in before they judge;
- in its own namespace, what limits and permits: quotas, limit ranges, network policies, role bindings, local queues;
- whatever it names: a text in it that is the name of an object which it can reach, such as a class, a service account,
  a volume claim, a queue. A chance meeting costs nothing but an edge.

Pulumi creates along these edges and deletes against them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleet.objects import Identity, Object, strings

_ADMISSION: Final = "admissionregistration.k8s.io"
_RBAC: Final = "rbac.authorization.k8s.io"
_KUEUE: Final = "kueue.x-k8s.io"

_TIERS: Final[tuple[tuple[tuple[str, str], ...], ...]] = (
    (("", "Namespace"),),
    (("apiextensions.k8s.io", "CustomResourceDefinition"),),
    ((_ADMISSION, "ValidatingAdmissionPolicy"), (_ADMISSION, "MutatingAdmissionPolicy")),
    ((_ADMISSION, "ValidatingAdmissionPolicyBinding"), (_ADMISSION, "MutatingAdmissionPolicyBinding")),
    (
        ("scheduling.k8s.io", "PriorityClass"),
        ("node.k8s.io", "RuntimeClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "StorageClass"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
        ("resource.k8s.io", "DeviceClass"),
        ("networking.k8s.io", "IngressClass"),
        ("gateway.networking.k8s.io", "GatewayClass"),
        ("cloud.google.com", "ComputeClass"),
        ("karpenter.k8s.aws", "EC2NodeClass"),
        (_KUEUE, "Topology"),
    ),
    (("", "ServiceAccount"), (_KUEUE, "ResourceFlavor"), (_KUEUE, "WorkloadPriorityClass")),
    ((_RBAC, "ClusterRole"), (_RBAC, "Role"), (_KUEUE, "Cohort"), ("karpenter.sh", "NodePool")),
    ((_RBAC, "ClusterRoleBinding"), (_RBAC, "RoleBinding"), (_KUEUE, "ClusterQueue")),
    (
        ("", "LimitRange"),
        ("", "ResourceQuota"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("cilium.io", "CiliumNetworkPolicy"),
        ("policy", "PodDisruptionBudget"),
        (_KUEUE, "LocalQueue"),
    ),
    (("", "ConfigMap"), ("", "Secret"), ("", "PersistentVolume")),
    (
        ("", "PersistentVolumeClaim"),
        ("resource.k8s.io", "ResourceClaim"),
        ("resource.k8s.io", "ResourceClaimTemplate"),
        ("gateway.networking.k8s.io", "Gateway"),
        ("keda.sh", "TriggerAuthentication"),
        ("argoproj.io", "AppProject"),
    ),
    (("", "Service"),),
    (),  # every kind that no tier names
    (
        ("", "Pod"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("batch", "CronJob"),
        ("batch", "Job"),
        ("jobset.x-k8s.io", "JobSet"),
        ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"),
        ("ray.io", "RayCluster"),
        ("ray.io", "RayJob"),
        ("ray.io", "RayService"),
        ("trainer.kubeflow.org", "TrainJob"),
    ),
    (
        ("argoproj.io", "Application"),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("gateway.networking.k8s.io", "HTTPRoute"),
        ("inference.networking.k8s.io", "InferencePool"),
        ("keda.sh", "ScaledObject"),
        ("monitoring.coreos.com", "PodMonitor"),
        ("monitoring.coreos.com", "PrometheusRule"),
        ("monitoring.coreos.com", "ServiceMonitor"),
        ("multicluster.x-k8s.io", "ServiceExport"),
        ("networking.k8s.io", "Ingress"),
    ),
    (
        ("apiregistration.k8s.io", "APIService"),
        (_ADMISSION, "MutatingWebhookConfiguration"),
        (_ADMISSION, "ValidatingWebhookConfiguration"),
    ),
)
"""Groups and kinds, first what others need."""
_RANKS: Final[dict[tuple[str, str], int]] = {kind: rank for rank, kinds in enumerate(_TIERS) for kind in kinds}
_OTHERS: Final = _TIERS.index(())
_POLICY: Final = _RANKS[_ADMISSION, "ValidatingAdmissionPolicyBinding"]
_GATES: Final = _RANKS["", "ResourceQuota"]
_BINDING: Final = (_RBAC, "RoleBinding")
_WEBHOOK: Final = _RANKS["apiregistration.k8s.io", "APIService"]


def rank(key: Identity) -> int:
    """The tier of a kind; lower ones come first."""
    return _RANKS.get((key.group, key.kind), _OTHERS)


def needs(objects: Mapping[Identity, Object]) -> dict[Identity, list[Identity]]:
    """For every object, those that must be there before it: in order, each once, never itself, never in a circle."""
    book = _Book(objects)
    return {key: sorted({other for other in book.needed_by(key) if rank(other) < rank(key)}) for key in objects}


class _Book:
    """The objects, by what others ask for."""

    def __init__(self, objects: Mapping[Identity, Object]) -> None:
        self._objects = objects
        self._names: defaultdict[str, list[Identity]] = defaultdict(list)
        self._gates: defaultdict[str, list[Identity]] = defaultdict(list)
        self._policies: list[Identity] = []
        self._definitions: dict[tuple[str, str], Identity] = {}
        for key, obj in objects.items():
            self._names[key.name].append(key)
            if rank(key) == _GATES or (key.group, key.kind) == _BINDING:
                self._gates[key.namespace].append(key)
            elif rank(key) == _POLICY:
                self._policies.append(key)
            elif key.kind == "CustomResourceDefinition":
                spec = obj.get("spec") or {}
                kind = (spec.get("names") or {}).get("kind", "")
                self._definitions[spec.get("group", ""), kind] = key

    def needed_by(self, key: Identity) -> Iterator[Identity]:
        """What an object needs, of any rank."""
        if key.namespace:
            yield from (other for other in self._names[key.namespace] if (other.group, other.kind) == ("", "Namespace"))
            yield from self._gates[key.namespace]
        if key.kind != "CustomResourceDefinition":
            yield from self._policies
        if definition := self._definitions.get((key.group, key.kind)):
            yield definition
        texts = set(strings(self._objects[key]))
        named = [other for text in texts if text in self._names for other in self._names[text]]
        for other in named:
            if other.namespace in ("", key.namespace) or other.namespace in texts:
                yield other
                if rank(key) == _WEBHOOK and other.kind == "Service":
                    yield from self._behind(other)

    def _behind(self, service: Identity) -> Iterator[Identity]:
        """The workloads that a service sends to: a webhook without them refuses all that it is asked."""
        wanted = ((self._objects[service].get("spec") or {}).get("selector") or {}).items()
        for key, obj in self._objects.items():
            if wanted and key.namespace == service.namespace and wanted <= _pod_labels(obj).items():
                yield key


def _pod_labels(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    template = (obj.get("spec") or {}).get("template")
    meta = template.get("metadata") if isinstance(template, dict) else None
    return (meta or {}).get("labels") or {}
