"""The only module that knows the backends: which lowerings each kind of subject has, and which can be read back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from fleetc.emission.site import Lowering, Object, TeamSite
from fleetc.plan.plan import SubjectKind
from fleetc.tuples import NamedTuple


class Candidate(NamedTuple):
    """A team that there may be, and its namespaces in order. `declared`: the objects themselves say that it is one."""

    name: str
    namespaces: tuple[str, ...]
    declared: bool


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
        case "Policy" | "Telemetry" | "Objective" | "Dashboard":
            from fleetc_kubernetes import dashboards, objectives, policies, telemetry  # noqa: PLC0415

            if kind in ("Policy", "Telemetry"):
                return policies.LOWERINGS if kind == "Policy" else telemetry.LOWERINGS
            return objectives.LOWERINGS if kind == "Objective" else dashboards.LOWERINGS
        case "Project" | "Application" | "Component":
            import fleetc_argocd  # noqa: PLC0415

            return fleetc_argocd.LOWERINGS[kind]
        case "Stack":
            import fleetc_pulumi  # noqa: PLC0415

            return fleetc_pulumi.STACK
        case _:
            assert_never(kind)


def candidates(objects: Iterable[Object]) -> list[Candidate]:
    """The teams that objects may be of."""
    from fleetc_kubernetes import reading  # noqa: PLC0415 # only imports pay for it

    return [Candidate(*found) for found in reading.candidates(objects)]


def read_team(sites: Sequence[TeamSite], objects: Iterable[Object]) -> dict[str, Any]:
    """The spec of a team that emits these objects, as far as one can: a guess, to be built and compared.

    `sites`: the team on each of its clusters, as it is by its namespaces alone.
    """
    from fleetc_kubernetes import reading  # noqa: PLC0415 # only imports pay for it

    return reading.read_team(sites, objects)
