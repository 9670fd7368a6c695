"""The emitted kinds as TypedDicts: the fields that are emitted, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Labels = dict[str, str]
Quantities = dict[str, str]
Protocol = Literal["TCP", "UDP", "SCTP"]


class Metadata(TypedDict):
    """ObjectMeta."""

    name: str
    namespace: NotRequired[str]
    labels: Labels
    annotations: NotRequired[dict[str, str]]


class LabelRequirement(TypedDict):
    """One requirement of a label selector."""

    key: str
    operator: Literal["In"]
    values: list[str]


class LabelSelector(TypedDict):
    """A label selector; empty, it selects everything."""

    matchLabels: NotRequired[Labels]
    matchExpressions: NotRequired[list[LabelRequirement]]


class StorageClass(TypedDict):
    """storage.k8s.io StorageClass."""

    apiVersion: str
    kind: Literal["StorageClass"]
    metadata: Metadata
    provisioner: str
    parameters: NotRequired[dict[str, str]]
    reclaimPolicy: str
    volumeBindingMode: str
    allowVolumeExpansion: bool
    mountOptions: NotRequired[list[str]]


class PriorityClass(TypedDict):
    """scheduling.k8s.io PriorityClass."""

    apiVersion: str
    kind: Literal["PriorityClass"]
    metadata: Metadata
    value: int
    globalDefault: NotRequired[Literal[True]]
    preemptionPolicy: str
    description: NotRequired[str]


class Overhead(TypedDict):
    """What a pod's sandbox costs."""

    podFixed: Quantities


class Toleration(TypedDict):
    """A toleration."""

    key: str
    operator: Literal["Equal", "Exists"]
    value: NotRequired[str]
    effect: NotRequired[str]


class Scheduling(TypedDict):
    """Which nodes support a RuntimeClass."""

    nodeSelector: NotRequired[Labels]
    tolerations: NotRequired[list[Toleration]]


class RuntimeClass(TypedDict):
    """node.k8s.io RuntimeClass."""

    apiVersion: str
    kind: Literal["RuntimeClass"]
    metadata: Metadata
    handler: str
    overhead: NotRequired[Overhead]
    scheduling: NotRequired[Scheduling]


class Namespace(TypedDict):
    """Namespace."""

    apiVersion: str
    kind: Literal["Namespace"]
    metadata: Metadata


class PolicyRule(TypedDict):
    """What verbs on which resources a Role allows."""

    apiGroups: list[str]
    resources: list[str]
    verbs: list[str]


class Role(TypedDict):
    """rbac.authorization.k8s.io Role."""

    apiVersion: str
    kind: Literal["Role"]
    metadata: Metadata
    rules: list[PolicyRule]


class Subject(TypedDict):
    """A group that a RoleBinding gives a role to."""

    apiGroup: Literal["rbac.authorization.k8s.io"]
    kind: Literal["Group"]
    name: str


class AccountSubject(TypedDict):
    """A ServiceAccount that a RoleBinding gives a role to."""

    kind: Literal["ServiceAccount"]
    name: str
    namespace: str


class RoleRef(TypedDict):
    """The role of a RoleBinding."""

    apiGroup: Literal["rbac.authorization.k8s.io"]
    kind: Literal["Role"]
    name: str


class RoleBinding(TypedDict):
    """rbac.authorization.k8s.io RoleBinding."""

    apiVersion: str
    kind: Literal["RoleBinding"]
    metadata: Metadata
    roleRef: RoleRef
    subjects: list[Subject | AccountSubject]


class ServiceAccount(TypedDict):
    """ServiceAccount."""

    apiVersion: str
    kind: Literal["ServiceAccount"]
    metadata: Metadata
    automountServiceAccountToken: Literal[False]


class ScopeRequirement(TypedDict):
    """One requirement of a quota's scope."""

    scopeName: Literal["PriorityClass"]
    operator: Literal["In"]
    values: list[str]


class ScopeSelector(TypedDict):
    """Which pods a quota counts."""

    matchExpressions: list[ScopeRequirement]


class ResourceQuotaSpec(TypedDict):
    """Hard limits on the sums over a namespace."""

    hard: Quantities
    scopeSelector: NotRequired[ScopeSelector]


class ResourceQuota(TypedDict):
    """ResourceQuota."""

    apiVersion: str
    kind: Literal["ResourceQuota"]
    metadata: Metadata
    spec: ResourceQuotaSpec


