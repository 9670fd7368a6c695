"""What serves a model, as TypedDicts: the fields that are emitted, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from fleetc_kubernetes.objects import Labels, LabelSelector, Metadata
from fleetc_kubernetes.pod_objects import PodTemplate


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
