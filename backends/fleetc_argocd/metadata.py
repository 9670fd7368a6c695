"""What all objects that Argo CD reads have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fleetc.emission.site import Site

if TYPE_CHECKING:
    from fleetc_argocd.objects import Metadata

API_VERSION: Final = "argoproj.io/v1alpha1"
WAVE: Final = "argocd.argoproj.io/sync-wave"
_COMPARE: Final = "argocd.argoproj.io/compare-options"
PLATFORM_WAVE: Final = 0
"""Of the Applications of the platform."""
FINALIZER: Final = "resources-finalizer.argocd.argoproj.io"
"""Who has it takes what it synced along when it goes."""


def metadata(s: Site, name: str, wave: int) -> Metadata:
    """The metadata of an object that the hub's Argo CD reads."""
    return {
        "name": name,
        "namespace": s.cluster.argocd.namespace,
        "labels": {"app.kubernetes.io/managed-by": "fleetc", "app.kubernetes.io/part-of": s.fleet.organisation},
        "annotations": {WAVE: str(wave)},
    }


def application_metadata(s: Site, name: str, wave: int) -> Metadata:
    """The metadata of an Application."""
    made = metadata(s, name, wave)
    # The API server itself says what would change, so that its defaults and its ways of writing values are no change.
    made["annotations"] = {**made["annotations"], _COMPARE: "ServerSideDiff=true"}
    return made
