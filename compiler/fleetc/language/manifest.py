"""Kind Manifest: raw Kubernetes objects for chosen clusters, through every check like any other output."""

from typing import ClassVar

from fleetc.language.placement import Selector
from fleetc.language.types import Name, Node, Part, Raw


class RawObject(Part):
    """One object as its author wrote it, told apart by apiVersion, kind, namespace and name."""

    KEY: ClassVar[str] = "identity"

    identity: str
    object: Raw


class Manifest(Node):
    """Raw objects; with a `team`, only namespaced objects in that team's namespaces."""

    FROM_METADATA: ClassVar[tuple[str, ...]] = ("team",)

    team: Name | None
    objects: tuple[RawObject, ...]
    placement: Selector
