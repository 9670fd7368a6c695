"""Fields that the API server refuses to change: the object has to be deleted and made anew.

Sources, of Kubernetes 1.36: pkg/apis/{apps,batch,core,rbac,storage,scheduling,node,resource,policy}/validation, the
functions Validate...Update; for custom resources the rules `self == oldSelf` of their CRDs.
"""

from __future__ import annotations

from typing import Final

from fleetc.check.change.model import Place, Value

_ALL_BUT: Final[dict[str, tuple[str, ...]]] = {
    # ValidateStatefulSetUpdate
    "StatefulSet": (
        "replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
        "revisionHistoryLimit",
    ),
    # ValidatePersistentVolumeClaimUpdate: a bound claim may only grow, and take another class of attributes.
    "PersistentVolumeClaim": ("resources", "volumeAttributesClassName"),
    # ValidateJobSpecUpdate; the template only of a suspended Job, and there only where it is scheduled.
    "Job": ("parallelism", "suspend", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"),
    # ValidatePodUpdate; images may change.
    "Pod": ("activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations", "containers", "initContainers"),
}  # fmt: skip
"""Of the spec of a kind all is immutable but these fields."""

_FIELDS: Final[dict[str, tuple[Place, ...]]] = {
    # ValidateDeploymentUpdate, ValidateDaemonSetUpdate, ValidateReplicaSetUpdate (since apps/v1)
    "Deployment": (("spec", "selector"),),
    "DaemonSet": (("spec", "selector"),),
    "ReplicaSet": (("spec", "selector"),),
    # ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate
    "RoleBinding": (("roleRef",),),
    "ClusterRoleBinding": (("roleRef",),),
    # ValidateStorageClassUpdate
    "StorageClass": (("provisioner",), ("parameters",), ("reclaimPolicy",), ("volumeBindingMode",)),
    # ValidatePriorityClassUpdate
    "PriorityClass": (("value",), ("preemptionPolicy",)),
    # ValidateRuntimeClassUpdate
    "RuntimeClass": (("handler",),),
    # ValidateCSIDriverUpdate
    "CSIDriver": (("spec", "attachRequired"), ("spec", "volumeLifecycleModes")),
    # ValidatePersistentVolumeUpdate: what the volume is
    "PersistentVolume": tuple(("spec", field) for field in ("csi", "nfs", "hostPath", "local", "volumeMode")),
    # ValidateResourceQuotaUpdate
    "ResourceQuota": (("spec", "scopes"), ("spec", "scopeSelector")),
    # ValidateServiceUpdate: a Service keeps its address while it has one
    "Service": (("spec", "clusterIP"), ("spec", "ipFamilyPolicy")),
    # ValidateSecretUpdate
    "Secret": (("type",),),
    # ValidateResourceClaimUpdate, ValidateResourceClaimTemplateUpdate
    "ResourceClaim": (("spec",),),
    "ResourceClaimTemplate": (("spec",),),
    # validateCustomResourceDefinitionSpec..Update: names and scope of an established definition
    "CustomResourceDefinition": (
        ("spec", "scope"), ("spec", "group"), ("spec", "names", "plural"), ("spec", "names", "kind"),
    ),
    # CRDs of LeaderWorkerSet (x-kubernetes-validations), Kueue and Karpenter (webhooks and CEL)
    "ClusterQueue": (("spec", "queueingStrategy"),),
    "LocalQueue": (("spec", "clusterQueue"),),
    "NodePool": tuple(("spec", "template", "spec", "nodeClassRef", field) for field in ("group", "kind")),
}  # fmt: skip


def is_immutable(kind: str, value: Value, immutable: bool = False) -> bool:
    """Whether the server refuses a difference of an object of a kind. `immutable`: it is a ConfigMap or Secret that
    says so of itself (ValidateConfigMapUpdate)."""
    path = value.path
    if kind in ("ConfigMap", "Secret") and immutable and path[0] in ("data", "binaryData", "stringData", "immutable"):
        return True
    free = _ALL_BUT.get(kind)
    if free is not None and path[0] == "spec":
        return len(path) == 1 or path[1] not in free
    return any(path[: len(at)] == at or at[: len(path)] == path for at in _FIELDS.get(kind, ()))
