"""What objects refer to, and look for."""

from __future__ import annotations

from typing import Final

from fleetc.check.rules.access import Map
from fleetc.source.span import Path
from fleetc.tuples import NamedTuple

NAMESPACE_NAME: Final = "kubernetes.io/metadata.name"
"""The label that the API server keeps on each Namespace."""

CILIUM_NAMESPACE: Final = "io.kubernetes.pod.namespace"
"""The label by which Cilium's selectors name a namespace, with or without its origin (`k8s:`) in front."""

CONFIGURATION: Final = " ConfigMap"
CREDENTIALS: Final = " Secret"
SERVICE: Final = " Service"
SERVICE_ACCOUNT: Final = " ServiceAccount"
NAMESPACE: Final = " Namespace"
CLAIM: Final = " PersistentVolumeClaim"
PRIORITY_CLASS: Final = "scheduling.k8s.io PriorityClass"
RUNTIME_CLASS: Final = "node.k8s.io RuntimeClass"
STORAGE_CLASS: Final = "storage.k8s.io StorageClass"
RBAC: Final = "rbac.authorization.k8s.io"
BINDING: Final = f"{RBAC} RoleBinding"
ADMISSION: Final = "admissionregistration.k8s.io"
DEVICES: Final = "resource.k8s.io"
DEVICE_CLASS: Final = f"{DEVICES} DeviceClass"
GATEWAY: Final = "gateway.networking.k8s.io Gateway"
CLUSTER_QUEUE: Final = "kueue.x-k8s.io ClusterQueue"
FLAVOR: Final = "kueue.x-k8s.io ResourceFlavor"


class Target(NamedTuple):
    """Something that can be referred to: "group Kind", its namespace ("" for none), its name, and a part of it: a key
    of a ConfigMap or Secret, `port NAME` of a Service."""

    kind: str
    namespace: str
    name: str
    key: str = ""


class Reference(NamedTuple):
    """A reference in an object. An optional one may dangle."""

    target: Target
    path: Path
    optional: bool = False


class Port(NamedTuple):
    """A port that what is selected must have, by name; the protocol is "" where any will do."""

    name: str
    protocol: str
    path: Path


class Selection(NamedTuple):
    """A label selector that is meant to find something of one kind in its namespace, and ports of what it finds."""

    what: str
    namespace: str
    selector: Map
    path: Path
    ports: tuple[Port, ...] = ()
