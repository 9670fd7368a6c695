"""The program against Pulumi's mocks, which return every number as a float: resources, options, secrets."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.check.goldens import ROOT
from tests.stacks.mocked import PROVIDER, Ran, run
from tests.stacks.test_data import HUB, IN_CLUSTER, KIND, WORKER, registered, written

from fleet.data import read_stack
from fleet.objects import StackError
from fleet.program import run as program
from fleetc.driver.tree.header import seal

SECRET = "ghp_not_in_any_file"
INSTALL: list[dict[str, Any]] = [
    {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "applications.argoproj.io"},
        "spec": {"group": "argoproj.io", "names": {"kind": "Application"}},
    },
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "argocd-server"}},
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "argocd-server"},
        "subjects": [{"kind": "ServiceAccount", "name": "argocd-server", "namespace": "argocd"}],
    },
]


def ran(folder: Path, data: dict[str, Any], config: dict[str, str] | None = None, **secrets: str) -> Ran:
    """A stack of these data, run."""
    written(folder, data)
    named = {f"fleet:{key}": value for key, value in secrets.items()}
    return run(lambda: program(folder / "stacks"), data["cluster"], config, named)


def golden(cluster: str, folder: Path) -> dict[str, Any]:
    return {"cluster": cluster, "delivery": "pulumi", "manifests": str(ROOT / "golden" / cluster)}


def install(folder: Path) -> dict[str, str]:
    """Argo CD's manifest, in short."""
    (folder / "stacks").mkdir(parents=True, exist_ok=True)
    (folder / "stacks/install.yaml").write_text(yaml.safe_dump_all(INSTALL), encoding="utf-8")
    return {"fleet:argocdManifest": "install.yaml"}


def decoded(inputs: dict[str, Any]) -> dict[str, str]:
    data = inputs["data"].get("value", inputs["data"])  # a secret is wrapped
    return {key: base64.b64decode(text).decode() for key, text in data.items()}


@pytest.mark.parametrize("cluster", sorted(path.name for path in (ROOT / "golden").iterdir()))
def test_goldens(cluster: str, tmp_path: Path) -> None:
    made = ran(tmp_path, golden(cluster, tmp_path))
    assert len(set(made.names)) == len(made.names) > 10
    seen: set[str] = set()
    for one in made.resources:
        assert one.depends <= seen, f"{one.name} before what it needs"
        seen.add(one.name)
        if one.type == PROVIDER:
            continue
        assert one.provider == "cluster"
        is_default = one.name.startswith("ServiceAccount/") and one.name.endswith("/default")
        assert (one.protected or is_default) == one.retained
        assert one.protected == one.name.startswith(("Namespace/", "NodePool.karpenter.sh/"))
        assert one.inputs["metadata"]["annotations"]["pulumi.com/patchFieldManager"] == "fleetc"


