"""What users decide for a stack: its configuration, in `Pulumi.<stack>.yaml`, which is theirs alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pulumi

from fleet.objects import StackError

PLUGIN: Final = "4.34.2"
"""The version of the Kubernetes provider that the engine fetches."""


@dataclass(frozen=True)
class Settings:
    """The keys of `fleet:` in a stack's configuration; each has a default."""

    adopt: bool = True
    """Take over objects that exist already. Names here are identities, so nothing is renamed into another; and a field
    that somebody else has set to another value is refused, unless `force`."""
    force: bool = False
    """Take over fields that others have set."""
    wait: bool = False
    """Wait until workloads are ready. Weights load for longer than CI runs, and queued jobs wait for others' ends."""
    release: frozenset[str] = frozenset()
    """Names of resources that are kept no longer: not protected, and deleted with the stack."""
    hub_context: str | None = None
    """The context, in the kubeconfig, of the hub that a worker is registered at."""
    aks_client: str | None = None
    """The client id of the identity that Argo CD has at AKS; no secret."""
    manifest: str | None = None
    """A file that stands in for Argo CD's manifest of the pinned version."""
    manifest_sha256: str | None = None
    """The digest that Argo CD's manifest must have."""
    user: str = "git"
    """The user that goes with the repository's credential, where that is a token or a password."""


def read_settings() -> Settings:
    """The configuration of the running stack. Raises StackError for what is no list of names."""
    config = pulumi.Config("fleet")
    release: Any = config.get_object("release") or []
    if not isinstance(release, list) or not all(isinstance(name, str) for name in release):
        raise StackError("the configuration `fleet:release` is to be a list of names of resources")
    return Settings(
        adopt=config.get_bool("adopt") is not False,
        force=config.get_bool("force") or False,
        wait=config.get_bool("wait") or False,
        release=frozenset(release),
        hub_context=config.get("hubContext"),
        aks_client=config.get("aksClient"),
        manifest=config.get("argocdManifest"),
        manifest_sha256=config.get("argocdManifestSha256"),
        user=config.get("user") or "git",
    )


def provider(name: str, cluster: str, settings: Settings, context: str | None = None) -> pulumi.ProviderResource:
    """The way to a cluster's API server.

    `kubernetes:kubeconfig` and `kubernetes:context` of the configuration name it, else the environment does, as for
    kubectl. `clusterIdentifier` says that it is the same cluster whatever they are called: without it the provider
    guesses from them, and a renamed context could replace all that there is.
    """
    kubernetes = pulumi.Config("kubernetes")
    inputs: dict[str, Any] = {
        "clusterIdentifier": cluster,
        "context": context or kubernetes.get("context"),
        "enablePatchForce": _text(settings.force),
        "enableServerSideApply": _text(True),
        "kubeconfig": kubernetes.get_secret("kubeconfig"),
        "upsertExistingObjects": _text(settings.adopt),
    }
    known = {key: value for key, value in inputs.items() if value is not None}
    return pulumi.ProviderResource("kubernetes", name, known, pulumi.ResourceOptions(version=PLUGIN))


def _text(value: bool) -> str:
    """A boolean as the engine hands it to providers."""
    return "true" if value else "false"
