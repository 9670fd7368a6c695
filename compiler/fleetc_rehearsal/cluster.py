"""A control plane that runs, as its users see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from fleetc_rehearsal.client import Client, Object, until
from fleetc_rehearsal.errors import Refused
from fleetc_rehearsal.manifests import apply_order, is_crd
from fleetc_rehearsal.nodes import NodePool
from fleetc_rehearsal.servers import Servers
from fleetc_rehearsal.simulated import Device, Node, resource_slice

_SLICES = ("resource.k8s.io/v1", "resource.k8s.io/v1beta2", "resource.k8s.io/v1beta1")


class Cluster:
    """A control plane with an admin's client; `control_plane` makes and ends it."""

    def __init__(self, minor: str, client: Client, kubeconfig: Path, servers: Servers) -> None:
        self.minor = minor
        self.client = client
        self.kubeconfig = kubeconfig
        """The admin's; for kubectl and other programs."""
        self.servers = servers
        """What runs; what is started more ends with it."""

    @property
    def folder(self) -> Path:
        """Where its data and logs are; removed at the end."""
        return self.servers.folder

    @property
    def processes(self) -> dict[str, int]:
        """The process that guards each server, by the server's name."""
        return {name: process.pid for name, process in self.servers.running.items()}

    def watch(self) -> None:
        """Raise ServerFailed where a server has ended by itself."""
        self.servers.watch()

    def log(self, server: str) -> str:
        """The first and last lines of a server's log, by its name (`kube-apiserver`)."""
        return self.servers.log(server)

    def another_client(self) -> Client:
        """One more of the admin's clients; for another thread."""
        return Client(self.client.port, self.client.token, self.client.certificate, self.client.chain)

    def apply(self, objects: Iterable[Mapping[str, Any]]) -> list[Object]:
        """Apply objects in the order that they need (`apply_order`); their CRDs are established before what follows."""
        out: list[Object] = []
        crds: list[str] = []
        for obj in apply_order(objects):
            if crds and not is_crd(obj):
                self._establish(crds)
                crds = []
            out.append(self.client.apply(obj))
            if is_crd(obj):
                crds.append(obj["metadata"]["name"])
        self._establish(crds)
        return out

    def add_node(self, node: Node) -> Object:
        """Create a simulated node, and wait until it is ready and open for pods."""
        return self.add_nodes([node])[0]

    def add_nodes(self, nodes: Sequence[Node]) -> list[Object]:
        """Create simulated nodes, and wait until all are ready and open for pods."""
        watched = "kwok" in self.servers.running
        for node in nodes:
            self.client.create(node.manifest(ready=not watched))
        for node in nodes:
            until(partial(self._is_ready, node.name), f"ready node {node.name}")
        # Admission marks a new node not ready; the controller that would take that off wants a kubelet.
        return [
            self.client.patch("v1", "Node", node.name, {"spec": {"taints": node.spec_taints() or None}})
            for node in nodes
        ]

    def add_pool(self, pool: NodePool) -> list[Object]:
        """Create the nodes of a pool with their devices; they open for pods when the devices are published."""
        for node in pool.nodes():
            for driver, devices in pool.devices_by_driver().items():
                self.add_devices(node.name, driver, devices)
        return self.add_nodes(pool.nodes())

    def add_devices(self, node: str, driver: str, devices: Sequence[Device]) -> Object:
        """Publish a node's devices, in the newest version of ResourceSlice that is served."""
        for version in _SLICES:
            try:
                self.client.resource(version, "ResourceSlice")
            except Refused as error:
                if error.status == 404:
                    continue
                raise
            return self.client.create(resource_slice(node, driver, devices, version))
        raise Refused(404, "NotFound", f"Kubernetes {self.minor} serves no ResourceSlice here; start it with dra=True")

    def _is_ready(self, node: str) -> bool:
        self.watch()
        return conditions_of(self.client.get("v1", "Node", node)).get("Ready") == "True"

    def _establish(self, crds: Sequence[str]) -> None:
        """Wait until these CRDs are established and served."""
        for name in crds:
            until(partial(self._is_served, name), f"established CRD {name}")
        self.client.refresh()

    def _is_served(self, name: str) -> bool:
        self.watch()
        crd = self.client.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
        conditions = conditions_of(crd)
        if conditions.get("Established") != "True":
            return False
        spec = crd["spec"]
        versions = [f"{spec['group']}/{v['name']}" for v in spec["versions"] if v["served"]]
        self.client.refresh()
        try:
            for version in versions:
                self.client.resource(version, spec["names"]["kind"])
        except Refused as error:
            if error.status == 404:  # established, and on its way into what is served
                return False
            raise
        return True


def conditions_of(obj: Mapping[str, Any]) -> dict[str, str]:
    """The conditions of an object's status by type; a server writes null for a list that nobody has set."""
    return {c["type"]: c["status"] for c in (obj.get("status") or {}).get("conditions") or ()}
