"""Argo CD on a hub, with the clusters that it brings to what a repository holds."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NamedTuple

from fleetc_rehearsal import Cluster, Repository, argocd, control_plane

NAMESPACE: Final = argocd.NAMESPACE
_MANIFEST: Final = "argoproj.io/v1alpha1"


class Rig(NamedTuple):
    """What runs. The clusters are registered with Argo CD by their names; the first one is its hub."""

    argo: argocd.ArgoCD
    clusters: Mapping[str, Cluster]
    repository: Repository


@contextmanager
def rig(minors: Mapping[str, str], *, settings: Mapping[str, str] | None = None, **options: Any) -> Generator[Rig]:
    """Clusters by their names, each of a minor of Kubernetes and with the same `options` of `control_plane`."""
    with ExitStack() as stack:
        clusters = {name: stack.enter_context(control_plane(minor, **options)) for name, minor in minors.items()}
        hub = next(iter(clusters.values()))
        argo = argocd.start(hub, settings=settings)
        for name, cluster in clusters.items():
            argo.register(name, cluster)
        yield Rig(argo, clusters, Repository(hub.folder / "repository"))


def project(name: str, **spec: Any) -> dict[str, Any]:
    """An AppProject that allows everything, less what `spec` says otherwise."""
    everything = {
        "sourceRepos": ["*"],
        "destinations": [{"name": "*", "server": "*", "namespace": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    }
    return {
        "apiVersion": _MANIFEST,
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {**everything, **spec},
    }


def application(
    name: str, made: Rig, cluster: str, path: str, *, branch: str = "", options: list[str] | None = None, **spec: Any
) -> dict[str, Any]:
    """An Application of a folder of the repository, which is kept as it is there. The branch is named after the folder
    where none is named; `options` are more sync options."""
    return {
        "apiVersion": _MANIFEST,
        "kind": "Application",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "annotations": {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"},
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        },
        "spec": {
            "project": "default",
            "source": {
                "repoURL": made.repository.url,
                "targetRevision": branch or path,
                "path": path,
                "directory": {"recurse": True},
            },
            "destination": {"name": cluster},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                "syncOptions": ["ServerSideApply=true", *(options or [])],
            },
            **spec,
        },
    }  # fmt: skip
