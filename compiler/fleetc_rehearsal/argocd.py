"""A real Argo CD with a rehearsal's cluster as its hub.

    with control_plane("1.36", controllers=True) as hub, control_plane("1.33", controllers=True) as site:
        argo = argocd.start(hub)
        argo.register("hub", hub)
        argo.register("site", site)
        repository = Repository(hub.folder / "repository")
        revision = repository.commit(Path("golden"))
        hub.apply(applications)
        argo.wait_for("site", revision=revision)

Its application controller and its repo server are the real ones. They run as processes of the rehearsal and act as the
hub's admin; what they cache is in a small stand-in for Redis. There is no API server of Argo CD, and so neither a user
interface nor an `argocd` command: Applications are objects of the hub, and a field of theirs starts an operation.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fleetc_rehearsal import finder, ready
from fleetc_rehearsal.applications import Applications
from fleetc_rehearsal.client import Object
from fleetc_rehearsal.cluster import Cluster
from fleetc_rehearsal.manifests import read
from fleetc_rehearsal.servers import LOOPBACK

NAMESPACE: Final = "argocd"
IN_CLUSTER: Final = "https://kubernetes.default.svc"
"""Where a program in a cluster finds its API server, and so the hub's address in an installation."""
_TOOL: Final = "argocd"
_REDIS: Final = "argocd-redis"
_REPOSITORIES: Final = "argocd-repo-server"
_CONTROLLER: Final = "argocd-application-controller"
_RESYNC_SECONDS: Final = 5
_LONGEST_PAUSE: Final = 5
"""Seconds between two tries to heal the same Application: 300 by default."""
_NOWHERE: Final = f"http://{LOOPBACK}:9"
"""A proxy that is not there: nothing is fetched over a network."""
_WRAPPER: Final = "git-verify-wrapper.sh"
"""It asks for the signature of every revision by this name, whether or not one is wanted."""
_ENVIRONMENT: Final = {
    "ARGOCD_GPG_ENABLED": "false",  # else it wants gpg
    # Relative to the folder of the rehearsal, for an absolute one may be longer than the name of a socket can be.
    "ARGOCD_ASK_PASS_SOCK": "argocd-ask-pass.sock",
    "GIT_CONFIG_NOSYSTEM": "1",
    # What is rehearsed comes from disk. A chart would install what no kubelet runs, webhooks among it.
    "HTTP_PROXY": _NOWHERE,
    "HTTPS_PROXY": _NOWHERE,
    "NO_PROXY": LOOPBACK,
    "ARGOCD_FAKE_IN_CLUSTER": "true",  # what is at IN_CLUSTER is the cluster of KUBECONFIG
}


class ArgoCD(Applications):
    """An Argo CD that runs; `start` makes it, and it ends with the cluster that is its hub."""

    def register(
        self, name: str, cluster: Cluster, *, labels: Mapping[str, str] | None = None, inside: bool = False
    ) -> None:
        """Make a cluster, which may be the hub itself, a destination by a name.

        With `inside` the hub's address is IN_CLUSTER, which needs `cluster.inClusterEnabled: "true"` in the settings.
        """
        secret = registration(name, cluster, labels or {})
        if inside:
            secret["data"]["server"] = _encoded(IN_CLUSTER)
        self.hub.client.apply(secret)


def start(hub: Cluster, *, settings: Mapping[str, str] | None = None) -> ArgoCD:
    """Start Argo CD on a cluster that runs: with its CRDs and its settings as it is installed, and ready.

    `settings` are more keys of the ConfigMap `argocd-cm`. It looks at its Applications and at repositories every five
    seconds. Raises MissingTools, and ServerFailed with a log.
    """
    hub.apply(objects(settings or {}))
    (redis,) = hub.servers.start(
        _REDIS,
        lambda ports: [_binary(_REDIS), f"{LOOPBACK}:{ports[0]}"],
        lambda ports: ready.redis_answers(ports[0]),
    )
    path = f"{_programs(hub.folder)}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    repositories, _ = hub.servers.start(
        _REPOSITORIES,
        lambda ports: _repo_server(redis, ports),
        lambda ports: ready.answers(ports[1], "/healthz?full=true"),
        ports=2,
        env={**_ENVIRONMENT, "PATH": path},
    )
    hub.servers.start(
        _CONTROLLER,
        lambda ports: _controller(hub.kubeconfig, redis, repositories, ports[0]),
        lambda ports: ready.answers(ports[0], "/healthz"),
        env={**_ENVIRONMENT, "KUBECONFIG": str(hub.kubeconfig)},
    )
    return ArgoCD(hub, NAMESPACE)


def objects(settings: Mapping[str, str]) -> list[Object]:
    """What an installation has beside what runs: the namespace, the CRDs, `argocd-cm` and `argocd-secret`."""
    shipped = [obj for path in finder.data(_TOOL) for obj in read(path)]
    for obj in shipped:
        if obj["kind"] == "ConfigMap":
            # A program outside a cluster has none that it is in.
            obj["data"] |= {"cluster.inClusterEnabled": "false", **settings}
        elif obj["kind"] == "Secret":
            obj["data"] = {"server.secretkey": _encoded(secrets.token_hex(16))}
        else:
            continue
        obj["metadata"]["namespace"] = NAMESPACE
    return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, *shipped]


def registration(name: str, cluster: Cluster, labels: Mapping[str, str]) -> Object:
    """The Secret by which Argo CD knows a cluster."""
    authority = _encoded(cluster.client.certificate.read_text(encoding="utf-8"))
    config = {"bearerToken": cluster.client.token, "tlsClientConfig": {"caData": authority}}
    data = {"name": name, "server": f"https://{LOOPBACK}:{cluster.client.port}", "config": json.dumps(config)}
    labelled = {**labels, "argocd.argoproj.io/secret-type": "cluster"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"cluster-{name}", "namespace": NAMESPACE, "labels": labelled},
        "data": {key: _encoded(value) for key, value in data.items()},
    }


def _programs(folder: Path) -> Path:
    """A folder with what the repo server looks for on PATH beside git."""
    programs = folder / "argocd"
    programs.mkdir()
    made = programs / _WRAPPER
    made.write_bytes(finder.script(_TOOL, _WRAPPER).read_bytes())
    made.chmod(0o700)  # no file of a Go module has its bit
    return programs


def _repo_server(redis: int, ports: list[int]) -> list[str]:
    port, health = ports
    return [
        _binary(_REPOSITORIES), f"--address={LOOPBACK}", f"--port={port}",
        f"--metrics-address={LOOPBACK}", f"--metrics-port={health}", f"--redis={LOOPBACK}:{redis}",
        "--disable-tls", "--client-ca-path=", "--revision-cache-expiration=1s",
    ]  # fmt: skip


def _controller(kubeconfig: Path, redis: int, repositories: int, health: int) -> list[str]:
    return [
        _binary(_CONTROLLER), f"--kubeconfig={kubeconfig}", f"--namespace={NAMESPACE}", f"--metrics-port={health}",
        f"--redis={LOOPBACK}:{redis}", f"--repo-server={LOOPBACK}:{repositories}", "--repo-server-plaintext",
        f"--app-resync={_RESYNC_SECONDS}", "--app-resync-jitter=0",
        f"--self-heal-backoff-cap-seconds={_LONGEST_PAUSE}", "--persist-resource-health",
        "--repo-error-grace-period-seconds=0",  # else a folder that is wrong is told of after three minutes
    ]  # fmt: skip


def _binary(name: str) -> str:
    return str(finder.binary(_TOOL, name))


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
