"""Clusters of a Kubernetes minor that their platform was not made for."""

from __future__ import annotations

from collections.abc import Iterator

from fleetc.diagnostics import Diagnostic, Related, codes
from fleetc.language.document import Locate
from fleetc.resolve.places import Places
from fleetc.resolve.world import World
from fleetc.source.span import Path


def minor_findings(world: World, locate: Locate) -> Iterator[Diagnostic]:
    """Each cluster whose platform does not list its minor."""
    for doc, cluster in zip(world.cluster_docs, world.clusters, strict=True):
        platform = world.platforms.get(cluster.platform) if cluster.platform is not None else None
        if platform is not None and platform.kubernetes and cluster.kubernetes not in platform.kubernetes:
            minors = ", ".join(platform.kubernetes)
            own = f"cluster {cluster.name} has Kubernetes {cluster.kubernetes}"
            message = f"{own}, and platform {platform.name} is for {minors}"
            path: Path = ("kubernetes",)
            theirs = world.docs[platform.id].span(locate, ("spec", "kubernetes"), key=True)
            made = Places(doc, world.layers(doc), locate).problem(
                codes.INVALID_VALUE, message, path, "take another platform, or add the minor to it"
            )
            yield made._replace(related=(Related(theirs, "its minors"),))
