"""What each kind of member may do in the team's namespaces, as data.

Our own Roles instead of the built-in `edit` and `admin`: those read Secrets, impersonate ServiceAccounts, grow with
every controller that aggregates to them, and let admins bind roles outside of git. Nobody here gets

- writes to NetworkPolicy, ResourceQuota, LimitRange, ServiceAccount, Role or RoleBinding: they say what the team may
  do, and change by a commit to its spec; so nobody needs `escalate`, `bind`, `impersonate` or ServiceAccount tokens
- writes to Endpoints and EndpointSlices, which route around NetworkPolicies (CVE-2021-25740)
- `pods/proxy` and `services/proxy`, which reach pods from the API server's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fleetc_kubernetes.objects import PolicyRule


_READ: Final = ("get", "list", "watch")
_WRITE: Final = ("create", "update", "patch", "delete", "deletecollection")


def _rule(group: str, resources: tuple[str, ...], verbs: tuple[str, ...]) -> PolicyRule:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


_WORKLOADS: Final = ("deployments", "statefulsets", "daemonsets")
_SCALES: Final = ("deployments/scale", "statefulsets/scale")
_CORE_READ: Final = (
    "pods",
    "pods/log",
    "services",
    "endpoints",
    "configmaps",
    "persistentvolumeclaims",
    "events",
    "serviceaccounts",
    "resourcequotas",
    "limitranges",
)

VIEWER: Final[tuple[PolicyRule, ...]] = (
    _rule("", ("namespaces",), ("get",)),
    _rule("", _CORE_READ, _READ),
    _rule("apps", (*_WORKLOADS, "replicasets", "controllerrevisions", *_SCALES), _READ),
    _rule("batch", ("jobs", "cronjobs"), _READ),
    _rule("autoscaling", ("horizontalpodautoscalers",), _READ),
    _rule("policy", ("poddisruptionbudgets",), _READ),
    _rule("networking.k8s.io", ("ingresses", "networkpolicies"), _READ),
    _rule("discovery.k8s.io", ("endpointslices",), _READ),
    _rule("events.k8s.io", ("events",), _READ),
    _rule("resource.k8s.io", ("resourceclaims", "resourceclaimtemplates"), _READ),
    _rule("rbac.authorization.k8s.io", ("roles", "rolebindings"), _READ),
    _rule("metrics.k8s.io", ("pods",), ("get", "list")),
)

# Developers do not read Secrets through the API. Whoever may start pods in a namespace can still mount its Secrets:
# what is prevented is browsing and copying them; a Secret that developers must not hold belongs in another namespace.
DEVELOPER: Final[tuple[PolicyRule, ...]] = (
    *VIEWER,
    _rule("", ("pods", "services", "configmaps", "persistentvolumeclaims"), _WRITE),
    # `get` because kubectl connects over WebSocket, which is a GET. For that reason `get` alone can run commands, too:
    # it must never stand among what viewers read.
    _rule("", ("pods/exec", "pods/attach", "pods/portforward"), ("get", "create")),
    _rule("", ("pods/ephemeralcontainers", "pods/resize"), ("update", "patch")),
    _rule("", ("pods/eviction",), ("create",)),
    _rule("apps", (*_WORKLOADS, "replicasets"), _WRITE),
    _rule("apps", _SCALES, ("update", "patch")),
    _rule("batch", ("jobs", "cronjobs"), _WRITE),
    _rule("autoscaling", ("horizontalpodautoscalers",), _WRITE),
    _rule("policy", ("poddisruptionbudgets",), _WRITE),
    _rule("networking.k8s.io", ("ingresses",), _WRITE),
    _rule("resource.k8s.io", ("resourceclaims", "resourceclaimtemplates"), _WRITE),
)

# Admins hold the team's credentials: they see why one fails, and replace it.
ADMIN: Final[tuple[PolicyRule, ...]] = (*DEVELOPER, _rule("", ("secrets",), (*_READ, *_WRITE)))
