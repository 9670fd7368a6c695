"""The only module that knows the backends: which lowerings each kind of subject has."""

from __future__ import annotations

from typing import Any, assert_never

from fleetc.emission.site import Lowering
from fleetc.plan.plan import SubjectKind
from fleetc_kubernetes import clusters, manifests, pools, serving, tenancy


def lowerings(kind: SubjectKind) -> tuple[Lowering[Any], ...]:
    """The lowerings of a kind of subject, in the order of emission."""
    match kind:
        case "Cluster":
            return (*clusters.LOWERINGS, *pools.ON_CLUSTER)
        case "Team":
            return tenancy.LOWERINGS
        case "Manifest":
            return manifests.LOWERINGS
        case "GPUPool":
            return pools.LOWERINGS
        case "Model":
            return serving.LOWERINGS
        case _:
            assert_never(kind)
