"""The kinds that pools and queues emit as TypedDicts, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from fleetc_kubernetes.objects import Labels, LabelSelector, Metadata, Quantities, Toleration


class ConfigMap(TypedDict):
    """ConfigMap."""

    apiVersion: str
    kind: Literal["ConfigMap"]
    metadata: Metadata
    data: dict[str, str]


class Cel(TypedDict):
    """An expression over a device."""

    expression: str


class DeviceSelector(TypedDict):
    """What a device has to meet."""

    cel: Cel


class DeviceClassSpec(TypedDict):
    """Which devices are of the class: those that meet all selectors."""

    selectors: list[DeviceSelector]


class DeviceClass(TypedDict):
    """resource.k8s.io DeviceClass."""

    apiVersion: str
    kind: Literal["DeviceClass"]
    metadata: Metadata
    spec: DeviceClassSpec


class Taint(TypedDict):
    """A taint of a node."""

    key: str
    value: str
    effect: Literal["NoSchedule", "NoExecute"]


class NodeMetadata(TypedDict):
    """What nodes of a NodePool carry."""

    labels: Labels


class NodeClassRef(TypedDict):
    """What a NodePool leaves to the provider."""

    group: str
    kind: str
    name: str


class NodeRequirement(TypedDict):
    """Which values of a label nodes may have."""

    key: str
    operator: Literal["In", "Gt"]
    values: list[str]


class NodeTemplateSpec(TypedDict):
    """Nodes of a NodePool."""

    nodeClassRef: NodeClassRef
    requirements: list[NodeRequirement]
    taints: NotRequired[list[Taint]]
    startupTaints: NotRequired[list[Taint]]
    expireAfter: NotRequired[str]


class NodeTemplate(TypedDict):
    """Nodes of a NodePool."""

    metadata: NodeMetadata
    spec: NodeTemplateSpec


class Budget(TypedDict):
    """How many nodes are disrupted at once."""

    nodes: str


class Disruption(TypedDict):
    """When Karpenter takes nodes away by itself."""

    consolidationPolicy: Literal["WhenEmpty", "WhenEmptyOrUnderutilized"]
    consolidateAfter: str
    budgets: list[Budget]


class NodePoolSpec(TypedDict):
    """Nodes, and how many of them."""

    template: NodeTemplate
    disruption: Disruption
    limits: Quantities
    weight: int


class NodePool(TypedDict):
    """karpenter.sh NodePool."""

    apiVersion: str
    kind: Literal["NodePool"]
    metadata: Metadata
    spec: NodePoolSpec


class ImageTerm(TypedDict):
    """An image by alias."""

    alias: str


class TagTerm(TypedDict):
    """What carries tags."""

    tags: dict[str, str]


class IdTerm(TypedDict):
    """What has an id."""

    id: str


class Ebs(TypedDict):
    """A volume of EBS."""

    volumeSize: str
    volumeType: Literal["gp3"]
    encrypted: bool
    deleteOnTermination: bool


class BlockDevice(TypedDict):
    """A volume of a node; on the root volume the kubelet keeps what pods write."""

    deviceName: str
    rootVolume: bool
    ebs: Ebs


class Kubelet(TypedDict):
    """Settings of the kubelet."""

    maxPods: int


class Ec2NodeClassSpec(TypedDict):
    """What EC2 has to know of a node."""

    role: str
    amiSelectorTerms: list[ImageTerm]
    subnetSelectorTerms: list[TagTerm]
    securityGroupSelectorTerms: list[TagTerm]
    capacityReservationSelectorTerms: NotRequired[list[TagTerm | IdTerm]]
    blockDeviceMappings: NotRequired[list[BlockDevice]]
    instanceStorePolicy: NotRequired[Literal["RAID0"]]
    kubelet: NotRequired[Kubelet]


class Ec2NodeClass(TypedDict):
    """karpenter.k8s.aws EC2NodeClass."""

    apiVersion: str
    kind: Literal["EC2NodeClass"]
    metadata: Metadata
    spec: Ec2NodeClassSpec


class ComputeGpu(TypedDict):
    """GPUs of a node."""

    type: str
    count: int


class ComputeTpu(TypedDict):
    """Chips of a node, and the slice that it is part of."""

    type: str
    count: int
    topology: NotRequired[str]


class Reservation(TypedDict):
    """A reservation, of the cluster's project or of another one."""

    name: str
    project: NotRequired[str]


