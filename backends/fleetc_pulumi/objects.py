"""The data of stacks as TypedDicts, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ByPulumi(TypedDict):
    """A cluster whose objects are the stack's own."""

    cluster: str
    delivery: Literal["pulumi"]
    manifests: str


class Manifest(TypedDict):
    """A file of a git repository, at a tag."""

    repository: str
    path: str


class Install(TypedDict):
    """Argo CD itself."""

    namespace: str
    version: str
    manifest: Manifest


class Repository(TypedDict):
    """The git repository; `credential` names a secret of the stack's configuration."""

    url: str
    credential: NotRequired[str]


class Root(TypedDict):
    """The Application from which all others come."""

    path: str
    revision: str


class Eks(TypedDict):
    """A cluster of EKS: its name there, and the IAM role to take on."""

    cluster: str
    role: str


class EksLogin(TypedDict):
    """By the hub's identity in AWS."""

    eks: Eks


Login = Literal["inCluster", "gke", "aks", "serviceAccount"] | EksLogin


class Registration(TypedDict):
    """How the hub knows a cluster, and logs in there."""

    name: str
    namespace: str
    server: str
    certificateAuthority: NotRequired[str]
    login: Login


class ByArgoCD(TypedDict):
    """A cluster that a hub's Argo CD syncs; on the hub itself with what that needs."""

    cluster: str
    delivery: Literal["argocd"]
    hub: NotRequired[str]
    install: NotRequired[Install]
    repository: NotRequired[Repository]
    root: NotRequired[Root]
    registration: Registration
