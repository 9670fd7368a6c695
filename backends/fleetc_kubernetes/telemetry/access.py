"""Who Prometheus is, and what it may look at: example/rbac/prometheus of the Prometheus Operator v0.93.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fleetc.emission.site import TelemetrySite
from fleetc_kubernetes.apis import api_version
from fleetc_kubernetes.metadata import cluster_metadata
from fleetc_kubernetes.telemetry.names import metadata, namespace, prometheus_name, runs

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import ServiceAccount
    from fleetc_kubernetes.telemetry.objects import ClusterRole, ClusterRoleBinding

_LOOK = ["get", "list", "watch"]
_RBAC = "rbac.authorization.k8s.io"


def service_accounts(s: TelemetrySite) -> Iterator[ServiceAccount]:
    """The account of Prometheus, whose token kubelets, and targets over https, are shown. The Prometheus Operator gives
    it to its pods; no other pod has it by itself."""
    if runs(s):
        yield {
            "apiVersion": api_version("ServiceAccount", s.cluster),
            "kind": "ServiceAccount",
            "metadata": metadata(s, prometheus_name(s)),
            "automountServiceAccountToken": False,
        }


def cluster_roles(s: TelemetrySite) -> Iterator[ClusterRole]:
    """It finds targets in all namespaces, and reads metrics; it sees no Secrets and no ConfigMaps."""
    if runs(s):
        yield {
            "apiVersion": api_version("ClusterRole", s.cluster),
            "kind": "ClusterRole",
            "metadata": cluster_metadata(s, _role(s)),
            "rules": [
                {"apiGroups": [""], "resources": ["nodes", "services", "endpoints", "pods"], "verbs": list(_LOOK)},
                {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]},
                {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": list(_LOOK)},
                {"nonResourceURLs": ["/metrics", "/metrics/cadvisor"], "verbs": ["get"]},
            ],
        }


def cluster_role_bindings(s: TelemetrySite) -> Iterator[ClusterRoleBinding]:
    """The account has the role."""
    if runs(s):
        yield {
            "apiVersion": api_version("ClusterRoleBinding", s.cluster),
            "kind": "ClusterRoleBinding",
            "metadata": cluster_metadata(s, _role(s)),
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": _role(s)},
            "subjects": [{"kind": "ServiceAccount", "name": prometheus_name(s), "namespace": namespace(s)}],
        }


def _role(s: TelemetrySite) -> str:
    """Roles of clusters share one space of names with everybody's."""
    return f"prometheus-{prometheus_name(s)}"