class Reservations(TypedDict):
    """Which reservations are used."""

    affinity: Literal["Specific", "AnyBestEffort"]
    specific: NotRequired[list[Reservation]]


class Storage(TypedDict):
    """Disks of a node, in GB."""

    bootDiskSize: int


class Location(TypedDict):
    """Where nodes may be."""

    zones: list[str]


class ComputePriority(TypedDict):
    """One way of making a node."""

    machineType: NotRequired[str]
    minCores: NotRequired[int]
    minMemoryGb: NotRequired[int]
    gpu: NotRequired[ComputeGpu]
    tpu: NotRequired[ComputeTpu]
    spot: bool
    reservations: NotRequired[Reservations]
    location: NotRequired[Location]
    maxPodsPerNode: NotRequired[int]
    storage: NotRequired[Storage]


class AutoCreation(TypedDict):
    """Whether GKE makes node pools by itself."""

    enabled: bool


class AutoscalingPolicy(TypedDict):
    """When a node is taken away."""

    consolidationDelayMinutes: int


class ComputeClassSpec(TypedDict):
    """Ways of making nodes, the best first."""

    priorities: list[ComputePriority]
    nodePoolAutoCreation: AutoCreation
    autoscalingPolicy: AutoscalingPolicy
    whenUnsatisfiable: Literal["DoNotScaleUp"]


class ComputeClass(TypedDict):
    """cloud.google.com ComputeClass."""

    apiVersion: str
    kind: Literal["ComputeClass"]
    metadata: Metadata
    spec: ComputeClassSpec


class TopologyLevel(TypedDict):
    """A level, by the label whose values are its parts."""

    nodeLabel: str


class TopologySpec(TypedDict):
    """Levels, the widest first."""

    levels: list[TopologyLevel]


class Topology(TypedDict):
    """kueue.x-k8s.io Topology."""

    apiVersion: str
    kind: Literal["Topology"]
    metadata: Metadata
    spec: TopologySpec


class ResourceFlavorSpec(TypedDict):
    """Which nodes are of a flavor, and what their pods tolerate."""

    nodeLabels: Labels
    tolerations: NotRequired[list[Toleration]]
    topologyName: NotRequired[str]


class ResourceFlavor(TypedDict):
    """kueue.x-k8s.io ResourceFlavor."""

    apiVersion: str
    kind: Literal["ResourceFlavor"]
    metadata: Metadata
    spec: ResourceFlavorSpec


class FlavorResource(TypedDict):
    """The quota of one resource."""

    name: str
    nominalQuota: str


class FlavorQuotas(TypedDict):
    """The quotas on one flavor."""

    name: str
    resources: list[FlavorResource]


class ResourceGroup(TypedDict):
    """Resources that have the same flavors."""

    coveredResources: list[str]
    flavors: list[FlavorQuotas]


class CohortSpec(TypedDict):
    """What all queues of a cohort may borrow."""

    resourceGroups: NotRequired[list[ResourceGroup]]


class Cohort(TypedDict):
    """kueue.x-k8s.io Cohort."""

    apiVersion: str
    kind: Literal["Cohort"]
    metadata: Metadata
    spec: CohortSpec


class Preemption(TypedDict):
    """What a queue may take back, and from whom."""

    reclaimWithinCohort: Literal["Any"]
    withinClusterQueue: Literal["LowerPriority"]


class ClusterQueueSpec(TypedDict):
    """Whose the queue is, and what it has."""

    cohortName: str
    namespaceSelector: LabelSelector
    resourceGroups: list[ResourceGroup]
    preemption: Preemption


class ClusterQueue(TypedDict):
    """kueue.x-k8s.io ClusterQueue."""

    apiVersion: str
    kind: Literal["ClusterQueue"]
    metadata: Metadata
    spec: ClusterQueueSpec


class LocalQueueSpec(TypedDict):
    """The ClusterQueue behind it."""

    clusterQueue: str


class LocalQueue(TypedDict):
    """kueue.x-k8s.io LocalQueue."""

    apiVersion: str
    kind: Literal["LocalQueue"]
    metadata: Metadata
    spec: LocalQueueSpec
