"""Objects of a folder of manifests, and an order in which a server takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

_FIRST: Final = (
    ("", "Namespace"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("node.k8s.io", "RuntimeClass"),
    ("storage.k8s.io", "StorageClass"),
    ("resource.k8s.io", "DeviceClass"),
    ("", "ServiceAccount"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
    ("", "LimitRange"),
    ("", "ResourceQuota"),
    ("", "ConfigMap"),
    ("", "Secret"),
)
"""Groups and kinds that others need to be there when they come: admission looks these up, or pods do."""
_TEXTS: Final = ("timestamp", "value")
"""Tags of YAML 1.1 that mean nothing in a manifest: dates, and the `=` that is among the operators of a matcher."""
_RANKS: Final = {pair: rank for rank, pair in enumerate(_FIRST)}


def apply_order(objects: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The objects, first what others need to exist, the rest as it came."""
    return sorted(objects, key=lambda o: _RANKS.get((group_of(o["apiVersion"]), o["kind"]), len(_RANKS)))


def group_of(api_version: str) -> str:
    """The API group of an `apiVersion`; empty for the core group."""
    group, slash, _ = api_version.partition("/")
    return group if slash else ""


def is_crd(obj: Mapping[str, Any]) -> bool:
    """Whether an object is a CustomResourceDefinition."""
    return (group_of(obj["apiVersion"]), obj["kind"]) == ("apiextensions.k8s.io", "CustomResourceDefinition")


def read(path: Path) -> list[dict[str, Any]]:
    """The objects of a YAML or JSON file, or of all such files below a folder in the order of their paths.

    Scalars are read as YAML 1.1, as kubectl does, but dates and `=` stay text. Items of a List are taken apart.
    """
    if path.is_dir():
        files = (p for p in path.rglob("*") if p.suffix in (".yaml", ".yml", ".json") and p.is_file())
        return [obj for file in sorted(files) for obj in read(file)]
    import yaml  # noqa: PLC0415 - only who reads files needs it

    class Loader(yaml.CSafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if tag.rpartition(":")[2] not in _TEXTS]
        for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }
    documents = yaml.load_all(path.read_bytes(), Loader)
    return [obj for document in documents if document for obj in _items(document)]


def _items(document: dict[str, Any]) -> list[dict[str, Any]]:
    return document["items"] if document.get("kind") == "List" else [document]
