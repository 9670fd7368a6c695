"""What serves a model, as TypedDicts: the fields that are emitted, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from fleetc_kubernetes.objects import Labels, LabelSelector, Metadata
from fleetc_kubernetes.pod_objects import PodTemplate, VolumeClaim


class DeploymentRollout(TypedDict):
    """How many pods may be too many or missing while pods are replaced."""

    maxSurge: int
    maxUnavailable: int


class DeploymentStrategy(TypedDict):
    """How pods are replaced."""

    type: Literal["RollingUpdate"]
    rollingUpdate: DeploymentRollout


class DeploymentSpec(TypedDict):
    """Pods of one template; without `replicas`, an autoscaler sets their number."""

    replicas: NotRequired[int]
    revisionHistoryLimit: int
    progressDeadlineSeconds: int
    selector: LabelSelector
    strategy: DeploymentStrategy
    template: PodTemplate


class Deployment(TypedDict):
    """apps Deployment."""

    apiVersion: str
    kind: Literal["Deployment"]
    metadata: Metadata
    spec: DeploymentSpec


class GroupRollout(TypedDict):
    """How many groups may be missing or too many while groups are replaced."""

    maxUnavailable: int
    maxSurge: int


class GroupStrategy(TypedDict):
    """How groups are replaced."""

    type: Literal["RollingUpdate"]
    rollingUpdateConfiguration: GroupRollout


class LeaderWorkerTemplate(TypedDict):
    """The pods of a group: one leader, and `size` - 1 workers."""

    size: int
    restartPolicy: Literal["RecreateGroupOnPodRestart"]
    leaderTemplate: PodTemplate
    workerTemplate: PodTemplate


class NetworkConfig(TypedDict):
    """Under which Service the pods of groups have names."""

    subdomainPolicy: Literal["Shared"]


class LeaderWorkerSetSpec(TypedDict):
    """Groups of pods, each of which is one replica."""

    replicas: NotRequired[int]
    startupPolicy: Literal["LeaderCreated"]
    rolloutStrategy: GroupStrategy
    networkConfig: NetworkConfig
    leaderWorkerTemplate: LeaderWorkerTemplate


class LeaderWorkerSet(TypedDict):
    """leaderworkerset.x-k8s.io LeaderWorkerSet."""

    apiVersion: str
    kind: Literal["LeaderWorkerSet"]
    metadata: Metadata
    spec: LeaderWorkerSetSpec


class ServicePort(TypedDict):
    """A port of a Service, and the name of the port of its pods."""

    name: str
    protocol: Literal["TCP"]
    appProtocol: NotRequired[Literal["kubernetes.io/h2c"]]
    port: int
    targetPort: str


class ServiceSpec(TypedDict):
    """Which pods answer."""

    selector: Labels
    ports: list[ServicePort]


class Service(TypedDict):
    """Service."""

    apiVersion: str
    kind: Literal["Service"]
    metadata: Metadata
    spec: ServiceSpec


class ServiceExport(TypedDict):
    """multicluster.x-k8s.io or net.gke.io ServiceExport, of the Service of its name."""

    apiVersion: str
    kind: Literal["ServiceExport"]
    metadata: Metadata


class DisruptionSpec(TypedDict):
    """How many pods may be missing while nodes are drained."""

    maxUnavailable: int
    selector: LabelSelector
    unhealthyPodEvictionPolicy: Literal["AlwaysAllow"]


class PodDisruptionBudget(TypedDict):
    """policy PodDisruptionBudget."""

    apiVersion: str
    kind: Literal["PodDisruptionBudget"]
    metadata: Metadata
    spec: DisruptionSpec


class PersistentVolumeClaim(TypedDict):
    """PersistentVolumeClaim."""

    apiVersion: str
    kind: Literal["PersistentVolumeClaim"]
    metadata: Metadata
    spec: VolumeClaim


class JobSpec(TypedDict):
    """A pod that runs to its end, and how often it may fail."""

    backoffLimit: int
    template: PodTemplate


class Job(TypedDict):
    """batch Job."""

    apiVersion: str
    kind: Literal["Job"]
    metadata: Metadata
    spec: JobSpec


class Cel(TypedDict):
    """An expression over a device."""

    expression: str


class DeviceSelector(TypedDict):
    """Which devices do."""

    cel: Cel


class DeviceRequest(TypedDict):
    """So many devices of a class, or all of a node."""

    deviceClassName: str
    selectors: NotRequired[list[DeviceSelector]]
    allocationMode: NotRequired[Literal["ExactCount", "All"]]
    count: NotRequired[int]


class NamedRequest(TypedDict):
    """A request of a claim."""

    name: str
    exactly: DeviceRequest


class DeviceClaim(TypedDict):
    """The requests of a claim."""

    requests: list[NamedRequest]


class ClaimSpec(TypedDict):
    """What a claim is for."""

    devices: DeviceClaim


class ClaimTemplateSpec(TypedDict):
    """The claim that is made for each pod."""

    spec: ClaimSpec


class ResourceClaimTemplate(TypedDict):
    """resource.k8s.io ResourceClaimTemplate, from v1beta2 on."""

    apiVersion: str
    kind: Literal["ResourceClaimTemplate"]
    metadata: Metadata
    spec: ClaimTemplateSpec


class MonitorEndpoint(TypedDict):
    """Which port of the Service is scraped, and how."""

    port: str
    path: str
    interval: str


class ServiceMonitorSpec(TypedDict):
    """What is scraped."""

    podTargetLabels: list[str]
    selector: LabelSelector
    endpoints: list[MonitorEndpoint]


class ServiceMonitor(TypedDict):
    """monitoring.coreos.com ServiceMonitor."""

    apiVersion: str
    kind: Literal["ServiceMonitor"]
    metadata: Metadata
    spec: ServiceMonitorSpec


class ParentRef(TypedDict):
    """The Gateway that a route is attached to."""

    namespace: NotRequired[str]
    name: str


class RoutePath(TypedDict):
    """Requests below a path."""

    type: Literal["PathPrefix"]
    value: str


class RouteMatch(TypedDict):
    """Which requests."""

    path: RoutePath


class PathRewrite(TypedDict):
    """What the prefix that matched becomes."""

    type: Literal["ReplacePrefixMatch"]
    replacePrefixMatch: str


class UrlRewrite(TypedDict):
    """How a request's URL is rewritten."""

    path: PathRewrite


class RouteFilter(TypedDict):
    """What is done to a request."""

    type: Literal["URLRewrite"]
    urlRewrite: UrlRewrite


class BackendRef(TypedDict):
    """What answers: a Service or a ServiceImport at a port, or an InferencePool, which has its own."""

    group: NotRequired[str]
    kind: NotRequired[Literal["InferencePool", "ServiceImport"]]
    name: str
    port: NotRequired[int]


class RouteRule(TypedDict):
    """Which requests go where."""

    matches: list[RouteMatch]
    filters: NotRequired[list[RouteFilter]]
    backendRefs: NotRequired[list[BackendRef]]


class HTTPRouteSpec(TypedDict):
    """Host names, and what is done with requests to them."""

    parentRefs: list[ParentRef]
    hostnames: list[str]
    rules: list[RouteRule]


class HTTPRoute(TypedDict):
    """gateway.networking.k8s.io HTTPRoute."""

    apiVersion: str
    kind: Literal["HTTPRoute"]
    metadata: Metadata
    spec: HTTPRouteSpec
