"""Kind Cluster: one Kubernetes cluster and what it offers to the teams on it."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from fleetc.language.platform import Values, Versions
from fleetc.language.types import (
    AddressText,
    Base64Text,
    Bytes,
    Cidr,
    ImageAlias,
    ImageText,
    LabelKey,
    LabelSelector,
    LabelValue,
    Line,
    Minor,
    Name,
    Node,
    Part,
    Quantity,
    Range,
    ServerText,
    Strings,
    Subdomain,
)


class Dns(Part):
    """Where pods send DNS queries: pods by label in a namespace, and node-local or managed resolvers by address."""

    namespace: Name
    selector: LabelSelector
    addresses: tuple[Cidr, ...]
    ports: tuple[Annotated[int, Range(1, 65535)], ...]


class Picker(Part):
    """What chooses the server of each request for a Gateway that asks it: the image of llm-d's endpoint picker, pinned
    by digest, what each one may take, and whether the Gateway speaks TLS with it. Without an image there is none."""

    image: ImageText | None
    cpu: Quantity
    memory: Bytes
    tls: bool


class Gateway(Part):
    """The Gateway that routes are attached to, and where its traffic comes from: pods by label in its namespace, or
    ranges of addresses where it runs outside of the cluster. One that implements InferencePool has a `picker`."""

    namespace: Name | None
    name: Subdomain | None
    selector: LabelSelector
    sources: tuple[Cidr, ...]
    picker: Picker


class ApiServer(Part):
    """Where pods reach the API server, as the CNI's policies see it: ranges of addresses, and ports."""

    addresses: tuple[Cidr, ...]
    ports: tuple[Annotated[int, Range(1, 65535)], ...]


class Multicluster(Part):
    """The set of clusters whose Services are one: what makes them so, the name that clusters of one set share, and the
    addresses that requests from the others of them come from."""

    implementation: Literal["mcs", "gke"] | None
    set: Name | None
    sources: tuple[Cidr, ...]


class ClusterNetwork(Part):
    """The cluster's CNI, which decides what network policies can enforce, its DNS, its Gateway, its API server, and the
    set of clusters that it shares Services with."""

    cni: Literal["cilium", "calico", "dataplane-v2", "vpc-cni", "azure-cilium", "kindnet"]
    dns: Dns
    gateway: Gateway
    api_server: ApiServer
    multicluster: Multicluster

    def enforces_host_names(self) -> bool:
        """Whether egress can be limited to host names: CiliumNetworkPolicy's toFQDNs, which open-source Cilium
        serves."""
        return self.cni == "cilium"

    def knows_api_server(self) -> bool:
        """Whether policies can name the API server itself: CiliumNetworkPolicy's entity `kube-apiserver`. Cilium takes
        it for no range of addresses where it is on nodes of the cluster."""
        return self.cni == "cilium"


class Monitoring(Part):
    """The cluster's Prometheus: where its pods are, and where it answers queries."""

    namespace: Name | None
    selector: LabelSelector
    address: AddressText | None


class StorageClass(Part):
    """A StorageClass, named by its purpose so that workloads move between clusters unchanged."""

    KEY: ClassVar[str] = "name"

    name: Subdomain
    provisioner: LabelKey
    parameters: Strings
    reclaim_policy: Literal["Delete", "Retain"]
    volume_binding_mode: Literal["Immediate", "WaitForFirstConsumer"]
    allow_volume_expansion: bool
    mount_options: tuple[Line, ...]
    default: bool


class Storage(Part):
    """The cluster's storage by purpose."""

    classes: tuple[StorageClass, ...]


class PriorityClass(Part):
    """A PriorityClass; teams may use it in their pods only when it is for `tenants`."""

    KEY: ClassVar[str] = "name"

    name: Subdomain
    value: Annotated[int, Range(-(2**31), 1_000_000_000)]
    preemption: Literal["PreemptLowerPriority", "Never"]
    default: bool
    tenants: bool
    description: Line | None


class Toleration(Part):
    """A toleration of a taint, by its key; without a value, any value of the taint is tolerated."""

    KEY: ClassVar[str] = "key"

    key: LabelKey
    value: LabelValue | None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None


class RuntimeClass(Part):
    """A RuntimeClass: the CRI handler, what a pod's sandbox costs, and where it can run."""

    KEY: ClassVar[str] = "name"

    name: Subdomain
    handler: Name
    overhead: Mapping[str, Quantity]
    node_selector: LabelSelector
    tolerations: tuple[Toleration, ...]


class ClusterNodes(Part):
    """What nodes that Karpenter makes on EKS need: the IAM role, the image as an alias with its version
    (`al2023@v20260827`), and the value of the tag `karpenter.sh/discovery` on the subnets, security groups and capacity
    reservations that are theirs."""

    role: Line | None
    image: ImageAlias | None
    discovery: Line | None


class ArgoCD(Part):
    """What syncs the cluster, where its `delivery` is so: the Argo CD in `namespace` of the cluster `hub`, which may be
    this one.

    How that logs in here: at `server`, which `certificate_authority` (PEM, in Base64) vouches for, and either as the
    identity that the hub's own workloads have with this cluster's provider, or by a ServiceAccount's token, which this
    cluster's stack makes and hands over. EKS asks for the cluster's name there, and for the IAM role to take on.
    """

    hub: Name | None
    namespace: Name
    server: ServerText | None
    certificate_authority: Base64Text | None
    login: Literal["workloadIdentity", "serviceAccount"]
    eks_name: Line | None
    role: Line | None


class Existing(Part):
    """What is on the cluster though fleetc does not emit it, such as what the provider installs: it may be referred
    to."""

    namespaces: tuple[Name, ...]
    priority_classes: tuple[Subdomain, ...]
    runtime_classes: tuple[Subdomain, ...]
    storage_classes: tuple[Subdomain, ...]


class Cluster(Node):
    """One cluster. `residency` names the jurisdiction that data on it stays in; `components` and `values` of their
    charts are those of its platform, and its own over them. `delivery` is what brings its objects to it; without,
    fleetc writes them and no more."""

    kubernetes: Minor
    provider: Literal["gke", "eks", "aks", "onprem", "kind"]
    region: LabelValue | None
    zones: tuple[LabelValue, ...]
    environment: Name
    platform: Name | None
    components: Versions
    values: Values
    role: Literal["manager", "worker", "both"]
    residency: LabelValue | None
    network: ClusterNetwork
    monitoring: Monitoring
    storage: Storage
    priority_classes: tuple[PriorityClass, ...]
    runtime_classes: tuple[RuntimeClass, ...]
    nodes: ClusterNodes
    delivery: Literal["argocd", "pulumi"] | None
    argocd: ArgoCD
    existing: Existing

    def is_hub(self) -> bool:
        """Whether the Argo CD that syncs it runs on it: other clusters may name it as theirs, too."""
        return self.delivery == "argocd" and self.argocd.hub == self.name
