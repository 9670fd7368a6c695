"""What the API server takes for the same: quantities of one size, and lists of which the order says nothing.

In the template of pods only quantities are: any other difference in it, be it of order, is another template
(`apiequality.Semantic.DeepEqual`, pkg/controller/deployment/util: EqualIgnoreHash), and what quantities are equal to is
apimachinery's pkg/api/equality.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fleetc.check.change.model import Place
from fleetc.check.rules.quantity import parse

_GROUPS: Final = frozenset(
    ["", "apps", "batch", "autoscaling", "policy", "resource.k8s.io", "node.k8s.io", "leaderworkerset.x-k8s.io",
     "kueue.x-k8s.io", "karpenter.sh"]
)  # fmt: skip
"""Groups of which the fields below are quantities. Of other custom objects the server knows only a text."""
_ABOVE: Final = frozenset(
    ["requests", "limits", "hard", "capacity", "podFixed", "min", "max", "default", "defaultRequest"]
)
_FIELDS: Final = frozenset(
    ["sizeLimit", "averageValue", "nominalQuota", "borrowingLimit", "lendingLimit", "divisor", "storage"]
)
_SETS: Final[dict[str, frozenset[str]]] = {
    "Role": frozenset(["verbs", "apiGroups", "resources", "resourceNames", "rules"]),
    "ClusterRole": frozenset(["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs", "rules"]),
    "RoleBinding": frozenset(["subjects"]),
    "ClusterRoleBinding": frozenset(["subjects"]),
    "NetworkPolicy": frozenset(["policyTypes", "ingress", "egress", "from", "to", "ports", "except", "values"]),
    "CiliumNetworkPolicy": frozenset(
        ["ingress", "egress", "fromEndpoints", "toEndpoints", "fromCIDR", "toCIDR", "fromCIDRSet", "toCIDRSet",
         "toFQDNs", "fromEntities", "toEntities", "toPorts", "ports", "except", "values"]
    ),
    "ServiceAccount": frozenset(["imagePullSecrets", "secrets"]),
    "PersistentVolumeClaim": frozenset(["accessModes"]),
    "PersistentVolume": frozenset(["accessModes"]),
    "StorageClass": frozenset(["mountOptions"]),
    "ResourceQuota": frozenset(["scopes", "values"]),
}  # fmt: skip
"""By kind: lists that are sets. All rules of a policy allow, and all of a role grant: their order is nothing."""


def is_quantity(group: str, path: Place) -> bool:
    """Whether a leaf of an object of a group is a quantity."""
    if group not in _GROUPS or not path or path[0] in ("metadata", "data", "binaryData", "stringData"):
        return False
    return path[-1] in _FIELDS or (len(path) > 1 and path[-2] in _ABOVE)


def is_set(kind: str, path: Place) -> bool:
    """Whether a list is a set."""
    return bool(path) and path[-1] in _SETS.get(kind, ()) and path[0] != "metadata"


def same_quantity(one: Any, two: Any) -> bool:
    """Whether two texts are of one size."""
    ours, theirs = parse(one), parse(two)
    return ours is not None and ours == theirs


def same_members(one: Sequence[Any], two: Sequence[Any]) -> bool:
    """Whether two lists hold the same, in whatever order. By repr: 1, True and 1.0 are equal to Python."""
    return sorted(map(_spelled, one)) == sorted(map(_spelled, two))


def _spelled(value: Any) -> str:
    if isinstance(value, dict):
        return repr(sorted((key, _spelled(item)) for key, item in value.items()))
    if isinstance(value, list):
        return repr([_spelled(item) for item in value])
    return repr(value)
