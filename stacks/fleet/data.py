"""A stack's data as `fleetc build` writes it: typed, and strict, so that a newer fleetc is never half understood."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from fleet.files import parse
from fleet.objects import StackError


@dataclass(frozen=True)
class Source:
    """Where Argo CD's own manifest comes from: a repository at the version, and a path in it."""

    repository: str
    path: str


@dataclass(frozen=True)
class Install:
    """Argo CD itself."""

    namespace: str
    version: str
    manifest: Source


@dataclass(frozen=True)
class Repository:
    """The git repository that Argo CD reads, and the secret of the stack's configuration that opens it."""

    url: str
    credential: str | None


@dataclass(frozen=True)
class Root:
    """Where in the repository the Applications and AppProjects stand."""

    path: str
    revision: str


class Login(StrEnum):
    """How Argo CD proves to a cluster who it is; none of these has a secret in git."""

    IN_CLUSTER = "inCluster"
    GKE = "gke"
    AKS = "aks"
    SERVICE_ACCOUNT = "serviceAccount"


@dataclass(frozen=True)
class Eks:
    """A login at EKS: the cluster's name there, and the ARN of the role that may enter it."""

    cluster: str
    role: str


@dataclass(frozen=True)
class Registration:
    """A cluster as Argo CD knows it. `authority` is base64 of PEM, None where public authorities sign."""

    name: str
    namespace: str
    server: str
    login: Login | Eks
    authority: str | None


@dataclass(frozen=True)
class Manifests:
    """A cluster that Pulumi delivers to: everything emitted for it, read from a folder."""

    cluster: str
    folder: Path


@dataclass(frozen=True)
class Hub:
    """The cluster that Argo CD runs on: what must be there before it can sync."""

    cluster: str
    install: Install
    repository: Repository
    root: Root
    registration: Registration


@dataclass(frozen=True)
class Worker:
    """A cluster that Argo CD syncs from its hub: it is registered there, and nothing else."""

    cluster: str
    hub: str
    registration: Registration


Stack = Manifests | Hub | Worker


class _Fields:
    """A mapping that is taken apart key by key; what is left at the end is an error."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise StackError(f"{where} is to be a mapping")
        self._left: dict[Any, Any] = dict(value)
        self._where = where

    def take(self, key: str) -> Any:
        """The value of a key; None where it is absent."""
        return self._left.pop(key, None)

    def text(self, key: str) -> str:
        """A text that must be there."""
        value = self.take(key)
        if not isinstance(value, str) or not value:
            raise StackError(f"{self.at(key)} is to be a text")
        return value

    def optional(self, key: str) -> str | None:
        """A text that may be absent."""
        return self.text(key) if key in self._left else None

    def part(self, key: str) -> _Fields:
        """A mapping that must be there."""
        return _Fields(self.take(key), self.at(key))

    def at(self, key: str) -> str:
        """How people call a key."""
        return f"{self._where}: `{key}`"

    def end(self) -> None:
        """Raise StackError for keys that nobody took."""
        if self._left:
            keys = ", ".join(f"`{key}`" for key in self._left)
            raise StackError(
                f"{self._where} has {keys}, which this program does not know: "
                "it is older than the fleetc that wrote the file; `fleetc init` writes the newest"
            )


def read_stack(path: Path, name: str) -> Stack:
    """The data of the stack with a name. Raises StackError."""
    if not path.is_file():
        raise StackError(f"there is no {path}: no cluster `{name}` is delivered by Pulumi, or `fleetc build` is due")
    documents = parse(path.read_bytes(), str(path))
    if len(documents) != 1:
        raise StackError(f"{path} is to hold one document")
    fields = _Fields(documents[0], str(path))
    cluster = fields.text("cluster")
    if cluster != name:
        raise StackError(f"{path} is of the cluster `{cluster}`, and the stack is `{name}`: they are to be the same")
    stack = _stack(cluster, fields, path)
    fields.end()
    return stack


def _stack(cluster: str, fields: _Fields, path: Path) -> Stack:
    delivery = fields.text("delivery")
    if delivery == "pulumi":
        return Manifests(cluster, (path.parent / fields.text("manifests")).resolve())
    if delivery != "argocd":
        raise StackError(f"{fields.at('delivery')} is to be `pulumi` or `argocd`, not `{delivery}`")
    hub = fields.optional("hub")
    registration = _registration(fields.part("registration"))
    if hub is not None:
        return Worker(cluster, hub, registration)
    install, repository, root = fields.part("install"), fields.part("repository"), fields.part("root")
    manifest = install.part("manifest")
    made = Hub(
        cluster,
        Install(
            install.text("namespace"),
            install.text("version"),
            Source(manifest.text("repository"), manifest.text("path")),
        ),
        Repository(repository.text("url"), repository.optional("credential")),
        Root(root.text("path"), root.text("revision")),
        registration,
    )
    for part in (manifest, install, repository, root):
        part.end()
    return made


def _registration(fields: _Fields) -> Registration:
    server = fields.text("server")
    if not server.startswith("https://"):
        raise StackError(f"{fields.at('server')} is to begin with https://")
    authority = fields.optional("certificateAuthority")
    if authority is not None:
        try:
            pem = base64.b64decode(authority, validate=True)
        except (binascii.Error, ValueError):
            pem = b""
        if not pem.startswith(b"-----BEGIN CERTIFICATE-----"):
            raise StackError(f"{fields.at('certificateAuthority')} is to be a certificate in PEM, in base64")
    made = Registration(fields.text("name"), fields.text("namespace"), server, _login(fields), authority)
    fields.end()
    return made


def _login(fields: _Fields) -> Login | Eks:
    value = fields.take("login")
    if isinstance(value, str) and value in set(Login):
        return Login(value)
    if isinstance(value, dict) and list(value) == ["eks"]:
        part = _Fields(value["eks"], fields.at("login"))
        made = Eks(part.text("cluster"), part.text("role"))
        part.end()
        return made
    known = ", ".join(f"`{login}`" for login in Login)
    raise StackError(f"{fields.at('login')} is to be {known} or `eks` with a cluster and a role")
