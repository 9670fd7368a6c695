"""The command lines of the servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from fleetc_rehearsal import finder
from fleetc_rehearsal.credentials import Credentials

Component = Callable[[str, Path, int, Credentials], list[str]]
"""The command line of a component, from the minor, the folder, its port and the credentials."""

DRA_GATE: Final = "--feature-gates=DynamicResourceAllocation=true"
DRA_API: Final = "--runtime-config=resource.k8s.io/v1beta1=true"
"""What Kubernetes 1.33 needs for devices by claims; from 1.34 on they are served as they are."""


def etcd(name: str, folder: Path, ports: Sequence[int]) -> list[str]:
    """A store of one member called `name`, in a folder; ports for clients and for peers."""
    client, peer = (f"http://127.0.0.1:{port}" for port in ports)
    return [
        str(finder.binary("etcd")), f"--name={name}", f"--data-dir={folder / f'etcd-{ports[0]}'}",
        "--unsafe-no-fsync", "--log-level=warn",
        f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster={name}={peer}",
    ]  # fmt: skip


def apiserver(minor: str, store: int, port: int, kept: Credentials) -> list[str]:
    """It serves what a real cluster serves: what is stable and what is on by default."""
    return [
        str(finder.binary(f"kubernetes-{minor}", "kube-apiserver")),
        f"--etcd-servers=http://127.0.0.1:{store}", f"--cert-dir={kept.certificate.parent}",
        "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={port}",
        f"--service-account-key-file={kept.key}", f"--service-account-signing-key-file={kept.key}",
        "--service-account-issuer=https://kubernetes.default.svc", f"--token-auth-file={kept.tokens}",
        "--authorization-mode=Node,RBAC", "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged",
        "--endpoint-reconciler-type=none",
    ]  # fmt: skip


def scheduler(minor: str, folder: Path, port: int, kept: Credentials) -> list[str]:
    """The scheduler, with a certificate that it makes in a folder."""
    return [*_component(minor, "kube-scheduler", folder, port, kept)]


def controllers(minor: str, folder: Path, port: int, kept: Credentials) -> list[str]:
    """All controllers of the controller manager but the one that watches kubelets: nothing lives on these nodes."""
    return [
        *_component(minor, "kube-controller-manager", folder, port, kept),
        f"--service-account-private-key-file={kept.key}", f"--root-ca-file={kept.certificate}",
        "--controllers=*,-node-lifecycle-controller",
    ]  # fmt: skip


def kwok(port: int, kept: Credentials) -> list[str]:
    """kwok for all nodes; the stages say how a node becomes ready, and a pod runs, completes and goes."""
    return [
        str(finder.binary("kwok")), f"--kubeconfig={kept.kubeconfig}", "--manage-all-nodes",
        f"--server-address=127.0.0.1:{port}", *(f"--config={stage}" for stage in finder.stages()),
    ]  # fmt: skip


def _component(minor: str, name: str, folder: Path, port: int, kept: Credentials) -> list[str]:
    return [
        str(finder.binary(f"kubernetes-{minor}", name)), f"--kubeconfig={kept.kubeconfig}", "--leader-elect=false",
        "--bind-address=127.0.0.1", f"--secure-port={port}", f"--cert-dir={folder / name}",
    ]  # fmt: skip
