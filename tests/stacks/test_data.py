"""A stack's data: what is read, and every way in which it can be wrong."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet.data import Eks, Hub, Login, Manifests, Worker, read_stack
from fleet.objects import StackError

AUTHORITY = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n").decode()
IN_CLUSTER = {
    "name": "hub",
    "namespace": "argocd",
    "server": "https://kubernetes.default.svc",
    "login": "inCluster",
}
HUB: dict[str, Any] = {
    "cluster": "hub",
    "delivery": "argocd",
    "install": {
        "namespace": "argocd",
        "version": "v3.5.1",
        "manifest": {"repository": "https://github.com/argoproj/argo-cd", "path": "manifests/install.yaml"},
    },
    "repository": {"url": "https://git.acme.example/platform.git", "credential": "repository"},
    "root": {"path": "golden/hub/argocd", "revision": "main"},
    "registration": IN_CLUSTER,
}
WORKER: dict[str, Any] = {
    "cluster": "gke",
    "delivery": "argocd",
    "hub": "hub",
    "registration": {
        "name": "gke",
        "namespace": "argocd",
        "server": "https://203.0.113.9",
        "certificateAuthority": AUTHORITY,
        "login": "gke",
    },
}
KIND: dict[str, Any] = {"cluster": "kind-dev", "delivery": "pulumi", "manifests": "../../golden/kind-dev"}


def written(folder: Path, data: Any, name: str = "") -> Path:
    path = folder / "stacks/generated" / f"{name or data['cluster']}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = data if isinstance(data, str) else yaml.safe_dump(data)
    path.write_text("# Made by fleetc from specs/fleet.yaml; edit that instead.\n" + text, encoding="utf-8")
    return path


def test_manifests(tmp_path: Path) -> None:
    stack = read_stack(written(tmp_path, KIND), "kind-dev")
    assert stack == Manifests("kind-dev", tmp_path / "golden/kind-dev")


def test_hub(tmp_path: Path) -> None:
    stack = read_stack(written(tmp_path, HUB), "hub")
    assert isinstance(stack, Hub)
    assert stack.repository.credential == "repository"
    assert stack.install.manifest.path == "manifests/install.yaml"
    assert stack.registration.login is Login.IN_CLUSTER
    public = {**HUB, "repository": {"url": "https://git.acme.example/platform.git"}}
    stack = read_stack(written(tmp_path, public), "hub")
    assert isinstance(stack, Hub)
    assert stack.repository.credential is None


@pytest.mark.parametrize(
    ("login", "read"),
    [
        ("gke", Login.GKE),
        ("aks", Login.AKS),
        ("serviceAccount", Login.SERVICE_ACCOUNT),
        ({"eks": {"cluster": "use1", "role": "arn:aws:iam::1:role/argocd"}}, Eks("use1", "arn:aws:iam::1:role/argocd")),
    ],
)
def test_worker(tmp_path: Path, login: Any, read: Login | Eks) -> None:
    data = {**WORKER, "registration": {**WORKER["registration"], "login": login}}
    stack = read_stack(written(tmp_path, data), "gke")
    assert isinstance(stack, Worker)
    assert (stack.hub, stack.registration.login, stack.registration.authority) == ("hub", read, AUTHORITY)


def registered(**change: Any) -> dict[str, Any]:
    """The worker with another registration; None leaves a key out."""
    made = {**WORKER["registration"], **change}
    return {**WORKER, "registration": {key: value for key, value in made.items() if value is not None}}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("[]\n", "gke.yaml is to be a mapping"),
        ("a: 1\n---\na: 1\n", "is to hold one document"),
        ("a: [\n", "is no YAML"),
        ({**WORKER, "cluster": "eks"}, "is of the cluster `eks`, and the stack is `gke`"),
        ({**WORKER, "delivery": "flux"}, "`delivery` is to be `pulumi` or `argocd`, not `flux`"),
        ({**WORKER, "wave": 2, "ring": 1}, "has `ring`, `wave`, which this program does not know"),
        ({**HUB, "cluster": "gke", "root": {"path": "a", "revision": "b", "wave": 1}}, "`root` has `wave`"),
        ({**HUB, "cluster": "gke", "root": "golden"}, "`root` is to be a mapping"),
        ({**HUB, "cluster": "gke", "repository": {"url": 7}}, "`repository`: `url` is to be a text"),
        (registered(server="http://203.0.113.9"), "`server` is to begin with https://"),
        (registered(login="password"), "`login` is to be `inCluster`, `gke`, `aks`, `serviceAccount` or `eks`"),
        (registered(login={"eks": {"cluster": "a"}}), "`login`: `role` is to be a text"),
        (registered(certificateAuthority="Zm9v"), "`certificateAuthority` is to be a certificate in PEM, in base64"),
        (registered(certificateAuthority="-----BEGIN"), "`certificateAuthority` is to be a certificate"),
        (registered(token="secret"), "`registration` has `token`"),
        (registered(name=None), "`name` is to be a text"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, data: Any, message: str) -> None:
    with pytest.raises(StackError) as error:
        read_stack(written(tmp_path, data, "gke"), "gke")
    assert message in str(error.value)


def test_no_such_stack(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no cluster `gke` is delivered by Pulumi"):
        read_stack(tmp_path / "gke.yaml", "gke")