def test_one_resource(tmp_path: Path) -> None:
    deployment = next(r for r in ran(tmp_path, golden("kind-dev", tmp_path)).resources if "Deployment" in r.name)
    assert deployment.type == "kubernetes:apps/v1:Deployment"
    assert "kubernetes:apps/v1beta2:Deployment" in deployment.aliases
    assert deployment.type not in deployment.aliases
    assert deployment.inputs["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"
    assert isinstance(deployment.inputs["spec"]["replicas"], float)


def test_the_provider(tmp_path: Path) -> None:
    config = {"kubernetes:context": "kind-dev", "fleet:force": "true", "fleet:adopt": "false"}
    made = ran(tmp_path, golden("kind-dev", tmp_path), config)["cluster"]
    assert made.inputs == {
        "clusterIdentifier": "kind-dev",
        "context": "kind-dev",
        "enablePatchForce": "true",
        "enableServerSideApply": "true",
        "upsertExistingObjects": "false",
    }


def test_released_and_awaited(tmp_path: Path) -> None:
    config = {"fleet:release": '["Namespace/search"]', "fleet:wait": "true"}
    made = ran(tmp_path, golden("kind-dev", tmp_path), config)
    assert not made["Namespace/search"].protected
    assert not made["Namespace/search"].retained
    assert made["Namespace/research"].protected
    assert all("pulumi.com/skipAwait" not in str(one.inputs) for one in made.resources)


@pytest.mark.parametrize("value", ['["Namespace/serach"]', '"Namespace/search"', "[7]"])
def test_a_release_of_nothing(tmp_path: Path, value: str) -> None:
    with pytest.raises(StackError, match="fleet:release"):
        ran(tmp_path, golden("kind-dev", tmp_path), {"fleet:release": value})


def test_a_load_balancer_keeps_its_address(tmp_path: Path) -> None:
    body = b"apiVersion: v1\nkind: Service\nmetadata: {name: %b, namespace: a}\nspec: {type: %b}\n"
    manifests = tmp_path / "golden/kind-dev"
    manifests.mkdir(parents=True)
    for name, kind in ((b"one", b"LoadBalancer"), (b"two", b"ClusterIP")):
        (manifests / f"{name.decode()}.yaml").write_bytes(seal(body % (name, kind), "specs/a.yaml"))
    made = ran(tmp_path, KIND)
    assert (made["Service/a/one"].protected, made["Service/a/two"].protected) == (True, False)


def test_hub(tmp_path: Path) -> None:
    made = ran(tmp_path, HUB, install(tmp_path), repository=SECRET)
    assert made["ServiceAccount/argocd/argocd-server"].depends == {"Namespace/argocd"}
    assert made["CustomResourceDefinition.apiextensions.k8s.io/applications.argoproj.io"].protected
    repository = made["Secret/argocd/fleetc-repository"]
    assert "data" in repository.secret_inputs
    assert decoded(repository.inputs) == {
        "type": "git",
        "url": "https://git.acme.example/platform.git",
        "username": "git",
        "password": SECRET,
    }
    assert all(SECRET not in str(one.inputs) for one in made.resources if one is not repository)
    top = made["Application.argoproj.io/argocd/fleetc"]
    assert "finalizers" not in top.inputs["metadata"]
    assert top.depends >= {"AppProject.argoproj.io/argocd/fleetc", "Secret/argocd/fleetc-repository"}
    assert top.inputs["spec"]["source"]["targetRevision"] == "main"
    project = made["AppProject.argoproj.io/argocd/fleetc"].inputs["spec"]
    assert {kind["kind"] for kind in project["namespaceResourceWhitelist"]} == {"Application", "AppProject"}
    assert project["clusterResourceWhitelist"] == []


def test_hub_in_another_namespace(tmp_path: Path) -> None:
    data = {**HUB, "install": {**HUB["install"], "namespace": "delivery"}}
    data["registration"] = {**IN_CLUSTER, "namespace": "delivery"}
    made = ran(tmp_path, data, install(tmp_path), repository=SECRET)
    binding = made["ClusterRoleBinding.rbac.authorization.k8s.io/argocd-server"]
    assert [subject["namespace"] for subject in binding.inputs["subjects"]] == ["delivery"]
    assert "ServiceAccount/delivery/argocd-server" in made.names


def test_an_ssh_key(tmp_path: Path) -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n"
    made = ran(tmp_path, HUB, install(tmp_path), repository=key)
    assert decoded(made["Secret/argocd/fleetc-repository"].inputs)["sshPrivateKey"] == key


def test_a_public_repository(tmp_path: Path) -> None:
    made = ran(tmp_path, {**HUB, "repository": {"url": HUB["repository"]["url"]}}, install(tmp_path))
    assert "Secret/argocd/fleetc-repository" not in made.names
    assert "Secret/argocd/cluster-hub" in made.names


def test_without_the_credential(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="repository"):
        ran(tmp_path, HUB, install(tmp_path))


def test_the_manifest_is_pinned(tmp_path: Path) -> None:
    config = {**install(tmp_path), "fleet:argocdManifestSha256": "0" * 64}
    with pytest.raises(StackError, match="has the digest"):
        ran(tmp_path, HUB, config, repository=SECRET)


def test_no_such_manifest(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="cannot be read"):
        ran(tmp_path, HUB, {"fleet:argocdManifest": "none.yaml"}, repository=SECRET)


@pytest.mark.parametrize(
    ("login", "key", "config"),
    [
        (
            "gke",
            "execProviderConfig",
            {"command": "argocd-k8s-auth", "args": ["gcp"], "apiVersion": "client.authentication.k8s.io/v1beta1"},
        ),
        (
            {"eks": {"cluster": "use1", "role": "arn:aws:iam::1:role/argocd"}},
            "awsAuthConfig",
            {"clusterName": "use1", "roleARN": "arn:aws:iam::1:role/argocd"},
        ),
    ],
)
def test_logins_without_secrets(tmp_path: Path, login: Any, key: str, config: dict[str, Any]) -> None:
    made = ran(tmp_path, registered(login=login), {"fleet:hubContext": "hub"})
    assert made.names == ["Secret/argocd/cluster-gke"]
    assert made["hub"].inputs["context"] == "hub"
    secret = made["Secret/argocd/cluster-gke"]
    assert secret.provider == "hub"
    assert secret.inputs["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "cluster"}
    told = json.loads(decoded(secret.inputs)["config"])
    assert told[key] == config
    assert told["tlsClientConfig"] == {"insecure": False, "caData": WORKER["registration"]["certificateAuthority"]}


def test_aks(tmp_path: Path) -> None:
    made = ran(tmp_path, registered(login="aks"), {"fleet:hubContext": "hub", "fleet:aksClient": "1-2"})
    told = json.loads(decoded(made["Secret/argocd/cluster-gke"].inputs)["config"])
    assert told["execProviderConfig"]["args"] == ["azure"]
    assert told["execProviderConfig"]["env"] == {
        "AAD_ENVIRONMENT_NAME": "AzurePublicCloud",
        "AAD_LOGIN_METHOD": "workloadidentity",
        "AZURE_CLIENT_ID": "1-2",
    }


def test_a_service_account(tmp_path: Path) -> None:
    data = registered(login="serviceAccount", certificateAuthority=None)
    made = ran(tmp_path, data, {"fleet:hubContext": "hub"})
    token = made["Secret/kube-system/argocd-manager-token"]
    assert token.provider == "cluster"
    assert token.secrets == ("data",)
    assert token.depends >= {"ServiceAccount/kube-system/argocd-manager"}
    secret = made["Secret/argocd/cluster-gke"]
    assert secret.provider == "hub"
    told = json.loads(decoded(secret.inputs)["config"])
    assert told == {"bearerToken": "the-token", "tlsClientConfig": {"insecure": False, "caData": "Q0E="}}
    assert secret.secrets == ("data",)


def test_a_worker_without_a_hub(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="fleet:hubContext"):
        ran(tmp_path, WORKER)


def test_a_stack_of_another_cluster(tmp_path: Path) -> None:
    path = written(tmp_path, KIND, "gke")
    with pytest.raises(StackError, match="they are to be the same"):
        read_stack(path, "gke")
