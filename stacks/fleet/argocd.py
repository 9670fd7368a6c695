"""What must be there before Argo CD can sync: itself, its way into git, its root Application, and its clusters.

Objects only; formats are those of Argo CD's operator manual (declarative setup: repositories, clusters, projects).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

import pulumi

from fleet.data import Eks, Hub, Login, Registration
from fleet.objects import Object, StackError
from fleet.settings import Settings

PROJECT: Final = "fleetc"
_LABEL: Final = "argocd.argoproj.io/secret-type"
_IN_CLUSTER: Final = "https://kubernetes.default.svc"
_EXEC: Final = "client.authentication.k8s.io/v1beta1"
_MANAGER: Final = "argocd-manager"
"""The name that `argocd cluster add` gives to the account that Argo CD has on another cluster."""
_TOKEN: Final = "argocd-manager-token"  # noqa: S105 - the name of a Secret
_CLUSTER_SCOPED: Final = ("ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Namespace")
"""The kinds without a namespace that Argo CD's manifest has."""


def namespace(name: str) -> Object:
    """Argo CD's namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def installed(documents: list[Object], into: str) -> list[Object]:
    """Argo CD's own manifest, in a namespace; it names none itself, but for the subjects of its bindings."""
    made: list[Object] = []
    for obj in documents:
        placed = dict(obj)
        if obj["kind"] not in _CLUSTER_SCOPED:
            placed["metadata"] = {**obj["metadata"], "namespace": into}
        if obj["kind"] == "ClusterRoleBinding":
            placed["subjects"] = [{**subject, "namespace": into} for subject in obj.get("subjects") or []]
        made.append(placed)
    return made


def repository_secret(hub: Hub, credential: pulumi.Output[str], user: str) -> Object:
    """The repository with what opens it: an SSH key, or a token or password with its user."""

    def fields(secret: str) -> dict[str, str]:
        key = secret.lstrip().startswith("-----BEGIN")
        opened = {"sshPrivateKey": secret} if key else {"username": user, "password": secret}
        return _encoded({"type": "git", "url": hub.repository.url, **opened})

    return _secret("fleetc-repository", hub.install.namespace, "repository", credential.apply(fields))


def project(hub: Hub) -> Object:
    """The project of the root Application. It may make Applications and AppProjects in Argo CD's namespace on the hub,
    and nothing else anywhere: whatever a cluster gets passes a project of its own."""
    kinds = [{"group": "argoproj.io", "kind": kind} for kind in ("Application", "AppProject")]
    spec = {
        "description": "Applications and projects that fleetc emits",
        "sourceRepos": [hub.repository.url],
        "destinations": [{"server": _IN_CLUSTER, "namespace": hub.install.namespace}],
        "clusterResourceWhitelist": [],
        "namespaceResourceWhitelist": kinds,
    }
    return _argocd("AppProject", PROJECT, hub.install.namespace, spec)


def root(hub: Hub) -> Object:
    """The Application of all Applications. It has no finalizer, so that deleting it, as destroying the stack does,
    leaves what it made; and Argo CD prunes nothing where a sync would leave nothing (`allowEmpty` stays off)."""
    spec = {
        "project": PROJECT,
        "source": {
            "repoURL": hub.repository.url,
            "targetRevision": hub.root.revision,
            "path": hub.root.path,
            "directory": {"recurse": True},
        },
        "destination": {"server": _IN_CLUSTER, "namespace": hub.install.namespace},
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["ServerSideApply=true"],
            "retry": {"limit": 10, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
        },
    }
    return _argocd("Application", PROJECT, hub.install.namespace, spec)


def account() -> list[Object]:
    """On a cluster without a login of its own: an account for Argo CD, what it may do, and its token.

    Argo CD applies whatever is emitted, cluster-wide, so it is an administrator; each cluster's project bounds it.
    """
    meta = {"name": _MANAGER, "namespace": "kube-system"}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": _MANAGER},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", **meta}],
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": _TOKEN,
                "namespace": "kube-system",
                "annotations": {"kubernetes.io/service-account.name": _MANAGER},
            },
            "type": "kubernetes.io/service-account-token",
        },
    ]


def registration_secret(
    registration: Registration, settings: Settings, token: pulumi.Output[Mapping[str, str] | None] | None = None
) -> Object:
    """A cluster's Secret at the hub. `token` is the data of the token that a service account got; it goes straight
    from one cluster to the other, and is secret in the state."""
    if token is None:
        data: Any = _registered(registration, login(registration, settings))
    else:
        data = token.apply(lambda given: _registered(registration, _bearer(registration, given)))
    return _secret(f"cluster-{registration.name}", registration.namespace, "cluster", data)


def login(registration: Registration, settings: Settings) -> dict[str, Any]:
    """How Argo CD proves who it is: by its own identity at the provider, so that nothing here is secret."""
    config: dict[str, Any] = {}
    match registration.login:
        case Login.GKE:
            config["execProviderConfig"] = {"command": "argocd-k8s-auth", "args": ["gcp"], "apiVersion": _EXEC}
        case Login.AKS:
            env = {"AAD_ENVIRONMENT_NAME": "AzurePublicCloud", "AAD_LOGIN_METHOD": "workloadidentity"}
            if settings.aks_client is not None:
                env["AZURE_CLIENT_ID"] = settings.aks_client
            config["execProviderConfig"] = {
                "command": "argocd-k8s-auth",
                "env": env,
                "args": ["azure"],
                "apiVersion": _EXEC,
            }
        case Eks(cluster, role):
            config["awsAuthConfig"] = {"clusterName": cluster, "roleARN": role}
        case Login.IN_CLUSTER | Login.SERVICE_ACCOUNT:
            pass
    return {**config, "tlsClientConfig": _tls(registration.authority)}


def _bearer(registration: Registration, token: Mapping[str, str] | None) -> dict[str, Any]:
    """The token of a service account, with the authority that the cluster itself names where the data has none."""
    if not token or "token" not in token:
        raise StackError(f"the token in Secret kube-system/{_TOKEN} is not made yet: run `pulumi up` again")
    bearer = base64.b64decode(token["token"]).decode()
    return {"bearerToken": bearer, "tlsClientConfig": _tls(registration.authority or token.get("ca.crt"))}


def _tls(authority: str | None) -> dict[str, Any]:
    return {"insecure": False, **({"caData": authority} if authority else {})}


def _registered(registration: Registration, config: Mapping[str, Any]) -> dict[str, str]:
    text = json.dumps(config, sort_keys=True)
    return _encoded({"name": registration.name, "server": registration.server, "config": text})


def _argocd(kind: str, name: str, into: str, spec: dict[str, Any]) -> Object:
    meta = {"name": name, "namespace": into}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": meta, "spec": spec}


def _secret(name: str, into: str, kind: str, data: Any) -> Object:
    """A Secret that Argo CD finds by its label."""
    meta = {"name": name, "namespace": into, "labels": {_LABEL: kind}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "data": data}


def _encoded(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts as a Secret's `data` has them."""
    return {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
