"""Pods and their parts as TypedDicts: the fields that are emitted, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from fleetc_kubernetes.objects import Labels, LabelSelector, Quantities, Toleration


class SecretKey(TypedDict):
    """One key of a Secret."""

    name: str
    key: str


class Environment(TypedDict):
    """A variable of a container's environment."""

    name: str
    value: str


class Named(TypedDict):
    """A reference to an object in the pod's namespace."""

    name: str


class EnvironmentFrom(TypedDict):
    """All keys of a Secret as variables."""

    secretRef: Named


class ContainerPort(TypedDict):
    """A port that a container listens at."""

    name: str
    containerPort: int
    protocol: Literal["TCP"]


class HttpGet(TypedDict):
    """A request that a probe makes."""

    path: str
    port: str


class Probe(TypedDict):
    """A probe by HTTP."""

    httpGet: HttpGet
    periodSeconds: int
    timeoutSeconds: int
    failureThreshold: int


class GrpcPort(TypedDict):
    """Where gRPC's own health service answers."""

    port: int


class GrpcProbe(TypedDict):
    """A probe by gRPC."""

    grpc: GrpcPort
    periodSeconds: int
    failureThreshold: int


class Exec(TypedDict):
    """A command that the kubelet runs in a container."""

    command: list[str]


class Handler(TypedDict):
    """What the kubelet does before it stops a container."""

    exec: Exec


class Lifecycle(TypedDict):
    """Hooks of a container."""

    preStop: Handler


class ClaimUse(TypedDict):
    """A claim of the pod that a container uses."""

    name: str


class Resources(TypedDict):
    """What a container asks for and may take."""

    requests: Quantities
    limits: Quantities
    claims: NotRequired[list[ClaimUse]]


class Capabilities(TypedDict):
    """Linux capabilities that are taken away."""

    drop: list[Literal["ALL"]]


class ContainerSecurity(TypedDict):
    """What a container may not do, as Pod Security `restricted` asks for, and a root file system that is read-only."""

    allowPrivilegeEscalation: Literal[False]
    capabilities: Capabilities
    readOnlyRootFilesystem: Literal[True]


class VolumeMount(TypedDict):
    """Where a volume is mounted."""

    name: str
    mountPath: str
    subPath: NotRequired[str]
    readOnly: NotRequired[Literal[True]]


class Container(TypedDict):
    """A container."""

    name: str
    image: str
    imagePullPolicy: Literal["IfNotPresent"]
    command: NotRequired[list[str]]
    args: NotRequired[list[str]]
    ports: NotRequired[list[ContainerPort]]
    envFrom: NotRequired[list[EnvironmentFrom]]
    env: NotRequired[list[Environment]]
    resources: Resources
    volumeMounts: NotRequired[list[VolumeMount]]
    startupProbe: NotRequired[Probe]
    readinessProbe: NotRequired[Probe | GrpcProbe]
    livenessProbe: NotRequired[Probe | GrpcProbe]
    lifecycle: NotRequired[Lifecycle]
    securityContext: ContainerSecurity


class EmptyDir(TypedDict):
    """A scratch volume."""

    medium: NotRequired[Literal["Memory"]]
    sizeLimit: str


class ImageSource(TypedDict):
    """An OCI artifact that the kubelet pulls and mounts read-only."""

    reference: str
    pullPolicy: Literal["IfNotPresent"]


class ClaimSource(TypedDict):
    """A PersistentVolumeClaim."""

    claimName: str
    readOnly: NotRequired[Literal[True]]


class Requested(TypedDict):
    """What a volume is asked to hold."""

    requests: Quantities


class VolumeClaim(TypedDict):
    """The spec of a PersistentVolumeClaim."""

    accessModes: list[Literal["ReadWriteOnce", "ReadWriteMany"]]
    storageClassName: NotRequired[str]
    resources: Requested


class TemplateMetadata(TypedDict):
    """Metadata of what a controller makes from a template."""

    labels: Labels


class VolumeClaimTemplate(TypedDict):
    """The claim of an ephemeral volume, which lives as long as its pod."""

    metadata: TemplateMetadata
    spec: VolumeClaim


class Ephemeral(TypedDict):
    """A volume that is made for one pod."""

    volumeClaimTemplate: VolumeClaimTemplate


class Volume(TypedDict):
    """A volume of a pod."""

    name: str
    emptyDir: NotRequired[EmptyDir]
    image: NotRequired[ImageSource]
    persistentVolumeClaim: NotRequired[ClaimSource]
    ephemeral: NotRequired[Ephemeral]


class PodClaim(TypedDict):
    """Devices that are claimed for a pod."""

    name: str
    resourceClaimTemplateName: str


class SeccompProfile(TypedDict):
    """Which system calls are let through."""

    type: Literal["RuntimeDefault"]


class PodSecurity(TypedDict):
    """Who the pod runs as."""

    runAsNonRoot: Literal[True]
    runAsUser: int
    runAsGroup: int
    fsGroup: int
    fsGroupChangePolicy: Literal["OnRootMismatch"]
    seccompProfile: SeccompProfile


class SpreadConstraint(TypedDict):
    """How evenly pods are spread over a topology."""

    maxSkew: int
    topologyKey: str
    whenUnsatisfiable: Literal["ScheduleAnyway"]
    labelSelector: LabelSelector


class PodAffinityTerm(TypedDict):
    """Which pods this one must be near to; `matchLabelKeys` takes values from this pod's own labels."""

    labelSelector: LabelSelector
    matchLabelKeys: list[str]
    topologyKey: str


class PodAffinity(TypedDict):
    """Pods that this one must be near to."""

    requiredDuringSchedulingIgnoredDuringExecution: list[PodAffinityTerm]


class Affinity(TypedDict):
    """Where a pod must be."""

    podAffinity: PodAffinity


class PodSpec(TypedDict):
    """What a pod is made of."""

    serviceAccountName: str
    automountServiceAccountToken: bool
    enableServiceLinks: Literal[False]
    imagePullSecrets: NotRequired[list[Named]]
    restartPolicy: NotRequired[Literal["OnFailure"]]
    priorityClassName: NotRequired[str]
    nodeSelector: NotRequired[Labels]
    tolerations: NotRequired[list[Toleration]]
    affinity: NotRequired[Affinity]
    topologySpreadConstraints: NotRequired[list[SpreadConstraint]]
    terminationGracePeriodSeconds: NotRequired[int]
    securityContext: PodSecurity
    resourceClaims: NotRequired[list[PodClaim]]
    initContainers: NotRequired[list[Container]]
    containers: list[Container]
    volumes: NotRequired[list[Volume]]


class PodTemplate(TypedDict):
    """What a controller makes pods from."""

    metadata: TemplateMetadata
    spec: PodSpec
