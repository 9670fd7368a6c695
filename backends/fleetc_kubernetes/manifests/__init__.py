"""What teams and the platform write as Kubernetes objects themselves."""

from __future__ import annotations

from typing import Final

from fleetc.emission.site import Lowering, ManifestSite
from fleetc_kubernetes.manifests.raw import raw_objects

LOWERINGS: Final[tuple[Lowering[ManifestSite], ...]] = (Lowering("Object", raw_objects),)
