"""All requirements of a cluster's minor, decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fleetc.catalogue.conformance import Level, Requirement, conformance
from fleetc.check.conformance import accelerators, networking, observability, operators, scheduling, security
from fleetc.check.conformance.facts import Here, Status, Verdict, outside
from fleetc.tuples import NamedTuple

DECIDERS: Final[Mapping[str, Callable[[Here], Verdict]]] = {
    "dra_support": accelerators.dra_support,
    "driver_runtime_management": accelerators.driver_runtime_management,
    "gpu_sharing": accelerators.gpu_sharing,
    "virtualized_accelerator": accelerators.virtualized_accelerator,
    "ai_inference": networking.ai_inference,
    "advanced_inference_ingress": networking.advanced_inference_ingress,
    "high_performance_networking": networking.high_performance_networking,
    "disaggregated_inference": networking.disaggregated_inference,
    "gang_scheduling": scheduling.gang_scheduling,
    "cluster_autoscaling": scheduling.cluster_autoscaling,
    "pod_autoscaling": scheduling.pod_autoscaling,
    "accelerator_metrics": observability.accelerator_metrics,
    "ai_service_metrics": observability.ai_service_metrics,
    "secure_accelerator_access": security.secure_accelerator_access,
    "robust_controller": operators.robust_controller,
}
"""What decides each requirement."""


class Decided(NamedTuple):
    """A requirement of a cluster's minor, and how it ended."""

    requirement: Requirement
    level: Level
    verdict: Verdict


def decided(here: Here) -> list[Decided]:
    """Every requirement of the cluster's minor, in upstream's order; none where there is no list for it."""
    minor = here.cluster.kubernetes
    return [Decided(r, r.levels[minor], _decide(here, r)) for r in conformance().of_minor(minor)]


def _decide(here: Here, requirement: Requirement) -> Verdict:
    if here.cluster.role == "manager" and not here.pools:
        return outside("the cluster manages others, and has no workloads of teams", here.spec("role"))
    if requirement.accelerators and not here.pools:
        return outside("no pool of the cluster has accelerators", here.spec())
    own = DECIDERS[requirement.id](here)
    if own.against or own.status in (Status.IMPLEMENTED, Status.NOT_APPLICABLE):
        return own
    return _submitted(here, own) or own


def _submitted(here: Here, own: Verdict) -> Verdict | None:
    """What the provider says of its product, where the cluster shows less of its own."""
    provider, minor = here.cluster.provider, here.cluster.kubernetes
    submission = conformance().submission(provider, minor)
    if submission is None:
        return None
    note = f"{provider}'s own submission for Kubernetes {minor} says so: {submission.url}; of this cluster: {own.note}"
    evidence = tuple(dict.fromkeys((here.spec("provider"), here.spec("kubernetes"), *own.evidence)))
    return Verdict(Status.IMPLEMENTED, "provider", evidence, note)