class LimitRangeItem(TypedDict):
    """Limits and defaults for each object of a type."""

    type: Literal["Container", "PersistentVolumeClaim"]
    max: NotRequired[Quantities]
    min: NotRequired[Quantities]
    default: NotRequired[Quantities]
    defaultRequest: NotRequired[Quantities]


class LimitRangeSpec(TypedDict):
    """Limits and defaults by type."""

    limits: list[LimitRangeItem]


class LimitRange(TypedDict):
    """LimitRange."""

    apiVersion: str
    kind: Literal["LimitRange"]
    metadata: Metadata
    spec: LimitRangeSpec


class IpBlock(TypedDict):
    """A range of addresses."""

    cidr: str


class NetworkPolicyPeer(TypedDict):
    """Pods by namespace and label, or a range of addresses."""

    namespaceSelector: NotRequired[LabelSelector]
    podSelector: NotRequired[LabelSelector]
    ipBlock: NotRequired[IpBlock]


class NetworkPolicyPort(TypedDict):
    """A port, or with `endPort` a range of them."""

    protocol: Protocol
    port: int
    endPort: NotRequired[int]


# Functional syntax, because `from` is a keyword.
NetworkPolicyIngressRule = TypedDict(
    "NetworkPolicyIngressRule", {"from": list[NetworkPolicyPeer], "ports": NotRequired[list[NetworkPolicyPort]]}
)


class NetworkPolicyEgressRule(TypedDict):
    """Peers that may be reached, and at which ports."""

    to: list[NetworkPolicyPeer]
    ports: NotRequired[list[NetworkPolicyPort]]


class NetworkPolicySpec(TypedDict):
    """Which pods, which directions, and what is allowed."""

    podSelector: LabelSelector
    policyTypes: list[Literal["Ingress", "Egress"]]
    ingress: NotRequired[list[NetworkPolicyIngressRule]]
    egress: NotRequired[list[NetworkPolicyEgressRule]]


class NetworkPolicy(TypedDict):
    """networking.k8s.io NetworkPolicy."""

    apiVersion: str
    kind: Literal["NetworkPolicy"]
    metadata: Metadata
    spec: NetworkPolicySpec


class CiliumPort(TypedDict):
    """A port, or with `endPort` a range of them; unlike in a NetworkPolicy, the first is a string."""

    port: str
    endPort: NotRequired[int]
    protocol: Literal["TCP", "UDP", "SCTP", "ANY"]


class FqdnSelector(TypedDict):
    """A host name, or a pattern of them."""

    matchName: NotRequired[str]
    matchPattern: NotRequired[str]


class CiliumLayer7Rules(TypedDict):
    """What is allowed within a connection."""

    dns: list[FqdnSelector]


class CiliumPortRule(TypedDict):
    """Ports, and what is allowed within connections to them."""

    ports: list[CiliumPort]
    rules: NotRequired[CiliumLayer7Rules]


class CiliumEgressRule(TypedDict):
    """One kind of peer that may be reached, and at which ports."""

    toEndpoints: NotRequired[list[LabelSelector]]
    toCIDR: NotRequired[list[str]]
    toFQDNs: NotRequired[list[FqdnSelector]]
    toEntities: NotRequired[list[Literal["kube-apiserver"]]]
    toPorts: NotRequired[list[CiliumPortRule]]


class CiliumNetworkPolicySpec(TypedDict):
    """Which pods, and what they may reach."""

    endpointSelector: LabelSelector
    egress: list[CiliumEgressRule]


class CiliumNetworkPolicy(TypedDict):
    """cilium.io CiliumNetworkPolicy."""

    apiVersion: str
    kind: Literal["CiliumNetworkPolicy"]
    metadata: Metadata
    spec: CiliumNetworkPolicySpec


class ConfigMap(TypedDict):
    """ConfigMap."""

    apiVersion: str
    kind: Literal["ConfigMap"]
    metadata: Metadata
    data: dict[str, str]


class ValidatingAdmissionPolicy(TypedDict):
    """admissionregistration.k8s.io ValidatingAdmissionPolicy; its spec: see `fleetc.emission.admission`."""

    apiVersion: str
    kind: Literal["ValidatingAdmissionPolicy"]
    metadata: Metadata
    spec: dict[str, Any]


class ValidatingAdmissionPolicyBinding(TypedDict):
    """admissionregistration.k8s.io ValidatingAdmissionPolicyBinding."""

    apiVersion: str
    kind: Literal["ValidatingAdmissionPolicyBinding"]
    metadata: Metadata
    spec: dict[str, Any]
