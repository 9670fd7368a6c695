"""What Argo CD reads, as TypedDicts: the fields that are emitted, in the order of emission. For type checkers only."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Metadata(TypedDict):
    """ObjectMeta."""

    name: str
    namespace: str
    labels: dict[str, str]
    annotations: dict[str, str]
    finalizers: NotRequired[list[str]]


class GroupKind(TypedDict):
    """A kind in its API group; `*` stands for all."""

    group: str
    kind: str


class Destination(TypedDict):
    """A cluster by the name that it is registered under, and a namespace there."""

    name: str
    namespace: NotRequired[str]


class AppProjectSpec(TypedDict):
    """What Applications of a project may sync, from where, and to where."""

    description: str
    sourceRepos: list[str]
    destinations: list[Destination]
    clusterResourceWhitelist: list[GroupKind]
    namespaceResourceWhitelist: list[GroupKind]


class AppProject(TypedDict):
    """argoproj.io AppProject."""

    apiVersion: str
    kind: Literal["AppProject"]
    metadata: Metadata
    spec: AppProjectSpec


class Directory(TypedDict):
    """Plain manifests."""

    recurse: bool


class Folder(TypedDict):
    """A folder of plain manifests of a git repository at a revision."""

    repoURL: str
    targetRevision: str
    path: str
    directory: Directory


class FolderSource(TypedDict):
    """A folder of a git repository at a revision; what is in it, Argo CD finds out."""

    repoURL: str
    targetRevision: str
    path: str


class Helm(TypedDict):
    """How a chart is rendered."""

    releaseName: str
    valuesObject: NotRequired[dict[str, Any]]


class ChartSource(TypedDict):
    """A chart in a version; of an OCI registry, the repository is without a scheme."""

    repoURL: str
    chart: str
    targetRevision: str
    helm: Helm


class Automated(TypedDict):
    """What is synced without being asked for."""

    prune: bool
    selfHeal: bool


class Backoff(TypedDict):
    """How long to wait between tries."""

    duration: str
    factor: int
    maxDuration: str


class Retry(TypedDict):
    """How often a sync that failed is tried again."""

    limit: int
    backoff: Backoff
    refresh: bool


class SyncPolicy(TypedDict):
    """How a sync is done."""

    automated: Automated
    syncOptions: list[str]
    retry: Retry


class IgnoreDifferences(TypedDict):
    """Fields of an object that are somebody else's."""

    group: NotRequired[str]
    kind: str
    name: str
    namespace: NotRequired[str]
    jsonPointers: NotRequired[list[str]]
    jqPathExpressions: NotRequired[list[str]]


class ApplicationSpec(TypedDict):
    """What is synced from where to where, and how."""

    project: str
    source: Folder | FolderSource | ChartSource
    destination: Destination
    syncPolicy: SyncPolicy
    ignoreDifferences: NotRequired[list[IgnoreDifferences]]


class Application(TypedDict):
    """argoproj.io Application."""

    apiVersion: str
    kind: Literal["Application"]
    metadata: Metadata
    spec: ApplicationSpec
