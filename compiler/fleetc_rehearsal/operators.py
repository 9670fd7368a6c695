"""Starting the real controllers of custom resources, LeaderWorkerSet's and Kueue's, with their admission webhooks.

They run as processes of the rehearsal, not as pods, so two things that a cluster does for a pod are done here. The
service of the webhooks is of type ExternalName and leads to loopback; the API server follows it and still verifies the
name that it has in the cluster. And the certificate, which the operator itself makes and keeps in a Secret, is written
to the folder that the operator reads, as a kubelet mounts it.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fleetc_rehearsal import finder, ready
from fleetc_rehearsal.client import Client, Object
from fleetc_rehearsal.cluster import Cluster
from fleetc_rehearsal.manifests import is_crd, read

_NAMESPACE_LABEL: Final = "kubernetes.io/metadata.name"
_POD_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
"""There when the rehearsal itself runs in a pod, as on a runner of continuous integration; the operators believe it."""
_CERTIFICATE: Final = "tls.crt"
_AUTHORITY: Final = "ca.crt"
_FILES: Final = (_AUTHORITY, "ca.key", "tls.key", _CERTIFICATE)
"""The certificate is last: it is what the operator waits for."""


@dataclass(frozen=True)
class Operator:
    """An operator that is built as a tool of that name; its objects are named after it, as its own release does."""

    name: str
    config: str
    """The API version of its configuration."""
    groups: tuple[str, ...]
    """The API groups of its custom resources."""
    foreign: Mapping[str, Any]
    """What restricts its webhooks on objects of other groups, such as pods."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """More of its configuration."""

    @property
    def namespace(self) -> str:
        """Where its service and its Secret are: where the operator takes itself to be."""
        try:
            return _POD_NAMESPACE.read_text(encoding="utf-8").strip() or f"{self.name}-system"
        except OSError:
            return f"{self.name}-system"

    @property
    def service(self) -> str:
        """The service of its webhooks."""
        return f"{self.name}-webhook-service"

    @property
    def secret(self) -> str:
        """The Secret with the certificate of its webhooks."""
        return f"{self.name}-webhook-server-cert"

    @property
    def host(self) -> str:
        """The name for which its certificate is."""
        return f"{self.service}.{self.namespace}.svc"


LWS: Final = Operator(
    "lws",
    "config.lws.x-k8s.io/v1alpha1",
    ("leaderworkerset.x-k8s.io", "disaggregatedset.x-k8s.io"),
    {"objectSelector": {"matchExpressions": [{"key": "leaderworkerset.sigs.k8s.io/name", "operator": "Exists"}]}},
)
KUEUE: Final = Operator(
    "kueue",
    "config.kueue.x-k8s.io/v1beta2",
    ("kueue.x-k8s.io",),
    {
        "namespaceSelector": {
            "matchExpressions": [
                {"key": _NAMESPACE_LABEL, "operator": "NotIn", "values": ["kube-system", "kueue-system"]}
            ]
        }
    },
    {
        # Its server of aggregated APIs writes below the root of the file system.
        "featureGates": {"VisibilityOnDemand": False},
        "integrations": {
            "frameworks": [
                "batch/job", "pod", "deployment", "statefulset", "leaderworkerset.x-k8s.io/leaderworkerset"
            ]
        },
    },
)  # fmt: skip


def start(operator: Operator, cluster: Cluster) -> None:
    """Start an operator on a cluster that runs: with its CRDs and webhooks, and ready. It ends with the cluster.

    Raises MissingTools, and ServerFailed with its log.
    """
    folder = cluster.folder / operator.name
    folder.mkdir()
    shipped = [obj for path in finder.data(operator.name) for obj in read(path)]
    cluster.servers.start(
        operator.name,
        lambda ports: _prepare(operator, cluster, folder, shipped, ports),
        lambda ports: _is_ready(operator, cluster.client, folder, shipped, ports),
        ports=2,
    )


def objects(operator: Operator, shipped: list[Object], port: int) -> list[Object]:
    """What is applied for an operator whose webhooks are at a port of loopback."""
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": operator.namespace}},
        *_own_objects(operator),
        *_crds(operator, shipped, port),
        *(_webhooks(operator, obj, port) for obj in shipped if "webhooks" in obj),
    ]


def configuration(operator: Operator, folder: Path, health: int, hooks: int) -> Object:
    """Its configuration: on loopback alone, one replica, its own certificate in a folder of ours."""
    return {
        "apiVersion": operator.config,
        "kind": "Configuration",
        "leaderElection": {"leaderElect": False},
        "health": {"healthProbeBindAddress": f"127.0.0.1:{health}"},
        "metrics": {"bindAddress": "0"},
        "webhook": {"host": "127.0.0.1", "port": hooks, "certDir": str(folder)},
        "internalCertManagement": {
            "enable": True,
            "webhookServiceName": operator.service,
            "webhookSecretName": operator.secret,
        },
        **operator.settings,
    }


def _prepare(operator: Operator, cluster: Cluster, folder: Path, shipped: list[Object], ports: list[int]) -> list[str]:
    """Apply and write all it needs; returns its command line."""
    health, hooks = ports
    cluster.apply(objects(operator, shipped, hooks))
    path = folder / "configuration.json"
    path.write_text(json.dumps(configuration(operator, folder, health, hooks), indent=1), encoding="utf-8")
    return [str(finder.binary(operator.name)), f"--config={path}", f"--kubeconfig={cluster.kubeconfig}"]


def _is_ready(operator: Operator, client: Client, folder: Path, shipped: list[Object], ports: list[int]) -> bool:
    health, hooks = ports
    if not _mounted(operator, client, folder) or not ready.answers(health, "/readyz"):
        time.sleep(0.2)  # it looks every second or two
        return False
    return ready.hooks_are_served(hooks, folder / _AUTHORITY, operator.host, _paths(operator, shipped))


def _mounted(operator: Operator, client: Client, folder: Path) -> bool:
    """Whether the certificate is where the operator looks for it; written there as soon as the Secret has it."""
    if (folder / _CERTIFICATE).exists():
        return True
    data: dict[str, str] = client.get("v1", "Secret", operator.secret, operator.namespace).get("data") or {}
    if any(name not in data for name in _FILES):
        return False
    for name in _FILES:
        (folder / name).write_bytes(base64.b64decode(data[name]))
    return True


def _own_objects(operator: Operator) -> list[Object]:
    """The service that leads to loopback, and the Secret that the operator fills."""
    service = {"name": operator.service, "namespace": operator.namespace}
    secret = {"name": operator.secret, "namespace": operator.namespace}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": service,
            "spec": {"type": "ExternalName", "externalName": "localhost"},
        },
        {"apiVersion": "v1", "kind": "Secret", "metadata": secret},
    ]


def _crds(operator: Operator, shipped: list[Object], port: int) -> list[Object]:
    """Its CRDs, each with the webhook between its versions, which is shipped as a patch without versions."""
    found = [obj for obj in shipped if is_crd(obj)]
    patches = {obj["metadata"]["name"]: obj["spec"]["conversion"] for obj in found if "versions" not in obj["spec"]}
    out = [deepcopy(obj) for obj in found if "versions" in obj["spec"]]
    for crd in out:
        conversion = deepcopy(patches.get(crd["metadata"]["name"]))
        if conversion is not None:
            _lead(operator, conversion["webhook"]["clientConfig"], port)
            crd["spec"]["conversion"] = conversion
    return out


def _webhooks(operator: Operator, shipped: Object, port: int) -> Object:
    """A webhook configuration under the name that the operator looks for."""
    made = deepcopy(shipped)
    made["metadata"] = {"name": f"{operator.name}-{shipped['metadata']['name']}"}
    for webhook in made["webhooks"]:
        _lead(operator, webhook["clientConfig"], port)
        if not _is_own(operator, webhook):
            webhook.update(operator.foreign)
    return made


def _lead(operator: Operator, client_config: dict[str, Any], port: int) -> None:
    client_config["service"] |= {"namespace": operator.namespace, "name": operator.service, "port": port}


def _is_own(operator: Operator, webhook: Mapping[str, Any]) -> bool:
    return all(group in operator.groups for rule in webhook["rules"] for group in rule["apiGroups"])


def _paths(operator: Operator, shipped: list[Object]) -> list[str]:
    """Where the webhooks on its own kinds are served."""
    hooks = [hook for obj in shipped for hook in obj.get("webhooks", ()) if _is_own(operator, hook)]
    return [hook["clientConfig"]["service"]["path"] for hook in hooks]
