"""The only module that knows the backends: which lowerings each kind of subject has."""

from __future__ import annotations

from typing import Any, assert_never

from fleetc.emission.site import Lowering
from fleetc.plan.plan import SubjectKind


def lowerings(kind: SubjectKind) -> tuple[Lowering[Any], ...]:
    """The lowerings of a kind of subject, in the order of emission."""
    from fleetc_argocd.confirm import confirmed  # noqa: PLC0415 - as below

    return tuple([confirmed(lowering) for lowering in _lowerings(kind)])


def _lowerings(kind: SubjectKind) -> tuple[Lowering[Any], ...]:
    # Imported here: a fleet pays only for the kinds that it has.
    match kind:
        case "Cluster":
            from fleetc_kubernetes import clusters, pools  # noqa: PLC0415

            return (*clusters.LOWERINGS, *pools.ON_CLUSTER)
        case "Team":
            from fleetc_kubernetes import tenancy  # noqa: PLC0415

            return tenancy.LOWERINGS
        case "Manifest":
            from fleetc_kubernetes import manifests  # noqa: PLC0415

            return manifests.LOWERINGS
        case "GPUPool":
            from fleetc_kubernetes import pools  # noqa: PLC0415

            return pools.LOWERINGS
        case "Model":
            from fleetc_kubernetes import serving  # noqa: PLC0415

            return serving.LOWERINGS
        case "Project":
            import fleetc_argocd  # noqa: PLC0415

            return fleetc_argocd.PROJECT
        case "Application":
            import fleetc_argocd  # noqa: PLC0415

            return fleetc_argocd.APPLICATION
        case "Stack":
            import fleetc_pulumi  # noqa: PLC0415

            return fleetc_pulumi.STACK
        case _:
            assert_never(kind)
