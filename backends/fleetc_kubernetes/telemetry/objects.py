"""What Prometheus is made of, as TypedDicts: the fields that are emitted, in the order of emission. For type checkers
only."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from fleetc_kubernetes.objects import Labels, LabelSelector, Metadata


class ResourceRule(TypedDict):
    """What may be done with resources."""

    apiGroups: list[str]
    resources: list[str]
    verbs: list[str]


class PathRule(TypedDict):
    """What may be done with paths of the API server, and of kubelets."""

    nonResourceURLs: list[str]
    verbs: list[str]


class ClusterRole(TypedDict):
    """rbac.authorization.k8s.io ClusterRole."""

    apiVersion: str
    kind: Literal["ClusterRole"]
    metadata: Metadata
    rules: list[ResourceRule | PathRule]


class ClusterRoleRef(TypedDict):
    """The role of a binding."""

    apiGroup: str
    kind: Literal["ClusterRole"]
    name: str


class Account(TypedDict):
    """A ServiceAccount that gets a role."""

    kind: Literal["ServiceAccount"]
    name: str
    namespace: str


class ClusterRoleBinding(TypedDict):
    """rbac.authorization.k8s.io ClusterRoleBinding."""

    apiVersion: str
    kind: Literal["ClusterRoleBinding"]
    metadata: Metadata
    roleRef: ClusterRoleRef
    subjects: list[Account]


class Verification(TypedDict):
    """How far a certificate is trusted."""

    insecureSkipVerify: bool


class Relabeling(TypedDict):
    """A label that is set from others."""

    sourceLabels: list[str]
    targetLabel: str


class ScrapedEndpoint(TypedDict):
    """A port that is read."""

    port: str
    path: str
    interval: str
    honorLabels: bool
    relabelings: NotRequired[list[Relabeling]]
    scheme: NotRequired[Literal["https"]]
    bearerTokenFile: NotRequired[str]
    tlsConfig: NotRequired[Verification]


class NamespaceChoice(TypedDict):
    """Namespaces by name."""

    matchNames: list[str]


class TargetMonitorSpec(TypedDict):
    """What is read, and where."""

    namespaceSelector: NamespaceChoice
    selector: LabelSelector
    endpoints: list[ScrapedEndpoint]


class TargetMonitor(TypedDict):
    """monitoring.coreos.com ServiceMonitor of Services in other namespaces."""

    apiVersion: str
    kind: Literal["ServiceMonitor"]
    metadata: Metadata
    spec: TargetMonitorSpec


class KeyRef(TypedDict):
    """A key of a Secret."""

    name: str
    key: str


class BasicAuth(TypedDict):
    """A name and a password."""

    username: KeyRef
    password: KeyRef


class Authorization(TypedDict):
    """A bearer token."""

    credentials: KeyRef


class RemoteWrite(TypedDict):
    """Where samples go."""

    name: str
    url: str
    basicAuth: NotRequired[BasicAuth]
    authorization: NotRequired[Authorization]


class AlertmanagerEndpoint(TypedDict):
    """A Service that takes alerts."""

    namespace: str
    name: str
    port: str


class Alerting(TypedDict):
    """Where alerts go."""

    alertmanagers: list[AlertmanagerEndpoint]


class StorageRequests(TypedDict):
    """How large a volume is."""

    storage: str


class ClaimResources(TypedDict):
    """How large a volume is."""

    requests: StorageRequests


class PrometheusClaim(TypedDict):
    """The claim of each replica."""

    accessModes: list[str]
    storageClassName: NotRequired[str]
    resources: ClaimResources


class ClaimTemplate(TypedDict):
    """A claim."""

    spec: PrometheusClaim


class PrometheusStorage(TypedDict):
    """Where samples are kept."""

    volumeClaimTemplate: ClaimTemplate


class Requests(TypedDict):
    """What a pod asks for, and the most memory that it gets."""

    requests: Labels
    limits: Labels


class Seccomp(TypedDict):
    """A seccomp profile."""

    type: Literal["RuntimeDefault"]


class PodSecurity(TypedDict):
    """Who processes are."""

    runAsNonRoot: Literal[True]
    runAsUser: int
    fsGroup: int
    seccompProfile: Seccomp


class PrometheusSpec(TypedDict):
    """How Prometheus runs, and what it looks at: everything, in all namespaces."""

    replicas: int
    retention: str
    scrapeInterval: str
    evaluationInterval: str
    externalLabels: Labels
    serviceAccountName: str
    securityContext: PodSecurity
    resources: Requests
    serviceMonitorSelector: LabelSelector
    serviceMonitorNamespaceSelector: LabelSelector
    podMonitorSelector: LabelSelector
    podMonitorNamespaceSelector: LabelSelector
    ruleSelector: LabelSelector
    ruleNamespaceSelector: LabelSelector
    storage: NotRequired[PrometheusStorage]
    remoteWrite: NotRequired[list[RemoteWrite]]
    alerting: NotRequired[Alerting]


class Prometheus(TypedDict):
    """monitoring.coreos.com Prometheus."""

    apiVersion: str
    kind: Literal["Prometheus"]
    metadata: Metadata
    spec: PrometheusSpec
