"""Real Kubernetes control planes on loopback, with simulated nodes and devices.

    with control_plane("1.36", crds=crds, scheduler=True, controllers=True, kwok=True) as cluster:
        cluster.add_node(Node("gpu-0", extended={"nvidia.com/gpu": 8}))
        cluster.apply(read(Path("golden/hub")))

etcd, kube-apiserver, scheduler and controllers are the real ones, built from source (`make tools`); kwok stands in for
kubelets, so pods run nowhere and images are never pulled. Nothing here needs a network, a container engine or root.
Whoever has an account on the same machine could reach the store's port while it runs: rehearse no secrets.
"""

from fleetc_rehearsal.applications import Applications
from fleetc_rehearsal.bindings import Binding, bindings
from fleetc_rehearsal.client import Client, Resource, Review, until
from fleetc_rehearsal.cluster import Cluster
from fleetc_rehearsal.errors import Cause, MissingTools, Refused, RehearsalError, ServerFailed, TimedOut, ToolError
from fleetc_rehearsal.manifests import apply_order, read
from fleetc_rehearsal.nodes import Devices, NodePool
from fleetc_rehearsal.operators import KUEUE, LWS, Operator
from fleetc_rehearsal.repository import Repository
from fleetc_rehearsal.simulated import Device, Node, Taint, Version, resource_slice
from fleetc_rehearsal.start import control_plane

__all__ = [
    "KUEUE",
    "LWS",
    "Applications",
    "Binding",
    "Cause",
    "Client",
    "Cluster",
    "Device",
    "Devices",
    "MissingTools",
    "Node",
    "NodePool",
    "Operator",
    "Refused",
    "RehearsalError",
    "Repository",
    "Resource",
    "Review",
    "ServerFailed",
    "Taint",
    "TimedOut",
    "ToolError",
    "Version",
    "apply_order",
    "bindings",
    "control_plane",
    "read",
    "resource_slice",
    "until",
]
