"""At which API version each emitted kind is written, by the cluster's minor: one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fleetc.language.cluster import Cluster

Versions = Mapping[int, str]
"""From which Kubernetes minor on a kind is written at which apiVersion; ascending, from 0."""

API_VERSIONS: Final[Mapping[str, Versions]] = {
    "CiliumNetworkPolicy": {0: "cilium.io/v2"},
    "ClusterRole": {0: "rbac.authorization.k8s.io/v1"},
    "ClusterRoleBinding": {0: "rbac.authorization.k8s.io/v1"},
    "ComputeClass": {0: "cloud.google.com/v1"},
    "ConfigMap": {0: "v1"},
    "Deployment": {0: "apps/v1"},
    "HorizontalPodAutoscaler": {0: "autoscaling/v2"},
    "Job": {0: "batch/v1"},
    "LimitRange": {0: "v1"},
    "Namespace": {0: "v1"},
    "NetworkPolicy": {0: "networking.k8s.io/v1"},
    "PersistentVolumeClaim": {0: "v1"},
    "PodDisruptionBudget": {0: "policy/v1"},
    "PriorityClass": {0: "scheduling.k8s.io/v1"},
    "ResourceQuota": {0: "v1"},
    "Role": {0: "rbac.authorization.k8s.io/v1"},
    "RoleBinding": {0: "rbac.authorization.k8s.io/v1"},
    "RuntimeClass": {0: "node.k8s.io/v1"},
    "Service": {0: "v1"},
    "ServiceAccount": {0: "v1"},
    "ValidatingAdmissionPolicy": {0: "admissionregistration.k8s.io/v1"},
    "ValidatingAdmissionPolicyBinding": {0: "admissionregistration.k8s.io/v1"},
    "StorageClass": {0: "storage.k8s.io/v1"},
}


def api_version(kind: str, cluster: Cluster, table: Mapping[str, Versions] = API_VERSIONS) -> str:
    """The apiVersion of `kind` on `cluster`."""
    versions = table[kind]
    if len(versions) == 1:
        # The minor is not read where it decides nothing, so that clusters of all minors share the object.
        return versions[0]
    minor = int(cluster.kubernetes.partition(".")[2])
    return versions[max(since for since in versions if since <= minor)]
